//! Attacks: they stay in their box, raise the loss, leave the model alone, and refuse what cannot be.

use burn::module::{Module, ModuleMapper, Param};
use burn::prelude::*;
use burn::tensor::Distribution;
use vitro::attack::{
    self, ALL, Attack, AttackError, Budget, Chance, MOST_STEPS, Norm, PixelSpace, Radius, Start, Victim,
};
use vitro::image::Preprocess;
use vitro::model::fan::FanConfig;
use vitro::model::mix::AttentionKind;
use vitro::model::mix::vars_s::SpectralRecurrence;
use vitro::model::rvt::{RvtConfig, RvtStage};
use vitro::model::swin::{FanSwinConfig, SwinStage};
use vitro::model::vit::VitConfig;
use vitro::model::{Model, ModelConfig};
use vitro_tests::examine::{arrays, values};

const SIDE: usize = 32;
const LABELS: [usize; 3] = [0, 4, 2];

/// A random start of three images under `seed`.
fn drawn(seed: u64) -> Start {
    Start::Drawn { seed, samples: vec![10, 11, 12] }
}

/// Every family, with stochastic depth and, in some, batch norms.
fn models() -> Vec<(&'static str, ModelConfig)> {
    let fan = FanConfig { drop_path: 0.5, tap_scales: Some(2), ..FanConfig::new(SIDE, 8, 16, 2, 2, 5) };
    let stages = vec![RvtStage { width: 16, depth: 2, heads: 2 }];
    let rvt = RvtConfig { drop_path: 0.5, ..RvtConfig::new(SIDE, 8, stages, 5) };
    let vit = VitConfig { drop_path: 0.5, ..VitConfig::new(SIDE, 8, 16, 2, 2, 5) };
    let vars = RvtConfig { attention: AttentionKind::VarsS(SpectralRecurrence::default()), ..rvt.clone() };
    let stage = |heads| SwinStage { depth: 2, heads, channel_attention: true };
    let swin = FanSwinConfig {
        image_size: SIDE,
        window: 4,
        stages: vec![stage(2), stage(4)],
        drop_path: 0.5,
        ..FanSwinConfig::published(16, [1; 4], [2; 4], 5)
    };
    vec![
        ("vit", ModelConfig::Vit(vit)),
        ("fan", ModelConfig::Fan(fan)),
        ("fan_swin", ModelConfig::Swin(swin)),
        ("rvt", ModelConfig::Rvt(rvt)),
        ("vars_s", ModelConfig::Rvt(vars)),
    ]
}

fn space() -> PixelSpace {
    PixelSpace::of(&Preprocess::imagenet(SIDE)).expect("usual statistics")
}

/// Normalised images with valid pixels, black and white among them.
fn images(device: &Device) -> Tensor<4> {
    device.seed(7);
    let pixels = Tensor::<4>::random([3, 3, SIDE, SIDE], Distribution::Uniform(-0.1, 1.1), device).clamp(0.0, 1.0);
    let space = space();
    space.low(device) + pixels * space.distance(1.0, device)
}

fn victim(config: &ModelConfig, device: &Device) -> (Model, Victim) {
    device.seed(5);
    let model = config.init(device).expect("a legal model");
    let victim = Victim::new(&model, space());
    (model, victim)
}

/// Changes in pixels of 0 to 1, one row for each image.
fn changes(attacked: Tensor<4>, clean: Tensor<4>) -> Vec<Vec<f64>> {
    let device = clean.device();
    let change = (attacked - clean) / space().distance(1.0, &device);
    let count = change.dims()[0];
    let all = values(change);
    all.chunks(all.len() / count).map(|row| row.iter().map(|value| f64::from(*value)).collect()).collect()
}

fn length(norm: Norm, change: &[f64]) -> f64 {
    match norm {
        Norm::Linf => change.iter().fold(0.0, |most, value| value.abs().max(most)),
        Norm::L2 => change.iter().map(|value| value * value).sum::<f64>().sqrt(),
    }
}

fn norm(attack: &Attack) -> Norm {
    attack.defaults.radius.norm()
}

