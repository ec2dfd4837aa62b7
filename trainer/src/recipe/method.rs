//! `[method]`: what the papers add. Everything is off by default; `docs/methods.md` explains each.

use serde::{Deserialize, Serialize};
use vitro::attack::{self, Attack, Budget};
use vitro::method::adl::THETA;
use vitro::method::distillation::Distillation;
use vitro::method::nullspace::noise_search::NoiseSearchConfig;
use vitro::method::stl::{LabelMode, LabelerLoss, LossWeights, StlConfig, TokenLabels};
use vitro::name::UnknownName;

/// `[method]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Method {
    /// Token-aware pooling scales K; 0: no TAP. Paper: 4.
    pub tap: usize,
    /// Weight λ of the attention diversification loss; 0: no ADL. Paper: 1.
    pub adl: f64,
    /// Threshold θ of that loss. Paper: 2.
    pub adl_theta: f64,
    /// Self-emerging token labeling: which of its two stages, if any.
    pub stl: Stl,
    /// Who labels the tokens of an STL student: a bundle, a run, or a recipe that is trained first.
    pub labeler: String,
    /// Weight of the token loss beside that of the class. Paper: 1.
    pub stl_weight: f64,
    /// Whether that weight grows to its full value over 300 epochs.
    pub stl_dynamic: bool,
    /// What the tokens of a labeler learn from.
    pub stl_loss: LabelerLoss,
    /// How a labeler's scores become labels.
    pub stl_labels: LabelMode,
    /// Smoothing of token labels. Paper: 0.1.
    pub stl_smoothing: f64,
    /// Distillation: what of a teacher's logits is learned beside the labels, if anything.
    pub distillation: Distilled,
    /// Whose logits: a bundle, a run, or a recipe that is trained first.
    pub teacher: String,
    /// Weight of the teacher. Paper: 0.5.
    pub distillation_alpha: f64,
    /// Temperature of the soft form. Paper: 1.
    pub distillation_tau: f64,
    /// Nullspace fine-tuning: which noise is added to the tokens of the second pass, if any.
    pub nullspace: NullspaceNoise,
    /// Also trains the random-noise and the no-noise control from the same start, and compares.
    pub controls: bool,
    /// The noise starts uniform in ±this. Published runs: 3.
    pub nullspace_range: f64,
    /// Learning rate of the noise. Published runs: 0.1.
    pub nullspace_lr: f64,
    /// The search stops below this squared distance of the probabilities. Paper: 0.03; published runs: 0.01.
    pub nullspace_threshold: f64,
    /// Passes of the search over its images. Published runs: 3.
    pub nullspace_rounds: usize,
    /// Fraction of an epoch's batches that the search sees. Published runs: 0.1.
    pub nullspace_share: f64,
    /// Adversarial training: the attack that makes the images, by name; empty: none.
    pub adversary: String,
    /// Its radius, in levels of 255.
    pub adversary_eps: f64,
    /// Its steps, for PGD.
    pub adversary_steps: usize,
    /// RVT's patch-wise augmentation: a second pass over images whose patches were altered one by one.
    pub patch_augmentation: bool,
    /// Weight of the consistency of an image with two AugMix versions; 0: one version takes its place. Paper: 12.
    pub consistency: f64,
}

impl Default for Method {
    fn default() -> Self {
        Self {
            tap: 0,
            adl: 0.0,
            adl_theta: THETA,
            stl: Stl::Off,
            labeler: String::new(),
            stl_weight: 1.0,
            stl_dynamic: false,
            stl_loss: LabelerLoss::ClassAndMean,
            stl_labels: LabelMode::Gumbel,
            stl_smoothing: 0.1,
            distillation: Distilled::Off,
            teacher: String::new(),
            distillation_alpha: 0.5,
            distillation_tau: 1.0,
            nullspace: NullspaceNoise::Off,
            controls: false,
            nullspace_range: 3.0,
            nullspace_lr: 0.1,
            nullspace_threshold: 0.01,
            nullspace_rounds: 3,
            nullspace_share: 0.1,
            adversary: String::new(),
            adversary_eps: 2.0,
            adversary_steps: 5,
            patch_augmentation: false,
            consistency: 0.0,
        }
    }
}

impl Method {
    /// The settings of self-emerging token labeling.
    pub fn stl_config(&self) -> StlConfig {
        StlConfig {
            labeler: self.stl_loss,
            labels: TokenLabels { mode: self.stl_labels, smoothing: self.stl_smoothing, ..TokenLabels::default() },
            weights: LossWeights { dense: self.stl_weight, ..LossWeights::default() },
            dynamic: self.stl_dynamic,
        }
    }

    /// What a student learns from its teacher.
    pub fn distillation(&self) -> Distillation {
        let alpha = self.distillation_alpha;
        match self.distillation {
            Distilled::Off => Distillation::None,
            Distilled::Soft => Distillation::Soft { alpha, tau: self.distillation_tau },
            Distilled::Hard => Distillation::Hard { alpha },
        }
    }

    /// How the noise of a nullspace fine-tuning is searched.
    pub fn noise_search(&self) -> NoiseSearchConfig {
        NoiseSearchConfig {
            range: self.nullspace_range,
            learning_rate: self.nullspace_lr,
            threshold: self.nullspace_threshold,
            rounds: self.nullspace_rounds,
            share: self.nullspace_share,
            ..NoiseSearchConfig::default()
        }
    }

    /// The attack of adversarial training with its budget, if there is one.
    ///
    /// # Errors
    /// For an unknown attack.
    pub fn attack(&self) -> Result<Option<(&'static Attack, Budget)>, UnknownName> {
        if self.adversary.is_empty() {
            return Ok(None);
        }
        let (eps, steps) = (self.adversary_eps / 255.0, self.adversary_steps);
        // Two and a half times the way to the border of the ball, as usual, so that any point of it can be reached.
        let step = if steps == 1 { eps } else { 2.5 * eps / steps as f64 };
        let attack = attack::find(&self.adversary)?;
        let radius = attack.defaults.radius.norm().radius(eps);
        Ok(Some((attack, Budget { radius, step, steps })))
    }
}

/// What is distilled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Distilled {
    /// Nothing.
    #[default]
    Off,
    /// The teacher's distribution.
    Soft,
    /// The teacher's choice of a class.
    Hard,
}

/// Stages of self-emerging token labeling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stl {
    /// None.
    #[default]
    Off,
    /// Stage one: the mean of the token logits learns the class too.
    Labeler,
    /// Stage two: every token learns what the labeler says of it.
    Student,
}

/// What a nullspace fine-tuning adds to the tokens of its second pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NullspaceNoise {
    /// No second pass: ordinary training.
    #[default]
    Off,
    /// Noise that the model was found to ignore, learned anew before every epoch.
    Learned,
    /// Control: uniform noise of the learned noise's norm.
    Random,
    /// Control: a second pass without noise.
    None,
}

impl NullspaceNoise {
    /// Its name in recipes and folders.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Learned => "learned",
            Self::Random => "random",
            Self::None => "none",
        }
    }

    /// The title of a training with this noise, made of that with the learned one. Empty stays empty: the name stands then.
    pub fn titled(self, title: &str) -> String {
        match self {
            Self::Random if !title.is_empty() => format!("{title} (random noise)"),
            Self::None if !title.is_empty() => format!("{title} (no noise)"),
            _ => title.to_owned(),
        }
    }
}
