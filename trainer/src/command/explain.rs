//! `vitro explain IMAGE`: what each model sees in one image, clean or corrupted, on the same pixels as the page.
//!
//! The image is prepared for each model and corrupted there, as in an evaluation; or, with `--full-size`, the square that the
//! page shows is corrupted before.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use burn::tensor::activation::softmax;
use clap::Args;
use serde::Serialize;
use serde_json::{Value, json};
use vitro::corruption::{self, Corruption, Severity};
use vitro::image::{Preprocess, Rgb8, decode};
use vitro::measurement::Single;
use vitro::probe::{Reading, class_map};
use vitro::view;

use crate::data::batch::Batch;
use crate::device::{Choice, Processor};
use crate::disk;
use crate::job::processors;
use crate::nearest::hint;
use crate::probes;
use crate::run::best::Which;
use crate::subject::{self, Subject};
use crate::zoo;

/// Classes printed per model.
const SHOWN: usize = 5;

/// Flags of `vitro explain`.
#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// Image file, or `scene:SEED/INDEX`: a rendered scene of the held-out split.
    image: PathBuf,
    /// Corruption by name [default: none].
    #[arg(long)]
    corruption: Option<String>,
    /// Its severity, 1 to 5.
    #[arg(long, default_value_t = 3)]
    severity: u8,
    /// Its seed.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Corrupts the square of 224 pixels before it is prepared for each model. Evaluations do it after.
    #[arg(long)]
    full_size: bool,
    /// Models: names of the zoo, a set of it (`cifar10/*`), bundle files or run folders [default: the zoo's first set].
    #[arg(long, value_delimiter = ',', value_name = "NAME,…")]
    models: Vec<String>,
    /// Weights of runs whose recipes set `train.keep`: the last, those of the best epoch, or of an epoch by its number.
    #[arg(long, default_value_t, value_name = "last|best|EPOCH")]
    weights: Which,
    /// Folder of the zoo.
    #[arg(long, value_name = "DIR", default_value = "zoo")]
    zoo: PathBuf,
    /// Device to compute on.
    #[arg(long, value_enum, default_value_t)]
    device: Choice,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
    /// With `--json`: also what every layer and every head looks at, and their rollout.
    #[arg(long, requires = "json")]
    layers: bool,
    /// With `--json`: also which patches speak for the likeliest class, attention weighted by its gradient (GETAM).
    #[arg(long, requires = "json")]
    class_map: bool,
}

/// What is printed with `--json`.
#[derive(Debug, Serialize)]
struct Explanation {
    image: ImageFacts,
    corruption: Option<String>,
    severity: Option<u8>,
    seed: u64,
    /// Whether the corruption acted on the square of 224 pixels, and not on the model's own image.
    full_size: bool,
    models: Vec<Opinion>,
}

#[derive(Debug, Serialize)]
struct ImageFacts {
    file: String,
    width: usize,
    height: usize,
    /// The known class, of a scene.
    label: Option<&'static str>,
}

impl ImageFacts {
    fn of(file: String, image: &Single) -> Self {
        let (width, height) = match image {
            Single::File(image) => (image.width(), image.height()),
            Single::Scene { .. } => (view::SIDE, view::SIDE),
        };
        Self { file, width, height, label: image.label() }
    }
}

#[derive(Debug, Serialize)]
struct Opinion {
    name: String,
    title: String,
    probabilities: Vec<f32>,
    classes: Vec<String>,
    /// Rows and columns of patches.
    grid: [usize; 2],
    /// What each probe says, under its name in the registry: a number, a map, or a map for each step.
    probes: serde_json::Map<String, Value>,
    /// How much each patch speaks for the likeliest class, if that was asked for; none where no layer forms attention (VARS).
    #[serde(skip_serializing_if = "Option::is_none")]
    class_map: Option<Vec<f32>>,
    /// What each head of each layer looks at, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    layers: Option<Vec<Value>>,
    /// The numbers among them, in words.
    #[serde(skip)]
    said: Vec<(&'static str, String)>,
}

/// Explains.
pub fn run(arguments: ExplainArguments) -> Result<()> {
    let severity = Severity::try_from(arguments.severity)?;
    let corruption = arguments.corruption.as_deref().map(corruption::find).transpose()?;
    let name = arguments.image.display();
    let image = match arguments.image.to_str().and_then(Single::scene) {
        Some(scene) => scene,
        None => Single::File(decode(&disk::read(&arguments.image)?).with_context(|| format!("{name}"))?),
    };
    let seen = Seen {
        image: &image,
        cell: corruption.map(|corruption| (corruption, severity)),
        seed: arguments.seed,
        full_size: arguments.full_size,
        layers: arguments.layers,
        class_map: arguments.class_map,
    };
    let (processor, _) = processors(&arguments.device.into(), 1)?;
    let models = paths(&arguments.models, &arguments.zoo)?
        .iter()
        .map(|(listed, path)| {
            let subject = subject::open_with(arguments.weights, path, &processor.device)?;
            let opinion = opinion(&subject, &seen, &processor)?;
            // Two sets may have a model of the same name.
            Ok(Opinion { name: listed.clone().unwrap_or(opinion.name), ..opinion })
        })
        .collect::<Result<Vec<_>>>()?;
    let explanation = Explanation {
        image: ImageFacts::of(name.to_string(), &image),
        corruption: corruption.map(|corruption| corruption.name.to_owned()),
        severity: corruption.map(|_| severity.get()),
        seed: arguments.seed,
        full_size: arguments.full_size,
        models,
    };
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&explanation)?);
    } else {
        print(&explanation);
    }
    Ok(())
}

