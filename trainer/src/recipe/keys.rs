//! The keys of a recipe: the one list that checking, `--set`, help and errors read.

use crate::nearest::hint;

/// One key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Section, empty for the top of the file.
    pub section: &'static str,
    /// Name inside the section.
    pub name: &'static str,
    /// What it means, one line.
    pub help: &'static str,
}

const fn key(section: &'static str, name: &'static str, help: &'static str) -> Key {
    Key { section, name, help }
}

/// Sections in the order of a file.
pub const SECTIONS: &[&str] = &["data", "model", "method", "train"];

/// All keys. `[model]` takes the fields of its preset besides.
pub const KEYS: &[Key] = &[
    key("", "name", "name of runs and bundles; default: the file's name"),
    key("", "title", "name for people"),
    key("data", "source", "`scenes`, or a folder or an archive of images; `vitro data --help` tells the kinds"),
    key("data", "title", "name of the dataset for people"),
    key("data", "image_size", "side of the model's input, pixels"),
    key("data", "train_size", "distinct training images; 0: all (scenes: always fresh ones)"),
    key("data", "epoch_size", "training images per epoch; 0: all"),
    key("data", "test_size", "test images, class-balanced; 0: all (scenes: 1000)"),
    key("data", "crop", "smallest fraction of the area a random crop keeps; 1: no crop"),
    key("data", "flip", "mirror every other training image"),
    key("data", "randaugment", "magnitude of RandAugment, 0 to 10; 0: off; papers 9"),
    key("data", "mixup", "α of mixup; 0: off; papers 0.8"),
    key("data", "cutmix", "α of CutMix; 0: off; papers 1"),
    key("data", "mix", "what gets one draw of mixup or CutMix: the batch, a pair, or each image (elem)"),
    key("data", "repeats", "copies of an image in a row, each augmented in its own way; papers 1 or 3"),
    key("data", "erasing", "probability of random erasing; 0: off; papers 0.3"),
    key("data", "seed", "seed of rendered scenes"),
    key("model", "preset", "a model by name"),
    key("method", "tap", "token-aware pooling scales K; 0: off; paper 4"),
    key("method", "adl", "weight of the attention diversification loss; 0: off; paper 1"),
    key("method", "adl_theta", "its threshold; paper 2"),
    key("method", "stl", "self-emerging token labeling: off, labeler (stage one) or student (stage two)"),
    key("method", "labeler", "the model that labels a student's tokens: a bundle, a run, or a recipe to train first"),
    key("method", "stl_weight", "weight of the token loss; paper 1"),
    key("method", "stl_dynamic", "whether that weight grows to its full value over 300 epochs"),
    key("method", "stl_loss", "what a labeler learns: class_and_mean, mean_alone or every_token"),
    key("method", "stl_labels", "how its scores become labels: gumbel (a sample), argmax or softmax"),
    key("method", "stl_smoothing", "smoothing of token labels; paper 0.1"),
    key("method", "distillation", "what is also learned from a teacher: off, soft (probabilities) or hard (its class)"),
    key("method", "teacher", "the teacher: a bundle, a run, or a recipe to train first"),
    key("method", "distillation_alpha", "weight of the teacher; paper 0.5"),
    key("method", "distillation_tau", "temperature of the soft form; paper 1"),
    key("method", "nullspace", "noise of a second pass: off, learned, random (control) or none (control)"),
    key("method", "controls", "also trains both controls of nullspace fine-tuning, and compares"),
    key("method", "nullspace_range", "the noise starts uniform in ±this; published 3"),
    key("method", "nullspace_lr", "learning rate of the noise; published 0.1"),
    key("method", "nullspace_threshold", "squared distance of probabilities that ends the search; published 0.01"),
    key("method", "nullspace_rounds", "passes of the search; published 3"),
    key("method", "nullspace_share", "fraction of an epoch that the search sees; published 0.1"),
    key("method", "adversary", "adversarial training by an attack that `vitro eval --help` lists; empty: off"),
    key("method", "adversary_eps", "its radius, levels of 255"),
    key("method", "adversary_steps", "its steps, for PGD"),
    key("method", "patch_augmentation", "RVT's second pass over patch-wise altered images"),
    key("train", "epochs", "passes over the training images"),
    key("train", "minutes", "wall-clock budget instead of epochs; 0: none"),
    key("train", "batch", "images per step"),
    key("train", "lr", "peak learning rate"),
    key("train", "min_lr", "learning rate at the end"),
    key("train", "weight_decay", "decoupled weight decay"),
    key("train", "schedule", "smooth, epoch (timm's) or lagging (one epoch late, as released)"),
    key("train", "warmup", "fraction of the training for linear warm-up"),
    key("train", "smoothing", "label smoothing"),
    key("train", "clip", "largest global gradient norm; 0: off"),
    key("train", "ema", "decay of the weights' moving average; 0: off"),
    key("train", "seed", "seed of weights, order and augmentation"),
    key("train", "workers", "CPU workers that share a batch; 0: one per core"),
    key("train", "checkpoint_minutes", "minutes between checkpoints inside an epoch"),
    key("train", "start", "weights to start from: a bundle, a run, or a recipe to train first"),
];

/// Names of one section's keys.
pub fn of(section: &str) -> impl Iterator<Item = &'static str> + Clone {
    KEYS.iter().filter(move |key| key.section == section).map(|key| key.name)
}

/// How a refusal of `key` ends: with the section that it belongs to, or else with the nearest of `known`.
pub fn advice<'a>(key: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    let homes = KEYS.iter().filter(|known| known.name == key).map(|known| match known.section {
        "" => "the top of the file".to_owned(),
        section => format!("[{section}]"),
    });
    let homes: Vec<String> = homes.collect();
    if homes.is_empty() {
        return hint(key, known);
    }
    format!("; it belongs to {}, so move it there", homes.join(" or "))
}

/// All keys with their explanations, for `vitro train --help`.
pub fn help() -> String {
    let mut text = String::from("Keys of a recipe:\n");
    for key in KEYS {
        let name = if key.section.is_empty() { key.name.to_owned() } else { format!("{}.{}", key.section, key.name) };
        text += &format!("  {name:<26} {}\n", key.help);
    }
    text + "  model.…                    any field of the preset, such as depth or width"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Recipe;

    #[test]
    fn the_list_names_every_key_of_a_resolved_recipe() {
        let recipe = toml::Table::try_from(Recipe::default()).unwrap();
        for section in SECTIONS.iter().filter(|section| **section != "model") {
            let mut fields: Vec<_> = recipe[*section].as_table().unwrap().keys().map(String::as_str).collect();
            let mut listed: Vec<_> = of(section).collect();
            fields.sort_unstable();
            listed.sort_unstable();
            assert_eq!(fields, listed, "[{section}]");
        }
    }
}
