//! Case `corruptions.frost_overlay`: the procedural overlay measures like the photographs it stands for.

use anyhow::Result;
use serde_json::Value;

use super::Outcome;

const CASE: &str = "corruptions.frost_overlay";

pub(super) fn run(file: &str, _stats: &Value) -> Result<Vec<Outcome>> {
    Ok(vec![Outcome::not_due(CASE, file, "overlay", "frost is not in the registry yet")])
}
