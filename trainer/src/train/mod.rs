//! The training loop: read it from top to bottom.
//!
//! Every number here is a function of the recipe and the number of workers: the order of the images, their crops and the
//! weights come from named random streams, gradients are summed in a fixed order. A run that is killed and resumed
//! therefore writes the same metrics as one that is not (on the CPU, with `epochs`; with `minutes` the clock has a say).
//!
//! A step may take several batches, one after the other. Schedule, average and checkpoints know whole steps only, and what is
//! left of an epoch after the last of them is dropped.
//!
//! Another machine that is lost while it shares a batch ends the training as well: with a checkpoint of the last step, from
//! which it goes on with those that are left.
//!
//! A step whose loss or gradient is not finite is not taken, and weights that are not finite are not saved: the training
//! ends with a sentence, and the last checkpoint stays. When a step fails for another reason, what was learned before it is
//! saved first.

pub mod balance;
pub mod clip;
pub mod ema;
pub mod loss;
pub mod noise;
pub mod order;
pub mod precision;
pub mod prefetch;
pub mod schedule;
pub mod seats;
pub mod start;
pub mod step;
mod tally;

use std::fmt;
use std::time::Instant;

use anyhow::{Result, anyhow, ensure};
use burn::module::Module;
use vitro::bundle::{self, Precision};
use vitro::image::Preprocess;
use vitro::model::Model;
use vitro::protocol::Split;

use crate::data::Set;
use crate::data::augment::Augment;
use crate::data::batch::{Draw, Maker, Views};
use crate::device::Processor;
use crate::disk;
use crate::eval::measure::{Measure, NotFinite, Outcome};
use crate::eval::score;
use crate::places::{self, Lost, Places};
use crate::progress::{Progress, Stop};
use crate::recipe::{Recipe, Train};
use crate::run::best::{self, Best};
use crate::run::checkpoint::{self, Learner, Snapshot, State, Sums};
use crate::run::metrics::{self, Epoch, Metrics};
use crate::run::{Facts, Folder};
use crate::subject::{self, Subject};
use crate::workers::Workers;
use loss::Task;
use seats::Seats;
use step::{Gathered, NotTaken, Stepper};
use tally::{count, left, part, shown};

/// How a training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By the recipe.
    Finished,
    /// By the recipe, since the validation images were done better by no epoch after this one, for `train.patience` epochs.
    Early(usize),
    /// By request; `--resume` goes on.
    Stopped,
}

/// A training with everything it needs.
pub struct Training<'a> {
    /// What to do.
    pub recipe: &'a Recipe,
    /// What the run is.
    pub facts: &'a Facts,
    /// The images.
    pub set: &'a Set,
    /// Where to compute.
    pub processor: &'a Processor,
    /// Who computes.
    pub workers: &'a Workers,
    /// Where to write.
    pub folder: &'a Folder,
    /// When to stop early.
    pub stop: &'a Stop,
    /// Who labels the tokens of an STL student.
    pub labeler: Option<&'a Subject>,
    /// Whose logits are distilled.
    pub teacher: Option<&'a Subject>,
    /// What the weights start from.
    pub start: Option<&'a Subject>,
}

/// Refuses a recipe whose step is larger than an epoch.
pub fn check(recipe: &Recipe, set: &Set) -> Result<()> {
    let epoch_size = order::epoch_size(set.train.as_ref(), &recipe.data);
    ensure!(
        epoch_size > 0 || recipe.data.repeats == 1,
        "data.repeats is {}, which takes epochs of at least 256 images; set it to 1",
        recipe.data.repeats
    );
    let Train { batch, accumulation, .. } = recipe.train;
    ensure!(epoch_size >= batch, "train.batch is {batch}, but an epoch has {epoch_size} images; take a smaller batch");
    ensure!(
        epoch_size >= recipe.train.images_per_step(),
        "a step takes {accumulation} batches of {batch} images, but an epoch has {epoch_size}; take a smaller train.accumulation"
    );
    Ok(())
}

