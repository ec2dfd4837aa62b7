//! How much of the object can be seen past other things, from rays that do not depend on the image's size.

use super::camera::Camera;
use super::part::Part;
use super::vector::Vec3;

/// Rays along each side of the object's box.
const GRID: usize = 20;

/// The rays that meet the object, each with the distance at which it does.
pub(super) struct Sight {
    origin: Vec3,
    rays: Vec<(Vec3, f32)>,
}

impl Sight {
    pub(super) fn of(camera: &Camera, object: &[Part]) -> Self {
        let window = camera.window(object);
        let origin = camera.origin;
        let mut rays = Vec::with_capacity(GRID * GRID);
        for i in 0..GRID * GRID {
            let share = |at: usize| (at as f32 + 0.5) / GRID as f32;
            let direction = camera.ray(window.at([share(i % GRID), share(i / GRID)]));
            if let Some(reach) = first(object, origin, direction) {
                rays.push((direction, reach));
            }
        }
        Self { origin, rays }
    }

    /// The share of the object that `things` hide.
    pub(super) fn hidden(&self, things: &[Part]) -> f32 {
        let hides =
            |(direction, reach): &&(Vec3, f32)| first(things, self.origin, *direction).is_some_and(|t| t < *reach);
        self.rays.iter().filter(hides).count() as f32 / self.rays.len().max(1) as f32
    }
}

/// How far along a ray the first of `parts` is.
fn first(parts: &[Part], origin: Vec3, direction: Vec3) -> Option<f32> {
    parts
        .iter()
        .filter_map(|part| part.primitive.hit(part.local_point(origin), part.local_direction(direction), 0.0, 1e3))
        .reduce(f32::min)
}
