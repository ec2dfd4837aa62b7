//! `vitro train RECIPE`.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use burn::tensor::Device;
use clap::Args;
use vitro::image::Preprocess;

use crate::data::{self, Set};
use crate::device::{self, Choice, Processor};
use crate::progress::{self, Stop, duration};
use crate::recipe::{self, Recipe, keys};
use crate::run::{Facts, Folder, versions};
use crate::train::{self, End, Training};
use crate::workers::Workers;

/// Flags of `vitro train`.
#[derive(Debug, Args)]
#[command(after_long_help = keys::help())]
pub struct TrainArguments {
    /// Recipe file; with --resume, the run folder will do.
    recipe: PathBuf,
    /// Changes one key of the recipe, e.g. --set epochs=3 or --set train.lr=1e-3. Repeatable.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    changes: Vec<String>,
    /// Where to compute.
    #[arg(long, value_enum, default_value_t)]
    device: Choice,
    /// Run folder [default: runs/<data>-<name>].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Name of the run [default: that of the recipe].
    #[arg(long)]
    name: Option<String>,
    /// Goes on from the run's last checkpoint.
    #[arg(long)]
    resume: bool,
    /// One line per epoch, even on a terminal.
    #[arg(long)]
    plain: bool,
}

/// Everything resolved.
struct Run {
    recipe: Recipe,
    facts: Facts,
    set: Set,
    processor: Processor,
    workers: Workers,
    folder: Folder,
}

/// Trains.
pub fn run(arguments: TrainArguments) -> Result<()> {
    let plain = arguments.plain;
    let run = if arguments.resume { Run::resume(arguments)? } else { Run::start(arguments)? };
    run.announce();

    let stop = Stop::default();
    let request = stop.clone();
    // A second handler cannot be set within one process; tests that train twice do without.
    let _ = ctrlc::set_handler(move || {
        // Asked twice, it is not a wish for a checkpoint any more.
        if request.requested() {
            std::process::exit(130);
        }
        request.request();
    });

    let training = Training {
        recipe: &run.recipe,
        facts: &run.facts,
        set: &run.set,
        processor: &run.processor,
        workers: &run.workers,
        folder: &run.folder,
        stop: &stop,
    };
    let epochs = (run.recipe.train.minutes == 0.0).then_some(run.recipe.train.epochs);
    let mut progress = progress::choose(plain, epochs, &run.facts.name);
    let ended = training.run(progress.as_mut());
    // The dashboard gives the terminal back before anything is printed.
    drop(progress);
    let (_, state, end) = ended?;

    let folder = run.folder.path().display();
    match end {
        End::Finished => println!("trained {} steps in {}; see {folder}", state.step, duration(state.seconds)),
        End::Stopped => println!("stopped at step {}; go on with `vitro train {folder} --resume`", state.step),
    }
    Ok(())
}

impl Run {
    fn start(arguments: TrainArguments) -> Result<Self> {
        ensure!(
            !arguments.recipe.is_dir(),
            "{} is a folder; name a recipe file, or add --resume to go on with a run",
            arguments.recipe.display()
        );
        let mut recipe = recipe::read(&arguments.recipe, &arguments.changes)?;
        if let Some(name) = &arguments.name {
            recipe.name.clone_from(name);
        }
        let base = data_base(&recipe, &arguments.recipe)?;
        let set = open(&recipe, &base)?;
        train::check(&recipe, &set)?;
        let model = recipe.model_config(set.classes.len())?;
        let (processor, workers) = processors(arguments.device, recipe.train.workers)?;
        // Building it once here means that a bad shape is refused before a folder appears.
        let params = vitro::model::parameters(&model.init(&Device::flex())?);
        let out = arguments.out.unwrap_or_else(|| {
            let data = slug(&recipe.data_title());
            PathBuf::from("runs").join(format!("{data}-{}", slug(&recipe.name)))
        });
        let facts = Facts {
            name: recipe.name.clone(),
            classes: set.classes.clone(),
            model,
            params,
            preprocess: Preprocess::imagenet(recipe.data.image_size),
            dataset: set.title.clone(),
            train_data: set.train_data.clone(),
            data_base: base,
            seed: recipe.train.seed,
            device: processor.to_string(),
            workers: workers.count(),
            git: versions::git(),
            versions: versions::versions(),
            started: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
        };
        let folder = Folder::create(&out)?;
        folder.write_facts(&recipe, &facts)?;
        Ok(Self { recipe, facts, set, processor, workers, folder })
    }

    fn resume(arguments: TrainArguments) -> Result<Self> {
        ensure!(arguments.changes.is_empty(), "--set cannot change a run that has begun; leave it out with --resume");
        let out = match arguments.out {
            Some(out) => out,
            None if arguments.recipe.is_dir() => arguments.recipe,
            None => {
                let recipe = recipe::read(&arguments.recipe, &[])?;
                let name = arguments.name.unwrap_or(recipe.name.clone());
                PathBuf::from("runs").join(format!("{}-{}", slug(&recipe.data_title()), slug(&name)))
            }
        };
        let folder = Folder::open(&out).context("--resume found no run")?;
        let (recipe, facts) = (folder.recipe()?, folder.facts()?);
        let set = open(&recipe, &facts.data_base)?;
        ensure!(set.classes == facts.classes, "the data at {} has other classes now", recipe.data.source);
        let (processor, workers) = processors(arguments.device, facts.workers)?;
        Ok(Self { recipe, facts, set, processor, workers, folder })
    }

    fn announce(&self) {
        let Facts { name, params, device, workers, dataset, .. } = &self.facts;
        let shared = if self.processor.is_cpu { format!(", {workers} workers") } else { String::new() };
        println!(
            "{name}: {params} weights on {device}{shared}; {dataset}: {} training and {} test pictures, {} classes",
            self.set.train.len(),
            self.set.test.len(),
            self.set.classes.len()
        );
    }
}

/// Relative data start from the working folder or, if nothing is there, from the recipe's. A run remembers which.
fn data_base(recipe: &Recipe, file: &Path) -> Result<PathBuf> {
    let here = Path::new(&recipe.data.source).exists();
    let folder = if here { None } else { file.parent().filter(|folder| !folder.as_os_str().is_empty()) };
    Ok(std::path::absolute(folder.unwrap_or(Path::new(".")))?)
}

fn open(recipe: &Recipe, base: &Path) -> Result<Set> {
    data::open(&recipe.data, recipe.data_title(), base)
}

pub(super) fn processors(choice: Choice, workers: usize) -> Result<(Processor, Workers)> {
    let processor = device::choose(choice)?;
    let workers = if processor.is_cpu { Workers::new(workers)? } else { Workers::one()? };
    Ok((processor, workers))
}

/// Letters, digits and dashes.
pub(super) fn slug(name: &str) -> String {
    let kept: String = name.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    kept.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}
