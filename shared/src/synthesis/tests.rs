//! Every row on models of several families: the steps are those of the functions behind them, and do what they say.

use burn::module::{ModuleMapper, Param};
use burn::prelude::*;
use burn::tensor::Distribution;

use super::*;
use crate::attack::{self, PixelSpace, Start, Victim};
use crate::image::Preprocess;
use crate::model::preset;

fn subject(name: &str) -> Subject {
    let device = Device::flex();
    device.seed(4);
    let config = preset(name).unwrap().config(6);
    let side = config.image_size();
    let model = config.init(&device).unwrap();
    let preprocess = Preprocess::imagenet(side);
    let image = Tensor::<4>::random([1, 3, side, side], Distribution::Normal(0.0, 1.0), &device);
    let image = PixelSpace::of(&preprocess).unwrap().clamp(image);
    Subject::new(model, preprocess, image)
}

/// The same with matrices four times as large: fresh ones hardly tell images apart.
fn sensitive(subject: Subject) -> Subject {
    struct Larger;
    impl ModuleMapper for Larger {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            if D == 2 { param.map(|matrix| matrix.mul_scalar(4.0)) } else { param }
        }
    }
    Subject { model: subject.model.map(&mut Larger), ..subject }
}

fn wish(row: &Synthesis) -> Wish {
    Wish { amount: row.amount.usual, seed: 3, place: [0.3, 0.6] }
}

fn through(row: &Synthesis, subject: &Subject) -> (Box<dyn Course>, Vec<Step>) {
    let mut course = row.begin(subject, wish(row)).unwrap();
    let mut steps = Vec::new();
    while let Some(step) = course.step().unwrap() {
        steps.push(step);
    }
    (course, steps)
}

fn logits(subject: &Subject, made: &Made) -> Vec<f32> {
    subject.logits(made).unwrap().into_data().iter::<f32>().collect()
}

fn pixels(made: &Made) -> Vec<f32> {
    match made {
        Made::Image(image) => image.clone().into_data().iter::<f32>().collect(),
        Made::Tokens(_) => panic!("an image"),
    }
}

