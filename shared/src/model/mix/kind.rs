//! Which attention a model has, as its configuration says it.
//!
//! In a recipe, a name alone takes the published settings: `attention = "vars_d"`. A table changes some of them:
//! `attention = { kind = "vars_d", num_step = 3 }`.

use std::fmt;

use burn::prelude::Device;
use serde::de::value::{MapAccessDeserializer, MapDeserializer};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{AttentionKind, Built, Mixer, Site};
use crate::model::ModelError;

#[expect(
    clippy::derivable_impls,
    reason = "the list of mixers generates the enum, and does not know which is the default"
)]
impl Default for AttentionKind {
    fn default() -> Self {
        Self::Softmax
    }
}

impl AttentionKind {
    /// The name that recipes and manifests use.
    pub fn name(&self) -> &'static str {
        self.info().name
    }

    /// Whether it is softmax attention, which needs no mention.
    pub fn is_softmax(&self) -> bool {
        *self == Self::Softmax
    }

    /// Whether a block forms a matrix of attention between tokens, whose rows sum to one.
    pub fn forms_attention(&self) -> bool {
        self.info().forms_attention
    }

    /// Whether predictions jump where a value passes zero ([`MixerInfo::jumps`](super::MixerInfo::jumps)).
    pub fn jumps(&self) -> bool {
        self.info().jumps
    }

    /// Refuses a grid of `rows` × `columns` tokens where the mixer was built for a square of side `side`.
    pub fn check_grid(&self, side: usize, grid: [usize; 2]) -> Result<(), ModelError> {
        self.info().tie.check(side, grid)
    }

    /// The layer for a block at `site` of `family`, whose blocks have more in them than a mixer could bring.
    ///
    /// # Errors
    /// For a mixer that brings its whole block.
    pub fn mixer(&self, site: &Site, family: &'static str, device: &Device) -> Result<Mixer, ModelError> {
        let reason = "it brings a block of its own, which would replace what this family is made of";
        let no_place = ModelError::MixerHasNoPlace { kind: self.name(), family, reason };
        // Asked before it is built: a block may not exist at this family's widths.
        if self.brings_block() {
            return Err(no_place);
        }
        match self.build(site, device) {
            Built::Layer(mixer) => Ok(mixer),
            Built::Block(_) => Err(no_place),
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
    use super::super::performer::Features;
    use super::super::vars_d::Recurrence;
    use super::super::vars_s::SpectralRecurrence;
    use super::*;
    use crate::model::mix::MIXERS;

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
    fn what_is_written_can_be_read_and_bears_the_name_of_the_registry() {
        let changed = [
            AttentionKind::Performer(Features { ratio: 3 }),
            AttentionKind::VarsD(Recurrence { lambda: 0.1, ..Recurrence::default() }),
            AttentionKind::VarsS(SpectralRecurrence { normalize: true, ..SpectralRecurrence::default() }),
        ];
        for kind in AttentionKind::all().into_iter().chain(changed) {
            let written = serde_json::to_value(kind).expect("JSON");
            assert_eq!(written["kind"], kind.name());
            assert_eq!(read(&format!(r#"{{"attention": {written}}}"#)), Ok(kind));
        }
    }

    #[test]
    fn the_published_settings_of_every_mixer_are_legal() {
        let names: Vec<_> = AttentionKind::all().iter().map(AttentionKind::name).collect();
        assert_eq!(names, MIXERS.iter().map(|info| info.name).collect::<Vec<_>>());
        for kind in AttentionKind::all() {
            assert_eq!(kind.check(), Ok(()));
            assert_eq!(read(&format!(r#"{{"attention": "{}"}}"#, kind.name())), Ok(kind));
        }
    }

    #[test]
    fn an_unknown_name_or_setting_is_refused() {
        assert!(read(r#"{"attention": "vars_x"}"#).is_err_and(|error| error.contains("vars_sd")));
        assert!(
            read(r#"{"attention": {"kind": "vars_d", "steps": 3}}"#).is_err_and(|error| error.contains("num_step"))
        );
    }
}