/// Attacks of pixels; the released FGSM clamps what the model sees instead.
fn pixel_attacks() -> impl Iterator<Item = &'static Attack> {
    ALL.iter().filter(|attack| attack.name != "fgsm_released")
}

#[test]
fn every_attack_stays_in_its_box_and_on_valid_pixels_and_uses_its_budget() {
    let device = Device::flex();
    for (name, config) in models() {
        let (_, victim) = victim(&config, &device);
        for attack in pixel_attacks() {
            let place = format!("{} on {name}", attack.name);
            let (norm, eps) = (norm(attack), 6.0 / 255.0);
            let budget = Budget { radius: norm.radius(eps), step: 4.0 / 255.0, steps: 4 };
            let x = images(&device);
            let attacked = attack::attack(attack, &victim, x.clone(), &LABELS, budget, drawn(3)).expect(attack.name);
            assert!(!attacked.is_autodiff(), "{place}");
            let pixels = values((attacked.clone() - space().low(&device)) / space().distance(1.0, &device));
            assert!(pixels.iter().all(|pixel| (-1e-6..=1.0 + 1e-6).contains(pixel)), "{place}: pixels");
            for change in changes(attacked, x) {
                let far = length(norm, &change);
                assert!(far <= eps + 1e-6, "{place}: {far}");
                assert!(far > 0.5 * eps, "{place}: {far} of {eps}");
            }
        }
    }
}

#[test]
fn attacks_raise_the_loss_more_than_random_signs_do() {
    let device = Device::flex();
    for (name, config) in models() {
        let (_, victim) = victim(&config, &device);
        let x = images(&device);
        let loss = |x: Tensor<4>| victim.gradient(x, &LABELS).expect("labels").0.into_scalar::<f32>();
        let clean = loss(x.clone());
        let eps = space().distance(8.0 / 255.0, &device);
        let signs = Tensor::<4>::random(x.dims(), Distribution::Normal(0.0, 1.0), &device).sign();
        let random = loss(space().clamp(x.clone() + signs * eps)) - clean;
        for attack in pixel_attacks().filter(|attack| attack.chance != Chance::Everything) {
            let norm = norm(attack);
            let eps = if norm == Norm::L2 { 1.0 } else { 8.0 / 255.0 };
            let budget = Budget { radius: norm.radius(eps), step: eps / 3.0, steps: 5 };
            let attacked = attack::attack(attack, &victim, x.clone(), &LABELS, budget, Start::Image);
            let gained = loss(attacked.expect(attack.name)) - clean;
            assert!(gained > 0.0 && gained > random, "{} on {name}: {gained}, random signs {random}", attack.name);
        }
    }
}

#[test]
fn an_attack_is_deterministic_and_leaves_a_training_model_as_it_was() {
    let device = Device::flex();
    for (name, config) in models() {
        let (model, victim) = victim(&config, &device.clone().autodiff());
        let before = arrays(&model);
        let on_a_plain_device = Victim::new(&model.valid(), space());
        for attack in ALL {
            let run = |victim: &Victim, start: Start| {
                let x = images(&device);
                values(attack::attack(attack, victim, x, &LABELS, attack.defaults, start).expect(attack.name))
            };
            let attacked = run(&victim, drawn(3));
            assert_eq!(run(&victim, drawn(3)), attacked, "{} on {name}", attack.name);
            assert_eq!(run(&on_a_plain_device, drawn(3)), attacked, "{} on {name}", attack.name);
            let other = run(&victim, drawn(4));
            assert_eq!(other == attacked, attack.chance == Chance::Nothing, "{} on {name}", attack.name);
        }
        assert_eq!(arrays(&model), before, "{name}: weights or statistics moved");
    }
}

