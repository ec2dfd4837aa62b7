//! A sweep counts what `vitro eval` counts: the same scenes, the same corrupted bytes, the same answers.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use burn::prelude::Device;
use vitro::bundle;
use vitro::corruption::{self, Severity};
use vitro::image::Rgb8;
use vitro::measurement::{Conditions, JudgeError, right, scenes};
use vitro_tests::sweep::{Asked, evaluated};
use xtask::workspace;

const ASKED: Asked =
    Asked { corruptions: &["gaussian_noise", "glass_blur", "fog"], severities: &[1, 3, 5], images: 40, seed: 11 };

/// The processor has its answer at once.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the processor engine waits for nothing"),
    }
}

/// What a sweep makes of a bundle, scene by scene and all conditions of a scene in one batch.
fn swept(name: &str, asked: &Asked) -> BTreeMap<String, Vec<bool>> {
    let device = Device::flex();
    let bytes = std::fs::read(workspace::root().join(format!("zoo/{name}.safetensors"))).unwrap();
    let (manifest, model) = bundle::read(&bytes, &device).unwrap();
    let columns = scenes::columns(&manifest.classes).unwrap();
    let conditions = Conditions::of(&manifest.preprocess, asked.seed.into());
    let mut cells = Vec::new();
    for corruption in asked.corruptions {
        let corruption = corruption::find(corruption).unwrap();
        cells.extend(asked.severities.iter().map(|severity| (corruption, Severity::try_from(*severity).unwrap())));
    }
    let mut found: BTreeMap<String, Vec<bool>> = BTreeMap::new();
    for index in scenes::chosen(asked.images) {
        let scene = scenes::render(scenes::SEED, index, manifest.preprocess.image_size);
        let untouched = manifest.preprocess.prepare(&scene.image);
        let corrupted = cells.iter().map(|(corruption, severity)| {
            (format!("{} {severity}", corruption.name), conditions.corrupted(&untouched, index, corruption, *severity))
        });
        let (names, images): (Vec<String>, Vec<Rgb8>) =
            [("untouched".to_owned(), untouched.clone())].into_iter().chain(corrupted).unzip();
        let bits = at_once(right(&model, &manifest.preprocess, &images, columns[scene.label], &device)).unwrap();
        names.into_iter().zip(bits).for_each(|(name, bit)| found.entry(name).or_default().push(bit));
    }
    found
}

#[test]
fn a_sweep_of_scenes_is_right_and_wrong_where_the_evaluation_is() {
    for name in ["vit", "fan-tap-adl"] {
        let (here, there) = (swept(name, &ASKED), evaluated(name, &ASKED));
        assert_eq!(here.len(), 1 + ASKED.corruptions.len() * ASKED.severities.len());
        assert!(here.values().flatten().any(|right| !right), "{name}: nothing that could differ");
        assert_eq!(here, there, "{name}");
    }
}

#[test]
fn images_of_another_size_are_refused_before_the_model_sees_them() {
    let device = Device::flex();
    let bytes = std::fs::read(workspace::root().join("zoo/vit.safetensors")).unwrap();
    let (manifest, model) = bundle::read(&bytes, &device).unwrap();
    let side = manifest.preprocess.image_size;
    let image = Rgb8::from_fn(side + 1, side, |_, _| [1, 2, 3]);
    let refused = at_once(right(&model, &manifest.preprocess, &[image], 0, &device));
    assert_eq!(refused, Err(JudgeError::Size { width: side + 1, height: side, side }));
    assert_eq!(at_once(right(&model, &manifest.preprocess, &[], 0, &device)), Ok(Vec::new()));
}
