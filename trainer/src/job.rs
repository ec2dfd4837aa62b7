//! A recipe made ready to train: data opened, processor chosen, folder created, and the models that it builds on trained.
//!
//! A recipe may build on others: on the labeler of STL (`method.labeler`), on the teacher of a distillation
//! (`method.teacher`), on the weights that a fine-tuning starts from (`train.start`). Each of these names a bundle, a run, or a
//! recipe ([`foundation`]); a recipe is trained first, into a folder inside the run, so that one command goes the whole way and
//! `--resume` goes on wherever the chain was.

mod foundation;

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};
use burn::tensor::Device;
use vitro::image::Preprocess;

use crate::data::damaged::Damaged;
use crate::data::{self, Set, Source};
use crate::device::{self, Devices, Processor};
use crate::disk::Unwritten;
use crate::lock::Lock;
use crate::progress::{self, Stop, duration, say};
use crate::recipe::changes::{self, Change};
use crate::recipe::{self, Data, NullspaceNoise, Recipe};
use crate::run::fingerprint::Fingerprint;
use crate::run::fresh::Fresh;
use crate::run::{Facts, Folder, checkpoint, seen, versions};
use crate::subject;
use crate::train::{self, End, Training, precision};
use crate::workers::Workers;

pub(crate) use foundation::network;
use foundation::{Foundation, foundations, of_part};

/// How to train, whatever the recipe.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to compute.
    pub devices: Devices,
    /// One line per epoch, even on a terminal.
    pub plain: bool,
    /// When to stop early.
    pub stop: Stop,
}

/// Everything resolved.
pub struct Job {
    recipe: Recipe,
    facts: Facts,
    set: Set,
    processor: Processor,
    workers: Workers,
    folder: Folder,
    /// For a new run: takes it away again if it ends before its first checkpoint.
    fresh: Option<Fresh>,
    /// Goes last: what is fresh is taken away under it.
    _lock: Lock,
    settings: Settings,
}

impl Job {
    /// Makes `recipe`, read from `file`, ready for a new run in `out`. `changes` are those of the recipes it builds on,
    /// such as `labeler.train.epochs=1`.
    ///
    /// # Errors
    /// For data, models and shapes that cannot be; no folder is left behind then. Nor is one when the job is dropped
    /// before the first checkpoint, as it is when an image of the first epoch is damaged.
    pub fn start(recipe: Recipe, file: &Path, out: &Path, changes: &[String], settings: &Settings) -> Result<Self> {
        let base = data_base(&recipe, file)?;
        let set = open(&recipe, &base)?;
        train::check(&recipe, &set)?;
        let model = recipe.model_config(set.classes.len())?;
        let (processor, workers) = processors(&settings.devices, recipe.train.workers)?;
        precision::check(recipe.train.precision, &processor)?;
        // Building it once here means that a bad shape is refused before a folder appears.
        let params = vitro::model::parameters(&model.init(&Device::flex())?);
        let (foundations, recipes) = foundations(&recipe, file, out)?;
        for (part, path) in &foundations {
            let recipe = recipes.iter().find(|(other, _)| *other == part.as_str()).map(|(_, file)| file.as_path());
            let foundation = Foundation::look(recipe.unwrap_or(path), &of_part(part, changes).1, &set)?;
            foundation.check(part, &model, &set).with_context(|| format!("the {part} {}", path.display()))?;
        }
        let mut facts = Facts {
            name: recipe.name.clone(),
            classes: set.classes.clone(),
            model,
            params,
            preprocess: Preprocess::imagenet(recipe.data.image_size),
            dataset: set.title.clone(),
            train_data: seen::train_data(&recipe.data, &set.train_data)?,
            seen_corruptions: seen::with_those_of_the_start(seen::names(&recipe.data)?, &foundations)?,
            data_base: base,
            foundations,
            seed: recipe.train.seed,
            device: processor.to_string(),
            workers: workers.count(),
            git: versions::git(),
            versions: versions::versions(),
            started: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            images: Some(Fingerprint::of(&set)?),
            recipe: String::new(),
        };
        let (folder, lock, mut fresh) = Fresh::create(out)?;
        for (part, file) in recipes {
            let (inner, own) = of_part(part, changes);
            let started = recipe::read(&file, &own)
                .and_then(|foundation| Self::start(foundation, &file, &folder.file(part), &inner, settings));
            let job = started.with_context(|| format!("the {part} of {} cannot be trained", facts.name))?;
            let fits = part == "start" || job.set.classes == set.classes;
            if part == "start" {
                facts.seen_corruptions = seen::together(facts.seen_corruptions, &job.facts.seen_corruptions);
            }
            if let Some(part) = job.fresh {
                fresh.include(part);
            }
            ensure!(
                fits,
                "the {part} {} learns other classes than {}; set {part}.data.source too",
                file.display(),
                facts.name
            );
        }
        folder.write_facts(&recipe, &facts)?;
        let (fresh, settings) = (Some(fresh), settings.clone());
        Ok(Self { recipe, facts, set, processor, workers, folder, fresh, _lock: lock, settings })
    }

