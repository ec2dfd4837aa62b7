//! From a ray to a colour: first hit, sun with a soft shadow, sky with contact shadow, highlight, mirror.

use super::backdrop::Behind;
use super::light::{RAYS, SPAN};
use super::noise::Noise;
use super::vector::{Vec3, larger, smaller, smoothstep};
use super::world::World;

/// What a ray met first: an index into the world's things, or one of the three below.
pub(super) type Target = u8;
const FAR: Target = 255;
const WALL: Target = 254;
const GROUND: Target = 253;

/// A traced ray: what it met, and the light that reaches the film.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    pub(super) target: Target,
    pub(super) light: Vec3,
}

/// Rays start this far off a surface.
const LIFT: f32 = 4e-3;
/// At most this many parts are asked whether they block the sun.
const MOST_NEAR: usize = 24;
/// Contact shadows: how far each of two feelers reaches, and how much it can darken.
const CONTACT: [(f32, f32); 2] = [(0.10, 0.45), (0.32, 0.55)];

impl World {
    /// Follows the ray through a place of the image; `pixel` is the angle a pixel covers.
    #[inline(always)]
    pub(super) fn trace(&self, place: [f32; 2], pixel: f32, noise: &mut Noise) -> Sample {
        let origin = self.camera.origin;
        let direction = self.camera.ray(place);
        let mut target = FAR;
        let mut reach = 1e3;
        if direction.y < 0.0 {
            reach = smaller(-origin.y / direction.y, reach);
            target = GROUND;
        }
        if let Behind::Wall { normal, distance, .. } = &self.backdrop.behind {
            let towards = direction.dot(*normal);
            let t = -(distance + origin.dot(*normal)) / towards;
            if towards < 0.0 && t < reach {
                reach = t;
                target = WALL;
            }
        }
        if self.window.holds(place) {
            for i in 0..self.things.len() {
                if self.windows[i].holds(place) {
                    let part = &self.things[i];
                    let along = part.local_direction(direction);
                    if let Some(t) = part.primitive.hit(self.eyes[i], along, 0.0, reach) {
                        reach = t;
                        target = i as Target;
                    }
                }
            }
        }
        let point = origin + direction * reach;
        let light = match target {
            FAR => self.backdrop.far(direction, noise),
            GROUND => self.ground(point, reach, direction, pixel, noise),
            WALL => self.wall(point, reach, direction, pixel, noise),
            thing => self.surface(usize::from(thing), point, reach, direction, pixel, noise),
        };
        Sample { target, light: light * self.exposure }
    }

    fn surface(&self, index: usize, point: Vec3, reach: f32, direction: Vec3, pixel: f32, noise: &mut Noise) -> Vec3 {
        let part = &self.things[index];
        // A convex thing neither shades itself nor closes its own sky.
        let skip = part.convex.then_some(index);
        let normal = part.normal(point);
        let facing = -normal.dot(direction);
        let material = &self.materials[part.material];
        let albedo = material.texture.colour(point, reach * pixel / larger(facing, 0.2), noise);
        let from = point + normal * LIFT;
        let open = self.openness(from, normal, skip);
        let sun = larger(normal.dot(self.light.direction), 0.0);
        let lit = if sun > 0.0 { self.sunlit(from, skip) } else { 0.0 };
        let mut light = albedo.times(self.light.sun * (sun * lit) + self.light.around(normal) * open);
        let half = (self.light.direction - direction).normalised();
        let mut shine = larger(normal.dot(half), 0.0);
        for _ in 0..material.sharpness {
            shine = shine * shine;
        }
        light = light + self.light.sun * (material.gloss * shine * lit);
        if material.mirror > 0.0 {
            let graze = 1.0 - facing.clamp(0.0, 1.0);
            let square = graze * graze;
            let share = (material.mirror + 0.6 * square * square * graze) * open;
            let mirrored = direction + normal * (2.0 * facing);
            light = light.mix(self.backdrop.reflected(mirrored), share.min(1.0));
        }
        light
    }

