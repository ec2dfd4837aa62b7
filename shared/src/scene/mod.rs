//! Scenes: a dataset that is rendered, not stored.
//!
//! Simple objects stand on a floor among other things, under a sun and a sky, before a wall, a sky or a studio sweep. Shape
//! names the class; colours, textures, light, clutter and place are drawn without looking at it. Every scene is a function
//! of (seed, index, split): any sample alone, in any order, the same bytes natively and in WebAssembly, the same scene at
//! every size. Label, mask and box are known exactly; the mask holds visible pixels only.
//!
//! * The twenty-four classes come in groups that are alike: mug, bowl, teapot and vase; chair, stool and table; car, bus and
//!   lorry …
//! * The object covers 5 to 45 % of the image, half of the time less than 18 %, and lies anywhere.
//! * Around it lie pebbles, sticks and blocks, and logs, ramps, hoops and arches of its own size; in a quarter of the scenes
//!   something hides up to a third of it.
//! * [`Split::Unseen`] has textures, backdrops and suns that no other split draws.
//!
//! Terms: an `Assembly` of `Part`s makes the object; a `World` adds light, backdrop, clutter and camera, from the `Families` of
//! its split; `World::trace` follows one ray; `World::expose` makes the image.
//!
//! # Examples
//!
//! ```
//! use vitro::scene::{self, Split};
//!
//! let scene = scene::render(7, 20, Split::Test, 64);
//! let seen = scene.mask.iter().filter(|pixel| **pixel == 1).count();
//! println!("a {} on {seen} of {} pixels", scene::CLASSES[scene.label], scene.mask.len());
//! assert!(seen <= scene.bounds.width * scene.bounds.height);
//! ```

mod backdrop;
mod camera;
mod clutter;
mod crowd;
mod distractor;
mod draw;
mod families;
mod image;
mod light;
mod material;
mod noise;
mod object;
mod palette;
mod part;
mod primitive;
mod setting;
mod sight;
mod split;
#[cfg(test)]
mod tests;
mod texture;
mod trace;
mod vector;
mod world;

pub use self::split::Split;

use self::draw::Draw;
use self::families::Families;
use self::world::World;
use crate::image::Rgb8;
use crate::random::stream;

/// Class names in label order.
pub const CLASSES: [&str; object::ALL.len()] = {
    let mut names = [""; object::ALL.len()];
    let mut i = 0;
    while i < names.len() {
        names[i] = object::ALL[i].name;
        i += 1;
    }
    names
};

/// First word in the names of the random streams. The ten-class scenes of earlier versions had another: none of them comes back.
const STREAMS: &str = "scene-2";

/// Smallest side of a rendered image.
pub const SMALLEST: usize = 32;

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

/// The label of sample `index`. Each run of 24 samples (0 to 23, 24 to 47 and so on) holds every class once, in drawn order.
pub fn label(seed: u64, index: u64, split: Split) -> usize {
    let count = CLASSES.len();
    let mut draw = Draw::new(stream(seed, index / count as u64, &format!("{STREAMS}/{}/labels", split.name())));
    let mut order: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        order.swap(last, draw.index(last + 1));
    }
    order[(index % count as u64) as usize]
}

/// Renders sample `index` of a split as a square image of side `size` pixels; sides below [`SMALLEST`] are taken as it.
pub fn render(seed: u64, index: u64, split: Split, size: usize) -> Scene {
    let label = label(seed, index, split);
    let (image, mask, bounds) = world(label, seed, index, split).expose(size.max(SMALLEST));
    Scene { image, label, mask, bounds }
}

/// What sample `index` of a split shows, an object of class `label`.
fn world(label: usize, seed: u64, index: u64, split: Split) -> World {
    let stream = stream(seed, index, &format!("{STREAMS}/{}", split.name()));
    World::draw(&mut Draw::new(stream), &object::ALL[label], Families::of(split))
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