    /// The run in `out`, ready to go on by `asked`, or else by the recipe in its folder.
    ///
    /// # Errors
    /// When there is no run or another process trains it, when the recipe differs in more than a run can change on its way,
    /// and when the images are others by now.
    pub fn resume(out: &Path, asked: Option<Recipe>, settings: &Settings) -> Result<Self> {
        let folder = Folder::open(out).context("--resume found no run")?;
        let lock = folder.lock()?;
        folder.sweep();
        let mut facts = folder.facts()?;
        let begun = folder.begun(&facts)?;
        let recipe = asked.map_or_else(|| folder.recipe(), Ok)?;
        let changes = changes::allowed(&begun, &recipe).with_context(|| format!("in {}", out.display()))?;
        let set = open(&recipe, &facts.data_base)?;
        check_images(&facts, &set, &recipe.data.source)?;
        // One worker per core of the machine that the run began on; a number of workers goes into the numbers.
        let same = begun.train.workers == recipe.train.workers;
        let (processor, workers) =
            processors(&settings.devices, if same { facts.workers } else { recipe.train.workers })?;
        precision::check(recipe.train.precision, &processor)?;
        for Change { key, begun, asked } in &changes {
            say(&format!("{key} is {asked} from here on, instead of {begun}"));
        }
        let device = processor.to_string();
        if device != facts.device {
            say(&format!("computes on {device} from here on, instead of {}", facts.device));
        }
        if workers.count() != facts.workers && !settings.devices.places.is_empty() {
            say(&format!("{} share a batch from here on, instead of {}", workers.count(), facts.workers));
        }
        // Another version may compute in another order, and then its last bits are others.
        let versions = versions::versions();
        for (name, version) in versions.iter().filter(|(name, version)| facts.versions.get(*name) != Some(version)) {
            let begun = facts.versions.get(name).map_or("another", String::as_str);
            say(&format!("computes with {name} {version} from here on, instead of {begun}"));
        }
        let computes = (&device, workers.count(), &versions);
        if !changes.is_empty() || computes != (&facts.device, facts.workers, &facts.versions) {
            (facts.device, facts.workers, facts.versions) = (device, workers.count(), versions);
            folder.write_facts(&recipe, &facts)?;
        }
        let settings = settings.clone();
        Ok(Self { recipe, facts, set, processor, workers, folder, fresh: None, _lock: lock, settings })
    }

    /// Trains what the recipe builds on, then the recipe, then its controls.
    pub fn run(&self) -> Result<End> {
        let inside = std::path::absolute(self.folder.path())?;
        for path in self.facts.foundations.values().filter(|path| path.starts_with(&inside)) {
            if Self::resume(path, None, &self.settings)?.run()? == End::Stopped {
                say(&format!("go on with `vitro train {} --resume`", self.folder.path().display()));
                return Ok(End::Stopped);
            }
        }
        if self.train()? == End::Stopped {
            return Ok(End::Stopped);
        }
        for control in self.recipe.controls() {
            if self.control(control)?.run()? == End::Stopped {
                say(&format!("go on with `vitro train {} --resume`", self.folder.path().display()));
                return Ok(End::Stopped);
            }
        }
        Ok(End::Finished)
    }

    /// The data of the recipe, and the folder that their address starts from.
    pub fn data(&self) -> (Data, PathBuf) {
        (self.recipe.data.clone(), self.facts.data_base.clone())
    }

    /// What to compare when a recipe has controls: its start, a run folder or a bundle, the controls, itself. Empty otherwise.
    pub fn comparison(&self) -> Vec<PathBuf> {
        let controls = self.recipe.controls();
        if controls.is_empty() {
            return Vec::new();
        }
        let start = self.facts.foundations.get("start").cloned();
        let arms = controls.iter().map(|control| self.folder.file(control.name()));
        start.into_iter().chain(arms).chain([self.folder.path().to_owned()]).collect()
    }

    fn train(&self) -> Result<End> {
        self.announce();
        let foundation = |part: &str| {
            let path = self.facts.foundations.get(part);
            path.map(|path| subject::open(path, &self.processor.device)).transpose()
        };
        let (labeler, teacher, start) = (foundation("labeler")?, foundation("teacher")?, foundation("start")?);
        let training = Training {
            recipe: &self.recipe,
            facts: &self.facts,
            set: &self.set,
            processor: &self.processor,
            workers: &self.workers,
            folder: &self.folder,
            stop: &self.settings.stop,
            labeler: labeler.as_ref(),
            teacher: teacher.as_ref(),
            start: start.as_ref(),
        };
        let epochs = (self.recipe.train.minutes == 0.0).then(|| self.recipe.train.all_epochs());
        let mut progress = progress::choose(self.settings.plain, epochs, &self.facts.name);
        let ended = training.run(progress.as_mut());
        // The dashboard gives the terminal back before anything is printed.
        drop(progress);
        if let Some(damage) = self.set.damage() {
            say(&damage.to_string());
        }
        let folder = self.folder.path().display();
        let (_, state, end) = ended.map_err(|error| {
            if error.is::<Unwritten>() && checkpoint::may_exist(&self.folder) {
                return error.context(format!("{folder} keeps its last checkpoint, and --resume goes on from there"));
            }
            error
        })?;
        match end {
            End::Finished => say(&format!("trained {} steps in {}; see {folder}", state.step, duration(state.seconds))),
            End::Early(best) => say(&format!(
                "ended after {} epochs: none was better on the validation images than epoch {best}; see {folder}",
                state.epoch
            )),
            End::Stopped => say(&format!("stopped at step {}; go on with `vitro train {folder} --resume`", state.step)),
        }
        if let Some(traffic) = self.processor.places.traffic_of_a_step() {
            say(&format!("{traffic} in a step, to and from the machines that share it"));
        }
        Ok(end)
    }

