//! Scenes: a dataset that is rendered, not stored.
//!
//! Simple objects stand on a floor among other things, under a sun and a sky, before a wall, a sky or a studio sweep. Shape
//! names the class; colours, textures, light, clutter and place are drawn without looking at it. Every scene is a function
//! of (edition, seed, index, split): any sample alone, in any order, the same bytes natively and in WebAssembly, the same
//! scene at every size. Label, mask and box are known exactly; the mask holds visible pixels only.
//!
//! | | first [`Edition`] | second |
//! |---|---|---|
//! | classes | ten, each like no other | twenty-four, in groups that are alike: mug, bowl, teapot and vase; chair, stool and table … |
//! | the object covers | 6 to 60 % of the image | 3 to 35 %, half of the time less than 12 %, and lies anywhere |
//! | around it | pebbles, sticks and blocks | more of these, and logs, ramps, hoops, arches … of its own size |
//! | before it | nothing | in a third of the scenes something that hides up to two fifths of it |
//! | [`Split::Unseen`] | worlds like the others | textures, backdrops and suns that no other split draws |
//!
//! Terms: an `Assembly` of `Part`s makes the object; a `World` adds light, backdrop, clutter and camera, as its edition's
//! `Framing` and its split's `Families` have them; `World::trace` follows one ray; `World::expose` makes the image.
//!
//! # Examples
//!
//! ```
//! use vitro::scene::{Edition, Split};
//!
//! let scene = Edition::SECOND.render(7, 20, Split::Test, 64);
//! let seen = scene.mask.iter().filter(|pixel| **pixel == 1).count();
//! println!("a {} on {seen} of {} pixels", Edition::SECOND.classes()[scene.label], scene.mask.len());
//! assert!(seen <= scene.bounds.width * scene.bounds.height);
//! ```

mod backdrop;
mod camera;
mod clutter;
mod crowd;
mod distractor;
mod draw;
mod edition;
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

pub use self::edition::Edition;
pub use self::split::Split;

use crate::image::Rgb8;

/// Class names of the first edition in label order.
pub const CLASSES: [&str; 10] = {
    let mut names = [""; 10];
    names.copy_from_slice(Edition::FIRST.classes());
    names
};

/// Smallest side of a rendered image.
pub const SMALLEST: usize = 32;

/// A rendered sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scene {
    /// The image, square.
    pub image: Rgb8,
    /// Index into the classes of its edition.
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

/// [`Edition::label`] of the first edition.
pub fn label(seed: u64, index: u64, split: Split) -> usize {
    Edition::FIRST.label(seed, index, split)
}

/// [`Edition::render`] of the first edition.
pub fn render(seed: u64, index: u64, split: Split, size: usize) -> Scene {
    Edition::FIRST.render(seed, index, split, size)
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
