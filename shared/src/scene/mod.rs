//! Scenes: a dataset that is rendered, not stored.
//!
//! Ten classes of simple objects stand on a floor among pebbles, sticks and blocks, under a sun and a sky, before a wall, a
//! sky or a studio sweep. Shape names the class; colours, textures, light, clutter and place are drawn without looking at it.
//! Every scene is a function of (seed, index, split): any sample alone, in any order, the same bytes natively and in
//! WebAssembly, the same scene at every size. Label, mask and box are known exactly.
//!
//! Terms: an [`object::Assembly`] of [`part::Part`]s makes the object; a [`World`] adds light, backdrop, clutter and camera;
//! [`World::trace`] follows one ray; [`World::expose`] makes the image.
//!
//! # Examples
//!
//! ```
//! use vitro::scene::{CLASSES, Split, render};
//!
//! let scene = render(7, 20, Split::Test, 64);
//! let seen = scene.mask.iter().filter(|pixel| **pixel == 1).count();
//! println!("a {} on {seen} of {} pixels", CLASSES[scene.label], scene.mask.len());
//! assert!(seen <= scene.bounds.width * scene.bounds.height);
//! ```

mod backdrop;
mod camera;
mod clutter;
mod draw;
mod image;
mod light;
mod material;
mod noise;
mod object;
mod palette;
mod part;
mod primitive;
#[cfg(test)]
mod tests;
mod texture;
mod trace;
mod vector;

use self::backdrop::Backdrop;
use self::camera::{Camera, Window};
use self::draw::Draw;
use self::light::{Light, RAYS, Shade};
use self::material::Material;
use self::object::Assembly;
use self::palette::Palette;
use self::part::{Ball, Part};
use self::vector::Vec3;
use crate::image::Rgb8;
use crate::random::stream;

/// Class names in label order.
pub const CLASSES: [&str; 10] = {
    let mut names = [""; 10];
    let mut i = 0;
    while i < names.len() {
        names[i] = object::ALL[i].name;
        i += 1;
    }
    names
};

/// Smallest side of a rendered image.
pub const SMALLEST: usize = 32;

/// Two unrelated families of scenes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// For training.
    Train,
    /// Held out.
    Test,
}

/// A rendered sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scene {
    /// The image, square.
    pub image: Rgb8,
    /// Index into [`CLASSES`].
    pub label: usize,
    /// One byte per pixel, rows from the top: 1 where the labelled object is seen, else 0.
    pub mask: Vec<u8>,
    /// Tight box of the mask.
    pub bounds: Bounds,
}

/// A box in pixels; column `x` and row `y` are its first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// First column.
    pub x: usize,
    /// First row.
    pub y: usize,
    /// Number of columns; 0 when nothing is seen.
    pub width: usize,
    /// Number of rows; 0 when nothing is seen.
    pub height: usize,
}

/// The label of sample `index`. Each run of ten samples, 0–9, 10–19 and so on, holds every class once, in drawn order.
pub fn label(seed: u64, index: u64, split: Split) -> usize {
    let purpose = match split {
        Split::Train => "scene/train/labels",
        Split::Test => "scene/test/labels",
    };
    let mut draw = Draw::new(stream(seed, index / 10, purpose));
    let mut order: [usize; 10] = std::array::from_fn(|i| i);
    for last in (1..order.len()).rev() {
        order.swap(last, draw.index(last + 1));
    }
    order[(index % 10) as usize]
}

/// Renders sample `index` of a split as a square image of side `size` pixels; sides below [`SMALLEST`] are taken as it.
pub fn render(seed: u64, index: u64, split: Split, size: usize) -> Scene {
    let label = label(seed, index, split);
    let purpose = match split {
        Split::Train => "scene/train",
        Split::Test => "scene/test",
    };
    let world = World::draw(&mut Draw::new(stream(seed, index, purpose)), label);
    let (image, mask, bounds) = world.expose(size.max(SMALLEST));
    Scene { image, label, mask, bounds }
}

/// Everything a ray can meet or be lit by. The object stands unturned at the origin; camera and sun move around it.
struct World {
    /// The object's parts, then the clutter.
    things: Vec<Part>,
    /// How many of them are the object's.
    parts: usize,
    /// The camera and the sun's disc in each thing's own frame.
    eyes: Vec<Vec3>,
    discs: Vec<[Vec3; RAYS]>,
    /// Around the whole object.
    ball: Ball,
    /// Where each thing's shadow can fall, and where the object's can.
    shades: Vec<Shade>,
    shade: Shade,
    /// Where in the image each thing can appear, and where any can.
    windows: Vec<Window>,
    window: Window,
    materials: Vec<Material>,
    backdrop: Backdrop,
    light: Light,
    camera: Camera,
    exposure: f32,
}

impl World {
    fn draw(draw: &mut Draw, label: usize) -> Self {
        // Colours and finishes come first, from draws that every class makes alike.
        let palette = Palette::draw(draw);
        let [main, second, detail] = palette.object;
        let mut materials = vec![
            Material::textured(draw, main),
            if draw.chance(0.4) { Material::textured(draw, second) } else { Material::plain(draw, second.0) },
            Material::plain(draw, detail.0),
        ];
        let first_clutter = materials.len();
        materials.extend(palette.clutter.map(|colour| Material::plain(draw, colour)));

        let class = &object::ALL[label];
        let mut assembly = Assembly::default();
        (class.build)(draw, &mut assembly);
        let object = assembly.parts;
        let ball = Ball::around(&object);

        let camera = Camera::draw(draw, &object, &class.pose);
        let light = Light::draw(draw, camera.azimuth, palette.ground.0);
        let backdrop = Backdrop::draw(draw, &palette, camera.towards(), camera.azimuth);
        let reach = object.iter().flat_map(Part::corners).map(|p| (p.x * p.x + p.z * p.z).sqrt()).fold(0.0, f32::max);
        let clutter = clutter::scatter(draw, &ball, reach, camera.towards(), first_clutter);
        let exposure = draw.between(0.38, 0.55);
        let parts = object.len();
        let mut things = object;
        things.extend(clutter);
        let eyes = things.iter().map(|part| part.local_point(camera.origin)).collect();
        let discs = things.iter().map(|part| light.disc.map(|to| part.local_direction(to))).collect();
        let windows = things.iter().map(|part| camera.window([part])).collect();
        let window = camera.window(&things);
        let shades = things.iter().map(|part| light.shade(&part.ball, part.corners().into_iter())).collect();
        let shade = light.shade(&ball, things[..parts].iter().flat_map(Part::corners));
        Self {
            things,
            parts,
            eyes,
            discs,
            ball,
            shades,
            shade,
            windows,
            window,
            materials,
            backdrop,
            light,
            camera,
            exposure,
        }
    }
}

impl Bounds {
    /// Tight box of the non-zero pixels of a square mask of side `size`.
    fn of(mask: &[u8], size: usize) -> Self {
        let (mut left, mut top, mut right, mut bottom) = (size, size, 0, 0);
        for (y, row) in mask.chunks_exact(size).enumerate() {
            for x in (0..size).filter(|&x| row[x] != 0) {
                (left, right) = (left.min(x), right.max(x + 1));
                (top, bottom) = (top.min(y), bottom.max(y + 1));
            }
        }
        if right == 0 {
            return Self::default();
        }
        Self { x: left, y: top, width: right - left, height: bottom - top }
    }
}
