//! Which images a model predicted right, a bit for each image and condition: what models are compared by, image by image.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::results::Evaluation;
use super::summary::Measured;

/// The condition of the untouched images.
pub const UNTOUCHED: &str = "untouched";

/// The condition of a cell: `fog 3`.
pub fn condition(corruption: &str, severity: u8) -> String {
    format!("{corruption} {severity}")
}

/// Whether each image was predicted right. As text, `IMAGES:BITS`: the bits in base64, the first image in the lowest bit of
/// the first byte.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Right(Vec<bool>);

impl Right {
    /// Image by image.
    pub fn images(&self) -> &[bool] {
        &self.0
    }
}

impl From<&[bool]> for Right {
    fn from(right: &[bool]) -> Self {
        Self(right.to_vec())
    }
}

impl From<Right> for String {
    fn from(Right(right): Right) -> Self {
        let byte = |bits: &[bool]| bits.iter().rev().fold(0u8, |byte, bit| byte << 1 | u8::from(*bit));
        let bytes: Vec<u8> = right.chunks(8).map(byte).collect();
        format!("{}:{}", right.len(), STANDARD.encode(bytes))
    }
}

impl TryFrom<String> for Right {
    type Error = anyhow::Error;

    fn try_from(text: String) -> Result<Self> {
        let (images, bits) = text.split_once(':').context("outcomes are written as IMAGES:BITS")?;
        let images: usize = images.parse().context("outcomes begin with the number of images")?;
        let bytes = STANDARD.decode(bits).context("the bits of outcomes are base64")?;
        ensure!(bytes.len() == images.div_ceil(8), "outcomes of {images} images have another number of bits");
        Ok(Self((0..images).map(|image| bytes[image / 8] >> (image % 8) & 1 == 1).collect()))
    }
}

/// The bits of everything that `measured` holds, by condition; `evaluation` says what its cells and attacks are.
pub(super) fn of(evaluation: &Evaluation, measured: &Measured) -> BTreeMap<String, Right> {
    let cells = evaluation.per_cell.iter().map(|cell| condition(&cell.corruption, cell.severity)).zip(&measured.cells);
    let attacks = evaluation.attacks.iter().map(|attacked| attacked.attack.clone()).zip(&measured.attacks);
    let clean = (UNTOUCHED.to_owned(), &measured.clean);
    let all = [clean].into_iter().chain(cells).chain(attacks);
    all.map(|(condition, outcomes)| (condition, outcomes.right().into())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_survive_text_whatever_their_number() {
        for images in [0, 1, 7, 8, 9, 1000] {
            let right = Right((0..images).map(|image| image % 3 == 0).collect());
            let text = String::from(right.clone());
            assert_eq!(Right::try_from(text.clone()).unwrap(), right, "{text}");
        }
        assert_eq!(String::from(Right(vec![true, false, false, true])), "4:CQ==");
    }

    #[test]
    fn text_that_is_none_is_refused() {
        for text in ["", "CQ==", "x:CQ==", "4:?", "9:CQ==", "4:CQkJ"] {
            assert!(Right::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