#[test]
fn an_image_is_attacked_the_same_in_any_batch() {
    let device = Device::flex();
    let (_, victim) = victim(&models()[0].1, &device);
    let x = images(&device);
    for attack in pixel_attacks() {
        let run = |first: usize, count: usize| {
            let start = Start::Drawn { seed: 1, samples: (first as u64..).take(count).collect() };
            let part = x.clone().narrow(0, first, count);
            let labels = &LABELS[first..first + count];
            attack::attack(attack, &victim, part, labels, attack.defaults, start).expect(attack.name)
        };
        let (together, alone) = (values(run(0, 3).narrow(0, 2, 1)), values(run(2, 1)));
        // Signs of gradients near zero may differ by rounding.
        let differing = together.iter().zip(&alone).filter(|(a, b)| (*a - *b).abs() > 1e-5).count();
        assert!(differing < together.len() / 200, "{}: {differing}", attack.name);
    }
}

#[test]
fn no_distance_is_no_attack() {
    let device = Device::flex();
    let (_, victim) = victim(&models()[0].1, &device);
    for attack in pixel_attacks() {
        let budget = Budget { radius: norm(attack).radius(0.0), ..attack.defaults };
        let x = images(&device);
        let attacked = attack::attack(attack, &victim, x.clone(), &LABELS, budget, drawn(3)).expect(attack.name);
        assert!(changes(attacked, x).concat().iter().all(|change| change.abs() < 1e-6), "{}", attack.name);
    }
}

#[test]
fn the_released_fgsm_lifts_everything_dark_to_the_mean() {
    let device = Device::flex();
    let (_, victim) = victim(&models()[0].1, &device);
    let released = attack::find("fgsm_released").expect("in the list");
    let x = images(&device);
    let run = |name: &str, victim: &Victim| {
        let attack = attack::find(name).expect(name);
        values(attack::attack(attack, victim, x.clone(), &LABELS, released.defaults, Start::Image).expect(name))
    };
    let attacked = run("fgsm_released", &victim);
    assert!(attacked.iter().all(|value| (0.0..=1.0).contains(value)));
    let dark =
        values(x.clone()).iter().zip(&attacked).filter(|(before, _)| **before < -0.1).all(|(_, after)| *after == 0.0);
    assert!(dark && attacked != run("fgsm", &victim));
}

#[test]
fn impossible_attacks_are_refused_with_the_reason() {
    let device = Device::flex();
    let (_, victim) = victim(&models()[0].1, &device);
    let base = Budget { radius: Radius::Linf(0.1), step: 0.1, steps: 2 };
    let refused = |name: &str, budget: Budget, labels: &[usize], start: Start| {
        let attack = attack::find(name).expect(name);
        let budget = Budget { radius: norm(attack).radius(budget.radius.distance()), ..budget };
        attack::attack(attack, &victim, images(&device), labels, budget, start).expect_err("impossible")
    };
    for name in ["fgsm", "fgsm_released", "pgd", "pgd_l2"] {
        for eps in [-0.1, f64::NAN, f64::INFINITY, 100.0] {
            let refusal = refused(name, Budget { radius: Radius::Linf(eps), ..base }, &LABELS, Start::Image);
            assert!(matches!(refusal, AttackError::Eps { .. }), "{name} {eps}: {refusal}");
        }
        let labels = refused(name, base, &LABELS[..2], Start::Image);
        assert_eq!(labels, AttackError::Labels { labels: 2, images: 3 });
        let label = refused(name, base, &[0, 1, 5], Start::Image);
        assert_eq!(label.to_string(), "label 5 does not exist in a model of 5 classes; labels count from 0");
    }
    for name in ["pgd", "pgd_l2"] {
        for steps in [0, MOST_STEPS + 1] {
            let refusal = refused(name, Budget { steps, ..base }, &LABELS, Start::Image);
            assert_eq!(refusal, AttackError::Steps { steps, most: MOST_STEPS }, "{name}");
        }
        for step in [0.0, -1.0, f64::NAN, 100.0] {
            let refusal = refused(name, Budget { step, ..base }, &LABELS, Start::Image);
            assert!(matches!(refusal, AttackError::Step { .. }), "{name} {step}: {refusal}");
        }
        let numbered = Start::Drawn { seed: 0, samples: vec![1, 2] };
        assert_eq!(refused(name, base, &LABELS, numbered), AttackError::Samples { samples: 2, images: 3 });
        let noise = Tensor::zeros([3, 3, SIDE, SIDE + 1], &device);
        let refusal = refused(name, base, &LABELS, Start::Noise(noise));
        assert!(matches!(refusal, AttackError::Start { .. }), "{name}: {refusal}");
    }
    for name in ["fgsm", "fgsm_released"] {
        let attack = attack::find(name).expect(name);
        let budget = Budget::whole(Radius::L2(0.1));
        let refusal = attack::attack(attack, &victim, images(&device), &LABELS, budget, Start::Image);
        assert_eq!(refusal.expect_err("one step of signs"), AttackError::Norm { norm: Norm::L2 });
    }
    assert!(matches!(PixelSpace::new([0.5; 3], [0.5, 0.0, 0.5]), Err(AttackError::Std { .. })));
}

