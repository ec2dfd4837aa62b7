//! `vitro new FOLDER`: a recipe that fits somebody's own images, with a sentence for each choice.
//!
//! The network is a small one for the size of the images, trained anew, or that of a trained model to start from.

mod network;

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};

use crate::bench::network::{self as bench, Plan};
use crate::bench::row::{Input, Subject, Work};
use crate::bench::stopwatch::Budget;
use crate::data::{self, Images, Set, Source};
use crate::device::Choice;
use crate::disk;
use crate::job::{processors, slug};
use crate::progress::duration;
use crate::recipe::{self, Data, Precision};
use network::Network;

/// Images that are decoded to tell the sizes.
const LOOKED_AT: usize = 64;

/// More epochs than this teach small models nothing more.
const MOST_EPOCHS: usize = 300;

/// Below this, a tenth of the training images says too little to make choices on.
const ENOUGH_TO_VALIDATE: usize = 500;

/// Below this, images must be varied more, or a model learns them by heart.
const FEW: usize = 5000;

/// How long the training step is timed.
const TIMED: Budget = Budget { runs: 8, seconds: 4.0 };

/// Flags of `vitro new`.
#[derive(Debug, Args)]
pub struct NewArguments {
    /// A folder or an archive of images, sorted into class folders.
    images: PathBuf,
    /// Recipe to write [default: the name of the images, .toml].
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// How long the training may take, about.
    #[arg(long, value_name = "MINUTES", default_value_t = 30.0)]
    minutes: f64,
    /// Which network.
    #[arg(long, value_enum, default_value_t)]
    model: Family,
    /// Starts from the weights of a run or a bundle, or of a bundle of the zoo, zoo:NAME, with its network, rather than anew.
    #[arg(long, value_name = "RUN_OR_BUNDLE", conflicts_with = "model")]
    start: Option<String>,
    /// Device that the training step is timed on.
    #[arg(long, value_enum, default_value_t)]
    device: Choice,
}

/// A network that a recipe can begin with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Family {
    /// The plain vision transformer: the quickest, and the baseline.
    Vit,
    /// The fully attentional network with TAP and ADL: the most robust of ours for its size.
    #[default]
    Fan,
}

/// Looks at the images, times a step, and writes the recipe.
pub fn run(arguments: NewArguments) -> Result<()> {
    let NewArguments { images, out, minutes, model, start, device } = arguments;
    ensure!(minutes > 0.0 && minutes.is_finite(), "--minutes {minutes} is out of range; take more than 0");
    let source = Source::from(images.to_string_lossy().as_ref());
    ensure!(source.is_here(), "there is nothing at {}; name a folder or an archive of images", images.display());
    let out = out.unwrap_or_else(|| PathBuf::from(slug(&source.title())).with_extension("toml"));
    ensure!(!out.exists(), "{} is there already; name another file with --out", out.display());
    ensure!(out.extension().is_some_and(|ending| ending == "toml"), "--out {} does not end in .toml", out.display());
    let set = data::open(&Data { source: source.clone(), ..Data::default() }, source.title(), Path::new("."))?;
    let seen = look(&set)?;
    let network = match &start {
        Some(start) => Network::of(start)?,
        None => Network::fresh(model, seen.side)?,
    };
    let choices = choose(&set, network)?;
    let speed = images_per_second(&choices, set.classes.len(), device)?;
    let epochs = epochs(choices.train, speed, minutes);
    let text = write(&source, &set, &seen, &choices, (speed, epochs, minutes));
    // A recipe that this program would refuse must not be written.
    recipe::parse(&text, &[])?;
    disk::replace_with(&out, text.as_bytes())?;
    println!(
        "wrote {}: {}, {epochs} epochs in about {}; start it with `vitro train {}`",
        out.display(),
        choices.network.preset.name,
        duration(seconds(epochs, choices.train, speed)),
        out.display()
    );
    Ok(())
}

/// What a few of the training images look like.
struct Seen {
    /// Half of the images have a shorter side below this, pixels.
    side: usize,
    /// Training images of the smallest and of the largest class.
    classes: [usize; 2],
}

fn look(set: &Set) -> Result<Seen> {
    let images: &dyn Images = set.train.as_ref();
    let step = images.len().div_ceil(LOOKED_AT).max(1);
    let mut sides = Vec::new();
    for index in (0..images.len()).step_by(step) {
        let sample = images.sample(index)?;
        sides.push(sample.image.width().min(sample.image.height()));
    }
    sides.sort_unstable();
    let mut counts = vec![0; set.classes.len()];
    for index in 0..images.len() {
        counts[images.label(index)?] += 1;
    }
    let side = sides.get(sides.len() / 2).copied().unwrap_or_default();
    let ends = [counts.iter().min(), counts.iter().max()].map(|count| count.copied().unwrap_or_default());
    Ok(Seen { side, classes: ends })
}

/// What follows from the images.
struct Choices {
    network: Network,
    /// Training images that are left when those for validation are cut out, about.
    train: usize,
    validation: f64,
    batch: usize,
    few: bool,
}

fn choose(set: &Set, network: Network) -> Result<Choices> {
    let all = set.train.len();
    let validation = if all >= ENOUGH_TO_VALIDATE { 0.1 } else { 0.0 };
    let train = all - (all as f64 * validation) as usize;
    // At least eight steps an epoch, or the average of the weights and the warm-up have nothing to follow.
    let batch = [64, 32, 16, 8, 4].into_iter().find(|batch| train >= 8 * batch).unwrap_or(2).min(train);
    ensure!(train >= 2, "{} holds {all} training images; a model needs more to learn from", set.title);
    Ok(Choices { network, train, validation, batch, few: all < FEW })
}

