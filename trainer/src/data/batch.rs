//! From images to the numbers a model takes: `[b, 3, y, x]` and labels.

use std::ops::Range;

use anyhow::Result;
use burn::Tensor;
use burn::tensor::{Device, TensorData};
use rayon::prelude::*;
use vitro::augment::mixup::{self, Mix};
use vitro::augment::paired::Pair;
use vitro::augment::random_erasing::RandomErasing;
use vitro::image::{Preprocess, Rgb8};
use vitro::random::stream;

use super::Images;
use super::augment::{Augment, VERSIONS};

/// Where one training image comes from.
#[derive(Clone, Copy, Debug)]
pub struct Draw {
    /// Index of the image.
    pub index: usize,
    /// How many images were drawn before it since training began; names its augmentation.
    pub serial: u64,
}

/// Pixels and labels, still on the host.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Normalised, `[b, 3, y, x]`, flat.
    pub pixels: Vec<f32>,
    /// One per image; of a mixed one, that of the image and not of its partner.
    pub labels: Vec<usize>,
    /// AugMix versions of the images, normalised, `[v·b, 3, y, x]`, flat: the first version of each, then the second. Empty
    /// where none is compared with its image.
    pub versions: Vec<f32>,
    /// Smoothed and mixed targets, `[b, classes]`, flat; empty outside of training.
    pub targets: Vec<f32>,
    /// What a labeler sees, laid out like `pixels`; empty without one.
    pub teacher: Vec<f32>,
    /// How many images were drawn before the first; names the chance within the step.
    pub serial: u64,
    /// Side of an image.
    pub size: usize,
}

/// Makes training batches.
pub struct Maker<'a> {
    /// Where images come from.
    pub images: &'a dyn Images,
    /// What is done to them.
    pub augment: Augment,
    /// How they become input.
    pub preprocess: &'a Preprocess,
    /// Number of classes.
    pub classes: usize,
    /// Label smoothing.
    pub smoothing: f64,
    /// Seed of the training.
    pub seed: u64,
}

/// The views of one image, before it is mixed.
pub struct Views {
    student: Rgb8,
    teacher: Option<Rgb8>,
    /// AugMix versions of the student's, normalised, `[3, y, x]` each.
    versions: Vec<Vec<f32>>,
    label: usize,
}

impl Maker<'_> {
    /// The images of `draws`, augmented and mixed with each other: a function of the seed and the draws alone.
    pub fn make(&self, draws: &[Draw]) -> Result<Batch> {
        self.part(draws, &self.views(draws)?, 0..draws.len())
    }

    /// The images of `draws`, augmented, before they are mixed.
    pub fn views(&self, draws: &[Draw]) -> Result<Vec<Views>> {
        draws.par_iter().map(|draw| self.view(draw)).collect()
    }

    /// The images `range` of a batch, of which `views` are all. An image may be mixed with one outside of the range, so
    /// the workers that share a batch make together what one makes alone.
    pub fn part(&self, draws: &[Draw], views: &[Views], range: Range<usize>) -> Result<Batch> {
        let side = self.preprocess.image_size;
        let serial = |draws: &[Draw]| draws.first().map_or(0, |draw| draw.serial);
        let mixes = match &self.augment.mixup {
            Some(mixup) => mixup.plan(&mut stream(self.seed, serial(draws), "mixup"), views.len(), side, side),
            None => vec![Mix::Keep; views.len()],
        };
        let students: Vec<&Rgb8> = views.iter().map(|view| &view.student).collect();
        let mut batch = Batch { size: side, serial: serial(&draws[range.clone()]), ..Batch::default() };
        let mut versions = vec![Vec::new(); if self.augment.compared { VERSIONS } else { 0 }];
        for index in range {
            let (view, mix, draw) = (&views[index], &mixes[index], &draws[index]);
            if let Some(teacher) = &view.teacher {
                self.preprocess.normalise(teacher, &mut batch.teacher);
            }
            batch.labels.push(view.label);
            let partner = views[mixup::partner(index, views.len())].label;
            batch.targets.extend(mix.target(view.label, partner, self.classes, self.smoothing));
            let start = batch.pixels.len();
            match (mix, &view.versions[..]) {
                (_, [alone]) => batch.pixels.extend_from_slice(alone),
                (Mix::Keep, _) => self.preprocess.normalise(&view.student, &mut batch.pixels),
                (mix, _) => self.preprocess.normalise(&mixup::mixed(mix, &students, index)?, &mut batch.pixels),
            }
            versions.iter_mut().zip(&view.versions).for_each(|(all, version)| all.extend_from_slice(version));
            let erasing = self.augment.erasing.as_ref();
            let plan =
                |erasing: &RandomErasing| erasing.plan(&mut stream(self.seed, draw.serial, "erasing"), side, side);
            if let Some(erasure) = erasing.and_then(plan) {
                erasure.apply(&mut batch.pixels[start..], side, side)?;
                // The versions of an image differ from it by AugMix alone.
                versions.iter_mut().try_for_each(|all| erasure.apply(&mut all[start..], side, side))?;
            }
        }
        batch.versions = versions.concat();
        Ok(batch)
    }

    fn view(&self, draw: &Draw) -> Result<Views> {
        let sample = self.images.sample(draw.index)?;
        let image = &sample.image;
        let random = |purpose: &str| stream(self.seed, draw.serial, purpose);
        let Augment { views, jitter, corruption, .. } = &self.augment;
        let mut plan = views.plan(&mut random("augment"), image.width(), image.height());
        if let Some(jitter) = jitter {
            plan = plan.followed_by(jitter.plan(&mut random("jitter")));
        }
        let (student, teacher) = if self.augment.paired {
            let Pair { teacher, student } = plan.both(image);
            (student, Some(teacher))
        } else {
            (plan.student(image), None)
        };
        let drawn = corruption.as_ref().and_then(|corruption| corruption.plan(&mut random("corruption")));
        let student = if let Some(drawn) = drawn { drawn.apply(&student) } else { student };
        let versions = self.versions(&student, draw.serial);
        Ok(Views { student, teacher, versions, label: sample.label })
    }

    /// The AugMix versions of an image: those that it is compared with, or the one that takes its place.
    fn versions(&self, image: &Rgb8, serial: u64) -> Vec<Vec<f32>> {
        let Some(augmix) = &self.augment.augmix else { return Vec::new() };
        let mut random = stream(self.seed, serial, "augmix");
        let count = if self.augment.compared { VERSIONS } else { 1 };
        let version = |_| {
            let mut normalised = Vec::new();
            self.preprocess.normalise_fractions(&augmix.plan(&mut random).apply(image), &mut normalised);
            normalised
        };
        (0..count).map(version).collect()
    }
}