/// What models are shown.
struct Seen<'a> {
    image: &'a Single,
    cell: Option<(&'static Corruption, Severity)>,
    seed: u64,
    full_size: bool,
    layers: bool,
    class_map: bool,
}

impl Seen<'_> {
    /// The image at the model's size.
    fn by(&self, preprocess: &Preprocess) -> Rgb8 {
        match self.cell {
            None => self.image.prepared(preprocess),
            Some((corruption, severity)) if self.full_size => {
                preprocess.prepare(&view::corrupt(&self.image.square(), corruption, severity, self.seed))
            }
            Some(cell) => self.image.corrupted(&self.image.prepared(preprocess), preprocess, cell, self.seed),
        }
    }
}

fn opinion(subject: &Subject, seen: &Seen<'_>, processor: &Processor) -> Result<Opinion> {
    let manifest = &subject.manifest;
    let input = Batch::of(&[()], |()| Ok((seen.by(&manifest.preprocess), 0)), &manifest.preprocess)?;
    let image = input.tensor(&processor.device);
    let forward = processor.alone(|| subject.model.trace(image.clone()));
    let mut probes = serde_json::Map::new();
    let mut said = Vec::new();
    for (probe, reading) in probes::readings(&forward)? {
        let value = match reading {
            Reading::Map(map) => json!(map),
            Reading::Maps(maps) => json!(maps),
            Reading::Number { value, words } => {
                said.push((probe.title, words));
                json!(value)
            }
        };
        probes.insert(probe.key.to_owned(), value);
    }
    let layers = seen.layers.then(|| probes::layers(&forward)).transpose()?;
    let layers =
        layers.map(|layers| layers.into_iter().map(|(name, heads)| json!({ "name": name, "heads": heads })).collect());
    let probabilities = probes::numbers(softmax(forward.logits, 1))?;
    // Of equal ones the first, as everywhere.
    let likeliest = (0..probabilities.len()).rev().max_by(|a, b| probabilities[*a].total_cmp(&probabilities[*b]));
    let class_map = match likeliest.filter(|_| seen.class_map) {
        Some(class) => processor.alone(|| class_map::class_maps(&subject.model, image, None, &[class]))?,
        None => None,
    };
    let class_map = class_map.map(|map| Ok::<_, anyhow::Error>(class_map::read(&probes::numbers(map)?))).transpose()?;
    Ok(Opinion {
        name: manifest.name.clone(),
        title: manifest.title.clone(),
        grid: forward.grid,
        probabilities,
        class_map,
        classes: manifest.classes.clone(),
        probes,
        layers,
        said,
    })
}

/// Names of the zoo become its files and stay as they are listed there; anything that exists on disk is taken as it is.
fn paths(models: &[String], folder: &Path) -> Result<Vec<(Option<String>, PathBuf)>> {
    let sets = models.is_empty() || models.iter().any(|name| name.ends_with("/*"));
    let entries = if sets { zoo::read(folder)? } else { Vec::new() };
    let models = zoo::chosen(models, &entries);
    ensure!(!models.is_empty(), "the zoo in {} is empty; name models with --models", folder.display());
    let find = |name: &String| -> Result<(Option<String>, PathBuf)> {
        if Path::new(name).exists() {
            return Ok((None, name.into()));
        }
        if let Some(named) = zoo::named(Path::new(name))? {
            return Ok((None, named));
        }
        let entries = zoo::read(folder)?;
        let names = || entries.iter().map(|entry| entry.name.as_str());
        let entry = entries.iter().find(|entry| entry.name == *name);
        let entry =
            entry.with_context(|| format!("no model `{name}` in {}{}", folder.display(), hint(name, names())))?;
        Ok((Some(entry.name.clone()), folder.join(&entry.file)))
    };
    models.iter().map(find).collect()
}

fn print(explanation: &Explanation) {
    match (&explanation.corruption, explanation.severity) {
        (Some(corruption), Some(severity)) => {
            println!("{}, {corruption} at severity {severity}, seed {}", explanation.image.file, explanation.seed);
        }
        _ => println!("{}", explanation.image.file),
    }
    for model in &explanation.models {
        println!("\n{}", model.title);
        let mut order: Vec<usize> = (0..model.probabilities.len()).collect();
        order.sort_by(|a, b| model.probabilities[*b].total_cmp(&model.probabilities[*a]));
        for index in order.into_iter().take(SHOWN) {
            let probability = model.probabilities[index];
            let bar = "▇".repeat((probability * 30.0).round() as usize);
            println!("  {:<20} {:>5.1} %  {bar}", model.classes[index], probability * 100.0);
        }
        for (title, words) in &model.said {
            println!("  {title} {words}");
        }
    }
}
