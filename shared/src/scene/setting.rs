//! What is told to whatever fills a scene around its object.

use super::backdrop::Backdrop;
use super::camera::Camera;
use super::part::{Ball, Part};

/// The object and its scene, as far as what stands around it must know.
pub(super) struct Setting<'a> {
    pub(super) object: &'a [Part],
    pub(super) ball: &'a Ball,
    /// How far the object reaches from the vertical axis.
    pub(super) reach: f32,
    pub(super) camera: &'a Camera,
    pub(super) backdrop: &'a Backdrop,
    /// The first of the clutter's materials.
    pub(super) material: usize,
}