impl Batch {
    /// What `make` makes of each item: an image of the model's size and its label. Uses the threads of the worker.
    pub fn of<T: Sync>(
        items: &[T],
        make: impl Fn(&T) -> Result<(Rgb8, usize)> + Sync + Send,
        preprocess: &Preprocess,
    ) -> Result<Self> {
        let made = items.par_iter().map(make).collect::<Result<Vec<_>>>()?;
        let mut batch = Self { size: preprocess.image_size, ..Self::default() };
        for (image, label) in made {
            preprocess.normalise(&image, &mut batch.pixels);
            batch.labels.push(label);
        }
        Ok(batch)
    }

    /// How many images there are.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The AugMix versions as a tensor `[v·b, 3, y, x]`, the first version of each image first; none where there are none.
    pub fn versions(&self, device: &Device) -> Option<Tensor<4>> {
        let count = self.versions.len() / (3 * self.size * self.size).max(1);
        let tensor =
            || Tensor::from_data(TensorData::new(self.versions.clone(), [count, 3, self.size, self.size]), device);
        (count > 0).then(tensor)
    }

    /// The pixels as a tensor `[b, 3, y, x]`.
    pub fn tensor(self, device: &Device) -> Tensor<4> {
        let shape = [self.labels.len(), 3, self.size, self.size];
        Tensor::from_data(TensorData::new(self.pixels, shape), device)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::data::Sample;
    use crate::recipe::parse;

    const SIDE: usize = 32;

    /// Numbers of one image.
    const EACH: usize = 3 * SIDE * SIDE;

    struct Painted;

    impl Images for Painted {
        fn len(&self) -> usize {
            6
        }
        fn sample(&self, index: usize) -> Result<Arc<Sample>> {
            let image = Rgb8::from_fn(40, 36, |x, y| {
                [(x * 6 + index) as u8, (y * 7) as u8, ((x / 5 + y / 3) * 20 + 30 * index) as u8]
            });
            Ok(Arc::new(Sample { image, label: index % 2 }))
        }
        fn name(&self, index: usize) -> String {
            index.to_string()
        }
    }

    /// What `look` finds when images are made by a recipe with `changes`.
    fn with<T>(changes: &[&str], look: impl Fn(&Maker<'_>, &[Draw]) -> T) -> T {
        let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
        let recipe = parse("[data]\nimage_size = 32\n[model]\npreset = \"fan_nano_p4_32\"\n", &changes).unwrap();
        let (augment, preprocess) = (Augment::new(&recipe).unwrap(), Preprocess::imagenet(SIDE));
        let maker = Maker { images: &Painted, augment, preprocess: &preprocess, classes: 2, smoothing: 0.1, seed: 5 };
        let draws: Vec<Draw> = (0..6).map(|index| Draw { index, serial: 100 + index as u64 }).collect();
        look(&maker, &draws)
    }

    fn made(changes: &[&str]) -> Batch {
        with(changes, |maker, draws| maker.make(draws).unwrap())
    }

    #[test]
    fn keys_of_what_is_off_change_nothing() {
        let plain = made(&[]);
        let set =
            ["augmix_width=5", "augmix_alpha=2", "corrupt_severity=1", "corruptions=fog", "interpolation=bicubic"];
        let same = made(&set);
        assert_eq!((same.pixels, same.targets), (plain.pixels, plain.targets));
        assert!(same.versions.is_empty() && plain.versions.is_empty());
    }

    #[test]
    fn a_random_interpolation_is_one_of_the_two_for_every_image_and_a_students_without_being_asked() {
        let of = |changes: &[&str]| made(changes).pixels;
        let (bicubic, bilinear) = (of(&["interpolation=bicubic"]), of(&["interpolation=bilinear"]));
        assert_ne!(bicubic, bilinear);
        for (image, random) in of(&["interpolation=random"]).chunks(EACH).enumerate() {
            let either = [&bicubic, &bilinear].map(|all| &all[image * EACH..][..EACH] == random);
            assert!(either.contains(&true), "{image}");
        }
        let student = ["stl=student", "labeler=any", "randaugment=9"];
        let (silent, random) = (made(&student), made(&[&student[..], &["interpolation=random"]].concat()));
        assert_eq!((silent.pixels, silent.teacher), (random.pixels, random.teacher));
    }

    #[test]
    fn two_versions_stand_beside_an_image_that_is_compared_and_one_takes_its_place_where_none_is() {
        let (plain, compared) = (made(&[]), made(&["augmix=3", "consistency=12"]));
        assert_eq!((&compared.pixels, &compared.targets), (&plain.pixels, &plain.targets));
        let (first, second) = compared.versions.split_at(plain.pixels.len());
        assert_eq!(second.len(), plain.pixels.len());
        for image in 0..6 {
            let of = |all: &[f32]| all[image * EACH..][..EACH].to_vec();
            assert_ne!(of(first), of(second), "{image}");
        }
        let alone = made(&["augmix=3"]);
        assert!(alone.versions.is_empty());
        assert!(alone.pixels == first, "the version alone is another than the first of two");
        assert_ne!(alone.pixels, plain.pixels);
    }

    #[test]
    fn a_box_is_erased_from_an_image_and_its_versions_alike() {
        let (whole, erased) =
            (made(&["augmix=3", "consistency=12"]), made(&["augmix=3", "consistency=12", "erasing=1"]));
        assert_ne!(whole.pixels, erased.pixels);
        for version in 0..VERSIONS {
            let of = |batch: &Batch| batch.versions[version * 6 * EACH..][..6 * EACH].to_vec();
            for (at, (before, after)) in of(&whole).into_iter().zip(of(&erased)).enumerate() {
                let is_erased = whole.pixels[at] != erased.pixels[at];
                assert_eq!(after, if is_erased { erased.pixels[at] } else { before }, "{version} {at}");
            }
        }
    }

    #[test]
    fn workers_that_share_a_batch_make_together_what_one_makes_alone() {
        let changes = ["augmix=3", "consistency=12", "erasing=0.5", "jitter=0.4", "corrupt=0.5"];
        with(&changes, |maker, draws| {
            let views = maker.views(draws).unwrap();
            let part = |range| maker.part(draws, &views, range).unwrap();
            let (whole, parts) = (part(0..6), [part(0..2), part(2..6)]);
            assert_eq!(whole.pixels, [&parts[0].pixels[..], &parts[1].pixels].concat());
            let halves = parts.each_ref().map(|part| part.versions.split_at(part.versions.len() / 2));
            let [(first, second), (more_of_first, more_of_second)] = halves;
            assert_eq!(whole.versions, [first, more_of_first, second, more_of_second].concat());
        });
    }

    #[test]
    fn an_image_is_made_the_same_in_any_batch() {
        let changes = ["augmix=1", "jitter=0.4", "corrupt=0.5", "erasing=0.5", "interpolation=random"];
        let (all, two) = with(&changes, |maker, draws| (maker.make(draws).unwrap(), maker.make(&draws[2..4]).unwrap()));
        assert!(all.pixels[2 * EACH..4 * EACH] == two.pixels[..]);
    }

    #[test]
    fn a_labeler_sees_neither_jitter_nor_corruptions_nor_augmix() {
        let student = ["stl=student", "labeler=any"];
        let plain = made(&student);
        for change in ["jitter=0.4", "corrupt=1", "augmix=3"] {
            let changed = made(&[&student[..], &[change]].concat());
            assert_eq!(changed.teacher, plain.teacher, "{change}");
            assert_ne!(changed.pixels, plain.pixels, "{change}");
        }
    }
}