fn apart(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn every_row_ends_counts_its_steps_and_leaves_valid_pixels() {
    for name in ["vit_nano_p8_64", "fan_nano_p4_32", "rvt_nano_p4_32"] {
        let subject = subject(name);
        let space = subject.space().unwrap();
        for row in ALL {
            if row.name == "patch_noise" && name != "vit_nano_p8_64" {
                let said = row.begin(&subject, wish(row)).unwrap_err().to_string();
                assert!(said.contains("take a ViT"), "{said}");
                continue;
            }
            let (course, steps) = through(row, &subject);
            assert!(!steps.is_empty() && steps.len() <= steps[0].of, "{name} {}: {steps:?}", row.name);
            assert!(steps.iter().enumerate().all(|(i, step)| step.done == i + 1), "{name} {}: {steps:?}", row.name);
            assert!(steps.iter().all(|step| step.value.is_some() == row.watched.is_some()), "{name} {}", row.name);
            if let Made::Image(image) = course.made() {
                let clamped = pixels(&Made::Image(space.clamp(image.clone())));
                assert!(apart(&clamped, &pixels(&Made::Image(image))) < 1e-5, "{name} {}", row.name);
            }
            assert!(logits(&subject, &course.made()).iter().all(|logit| logit.is_finite()), "{name} {}", row.name);
        }
    }
}

#[test]
fn attacks_are_those_that_are_made_in_one_go() {
    let subject = subject("vit_nano_p4_32");
    let victim = Victim::new(&subject.model, subject.space().unwrap());
    for name in ["fgsm", "pgd"] {
        let (course, _) = through(find(name).unwrap(), &subject);
        let whole = attack::find(name).unwrap();
        let start = Start::Drawn { seed: 3, samples: vec![0] };
        let budget = whole.defaults.at(1.0 / 255.0);
        let made = attack::attack(whole, &victim, subject.image.clone(), &[subject.label], budget, start).unwrap();
        assert_eq!(pixels(&course.made()), pixels(&Made::Image(made)), "{name}");
    }
}

#[test]
fn noise_that_the_embedding_loses_moves_nothing_and_the_same_noise_in_another_order_does() {
    let subject = subject("vit_nano_p8_64");
    let row = find("patch_noise").unwrap();
    let (course, _) = through(row, &subject);
    let clean = logits(&subject, &Made::Image(subject.image.clone()));
    let most = apart(&pixels(&course.made()), &pixels(&Made::Image(subject.image.clone())));
    assert!(most > 0.3, "the noise is {most} at most");
    let lost = apart(&clean, &logits(&subject, &course.made()));
    let seen = apart(&clean, &logits(&subject, &course.control().unwrap()));
    assert!(lost <= 1e-5 && seen > 100.0 * lost, "{lost} and {seen}");
    // The image has black and white pixels, where noise may go one way only.
    for amount in [0.0, 1.0, 8.0] {
        let mut course = row.begin(&subject, Wish { amount, ..wish(row) }).unwrap();
        course.step().unwrap();
        let size = subject.noise(&course.made()).size;
        assert!(size <= amount + 0.01, "{size} of {amount}");
    }
    let said = row.begin(&self::subject("vit_nano_p4_32"), wish(row)).unwrap_err().to_string();
    assert!(said.contains("4×4 pixels, 48 numbers each, and keeps 96"), "{said}");
}

#[test]
fn noise_on_tokens_comes_to_be_ignored_and_noise_of_its_size_is_not() {
    let subject = sensitive(subject("vit_nano_p4_32"));
    let (course, steps) = through(find("token_noise").unwrap(), &subject);
    let values: Vec<f64> = steps.iter().filter_map(|step| step.value).collect();
    assert!(values[values.len() - 1] < 0.7 * values[0], "{values:?}");
    let clean = logits(&subject, &Made::Image(subject.image.clone()));
    let learned = apart(&clean, &logits(&subject, &course.made()));
    let random = apart(&clean, &logits(&subject, &course.control().unwrap()));
    assert!(learned < random, "{learned} and {random}");
}

#[test]
fn taking_away_keeps_what_is_left_and_shuffling_keeps_every_pixel() {
    let subject = subject("vit_nano_p4_32");
    let image = pixels(&Made::Image(subject.image.clone()));
    let row = find("drop").unwrap();
    let gone = |amount: f64| {
        let mut course = row.begin(&subject, Wish { amount, ..wish(row) }).unwrap();
        course.step().unwrap();
        let made = pixels(&course.made());
        (0..image.len()).filter(|&i| made[i] != image[i]).collect::<Vec<_>>()
    };
    let (some, more) = (gone(25.0), gone(50.0));
    // 16 and 32 of 64 patches of 16 pixels; a pixel that was black before does not count.
    assert!((700..=768).contains(&some.len()) && (1400..=1536).contains(&more.len()), "{}, {}", some.len(), more.len());
    assert!(some.iter().all(|i| more.contains(i)) && gone(0.0).is_empty());

    let (course, _) = through(find("shuffle").unwrap(), &subject);
    let sorted = |mut values: Vec<f32>| {
        values.sort_by(f32::total_cmp);
        values
    };
    assert_ne!(pixels(&course.made()), image);
    assert_eq!(sorted(pixels(&course.made())), sorted(image));
}

#[test]
fn a_patch_is_carried_and_numbers_beyond_the_slider_are_taken_for_its_ends() {
    let subject = subject("vit_nano_p4_32");
    let row = find("patch").unwrap();
    let (mut course, _) = through(row, &subject);
    let here = pixels(&course.made());
    course.carry([0.9, 0.1]).unwrap();
    assert_ne!(pixels(&course.made()), here);
    for amount in [f64::NAN, f64::INFINITY, -1.0, 1e300] {
        for row in ALL.iter().filter(|row| row.name != "patch_noise") {
            let wish = Wish { amount, seed: u64::MAX, place: [f64::NAN, -5.0] };
            let mut course = row.begin(&subject, wish).unwrap();
            course.step().unwrap();
        }
    }
}

#[test]
fn names_are_unique_and_amounts_are_sliders() {
    for (i, row) in ALL.iter().enumerate() {
        assert!(ALL[..i].iter().all(|other| other.name != row.name), "{}", row.name);
        let Amount { least, most, step, usual, .. } = row.amount;
        assert!(least < most && (least..=most).contains(&usual) && step > 0.0, "{}", row.name);
    }
    assert_eq!(find("dorp").unwrap_err().nearest, "drop");
}
