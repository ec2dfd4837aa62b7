//! What a step learns: cross-entropy with soft targets, and what the methods of the recipe add to it.

use anyhow::{Context, Result};
use burn::Tensor;
use burn::tensor::{Device, TensorData};
use vitro::attack::{self, PixelSpace, Start, Victim};
use vitro::image::Preprocess;
use vitro::method::adl::{BatchOfOne, adl};
use vitro::method::consistency::consistency;
use vitro::method::cross_entropy::cross_entropy;
use vitro::method::nullspace::fine_tune::second_pass;
use vitro::method::patch_augmentation::PatchAugmentation;
use vitro::method::stl::{labeler_loss, student_loss};
use vitro::model::{Forward, Model};
use vitro::random::stream;

use super::balance;
use crate::data::augment::VERSIONS;
use crate::data::batch::Batch;
use crate::recipe::{Method, NullspaceNoise, Stl, Train};

/// What is learned, the same in every step.
#[derive(Clone, Copy)]
pub struct Task<'a> {
    /// Smoothing and clipping.
    pub train: &'a Train,
    /// Which methods.
    pub method: &'a Method,
    /// The range of normalised pixels.
    pub preprocess: &'a Preprocess,
    /// How much the images of each class count in what learns the label of an image: the class loss of every pass, and the
    /// token loss of a labeler, which learns the same label. Token labels, teachers and ADL know no classes of images.
    pub class_weights: Option<&'a [f32]>,
    /// Who labels the tokens of an STL student, in validation mode.
    pub labeler: Option<&'a Model>,
    /// Whose logits the model also learns, in validation mode.
    pub teacher: Option<&'a Model>,
    /// Epochs that are done.
    pub epoch: usize,
}

/// The loss of some images, and what the model said of them.
pub struct Loss {
    /// Mean over the images, `[1]`, with gradients.
    pub total: Tensor<1>,
    /// Logits `[b, classes]`, without gradients.
    pub logits: Tensor<2>,
}

impl Task<'_> {
    /// The loss of `batch` on `device`, which records gradients; `noise` `[1, n, c]` is that of a nullspace fine-tuning.
    pub fn loss(&self, model: &Model, batch: Batch, noise: Option<&Tensor<3>>, device: &Device) -> Result<Loss> {
        let Self { method, .. } = self;
        let plain = device.clone().inner();
        let targets = targets(&batch, self.class_weights, &plain);
        let teacher = self.labeler.map(|labeler| self.token_labels(labeler, &batch, &plain)).transpose()?;
        let (labels, serial) = (batch.labels.clone(), batch.serial);
        let versions = batch.versions(device);
        let mut images = batch.tensor(device);
        if let Some((attack, budget)) = method.attack()? {
            let victim = Victim::new(model, PixelSpace::of(self.preprocess)?);
            let start = Start::Drawn { seed: self.train.seed, samples: (serial..).take(labels.len()).collect() };
            let attacked = attack::attack(attack, &victim, images, &labels, budget, start)?;
            images = Tensor::from_inner(attacked);
        }
        let (seen, views) = see(model, images.clone(), versions);
        let stl = method.stl_config();
        let weights = stl.weights_at(self.epoch as f64);
        let mut total = match (&seen.token_logits, method.stl, teacher) {
            (Some(tokens), Stl::Labeler, _) => {
                let (class, tokens) = (seen.logits.clone(), tokens.clone());
                labeler_loss(stl.labeler, weights, class, tokens, targets.clone())
            }
            (Some(tokens), Stl::Student, Some(labels)) => {
                student_loss(weights, seen.logits.clone(), tokens.clone(), targets.clone(), labels)
            }
            _ => cross_entropy(seen.logits.clone(), targets.clone()),
        };
        if let Some(teacher) = self.teacher {
            let taught = Tensor::from_inner(teacher.forward(images.clone().inner()));
            total = method.distillation().loss(total, seen.logits.clone(), taught);
        }
        if let Some(views) = views {
            total = total + consistency(views, 1 + VERSIONS).mul_scalar(method.consistency);
        }
        if method.adl > 0.0 {
            total = total + adl(&seen.attention, method.adl_theta, BatchOfOne::Keep).mul_scalar(method.adl);
        }
        if method.nullspace != NullspaceNoise::Off {
            // The no-noise control takes the second pass as well, so that all arms do the same work.
            total = total + second_pass(model, images.clone(), targets.clone(), noise.cloned())?;
        }
        if method.patch_augmentation {
            let altered = self.with_altered_patches(images, serial)?;
            total = total + cross_entropy(model.forward(altered), targets);
        }
        Ok(Loss { total, logits: seen.logits.inner() })
    }

    /// Images `[b, 3, y, x]` whose patches were cropped, made noisy or mirrored one by one.
    fn with_altered_patches(&self, images: Tensor<4>, serial: u64) -> Result<Tensor<4>> {
        let Preprocess { image_size, mean, std, .. } = *self.preprocess;
        let side = PatchAugmentation::patch_side(image_size);
        let augmentation = PatchAugmentation { side, mean, std };
        let patches = images.dims()[0] * (image_size / side) * (image_size / side);
        let draws = augmentation.draw(patches, self.train.seed, serial);
        Ok(augmentation.apply(images, &draws)?)
    }

    /// One label per token, `[b, n, classes]`, drawn from what the labeler says of its own view.
    fn token_labels(&self, labeler: &Model, batch: &Batch, device: &Device) -> Result<Tensor<3>> {
        let shape = [batch.labels.len(), 3, batch.size, batch.size];
        let view = Tensor::from_data(TensorData::new(batch.teacher.clone(), shape), device);
        let tokens = labeler
            .trace(view)
            .token_logits
            .context("the labeler has no token head; train it with stl = \"labeler\"")?;
        let labels = self.method.stl_config().labels;
        Ok(labels.draw(tokens, &mut stream(self.train.seed, batch.serial, "token labels")))
    }
}

/// One pass over images `[b, 3, y, x]` and, where there are any, their versions `[v·b, 3, y, x]`: what it shows of the images,
/// which is all that the other methods look at, and the logits `[(1 + v)·b, classes]` of everything.
fn see(model: &Model, images: Tensor<4>, versions: Option<Tensor<4>>) -> (Forward, Option<Tensor<2>>) {
    let Some(versions) = versions else { return (model.trace(images), None) };
    let (own, count) = (images.dims()[0], images.dims()[0] + versions.dims()[0]);
    let seen = model.trace(Tensor::cat(vec![images, versions], 0));
    let views = seen.logits.clone();
    (seen.of_first(own, count), Some(views))
}

/// The targets of a training batch, `[b, classes]`, each as large as its image counts.
fn targets(batch: &Batch, class_weights: Option<&[f32]>, device: &Device) -> Tensor<2> {
    let (count, mut targets) = (batch.labels.len(), batch.targets.clone());
    if let Some(weights) = class_weights {
        balance::weigh(&mut targets, weights);
    }
    let shape = [count, targets.len() / count.max(1)];
    Tensor::from_data(TensorData::new(targets, shape), device)
}
