//! Which attention a model has, as its configuration says it.
//!
//! In a recipe, a name alone takes the published settings: `attention = "vars_d"`. A table changes some of them:
//! `attention = { kind = "vars_d", num_step = 3 }`.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, MapDeserializer};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::model::ModelError;

/// What the blocks of a model mix their tokens with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AttentionKind {
    /// Softmax attention.
    #[default]
    Softmax,
    /// The Performer: softmax attention approximated by random features.
    Performer(Features),
    /// VARS with a dynamic dictionary: random features of the tokens.
    VarsD(Recurrence),
    /// VARS with a dynamic and a static dictionary; the static one fixes the number of tokens.
    VarsSd(Recurrence),
    /// VARS with a static dictionary of filters; needs a square map of tokens of a fixed size.
    VarsS(SpectralRecurrence),
}

/// Settings of the Performer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Features {
    /// Random features per channel of a head. Paper: 2.
    #[serde(default = "two")]
    pub ratio: usize,
}

/// Settings of VARS-D and VARS-SD.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recurrence {
    /// Steps after the first code. Paper: 5. With 0, the first code itself is reconstructed.
    #[serde(default = "five")]
    pub num_step: usize,
    /// Sparsity λ, before the learned factor. Paper: 0.3.
    #[serde(default = "mild")]
    pub lambda: f64,
    /// Random features per channel of a head. Paper: 2.
    #[serde(default = "two")]
    pub ratio: usize,
}

/// Settings of VARS-S. The released code fixes them all.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpectralRecurrence {
    /// Steps after the first code. Released: 3.
    #[serde(default = "three")]
    pub num_step: usize,
    /// Sparsity λ. Released: 3.5.
    #[serde(default = "strong")]
    pub lambda: f64,
    /// Filters of each channel. Released: 5.
    #[serde(default = "five")]
    pub templates: usize,
    /// Whether every training step is followed by scaling the filters back to unit power. Released: no, they drift.
    #[serde(default)]
    pub normalize: bool,
}

fn two() -> usize {
    2
}

fn three() -> usize {
    3
}

fn five() -> usize {
    5
}

fn mild() -> f64 {
    0.3
}

fn strong() -> f64 {
    3.5
}

impl Default for Features {
    fn default() -> Self {
        Self { ratio: two() }
    }
}

impl Default for Recurrence {
    fn default() -> Self {
        Self { num_step: five(), lambda: mild(), ratio: two() }
    }
}

impl Default for SpectralRecurrence {
    fn default() -> Self {
        Self { num_step: three(), lambda: strong(), templates: five(), normalize: false }
    }
}

impl AttentionKind {
    /// The name that recipes and manifests use.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Softmax => "softmax",
            Self::Performer(_) => "performer",
            Self::VarsD(_) => "vars_d",
            Self::VarsSd(_) => "vars_sd",
            Self::VarsS(_) => "vars_s",
        }
    }

    /// Whether a block forms a matrix of attention between tokens, whose rows sum to one.
    pub fn forms_attention(&self) -> bool {
        matches!(self, Self::Softmax | Self::Performer(_))
    }

    /// Whether the answer jumps where a code passes zero, as the released smooth shrinking does (VARS-D and -SD).
    ///
    /// Rounding such a model's weights to 16 bits turns the signs of small codes: a fresh `rvt_tiny_vars_d` moves by 0.07.
    pub fn jumps(&self) -> bool {
        matches!(self, Self::VarsD(_) | Self::VarsSd(_))
    }

    /// Refuses settings that no network can have.
    pub fn check(&self) -> Result<(), ModelError> {
        let (counts, lambda) = match self {
            Self::Softmax => return Ok(()),
            Self::Performer(settings) => (("ratio", settings.ratio), 0.0),
            Self::VarsD(settings) | Self::VarsSd(settings) => (("ratio", settings.ratio), settings.lambda),
            Self::VarsS(settings) => (("templates", settings.templates), settings.lambda),
        };
        match counts {
            (field, 0) => Err(ModelError::Zero { field }),
            _ if lambda.is_finite() && lambda >= 0.0 => Ok(()),
            _ => Err(ModelError::Sparsity { lambda }),
        }
    }
}

/// Reads a kind from its name alone, or from a table with its settings.
pub(crate) fn name_or_table<'de, D: Deserializer<'de>>(written: D) -> Result<AttentionKind, D::Error> {
    struct NameOrTable;

    impl<'de> Visitor<'de> for NameOrTable {
        type Value = AttentionKind;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("the name of an attention, or a table with its kind and settings")
        }

        fn visit_str<E: Error>(self, name: &str) -> Result<AttentionKind, E> {
            AttentionKind::deserialize(MapDeserializer::new(std::iter::once(("kind", name))))
        }

        fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<AttentionKind, A::Error> {
            AttentionKind::deserialize(MapAccessDeserializer::new(table))
        }
    }

    written.deserialize_any(NameOrTable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Holder {
        #[serde(default, deserialize_with = "name_or_table")]
        attention: AttentionKind,
    }

    fn read(text: &str) -> Result<AttentionKind, String> {
        serde_json::from_str::<Holder>(text).map(|holder| holder.attention).map_err(|error| error.to_string())
    }

    #[test]
    fn a_name_takes_the_published_settings_and_a_table_changes_some() {
        assert_eq!(read("{}"), Ok(AttentionKind::Softmax));
        assert_eq!(read(r#"{"attention": "vars_s"}"#), Ok(AttentionKind::VarsS(SpectralRecurrence::default())));
        let three = Recurrence { num_step: 3, ..Recurrence::default() };
        assert_eq!(read(r#"{"attention": {"kind": "vars_sd", "num_step": 3}}"#), Ok(AttentionKind::VarsSd(three)));
    }

    #[test]
    fn what_is_written_can_be_read() {
        let kinds = [
            AttentionKind::Softmax,
            AttentionKind::Performer(Features { ratio: 3 }),
            AttentionKind::VarsD(Recurrence { lambda: 0.1, ..Recurrence::default() }),
            AttentionKind::VarsS(SpectralRecurrence { normalize: true, ..SpectralRecurrence::default() }),
        ];
        for kind in kinds {
            let text = serde_json::to_string(&kind).expect("JSON");
            assert_eq!(read(&format!(r#"{{"attention": {text}}}"#)), Ok(kind));
        }
    }

    #[test]
    fn an_unknown_name_or_setting_is_refused() {
        assert!(read(r#"{"attention": "vars_x"}"#).is_err_and(|error| error.contains("vars_sd")));
        assert!(
            read(r#"{"attention": {"kind": "vars_d", "steps": 3}}"#).is_err_and(|error| error.contains("num_step"))
        );
    }

    #[test]
    fn impossible_settings_are_refused() {
        let kind = |lambda, ratio| AttentionKind::VarsD(Recurrence { num_step: 5, lambda, ratio });
        assert_eq!(kind(0.3, 2).check(), Ok(()));
        assert_eq!(kind(0.3, 0).check(), Err(ModelError::Zero { field: "ratio" }));
        assert_eq!(kind(-1.0, 2).check(), Err(ModelError::Sparsity { lambda: -1.0 }));
    }
}
