//! Published keys: the way out is the way in.

use burn::prelude::*;
use vitro::bundle::Checkpoint;
use vitro::model::PRESETS;
use vitro_tests::parity::hash_init;
use vitro_tests::small_models::small_models;

#[test]
fn weights_of_every_model_come_back_from_the_keys_that_they_are_published_under() {
    let small = small_models().into_iter();
    let published = PRESETS.iter().filter(|preset| preset.name.contains("nano") || preset.name.contains("tiny"));
    let all = small.chain(published.map(|preset| (preset.name, preset.config(3))));
    for (name, config) in all {
        let mut model = config.init(&Device::flex()).expect(name);
        hash_init::fill(&mut model, 3).unwrap_or_else(|error| panic!("{name}: {error:#}"));
        let written = Checkpoint::published(&model).expect(name);
        let mut again = config.init(&Device::flex()).expect(name);
        written.load_official(&mut again).unwrap_or_else(|error| panic!("{name}: {error}"));
        let (before, after) = (Checkpoint::of(&model).expect(name), Checkpoint::of(&again).expect(name));
        assert!(before.iter().eq(after.iter()), "{name}");
    }
}