    /// The same training with other noise, from the same start, in a folder inside the run.
    fn control(&self, noise: NullspaceNoise) -> Result<Self> {
        let out = self.folder.file(noise.name());
        if Folder::open(&out).is_ok() {
            return Self::resume(&out, None, &self.settings);
        }
        let mut recipe = self.recipe.clone();
        recipe.name = format!("{}-{}", recipe.name, noise.name());
        recipe.title = noise.titled(&recipe.title);
        recipe.method.nullspace = noise;
        recipe.method.controls = false;
        let start = self.facts.foundations.get("start").context("a fine-tuning has a start")?;
        recipe.train.start = start.to_string_lossy().into_owned();
        recipe.data.source = recipe.data.source.absolute(&self.facts.data_base)?;
        Self::start(recipe, &self.folder.file("recipe.toml"), &out, &[], &self.settings)
    }

    fn announce(&self) {
        let Facts { name, params, device, workers, dataset, .. } = &self.facts;
        let shared = if self.processor.shares_batches() { format!(", {workers} workers") } else { String::new() };
        let validation = match &self.set.validation {
            Some(images) => format!(", {} validation", images.len()),
            None => String::new(),
        };
        say(&format!(
            "{name}: {params} weights on {device}{shared}; {dataset}: {} training{validation} and {} test images, {} classes",
            self.set.train.len(),
            self.set.test.len(),
            self.set.classes.len()
        ));
        if let Some(warning) = seen::warning(&self.facts.seen_corruptions) {
            say(&warning);
        }
    }
}

/// Where a new run of `recipe` goes when nobody says otherwise.
pub fn default_folder(recipe: &Recipe) -> PathBuf {
    PathBuf::from("runs").join(format!("{}-{}", slug(&data::title(&recipe.data)), slug(&recipe.name)))
}

/// The processor of `devices` and the workers that feed it: one for each device that shares batches; on the CPU alone as
/// many as are asked for, 0 for one per core.
pub fn processors(devices: &Devices, workers: usize) -> Result<(Processor, Workers)> {
    let processor = device::open(devices)?;
    let workers = match processor.places.all() {
        [] if processor.is_cpu => Workers::new(workers)?,
        [] => Workers::one()?,
        places => Workers::of(places)?,
    };
    Ok((processor, workers))
}

/// Letters, digits and dashes.
pub fn slug(name: &str) -> String {
    let kept: String = name.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    kept.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

/// Relative data start from the working folder or, if nothing is there, from the recipe's. A run remembers which.
fn data_base(recipe: &Recipe, file: &Path) -> Result<PathBuf> {
    let here = recipe.data.source.is_here();
    let folder = if here { None } else { file.parent().filter(|folder| !folder.as_os_str().is_empty()) };
    Ok(std::path::absolute(folder.unwrap_or(Path::new(".")))?)
}

fn open(recipe: &Recipe, base: &Path) -> Result<Set> {
    let set = data::open(&recipe.data, data::title(&recipe.data), base)?;
    Ok(if recipe.data.damaged == Damaged::Skip { set.without_damaged() } else { set })
}

/// Refuses to go on with other images than those that the run began with.
fn check_images(facts: &Facts, set: &Set, source: &Source) -> Result<()> {
    if set.classes != facts.classes {
        let missing = |here: &[String], there: &[String]| {
            let missing: Vec<&str> = here.iter().filter(|class| !there.contains(class)).map(String::as_str).collect();
            if missing.is_empty() { "none".to_owned() } else { missing.join(", ") }
        };
        bail!(
            "the classes at {source} changed since the run began (gone: {}; new: {}); put them back, or start a new run",
            missing(&facts.classes, &set.classes),
            missing(&set.classes, &facts.classes)
        );
    }
    let difference = match &facts.images {
        Some(begun) => begun.difference(&Fingerprint::of(set)?),
        None => None,
    };
    match difference {
        Some(difference) => bail!(
            "the images at {source} changed since the run began ({difference}); put them back, or start a new run from these \
             weights with train.start"
        ),
        None => Ok(()),
    }
}
