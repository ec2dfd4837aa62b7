//! Many scenes in many conditions: the images of a sweep, and whether a model is right about them.
//!
//! The images come from `vitro::measurement`, as those of `vitro eval` do. The worker asks for them in parts, so that each
//! call is short enough to be watched, and shows one part to every model that prepares images alike.

use js_sys::{Promise, Uint8Array};
use vitro::corruption::{self, Corruption, Severity, SeverityError};
use vitro::image::{Preprocess, Rgb8};
use vitro::measurement::{Conditions, scenes};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use wasm_bindgen_futures::future_to_promise;

use crate::Engine;
use crate::refusal::Code;

/// What is asked of every scene.
#[wasm_bindgen]
pub struct Sweep {
    cells: Vec<(&'static Corruption, Severity)>,
    seed: u64,
}

/// A scene as models of one preparation see it.
#[wasm_bindgen]
pub struct SweptScene {
    cells: Vec<(&'static Corruption, Severity)>,
    conditions: Conditions<'static>,
    index: usize,
    untouched: Rgb8,
    label: usize,
}

#[wasm_bindgen]
impl Sweep {
    /// Every corruption at every severity, in this order: all severities of the first corruption come first.
    #[wasm_bindgen(constructor)]
    pub fn new(corruptions: Vec<String>, severities: &[u8], seed: u32) -> Result<Self, JsValue> {
        let severities = severities.iter().map(|number| Severity::try_from(*number));
        let severities: Vec<Severity> =
            severities.collect::<Result<_, SeverityError>>().map_err(|error| Code::Corruption.error(error))?;
        let mut cells = Vec::new();
        for name in corruptions {
            let corruption = corruption::find(&name).map_err(|error| Code::Corruption.error(error))?;
            cells.extend(severities.iter().map(|severity| (corruption, *severity)));
        }
        Ok(Self { cells, seed: seed.into() })
    }

    /// Number of conditions: the untouched image and each cell.
    #[wasm_bindgen(getter)]
    pub fn conditions(&self) -> usize {
        1 + self.cells.len()
    }

    /// The indices of `count` scenes, each class as often; 0: all there are.
    pub fn scenes(&self, count: usize) -> Vec<u32> {
        scenes::chosen(count).into_iter().map(|index| index as u32).collect()
    }

    /// Scene `index` for models that prepare images so; `preprocess` is that of a manifest, JSON.
    pub fn open(&self, index: u32, preprocess: &str) -> Result<SweptScene, JsValue> {
        let preprocess: Preprocess = serde_json::from_str(preprocess).map_err(|error| Code::Bundle.error(error))?;
        let index = index as usize;
        let scene = scenes::render(scenes::SEED, index, preprocess.image_size);
        Ok(SweptScene {
            cells: self.cells.clone(),
            conditions: Conditions::of(&preprocess, self.seed),
            index,
            untouched: preprocess.prepare(&scene.image),
            label: scene.label,
        })
    }
}

#[wasm_bindgen]
impl SweptScene {
    /// The known class, as the scenes number them.
    #[wasm_bindgen(getter)]
    pub fn label(&self) -> usize {
        self.label
    }

    /// The images of conditions `from..to`, RGB, one after the other; condition 0 is the untouched image.
    pub fn pixels(&self, from: usize, to: usize) -> Vec<u8> {
        (from..to.min(1 + self.cells.len())).flat_map(|condition| self.seen(condition).bytes().to_vec()).collect()
    }
}

impl SweptScene {
    fn seen(&self, condition: usize) -> Rgb8 {
        match condition.checked_sub(1).and_then(|cell| self.cells.get(cell)) {
            Some((corruption, severity)) => {
                self.conditions.corrupted(&self.untouched, self.index, corruption, *severity)
            }
            None => self.untouched.clone(),
        }
    }
}

#[wasm_bindgen]
impl Engine {
    /// The conditions under which a model is measured on `images` scenes, as a sentence. Refuses a model that does not know
    /// the classes of the scenes.
    pub fn protocol(&self, id: usize, images: usize, seed: u32) -> Result<String, JsValue> {
        let bundle = self.bundle(id)?;
        scenes::columns(&bundle.manifest.classes).map_err(foreign)?;
        let preprocess = bundle.manifest.preprocess.clone();
        let corruption = Some(Conditions::of(&preprocess, seed.into()).described());
        Ok(scenes::protocol(images, preprocess, corruption).to_string())
    }

    /// Whether a model is right about images of `label`, as [`SweptScene::pixels`] gives them for its preparation. Resolves
    /// to an `Uint8Array`, 1 where it is.
    pub fn judge(&self, id: usize, pixels: &[u8], label: usize) -> Result<Promise, JsValue> {
        let bundle = self.bundle(id)?;
        let columns = scenes::columns(&bundle.manifest.classes).map_err(foreign)?;
        let unfit =
            || Code::Image.error("these are no whole images of the model's size; open the scene for this model");
        let column = *columns.get(label).ok_or_else(unfit)?;
        let images = images(pixels, bundle.manifest.preprocess.image_size).ok_or_else(unfit)?;
        let device = self.device.clone();
        Ok(future_to_promise(async move {
            let right = bundle.right(&images, column, &device).await?;
            Ok(Uint8Array::from(right.into_iter().map(u8::from).collect::<Vec<_>>().as_slice()).into())
        }))
    }
}

fn foreign(class: &str) -> JsValue {
    Code::Bundle
        .error(format!("it knows no class “{class}”, which the scenes have; choose a model that was trained on scenes"))
}

/// RGB images of one side, one after the other. `None` when the last one is not whole.
fn images(pixels: &[u8], side: usize) -> Option<Vec<Rgb8>> {
    let whole = side.checked_mul(side)?.checked_mul(3).filter(|bytes| *bytes > 0)?;
    pixels.chunks(whole).map(|bytes| Rgb8::new(side, side, bytes.to_vec())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sweep() -> Sweep {
        Sweep::new(vec!["fog".into(), "gaussian_noise".into()], &[1, 5], 3).ok().unwrap()
    }

    fn opened(side: usize) -> SweptScene {
        sweep().open(7, &serde_json::to_string(&Preprocess::imagenet(side)).unwrap()).ok().unwrap()
    }

    #[test]
    fn parts_of_a_scene_are_the_whole_and_every_condition_differs() {
        let scene = opened(64);
        let all = images(&scene.pixels(0, 5), 64).unwrap();
        assert_eq!((all.len(), sweep().conditions()), (5, 5));
        let parts = [scene.pixels(0, 2), scene.pixels(2, 3), scene.pixels(3, 99)].concat();
        assert_eq!(images(&parts, 64).unwrap(), all);
        assert!((1..5).all(|cell| !all[..cell].contains(&all[cell])));
        assert!(scene.pixels(9, 12).is_empty());
    }

    #[test]
    fn a_model_of_another_size_gets_pixels_of_its_own() {
        let [small, large] = [32, 64].map(|side| opened(side).pixels(0, 1).len());
        assert_eq!((small, large), (32 * 32 * 3, 64 * 64 * 3));
    }

    #[test]
    fn images_that_are_not_whole_are_none() {
        assert_eq!(images(&[0; 12], 2).map(|images| images.len()), Some(1));
        assert_eq!(images(&[0; 13], 2), None);
        assert_eq!(images(&[0; 13], 0), None);
    }
}
