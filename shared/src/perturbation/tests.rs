//! Claims about all sequences.

use super::*;

fn image(width: usize, height: usize) -> Rgb8 {
    Rgb8::from_fn(width, height, |x, y| {
        let wave = |at: usize, step: f64| (128.0 + 100.0 * libm::sin(at as f64 * step)) as u8;
        [wave(x, 0.21), wave(y, 0.17), wave(x + y, 0.13)]
    })
}

fn difference(a: &Rgb8, b: &Rgb8) -> f64 {
    let sum: u32 = a.bytes().iter().zip(b.bytes()).map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
    f64::from(sum) / a.bytes().len() as f64
}

fn frames(name: &str, image: &Rgb8, protocol: Protocol) -> Vec<Rgb8> {
    sequence(image, find(name).unwrap(), protocol, Difficulty::ALL[0], 5)
}

#[test]
fn sequences_are_as_long_as_published_and_frames_as_large_as_the_image() {
    for protocol in Protocol::ALL {
        for perturbation in ALL {
            let frames = frames(perturbation.name, &image(20, 17), *protocol);
            let expected = match (perturbation.name, protocol) {
                ("translate", Protocol::ImageNet) => 41,
                ("translate", Protocol::Cifar) => 16,
                ("motion_blur", Protocol::Cifar) => 21,
                _ => 31,
            };
            assert_eq!((frames.len(), perturbation.frames(*protocol)), (expected, expected), "{}", perturbation.name);
            assert!(frames.iter().all(|frame| (frame.width(), frame.height()) == (20, 17)));
        }
    }
}

#[test]
fn any_size_is_perturbed_without_a_panic() {
    for (width, height) in [(1, 1), (1, 2), (2, 1), (3, 3), (1, 40), (33, 2), (5, 7)] {
        for (perturbation, protocol) in ALL.iter().flat_map(|row| Protocol::ALL.iter().map(move |p| (row, *p))) {
            for difficulty in Difficulty::ALL {
                let frames = sequence(&image(width, height), perturbation, protocol, difficulty, 1);
                assert!(frames.iter().all(|frame| (frame.width(), frame.height()) == (width, height)));
            }
        }
    }
}

#[test]
fn the_seed_decides_exactly_what_is_drawn_at_random() {
    let drawn = ["gaussian_noise", "shot_noise", "snow", "speckle_noise", "spatter"];
    for row in ALL {
        let of = |seed| sequence(&image(48, 40), row, Protocol::Cifar, Difficulty::ALL[0], seed);
        assert_eq!(of(1), of(1), "{}", row.name);
        assert_eq!(of(1) != of(2), drawn.contains(&row.name), "{}", row.name);
    }
}

#[test]
fn noise_starts_clean_flickers_independently_and_grows_with_the_difficulty() {
    let input = image(48, 40);
    for row in ALL.iter().filter(|row| row.kind == Kind::Noise) {
        for protocol in Protocol::ALL {
            let by_difficulty = Difficulty::ALL.map(|difficulty| {
                let frames = sequence(&input, row, *protocol, difficulty, 3);
                assert_eq!(frames[0], input, "{}", row.name);
                assert_ne!(frames[1], frames[2], "{}", row.name);
                difference(&frames[7], &input)
            });
            assert!(by_difficulty.is_sorted() && by_difficulty[0] > 0.5, "{} {by_difficulty:?}", row.name);
        }
    }
}

#[test]
fn sweeps_pass_through_the_image_itself() {
    let input = image(48, 40);
    let resting: [(&str, [usize; 2]); 7] = [
        ("zoom_blur", [0, 0]),
        ("translate", [20, 7]),
        ("rotate", [15, 15]),
        ("tilt", [15, 15]),
        ("shear", [15, 15]),
        ("scale", [24, 15]),
        ("brightness", [15, 15]),
    ];
    for (name, [imagenet, cifar]) in resting {
        let largest = |frame: &Rgb8| frame.bytes().iter().zip(input.bytes()).map(|(a, b)| a.abs_diff(*b)).max();
        // Brightness goes through HSV and back, which may cut a level off.
        let allowed = u8::from(name == "brightness");
        assert!(largest(&frames(name, &input, Protocol::ImageNet)[imagenet]) <= Some(allowed), "{name}");
        assert!(largest(&frames(name, &input, Protocol::Cifar)[cifar]) <= Some(allowed), "{name}");
    }
}

#[test]
fn sweeps_change_a_little_from_frame_to_frame_and_much_over_all() {
    let input = image(96, 80);
    for row in ALL.iter().filter(|row| row.kind == Kind::Sweep) {
        let frames = frames(row.name, &input, Protocol::ImageNet);
        let steps: Vec<f64> = frames.windows(2).map(|pair| difference(&pair[0], &pair[1])).collect();
        let largest = steps.iter().copied().fold(0.0, f64::max);
        let farthest = frames.iter().map(|frame| difference(frame, &frames[0])).fold(0.0, f64::max);
        assert!(largest > 0.0 && largest < 16.0, "{} moves by {largest} at once", row.name);
        assert!(farthest > 2.0 * largest, "{}: {farthest} in all, {largest} at once", row.name);
    }
}

#[test]
fn a_translated_image_moves_by_a_pixel_per_frame_to_the_right() {
    let input = image(64, 8);
    let frames = frames("translate", &input, Protocol::ImageNet);
    assert_eq!(frames[25].crop(5, 0, 50, 8), input.crop(0, 0, 50, 8));
    assert_eq!(frames[0].crop(0, 0, 40, 8), input.crop(20, 0, 40, 8));
}

#[test]
fn harder_noise_has_folders_of_its_own() {
    let [first, second, _] = Difficulty::ALL;
    assert_eq!(find("shot_noise").unwrap().folder(first), "shot_noise");
    assert_eq!(find("shot_noise").unwrap().folder(second), "shot_noise_2");
    assert_eq!(find("tilt").unwrap().folder(second), "tilt");
}

#[test]
fn ten_are_for_the_test_and_misspelt_names_are_corrected() {
    assert_eq!(ALL.iter().filter(|row| row.set == Set::Test).count(), 10);
    assert_eq!(find("rotat").unwrap_err().to_string(), "there is no perturbation `rotat`; did you mean `rotate`?");
}
