//! Patch-wise augmentation: what each draw does to a patch, and how often it is drawn.

use burn::prelude::*;
use burn::tensor::TensorData;
use vitro::method::patch_augmentation::{Draws, PatchAugmentation, PatchAugmentationError, Window, crop, flip};
use vitro_tests::examine::values;

/// Values in 0..1 pass through this unchanged: nothing is clamped.
fn unnormalised(side: usize) -> PatchAugmentation {
    PatchAugmentation { side, mean: [0.0; 3], std: [1.0; 3] }
}

fn nothing(patches: usize, side: usize) -> Draws {
    Draws { windows: None, noise: vec![0.0; patches * 3 * side * side], flips: vec![false; patches] }
}

/// `count` values from 0 on, `step` apart.
fn ramp<const D: usize>(shape: [usize; D], step: f32) -> Tensor<D> {
    let values: Vec<f32> = (0..shape.iter().product()).map(|i: usize| i as f32 * step).collect();
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

#[test]
fn without_draws_images_come_back_as_they_were() {
    let images = ramp([2, 3, 8, 12], 1e-3);
    let same = unnormalised(4).apply(images.clone(), &nothing(12, 4)).expect("a legal side");
    assert_eq!(values(same), values(images));
}

#[test]
fn only_the_chosen_patch_is_flipped() {
    let images = ramp([1, 3, 4, 8], 1e-2);
    let draws = Draws { flips: vec![false, true], ..nothing(2, 4) };
    let flipped = values(unnormalised(4).apply(images, &draws).expect("a legal side"));
    let row: Vec<i32> = flipped[..8].iter().map(|value| (value * 100.0).round() as i32).collect();
    assert_eq!(row, [0, 1, 2, 3, 7, 6, 5, 4]);
}

#[test]
fn noise_is_added_before_the_flip() {
    let mut draws = Draws { flips: vec![true], ..nothing(1, 2) };
    draws.noise[0] = 0.5;
    let noisy = values(unnormalised(2).apply(ramp([1, 3, 2, 2], 0.0), &draws).expect("a legal side"));
    assert_eq!(noisy[..4], [0.0, 0.5, 0.0, 0.0]);
}

#[test]
fn values_stay_within_the_range_of_pixels() {
    let augmentation = PatchAugmentation { side: 4, mean: [0.5, 0.25, 0.0], std: [0.5, 0.25, 1.0] };
    let held = values(augmentation.apply(ramp([1, 3, 4, 4], 0.5) - 10.0, &nothing(1, 4)).expect("a legal side"));
    let bounds = [(-1.0, 1.0), (-1.0, 3.0), (0.0, 1.0)];
    for (channel, (lower, upper)) in held.chunks_exact(16).zip(bounds) {
        assert!(channel.iter().all(|value| (lower..=upper).contains(value)), "{channel:?}");
    }
    assert_eq!((held[0], held[47]), (-1.0, 1.0));
}

#[test]
fn a_window_is_stretched_corner_to_corner() {
    // Values are 10 · row + column; a window of 3 in a patch of 5 has steps of one half.
    let patch: Vec<f32> = (0..5).flat_map(|row| (0..5).map(move |column| (10 * row + column) as f32)).collect();
    let patch = Tensor::<4>::from_data(TensorData::new(patch, [1, 1, 5, 5]), &Device::flex());
    let window = Window { top: 1, left: 2, side: 3 };
    let stretched = values(crop(patch, &[window]));
    for (i, value) in stretched.iter().enumerate() {
        let expected = 10.0 * (1.0 + 0.5 * (i / 5) as f32) + 2.0 + 0.5 * (i % 5) as f32;
        assert!((value - expected).abs() < 1e-5, "{i}: {value}, not {expected}");
    }
}

#[test]
fn flipping_twice_is_nothing() {
    let patches = ramp([3, 2, 4, 4], 1.0);
    let chosen = [true, false, true];
    assert_eq!(values(flip(flip(patches.clone(), &chosen), &chosen)), values(patches));
}

#[test]
fn a_tenth_of_the_steps_crop_and_a_tenth_of_the_patches_are_noisy_or_flipped() {
    let augmentation = unnormalised(16);
    let (steps, patches) = (400, 50);
    let (mut cropped, mut noisy, mut flipped) = (0, 0, 0);
    for step in 0..steps {
        let draws = augmentation.draw(patches, 3, step);
        assert_eq!(draws, augmentation.draw(patches, 3, step));
        noisy += draws.noise.chunks_exact(3 * 256).filter(|patch| patch.iter().any(|value| *value != 0.0)).count();
        flipped += draws.flips.iter().filter(|flip| **flip).count();
        for window in draws.windows.iter().flatten() {
            assert!(window.side >= 15 && window.top + window.side <= 16 && window.left + window.side <= 16);
        }
        cropped += usize::from(draws.windows.is_some());
    }
    // Four standard deviations.
    assert!(cropped.abs_diff(40) < 24, "{cropped}");
    let all = steps as usize * patches;
    assert!(noisy.abs_diff(all / 10) < 170 && flipped.abs_diff(all / 10) < 170, "{noisy} {flipped} of {all}");
}

#[test]
fn sides_that_do_not_divide_and_draws_for_another_batch_are_refused() {
    let refused = unnormalised(5).apply(ramp([1, 3, 8, 8], 0.0), &nothing(1, 5)).expect_err("5 does not divide 8");
    assert_eq!(refused, PatchAugmentationError::SideDoesNotDivide { rows: 8, columns: 8, side: 5 });
    let refused = unnormalised(4).apply(ramp([1, 3, 8, 8], 0.0), &nothing(3, 4)).expect_err("4 patches, not 3");
    assert_eq!(refused, PatchAugmentationError::Draws { given: 3, needed: 4 });
    assert_eq!((PatchAugmentation::patch_side(32), PatchAugmentation::patch_side(224)), (4, 16));
}