/// A model whose weights are all NaN.
fn broken(model: Model) -> Victim {
    struct Broken;
    impl ModuleMapper for Broken {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            param.map(|tensor| tensor.zeros_like().mul_scalar(f32::NAN))
        }
    }
    Victim::new(&model.map(&mut Broken), space())
}

#[test]
fn a_gradient_that_is_not_finite_is_refused_with_its_image() {
    let device = Device::flex();
    let (model, victim) = victim(&models()[0].1, &device);
    let refusal = |attack: &Attack, victim: &Victim, x: Tensor<4>| {
        attack::attack(attack, victim, x, &LABELS, attack.defaults, Start::Image).expect_err("no way up")
    };
    let broken = broken(model);
    for attack in pixel_attacks().filter(|attack| attack.chance != Chance::Everything) {
        let refusal = refusal(attack, &broken, images(&device));
        assert_eq!(refusal, AttackError::Gradient { image: 0 }, "{}", attack.name);
    }
    // The second image is broken, and its gradient with it.
    let nothing = images(&device).narrow(0, 1, 1).mul_scalar(f32::NAN);
    let parts = vec![images(&device).narrow(0, 0, 1), nothing, images(&device).narrow(0, 2, 1)];
    let refusal = refusal(attack::find("fgsm").expect("in the list"), &victim, Tensor::cat(parts, 0));
    assert_eq!(refusal, AttackError::Gradient { image: 1 });
}

#[test]
fn random_noise_asks_the_model_nothing_and_takes_either_norm() {
    let device = Device::flex();
    let (model, victim) = victim(&models()[0].1, &device);
    let broken = broken(model);
    let x = images(&device);
    for name in ["noise", "noise_l2"] {
        let attack = attack::find(name).expect(name);
        for radius in [Radius::Linf(0.05), Radius::L2(2.0)] {
            let run = |victim: &Victim, labels: &[usize]| {
                attack::attack(attack, victim, x.clone(), labels, Budget::whole(radius), drawn(3)).expect(name)
            };
            let moved = run(&victim, &LABELS);
            assert_eq!(values(run(&broken, &[1, 1, 1])), values(moved.clone()), "{name}");
            for change in changes(moved, x.clone()) {
                let (far, eps) = (length(radius.norm(), &change), radius.distance());
                assert!((0.8 * eps..=eps + 1e-5).contains(&far), "{name}: {far} of {eps}");
            }
        }
    }
}

#[test]
fn injected_noise_beyond_the_budget_is_brought_back() {
    let device = Device::flex();
    let (_, victim) = victim(&models()[0].1, &device);
    let x = images(&device);
    for (name, norm) in [("pgd", Norm::Linf), ("pgd_l2", Norm::L2)] {
        let budget = Budget { radius: norm.radius(0.02), step: 1e-9, steps: 1 };
        let start = Start::Noise(Tensor::ones(x.dims(), &device));
        let attack = attack::find(name).expect(name);
        let attacked = attack::attack(attack, &victim, x.clone(), &LABELS, budget, start).expect(name);
        for change in changes(attacked, x.clone()) {
            let far = length(norm, &change);
            assert!((0.01..=0.02 + 1e-6).contains(&far), "{name}: {far}");
        }
    }
}
