//! AlexNet's errors on ImageNet-C, which the mean corruption error (mCE) is measured in.
//!
//! The means over severities are those that the evaluation code of the papers divides by ("Benchmarking Neural Network
//! Robustness to Common Corruptions and Perturbations", section 4.1).

/// Mean error over the five severities, by corruption.
pub const MEAN_ERROR: &[(&str, f64)] = &[
    ("gaussian_noise", 0.886428),
    ("shot_noise", 0.894468),
    ("impulse_noise", 0.922640),
    ("defocus_blur", 0.819880),
    ("glass_blur", 0.826268),
    ("motion_blur", 0.785948),
    ("zoom_blur", 0.798360),
    ("snow", 0.866816),
    ("frost", 0.826572),
    ("fog", 0.819324),
    ("brightness", 0.564592),
    ("contrast", 0.853204),
    ("elastic_transform", 0.646056),
    ("pixelate", 0.717840),
    ("jpeg_compression", 0.606500),
];

/// Error on the untouched images, which the relative form takes off first: torchvision's weights have 56.522 % top-1.
pub const CLEAN_ERROR: f64 = 0.4348;

/// The mean corruption error as a fraction: mean over the 15 corruptions of error over AlexNet's error.
///
/// `error` gives a corruption's mean error over five severities; without all 15 there is no mCE.
pub fn mce(error: impl Fn(&str) -> Option<f64>) -> Option<f64> {
    let ratios = MEAN_ERROR.iter().map(|(name, alexnet)| Some(error(name)? / alexnet));
    let ratios = ratios.collect::<Option<Vec<f64>>>()?;
    Some(ratios.iter().sum::<f64>() / ratios.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alexnet_itself_has_an_mce_of_one() {
        let own = |name: &str| MEAN_ERROR.iter().find(|(known, _)| *known == name).map(|(_, error)| *error);
        assert!(mce(own).is_some_and(|mce| (mce - 1.0).abs() < 1e-12));
    }

    #[test]
    fn a_missing_corruption_leaves_no_mce() {
        assert_eq!(mce(|name| (name != "fog").then_some(0.5)), None);
    }
}
