//! Rendered scenes: no download, any number of them, label known.

use std::sync::Arc;

use anyhow::Result;
use vitro::measurement::scenes::{COUNT, NAME, side};
use vitro::scene::{self, CLASSES, Split};

use super::cache::{Cache, Room};
use super::source::{Kind, Origin};
use super::{Images, Sample, Set};
use crate::recipe::Data;

/// Tested on scenes like those of training.
pub(crate) const KIND: Kind = Kind {
    name: NAME,
    words: "twenty-four classes that are alike in groups, some partly hidden, rendered as they are needed",
    origin: Origin::Made(known),
};

/// Tested elsewhere.
pub(crate) const UNSEEN: Kind = Kind {
    name: "scenes-unseen",
    words: "the same; the test scenes have textures, backdrops and lights that no training scene has",
    origin: Origin::Made(unseen),
};

/// Training scenes per epoch when every one is fresh and the recipe does not say.
const EPOCH_SIZE: usize = 20_000;

struct Scenes {
    seed: u64,
    split: Split,
    count: usize,
    endless: bool,
    size: usize,
    cache: Cache,
}

fn known(data: &Data, title: String) -> Set {
    open(Split::Test, data, title)
}

fn unseen(data: &Data, title: String) -> Set {
    open(Split::Unseen, data, title)
}

/// Opens the scenes of a recipe. Validation scenes are scenes of their own, as many as `data.validation` of those of an epoch.
fn open(test: Split, data: &Data, title: String) -> Set {
    let size = side(data.image_size);
    let room = Room::default();
    let make = |split, count: usize, endless| {
        let cache = Cache::new(if endless { 0 } else { count }, &room);
        Scenes { seed: data.seed, split, count, endless, size, cache }
    };
    let or = |count: usize, default: usize| if count == 0 { default } else { count };
    let endless = data.train_size == 0;
    let train = make(Split::Train, or(data.train_size, or(data.epoch_size, EPOCH_SIZE)), endless);
    let held = (train.count as f64 * data.validation).round() as usize;
    let validation = (held > 0).then(|| make(Split::Validation, held, false));
    let test = make(test, or(data.test_size, COUNT), false);
    let distinct = if endless { "a fresh scene every time".into() } else { format!("{} scenes", train.count) };
    let more = if held > 0 { format!(", {held} more for validation") } else { String::new() };
    Set {
        title,
        classes: CLASSES.iter().map(ToString::to_string).collect(),
        train_data: format!("{distinct}, {size} px, seed {}{more}", data.seed),
        train: Arc::new(train),
        validation: validation.map(|scenes| Arc::new(scenes) as Arc<dyn Images>),
        test: Arc::new(test),
    }
}

impl Images for Scenes {
    fn len(&self) -> usize {
        self.count
    }

    fn is_endless(&self) -> bool {
        self.endless
    }

    fn sample(&self, index: usize) -> Result<Arc<Sample>> {
        self.cache.get(index, || {
            let scene = scene::render(self.seed, index as u64, self.split, self.size);
            Ok(Sample { image: scene.image, label: scene.label })
        })
    }

    fn label(&self, index: usize) -> Result<usize> {
        Ok(scene::label(self.seed, index as u64, self.split))
    }

    fn name(&self, index: usize) -> String {
        format!("scene-{index:06}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(kind: &Kind, data: Data) -> Set {
        let Origin::Made(open) = kind.origin else { unreachable!("scenes are made") };
        open(&Data { image_size: 32, train_size: 48, test_size: 24, ..data }, kind.name.to_owned())
    }

    fn images(images: &dyn Images) -> Vec<Arc<Sample>> {
        (0..images.len()).map(|index| images.sample(index).unwrap()).collect()
    }

    #[test]
    fn unseen_worlds_are_for_the_test_alone() {
        let [known, unseen] = [&KIND, &UNSEEN].map(|kind| opened(kind, Data::default()));
        let same = |a: &dyn Images, b: &dyn Images| {
            images(a).iter().zip(images(b)).filter(|(a, b)| a.image == b.image).count()
        };
        assert_eq!(same(known.train.as_ref(), unseen.train.as_ref()), 48);
        assert_eq!(same(known.test.as_ref(), unseen.test.as_ref()), 0);
        assert_eq!(known.classes, unseen.classes);
    }

    #[test]
    fn validation_scenes_are_neither_those_of_training_nor_those_of_the_test() {
        let set = opened(&KIND, Data { validation: 0.5, ..Data::default() });
        let validation = images(set.validation.as_deref().unwrap());
        assert_eq!((validation.len(), set.train.len()), (24, 48));
        let others = [images(set.train.as_ref()), images(set.test.as_ref())].concat();
        assert!(validation.iter().all(|scene| others.iter().all(|other| other.image != scene.image)));
        assert!(opened(&KIND, Data::default()).validation.is_none());
    }
}