    fn ground(&self, point: Vec3, reach: f32, direction: Vec3, pixel: f32, noise: &mut Noise) -> Vec3 {
        let far = (point.x * point.x + point.z * point.z).sqrt();
        let footprint = reach * pixel / larger(-direction.y, 0.02).sqrt();
        let albedo = self.backdrop.ground.colour(point, footprint, noise);
        let from = point + Vec3::UP * LIFT;
        let open = self.openness(from, Vec3::UP, None);
        let light = &self.light;
        let lit = self.sunlit(from, None);
        let shaded = albedo.times(light.sun * (light.direction.y * lit) + light.sky * open);
        match &self.backdrop.behind {
            Behind::Wall { normal, distance, .. } => {
                let gap = point.dot(*normal) + distance;
                shaded * (0.72 + 0.28 * smoothstep(0.0, 0.9, gap))
            }
            Behind::Sky { horizon, .. } => shaded.mix(*horizon, smoothstep(2.5, 16.0, far)),
            Behind::Hills { haze, .. } => shaded.mix(*haze, smoothstep(2.5, 16.0, far)),
            Behind::Sweep { .. } => shaded.mix(self.backdrop.far(direction, noise), smoothstep(1.6, 5.0, far)),
        }
    }

    fn wall(&self, point: Vec3, reach: f32, direction: Vec3, pixel: f32, noise: &mut Noise) -> Vec3 {
        let Behind::Wall { normal, texture, .. } = &self.backdrop.behind else {
            return Vec3::ZERO;
        };
        let facing = -normal.dot(direction);
        let albedo = texture.colour(point, reach * pixel / larger(facing, 0.2), noise);
        let sun = larger(normal.dot(self.light.direction), 0.0);
        let lit = if sun > 0.0 { self.sunlit(point + *normal * LIFT, None) } else { 0.0 };
        let light = self.light.sun * (sun * lit) + self.light.around(*normal);
        albedo.times(light) * (0.72 + 0.28 * smoothstep(0.0, 0.9, point.y))
    }

    /// Share of the sky seen from a point: 1 in the open, less in corners and beside things, `skip` excepted.
    fn openness(&self, point: Vec3, normal: Vec3, skip: Option<usize>) -> f32 {
        let [(short, weak), (long, strong)] = CONTACT;
        let (close, away) = (point + normal * short, point + normal * long);
        // The floor is the first thing that may be close.
        let (mut near, mut far) = (close.y.clamp(0.0, short), away.y.clamp(0.0, long));
        // Whatever is within `short` of `close` is within `long` of `away`: one test serves both.
        let first = if self.ball.near(away, long) { 0 } else { self.parts };
        for i in first..self.things.len() {
            let part = &self.things[i];
            if Some(i) != skip && part.ball.near(away, long) {
                let gap = part.distance(away, long);
                if gap < long {
                    far = smaller(gap, far);
                    near = smaller(part.distance(close, short), near);
                }
            }
        }
        let (near, far) = (larger(near, 0.0) * (1.0 / short), larger(far, 0.0) * (1.0 / long));
        larger(1.0 - weak * (1.0 - near) - strong * (1.0 - far), 0.12)
    }

    /// Share of the sun's disc seen from a point; the thing `skip` does not hide it.
    fn sunlit(&self, point: Vec3, skip: Option<usize>) -> f32 {
        let light = &self.light;
        let mut near = [0_u8; MOST_NEAR];
        let mut count = 0;
        let seen = light.seen(point);
        let first = if self.shade.near(seen, light.spread) { 0 } else { self.parts };
        for i in first..self.shades.len() {
            if self.shades[i].near(seen, light.spread) && Some(i) != skip && count < MOST_NEAR {
                near[count] = i as u8;
                count += 1;
            }
        }
        if count == 0 {
            return 1.0;
        }
        let mut from = [Vec3::ZERO; MOST_NEAR];
        for k in 0..count {
            from[k] = self.things[usize::from(near[k])].local_point(point);
        }
        let mut blocked = 0;
        for asked in 0..RAYS {
            if asked == SPAN && (blocked == 0 || blocked == SPAN) {
                return if blocked == 0 { 1.0 } else { 0.0 };
            }
            for k in 0..count {
                let i = usize::from(near[k]);
                if self.things[i].primitive.hit(from[k], self.discs[i][asked], 1e-3, 1e3).is_some() {
                    blocked += 1;
                    // The next ray probably meets the same thing.
                    near.swap(0, k);
                    from.swap(0, k);
                    break;
                }
            }
        }
        1.0 - blocked as f32 / RAYS as f32
    }
}
