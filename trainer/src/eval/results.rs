//! What an evaluation found, as it is stored in `eval.json` and quoted in tables.

use serde::{Deserialize, Serialize};

/// Accuracy in one cell of the corruption table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Name of the corruption.
    pub corruption: String,
    /// Group it is shown under.
    #[serde(default)]
    pub group: String,
    /// Whether it counts in the mean: one of the 15 of the benchmark.
    #[serde(default)]
    pub benchmark: bool,
    /// 1 to 5.
    pub severity: u8,
    /// Share of pictures whose best class was right.
    pub top1: f64,
    /// Share of pictures whose label was among the best five.
    pub top5: f64,
    /// Pictures.
    pub n: usize,
}

/// Accuracy under an attack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attacked {
    /// Name of the attack.
    pub attack: String,
    /// Radius, in pixels of 0 to 1, in the attack's norm.
    pub eps: f64,
    /// Steps.
    pub steps: usize,
    /// Share of pictures whose best class was still right.
    pub top1: f64,
    /// Pictures.
    pub n: usize,
}

/// Everything a table needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Name of the run or bundle.
    pub name: String,
    /// Methods joined by `+`, `none` for a plain model.
    pub method: String,
    /// Preset or family of the model.
    pub model: String,
    /// Trained numbers.
    pub params: u64,
    /// Side of the input, pixels.
    pub image_size: usize,
    /// Name of the data set.
    pub dataset: String,
    /// What training saw.
    pub train_data: String,
    /// Accuracy on the untouched pictures.
    pub clean_top1: f64,
    /// Top-5 accuracy on the untouched pictures.
    pub clean_top5: f64,
    /// Plain mean of the top-1 error over the benchmark's cells that were measured.
    pub corruption_error_mean: Option<f64>,
    /// Which cells that mean is over, in words.
    pub corruption_error_over: String,
    /// Normalised by AlexNet, a fraction; only for the 1000 classes of ImageNet at 224 pixels.
    pub mce_alexnet: Option<f64>,
    /// The table.
    pub per_cell: Vec<Cell>,
    /// Accuracy under attacks, where any were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attacks: Vec<Attacked>,
    /// Expected calibration error on the untouched pictures.
    pub ece: f64,
    /// Mean expected calibration error over the benchmark's cells.
    pub ece_corrupted: Option<f64>,
    /// Seed of the corruptions.
    pub seed: u64,
    /// Test pictures.
    pub n_images: usize,
    /// Where the corrupted pictures came from.
    pub corruption_source: String,
    /// How pictures became input.
    pub preprocess: vitro::image::Preprocess,
    /// Commit of the source, if it was known.
    pub git: Option<String>,
    /// Versions of what computed.
    pub versions: std::collections::BTreeMap<String, String>,
    /// Processor.
    pub device: String,
}

impl Evaluation {
    /// Mean top-1 error of one corruption over the severities that were measured.
    pub fn error_of(&self, corruption: &str) -> Option<f64> {
        let errors: Vec<f64> =
            self.per_cell.iter().filter(|cell| cell.corruption == corruption).map(|cell| 1.0 - cell.top1).collect();
        (!errors.is_empty()).then(|| super::score::mean(errors))
    }

    /// Names of the corruptions, in the table's order.
    pub fn corruptions(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.per_cell.iter().map(|cell| cell.corruption.as_str()).collect();
        names.dedup();
        names
    }
}
