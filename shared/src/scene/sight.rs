//! How much of the object can be seen past other things, from rays that do not depend on the image's size.

use super::camera::{Camera, Window};
use super::part::Part;
use super::vector::Vec3;

/// Rays along each side of the object's box.
const GRID: usize = 18;

/// The rays that meet the object, each with the distance at which it does.
pub(super) struct Sight<'a> {
    camera: &'a Camera,
    window: Window,
    rays: Vec<(Vec3, f32)>,
}

impl<'a> Sight<'a> {
    pub(super) fn of(camera: &'a Camera, object: &[Part]) -> Self {
        let window = camera.window(object);
        let windows: Vec<Window> = object.iter().map(|part| camera.window([part])).collect();
        let mut rays = Vec::with_capacity(GRID * GRID);
        for i in 0..GRID * GRID {
            let share = |at: usize| (at as f32 + 0.5) / GRID as f32;
            let place = window.at([share(i % GRID), share(i / GRID)]);
            let direction = camera.ray(place);
            let near = object.iter().zip(&windows).filter(|(_, window)| window.holds(place)).map(|(part, _)| part);
            if let Some(reach) = first(near, camera.origin, direction) {
                rays.push((direction, reach));
            }
        }
        Self { camera, window, rays }
    }

    /// The share of the object that `things` hide.
    pub(super) fn hidden(&self, things: &[Part]) -> f32 {
        if !self.camera.window(things).meets(&self.window) {
            return 0.0;
        }
        let hides = |(direction, reach): &&(Vec3, f32)| {
            first(things, self.camera.origin, *direction).is_some_and(|t| t < *reach)
        };
        self.rays.iter().filter(hides).count() as f32 / self.rays.len().max(1) as f32
    }
}

/// How far along a ray the first of `parts` is.
fn first<'a>(parts: impl IntoIterator<Item = &'a Part>, origin: Vec3, direction: Vec3) -> Option<f32> {
    parts
        .into_iter()
        .filter_map(|part| part.primitive.hit(part.local_point(origin), part.local_direction(direction), 0.0, 1e3))
        .reduce(f32::min)
}
