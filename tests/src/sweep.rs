//! The other side of a sweep: `vitro eval` of a bundle of the zoo on the same scenes.

use crate::command::works;
use std::collections::BTreeMap;
use vitro_cli::eval::results::Evaluation;
use xtask::workspace;

/// What both sides are asked.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Names of corruptions, in the registry's order.
    pub corruptions: &'static [&'static str],
    /// Severities, ascending.
    pub severities: &'static [u8],
    /// How many scenes.
    pub images: usize,
    /// Seed of the corruptions.
    pub seed: u32,
}

/// Which scenes a bundle is right about, by condition (`untouched`, `fog 3`), as `vitro eval` stores it.
///
/// # Panics
///
/// If the command fails or prints something else.
pub fn evaluated(bundle: &str, asked: &Asked) -> BTreeMap<String, Vec<bool>> {
    let severities = asked.severities.iter().map(u8::to_string).collect::<Vec<_>>().join(",");
    let arguments = [
        "eval",
        &format!("zoo/{bundle}.safetensors"),
        "--only",
        &asked.corruptions.join(","),
        "--severity",
        &severities,
        "--limit",
        &asked.images.to_string(),
        "--seed",
        &asked.seed.to_string(),
        "--device",
        "cpu",
        "--json",
    ];
    outcomes(&arguments)
}

/// The same for any arguments of the command; `--json` is among them.
///
/// # Panics
///
/// If the command fails or prints something else.
pub fn outcomes(arguments: &[&str]) -> BTreeMap<String, Vec<bool>> {
    let printed = works(&workspace::root(), arguments);
    let evaluation: Evaluation = serde_json::from_str(&printed).expect("an evaluation");
    evaluation.outcomes.into_iter().map(|(condition, right)| (condition, right.images().to_vec())).collect()
}
