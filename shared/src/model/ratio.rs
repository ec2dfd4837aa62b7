//! How wide an MLP is inside, as a multiple of its tokens' width. In timm's ViTs that is a real number: 2.5, 2.57, 3.5.
//!
//! Whole ratios are written as integers, as they were before there were others.

use serde::Serializer;

use super::ModelError;

/// The paper's ratio, in every family here.
pub(crate) fn four() -> f64 {
    4.0
}

/// Hidden channels for tokens of `width` channels, rounded down as timm does.
pub(crate) fn hidden(width: usize, ratio: f64) -> usize {
    (width as f64 * ratio) as usize
}

/// Refuses ratios that leave nothing inside an MLP for tokens of `width` channels, or no end of it.
pub(crate) fn check(width: usize, ratio: f64) -> Result<(), ModelError> {
    if ratio.is_finite() && hidden(width, ratio) > 0 { Ok(()) } else { Err(ModelError::MlpRatio { ratio, width }) }
}

/// Writes whole ratios as integers.
pub(crate) fn serialize<S: Serializer>(ratio: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    let whole = *ratio as u64;
    if whole as f64 == *ratio { serializer.serialize_u64(whole) } else { serializer.serialize_f64(*ratio) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_widths_are_those_of_timm() {
        assert_eq!(hidden(192, 4.0), 768);
        assert_eq!(hidden(512, 2.57), 1315);
        assert_eq!(hidden(384, 3.5), 1344);
    }

    #[test]
    fn ratios_that_give_no_mlp_are_refused() {
        for ratio in [0.0, -1.0, f64::NAN, f64::INFINITY, 0.001] {
            assert!(check(192, ratio).is_err(), "{ratio}");
        }
        assert_eq!(check(192, 0.25), Ok(()));
    }
}