/// How many images a training step learns from in a second, here and now.
fn images_per_second(choices: &Choices, classes: usize, device: Choice) -> Result<f64> {
    let (processor, workers) = processors(&device.into(), 0)?;
    let Network { preset, adl, .. } = choices.network;
    let subject = Subject { preset, adl: if adl { 1.0 } else { 0.0 } };
    let (work, input, budget) = (Work::Train, Input::Noise, TIMED);
    let (batch, precision) = (choices.batch, Precision::F32);
    let plan = Plan { subject, classes, work, batch, input, precision, budget };
    let config = choices.network.config(classes)?;
    Ok(bench::measure_model(&plan, &config, &processor, &workers)?.images_per_second)
}

/// How much of a training is the step that was timed. It lacks what a training does besides: images are augmented, pooled by TAP,
/// looked at after every epoch.
const STEPS: f64 = 0.8;

/// How long so many epochs take, about.
fn seconds(epochs: usize, train: usize, images_per_second: f64) -> f64 {
    (epochs * train) as f64 / images_per_second / STEPS
}

/// Whole epochs that fit into the time.
fn epochs(train: usize, images_per_second: f64, minutes: f64) -> usize {
    let seen = STEPS * images_per_second * minutes * 60.0;
    ((seen / train as f64) as usize).clamp(1, MOST_EPOCHS)
}

fn write(
    source: &Source,
    set: &Set,
    seen: &Seen,
    choices: &Choices,
    (speed, epochs, minutes): (f64, usize, f64),
) -> String {
    let Choices { network, train, validation, batch, few } = choices;
    let [least, most] = seen.classes;
    let text = |value: &str| toml::Value::String(value.to_owned()).to_string();
    let balance = if most > 3 * least { "; uneven, so look at the error of each class too" } else { "" };
    let validated = if *validation > 0.0 {
        "a tenth of the training images, chosen by their names, to make choices on"
    } else {
        "too few images to hold some out for choices"
    };
    let variety = if *few {
        "randaugment = 9           # few images: two random operations on each, or they are learned by heart\n\
         mixup = 0.2               # and now and then two images at once\n"
    } else {
        ""
    };
    let method = method(network);
    let (size, rate, start) = match &network.start {
        Some(start) => (
            "as the model it starts from; ",
            "3e-4                 # peak, of AdamW: a third of what fresh weights take, so that little is forgotten",
            format!(
                "start = {:<18}# what the weights begin with; the head is fresh where the classes differ\n",
                text(start)
            ),
        ),
        None => ("", "1e-3                 # peak, of AdamW; lower it when the loss jumps", String::new()),
    };
    let time = duration(seconds(epochs, *train, speed));
    let of_each = if least == most { format!("{most}") } else { format!("{least} to {most}") };
    format!(
        "# {} images of {} classes, {of_each} of each for training{balance}.\n\
         # Every key: `vitro keys`, or docs/recipes.md.\n\n\
         [data]\n\
         source = {}\n\
         title = {}\n\
         image_size = {:<13}# {size}half of the images are at least {} pixels on their shorter side\n\
         validation = {validation:<13}# {validated}\n\
         crop = {:<19}# smallest fraction of the area that a random crop keeps\n\
         flip = true               # unless left and right mean something, as in letters or road signs\n\
         {variety}\n\
         [model]\n\
         preset = {}\n\
         {}{method}\n\
         [train]\n\
         epochs = {epochs:<17}# about {time} here; asked for: {minutes} min\n\
         batch = {batch:<18}# at least eight steps in an epoch\n\
         lr = {rate}\n\
         weight_decay = 0.05\n\
         warmup = 0.05             # fraction of the training\n\
         smoothing = 0.1\n\
         clip = 1.0                # global norm of the gradient\n\
         ema = {:<20}# a moving average over about a tenth of the training is what is kept\n\
         seed = 0\n\
         {start}",
        set.train.len() + set.test.len(),
        set.classes.len(),
        text(&source.to_string()),
        text(&set.title),
        network.pixels,
        seen.side,
        network.crop,
        text(network.preset.name),
        fields(network),
        average(epochs * *train / *batch),
    )
}

/// What `[model]` says besides the preset.
fn fields(network: &Network) -> String {
    network
        .fields
        .iter()
        .map(|(name, value)| format!("{:<25} # as in the start\n", format!("{name} = {value}")))
        .collect()
}

/// `[method]`, where the network has one.
fn method(network: &Network) -> String {
    let mut lines = String::new();
    let whose = if network.start.is_some() { "as in the start" } else { "as in the paper" };
    if network.tap > 0 {
        lines += &format!(
            "tap = {:<20}# scales of token-aware pooling, {whose}: robust without more weights to speak of\n",
            network.tap
        );
    }
    if network.adl {
        lines += "adl = 1.0                 # attention diversification, as in the paper; 0 switches it off\n";
    }
    if lines.is_empty() { lines } else { format!("\n[method]\n{lines}") }
}

/// A decay whose memory is a tenth of the training, and never longer than a thousand steps.
fn average(steps: usize) -> f64 {
    let memory = (steps as f64 / 10.0).clamp(10.0, 1000.0);
    ((1.0 - 1.0 / memory) * 1000.0).floor() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_fill_the_time_and_stay_within_reason() {
        assert_eq!(epochs(1000, 100.0, 10.0), 48);
        assert_eq!((epochs(1_000_000, 1.0, 1.0), epochs(10, 1000.0, 60.0)), (1, MOST_EPOCHS));
    }

    #[test]
    fn the_average_remembers_a_tenth_of_the_training() {
        assert_eq!((average(50), average(2000), average(1_000_000)), (0.9, 0.995, 0.999));
    }
}