impl Training<'_> {
    /// Trains to the end of the recipe, from the folder's checkpoint if it has one. The recipe must have passed [`check`].
    pub fn run(&self, progress: &mut dyn Progress) -> Result<(Learner, State, End)> {
        let Self { recipe, facts, set, processor, .. } = self;
        let train = &recipe.train;
        let device = &processor.device;

        let model = start::model(&facts.model, train.seed, self.start, device)?;
        let learner = checkpoint::fresh(model, &facts.model, train);
        let (mut learner, saved) = checkpoint::load(self.folder, learner, device)?;
        let mut state = saved.unwrap_or_default();
        let metrics = Metrics::open(self.folder, state.epoch, state.step, train.tensorboard)?;
        let mut lines = metrics::read(self.folder)?;
        let best = Best { folder: self.folder, keep: train.keep };
        best.tidy(&lines)?;

        let epoch_size = order::epoch_size(set.train.as_ref(), &recipe.data);
        let steps = epoch_size / train.images_per_step();
        let (planned, total) = ((train.epochs * steps) as f64, (train.all_epochs() * steps) as f64);
        let class_weights = balance::weights(train.class_weights, set.train.as_ref(), set.classes.len())?;
        let task = Task {
            train,
            method: &recipe.method,
            preprocess: &facts.preprocess,
            class_weights: class_weights.as_deref(),
            labeler: self.labeler.map(|labeler| &labeler.model),
            teacher: self.teacher.map(|teacher| &teacher.model),
            epoch: 0,
        };
        let seats = Seats::new(&processor.places, task.labeler, task.teacher)?;
        let maker = Maker {
            images: set.train.as_ref(),
            augment: Augment::new(recipe)?,
            preprocess: &facts.preprocess,
            classes: set.classes.len(),
            smoothing: train.smoothing,
            seed: train.seed,
        };
        let make = |draws: &[Draw]| maker.make(draws);

        let began = Instant::now();
        let before = state.seconds;
        let mut last_checkpoint = Instant::now();
        // The fraction of some steps that is done; where the clock decides, of the minutes.
        let fraction = |state: &State, steps: f64| {
            if train.minutes > 0.0 { state.seconds / (train.minutes * 60.0) } else { state.step as f64 / steps }
        };
        let done = |state: &State| fraction(state, total);
        // The cool-down comes after the steps that the schedule is planned for.
        let rate = |state: &State| schedule::learning_rate(train, fraction(state, planned), state.epoch);

        while done(&state) < 1.0 {
            if let Some(epoch) = best::unsurpassed(&lines, train.patience) {
                return Ok((learner, state, End::Early(epoch)));
            }
            progress.start_epoch(state.epoch + 1);
            let task = Task { epoch: state.epoch, ..task };
            let stepper = Stepper { workers: self.workers, device, seats: &seats, task };
            let order = order::epoch(set.train.as_ref(), &recipe.data, train.seed, state.epoch);
            let draws: Vec<Draw> = order
                .into_iter()
                .enumerate()
                .map(|(i, index)| Draw { index, serial: (state.epoch * epoch_size + i) as u64 })
                .collect();
            let whole_steps = draws.chunks_exact(train.images_per_step()).skip(state.position);
            let batches: Vec<&[Draw]> = whole_steps.flat_map(|step| step.chunks_exact(train.batch)).collect();

            // A run that stopped within an epoch has its noise in the checkpoint.
            if state.position == 0 || learner.noise.is_none() {
                let search = noise::Search { method: &recipe.method, model: &learner.model, device, seed: train.seed };
                learner.noise = search.run(&facts.model, state.epoch, batches.len(), |index| make(batches[index]))?;
            }
            let noise = learner.noise.clone();

            // A card gets its images ahead of time; where several share a batch, every worker makes those of its own shard.
            let ahead = prefetch::Ahead::new(!processor.shares_batches(), &batches, &make);
            let (mut gathered, mut spent) = (Gathered::default(), 0.0);
            let driven = ahead.drive(|draws, ready| {
                let started = Instant::now();
                let (model, images) = (learner.model.clone(), train.images_per_step());
                learner.model = match ready {
                    Some(batch) => stepper.gather(model, &mut gathered, noise.as_ref(), (vec![batch?], images), Ok)?,
                    None => {
                        // Images may be mixed across shards, so all views are made before the first is mixed.
                        let views = self.workers.try_each(self.workers.shard(draws), |shard| maker.views(shard))?;
                        let views: Vec<Views> = views.into_iter().flatten().collect();
                        let shards = (self.workers.ranges(draws.len()), images);
                        let part = |range| maker.part(draws, &views, range);
                        stepper.gather(model, &mut gathered, noise.as_ref(), shards, part)?
                    }
                };
                if gathered.batches < train.accumulation {
                    spent += started.elapsed().as_secs_f64();
                    return Ok(prefetch::Next::Continue);
                }
                let (gradient, learning_rate) = (std::mem::take(&mut gathered), rate(&state));
                let model = learner.model.clone();
                let (model, report) = stepper.take(model, &mut learner.optimiser, gradient, learning_rate)?;
                learner.model = model;
                learner.model.after_step(state.position as u64);
                if let Some(average) = learner.average.take() {
                    learner.average = Some(ema::update(average, &learner.model, train.ema, state.step));
                }
                state.seconds = before + began.elapsed().as_secs_f64();
                count(&mut state, &report, std::mem::take(&mut spent) + started.elapsed().as_secs_f64());
                progress.step(&shown(&state, images, steps, done(&state)));
                if let Some(part) = part(&mut state, steps, learning_rate) {
                    metrics.append_part(&part)?;
                }

                if self.stop.requested() || progress.stopped() {
                    return Ok(prefetch::Next::Leave);
                }
                if done(&state) >= 1.0 {
                    return Ok(prefetch::Next::Leave);
                }
                if last_checkpoint.elapsed().as_secs_f64() > train.checkpoint_minutes * 60.0 {
                    checkpoint::save(self.folder, &learner, &state)?;
                    last_checkpoint = Instant::now();
                }
                Ok(prefetch::Next::Continue)
            });
            if let Err(error) = driven {
                // What is learned is known after whole steps.
                learner.model = gathered.undone(learner.model);
                return Err(self.keep(&learner, &state, error));
            }

            if done(&state) < 1.0 && (self.stop.requested() || progress.stopped()) {
                checkpoint::save(self.folder, &learner, &state)?;
                return Ok((learner, state, End::Stopped));
            }
            // What is not fit to be saved is not worth a line either.
            let snapshot = Snapshot::take(&learner)?;
            // A last look is not interrupted: a training with nothing left to learn does not come back for it.
            let may_stop = done(&state) < 1.0;
            let look = |places: &Places| -> Result<Option<(Look, Option<Vec<Outcome>>)>> {
                Ok(match self.look(learner.best().valid(), places, may_stop)? {
                    Some(averaged) if train.watch_raw => {
                        let raw = self.look(learner.model.valid(), places, may_stop)?;
                        raw.map(|(_, raw)| (averaged, Some(raw)))
                    }
                    averaged => averaged.map(|averaged| (averaged, None)),
                })
            };
            // The epoch is learned, so what a lost machine was to look at is looked at here.
            let (looked, lost) = match look(&processor.places) {
                Err(error) if error.is::<Lost>() => (look(&Places::default()), Some(error)),
                looked => (looked, None),
            };
            let Some(((split, outcomes), raw)) = looked? else {
                snapshot.save(self.folder, &state)?;
                return Ok((learner, state, End::Stopped));
            };
            let (loss, top1) = (score::loss(&outcomes), score::top1(&outcomes));
            let of = |asked, value| (split == asked).then_some(value);
            let line = Epoch {
                epoch: state.epoch + 1,
                step: state.step,
                train_loss: state.sums.loss / state.sums.steps.max(1) as f64,
                train_top1: state.sums.correct as f64 / state.sums.count.max(1) as f64,
                validation_loss: of(Split::Validation, loss),
                validation_top1: of(Split::Validation, top1),
                raw_validation_loss: raw.as_deref().map(score::loss),
                raw_validation_top1: raw.as_deref().map(score::top1),
                test_loss: of(Split::Test, loss),
                test_top1: of(Split::Test, top1),
                noise_norm: learner.noise.as_ref().map(noise::norm),
                gradient_norm: state.sums.norm / state.sums.steps.max(1) as f64,
                learning_rate: rate(&state),
                images_per_second: state.sums.count as f64 / state.sums.seconds.max(1e-9),
                seconds: before + began.elapsed().as_secs_f64(),
            };
            state = State {
                step: state.step,
                epoch: line.epoch,
                position: 0,
                seconds: line.seconds,
                sums: Sums::default(),
                part: Sums::default(),
            };
            ensure!(
                loss.is_finite(),
                "the {} loss of epoch {} is {loss}, so the epoch was not saved; lower train.lr and start again",
                line.watched().0,
                line.epoch
            );
            lines.push(line.clone());
            best.write(&lines, || {
                let manifest = subject::manifest(recipe, facts, &state);
                Ok(bundle::write(&manifest, &learner.best().valid(), Precision::F32)?)
            })?;
            // First the line, then the checkpoint: a line too many is dropped on resuming, a missing one is not written again.
            metrics.append(&line)?;
            snapshot.save(self.folder, &state)?;
            // What is no longer among the best goes once nothing leads back to it.
            best.tidy(&lines)?;
            last_checkpoint = Instant::now();
            progress.end_epoch(&line, left(&state, done(&state)));
            if let Some(error) = lost {
                return Err(self.parted(&error, Ok(()), &state));
            }
            if done(&state) < 1.0 && (self.stop.requested() || progress.stopped()) {
                return Ok((learner, state, End::Stopped));
            }
        }
        Ok((learner, state, End::Finished))
    }

    /// Saves what was learned before a step failed. Not for a run that was never saved, which leaves nothing when it fails; nor
    /// when the weights are to blame, or the disk: a line that could not be written would be missing. A machine that is lost is
    /// to blame for nothing here.
    fn keep(&self, learner: &Learner, state: &State, error: anyhow::Error) -> anyhow::Error {
        if error.is::<Lost>() {
            return self.parted(&error, checkpoint::save(self.folder, learner, state), state);
        }
        if error.is::<NotTaken>() || error.is::<disk::Unwritten>() || !checkpoint::may_exist(self.folder) {
            return error;
        }
        match checkpoint::save(self.folder, learner, state) {
            Ok(()) => error.context(format!(
                "{} is saved as of step {}, and --resume goes on from there",
                self.folder.path().display(),
                state.step
            )),
            Err(_) => error,
        }
    }

    /// A lost machine as the end of a training; `saved` is whether what was learned before is safe.
    fn parted(&self, lost: &anyhow::Error, saved: Result<()>, state: &State) -> anyhow::Error {
        match saved {
            Ok(()) => anyhow!(
                "{lost}; step {} is saved, go on with `vitro train {} --resume` and the workers that are left",
                state.step,
                self.folder.path().display()
            ),
            Err(unsaved) => unsaved.context(lost.to_string()),
        }
    }

    /// How weights in validation mode do on the images that are watched, shared out over `places`; none if a stop was requested
    /// meanwhile and may be heeded.
    fn look(&self, model: Model, places: &Places, may_stop: bool) -> Result<Option<Look>> {
        let preprocess: &Preprocess = &self.facts.preprocess;
        let copies = &places::post(places, &model)?;
        let measure =
            Measure { model: &model, device: &self.processor.device, workers: self.workers, copies, preprocess };
        let (split, images) = self.set.watched();
        let indices: Vec<usize> = (0..images.len()).collect();
        let outcomes = measure.outcomes(&indices, |index| {
            ensure!(!(may_stop && self.stop.requested()), Interrupted);
            let sample = images.sample(index)?;
            Ok((preprocess.prepare(&sample.image), sample.label))
        });
        let outcomes = match outcomes {
            Err(error) if error.is::<Interrupted>() => return Ok(None),
            outcomes => outcomes.map_err(|error| match error.downcast_ref() {
                Some(NotFinite { index, what }) => anyhow!(
                    "the {what} for {} are not finite, so the epoch was not saved; lower train.lr and start again",
                    images.name(*index)
                ),
                None => error,
            })?,
        };
        // An image that another stood in for would count twice.
        let damaged = images.damaged();
        let whole = indices.iter().zip(outcomes).filter(|(index, _)| !damaged.contains_key(index));
        Ok(Some((split, whole.map(|(_, outcome)| outcome).collect())))
    }
}

/// Which images were looked at, and what was seen.
type Look = (Split, Vec<Outcome>);

/// A look at the images that stopped, as it was asked to.
#[derive(Clone, Copy, Debug)]
struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stopped")
    }
}

impl std::error::Error for Interrupted {}
