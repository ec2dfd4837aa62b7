//! Two views of one image for self-emerging token labeling, section 3.2 of "Fully Attentional Networks with
//! Self-emerging Token Labeling" (ICCV 2023).
//!
//! The labeler sees the crop, the flip and the geometry; the student sees the same and the photometric operations on top.
//! So token n of one view lies on the same patch as token n of the other, and labels need no re-sampling. As released, the
//! two views draw the interpolation of geometric operations apart from each other. A recipe with one view takes the
//! student's.

use chacha20::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::draw::chance;
use super::randaugment::{Op, RandAugment};
use super::random_crop::RandomCrop;
use super::{Interpolation, Window};
use crate::image::Rgb8;

/// How pairs are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairedTransform {
    /// Side of both views, pixels.
    pub side: usize,
    /// The window that both views show.
    #[serde(default)]
    pub crop: RandomCrop,
    /// Probability of a mirrored pair. Paper: 0.5.
    #[serde(default = "half")]
    pub flip: f64,
    /// Operations; none: both views are equal.
    #[serde(default)]
    pub augment: Option<RandAugment>,
    /// How pixels are read; none: drawn anew for the crop and for each geometric operation of each view, as released.
    #[serde(default)]
    pub interpolation: Option<Interpolation>,
}

fn half() -> f64 {
    0.5
}

impl PairedTransform {
    /// Draws everything that happens to an image of `width`×`height`.
    pub fn plan(&self, random: &mut ChaCha8Rng, width: usize, height: usize) -> Plan {
        let window = self.crop.plan(random, width, height);
        let interpolation = |random: &mut ChaCha8Rng| {
            let drawn = Interpolation::draw(random);
            self.interpolation.unwrap_or(drawn)
        };
        let crop = interpolation(random);
        let flip = chance(random, self.flip);
        let ops = self.augment.map_or_else(Vec::new, |augment| augment.plan(random));
        let steps = ops
            .into_iter()
            .map(|op| Step { op, teacher: interpolation(random), student: interpolation(random) })
            .collect();
        Plan { window, interpolation: crop, side: self.side, flip, steps }
    }
}

/// What happens to one image.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The part of the image that is shown.
    pub window: Window,
    /// How the window is resized.
    pub interpolation: Interpolation,
    /// Side of the result, pixels.
    pub side: usize,
    /// Whether left and right are exchanged.
    pub flip: bool,
    /// Operations in order.
    pub steps: Vec<Step>,
}

/// One operation of a [`Plan`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The operation.
    pub op: Op,
    /// How the labeler's view is read, if the operation is geometric.
    pub teacher: Interpolation,
    /// How the student's view is read, if the operation is geometric.
    pub student: Interpolation,
}

/// Both views of an image, `side`×`side`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// What the labeler sees.
    pub teacher: Rgb8,
    /// What the student sees.
    pub student: Rgb8,
}

impl Plan {
    /// The plan with `ops` at its end. They are for operations that move no pixels, since how moved ones are read is drawn
    /// with the plan.
    pub fn followed_by(mut self, ops: impl IntoIterator<Item = Op>) -> Self {
        let interpolation = self.interpolation;
        self.steps.extend(ops.into_iter().map(|op| Step { op, teacher: interpolation, student: interpolation }));
        self
    }

    /// The window at its final size, before the flip.
    pub fn crop(&self, image: &Rgb8) -> Rgb8 {
        let Window { x, y, width, height } = self.window;
        image.crop(x, y, width, height).resize(self.side, self.side, self.interpolation.into())
    }

    /// Both views; the crop is computed once.
    pub fn both(&self, image: &Rgb8) -> Pair {
        let start = self.start(image);
        let teacher = self.steps.iter().filter(|step| step.op.is_geometric());
        let teacher = teacher.fold(start.clone(), |view, step| step.op.apply(&view, step.teacher));
        Pair { teacher, student: self.photometric(start) }
    }

    /// The student's view alone: the whole augmentation of a recipe without a labeler.
    pub fn student(&self, image: &Rgb8) -> Rgb8 {
        self.photometric(self.start(image))
    }

    fn start(&self, image: &Rgb8) -> Rgb8 {
        let view = self.crop(image);
        if self.flip { view.flip_horizontal() } else { view }
    }

    fn photometric(&self, start: Rgb8) -> Rgb8 {
        self.steps.iter().fold(start, |view, step| step.op.apply(&view, step.student))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;

    fn image() -> Rgb8 {
        Rgb8::from_fn(50, 40, |x, y| [(x * 5) as u8, (y * 6) as u8, (x + y) as u8])
    }

    fn plan(seed: u64) -> Plan {
        // The released setting.
        let augment = Some(RandAugment::default());
        let released =
            PairedTransform { side: 24, crop: RandomCrop::default(), flip: half(), augment, interpolation: None };
        released.plan(&mut stream(seed, 0, "augment"), 50, 40)
    }

    #[test]
    fn plans_depend_on_the_stream_alone_and_views_have_the_side_asked_for() {
        assert_eq!(plan(1), plan(1));
        assert_ne!(plan(1), plan(2));
        let Pair { teacher, student } = plan(1).both(&image());
        assert_eq!((teacher.width(), teacher.height()), (24, 24));
        assert_eq!((student.width(), student.height()), (24, 24));
        assert_eq!(plan(1).student(&image()), student);
    }

    #[test]
    fn photometric_operations_leave_the_teacher_alone() {
        let interpolation = Interpolation::Bilinear;
        let step = |op| Step { op, teacher: interpolation, student: interpolation };
        let plain = Plan { steps: Vec::new(), ..plan(3) };
        let inverted = Plan { steps: vec![step(Op::Invert)], ..plain.clone() };
        let turned = Plan { steps: vec![step(Op::Rotate { degrees: 20.0 })], ..plain.clone() };
        let (plain, inverted, turned) = (plain.both(&image()), inverted.both(&image()), turned.both(&image()));
        assert_eq!(plain.teacher, plain.student);
        assert_eq!(inverted.teacher, plain.teacher);
        assert_ne!(inverted.student, plain.student);
        assert_eq!(turned.teacher, turned.student);
        assert_ne!(turned.teacher, plain.teacher);
    }
}
