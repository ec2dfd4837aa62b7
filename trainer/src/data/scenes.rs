//! Rendered scenes: no download, any number of them, label known.

use std::sync::Arc;

use anyhow::Result;
use vitro::measurement::scenes::{COUNT, NAME, side};
use vitro::scene::{self, Split};

use super::cache::{Cache, Room};
use super::source::{Kind, Origin};
use super::{Images, Sample, Set};
use crate::recipe::Data;

/// The kind.
pub(crate) const KIND: Kind =
    Kind { name: NAME, words: "ten classes of objects, rendered as they are needed", origin: Origin::Made(open) };

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

/// Opens the scenes of a recipe.
fn open(data: &Data, title: String) -> Set {
    let size = side(data.image_size);
    let room = Room::default();
    let make = |split, count: usize, endless| {
        let cache = Cache::new(if endless { 0 } else { count }, &room);
        Scenes { seed: data.seed, split, count, endless, size, cache }
    };
    let or = |count: usize, default: usize| if count == 0 { default } else { count };
    let endless = data.train_size == 0;
    let train = make(Split::Train, or(data.train_size, or(data.epoch_size, EPOCH_SIZE)), endless);
    let test = make(Split::Test, or(data.test_size, COUNT), false);
    let distinct = if endless { "a fresh scene every time".into() } else { format!("{} scenes", train.count) };
    Set {
        title,
        classes: scene::CLASSES.iter().map(ToString::to_string).collect(),
        train_data: format!("{distinct}, {size} px, seed {}", data.seed),
        train: Arc::new(train),
        validation: None,
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
