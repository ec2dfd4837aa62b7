//! Many images in many conditions, scenes or those of a folder: the images of a sweep, and whether a model is right about them.
//!
//! The images come from `vitro::measurement`, as those of `vitro eval` do. The worker asks for them in parts, so that each
//! call is short enough to be watched, and shows one part to every model that prepares images alike.

use js_sys::{Promise, Uint8Array};
use vitro::corruption::{self, Corruption, Severity, SeverityError};
use vitro::image::{Preprocess, Rgb8, decode};
use vitro::measurement::classes::{self, Unpaired};
use vitro::measurement::{Conditions, balanced, reduced, scenes};
use vitro::protocol::{Protocol, Split};
use vitro::scene::CLASSES;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use wasm_bindgen_futures::future_to_promise;

use crate::Engine;
use crate::refusal::Code;

/// What is asked of every image.
#[wasm_bindgen]
pub struct Sweep {
    cells: Vec<(&'static Corruption, Severity)>,
    seed: u64,
}

/// An image as models of one preparation see it.
#[wasm_bindgen]
pub struct SweptImage {
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

    /// The indices of `count` scenes, spread evenly over the classes; 0: all there are.
    pub fn scenes(&self, count: usize) -> Vec<u32> {
        scenes::chosen(count).into_iter().map(|index| index as u32).collect()
    }

    /// The indices of `count` images of these labels, spread evenly over the classes; 0: all there are.
    pub fn chosen(&self, labels: &[u32], count: usize) -> Vec<u32> {
        let labels: Vec<usize> = labels.iter().map(|label| *label as usize).collect();
        let count = if count == 0 { labels.len() } else { count };
        balanced(&labels, count).into_iter().map(|index| index as u32).collect()
    }

    /// Scene `index` for models that prepare images so; `preprocess` is that of a manifest, JSON.
    pub fn open(&self, index: u32, preprocess: &str) -> Result<SweptImage, JsValue> {
        let preprocess = read(preprocess)?;
        let scene = scenes::render(scenes::SEED, index as usize, preprocess.image_size);
        Ok(self.swept(index, &scene.image, scene.label, &preprocess))
    }

    /// The same of image `index` of a folder, a file.
    #[wasm_bindgen(js_name = openFile)]
    pub fn open_file(&self, index: u32, bytes: &[u8], label: usize, preprocess: &str) -> Result<SweptImage, JsValue> {
        let image = decode(bytes).map_err(|error| Code::Image.error(error))?;
        Ok(self.swept(index, &reduced(image), label, &read(preprocess)?))
    }
}

impl Sweep {
    fn swept(&self, index: u32, image: &Rgb8, label: usize, preprocess: &Preprocess) -> SweptImage {
        SweptImage {
            cells: self.cells.clone(),
            conditions: Conditions::of(preprocess, self.seed),
            index: index as usize,
            untouched: preprocess.prepare(image),
            label,
        }
    }
}

/// How a manifest says that images are prepared, JSON.
fn read(preprocess: &str) -> Result<Preprocess, JsValue> {
    serde_json::from_str(preprocess).map_err(|error| Code::Bundle.error(error))
}

#[wasm_bindgen]
impl SweptImage {
    /// The known class, as the scenes or the folder number them.
    #[wasm_bindgen(getter)]
    pub fn label(&self) -> usize {
        self.label
    }

    /// The images of conditions `from..to`, RGB, one after the other; condition 0 is the untouched image.
    pub fn pixels(&self, from: usize, to: usize) -> Vec<u8> {
        (from..to.min(1 + self.cells.len())).flat_map(|condition| self.seen(condition).bytes().to_vec()).collect()
    }
}

impl SweptImage {
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
    /// The conditions under which a model is measured on `images` of the `all` images of a folder, or of as many scenes where no
    /// folder is named, as a sentence.
    pub fn protocol(
        &self,
        id: usize,
        images: usize,
        all: usize,
        seed: u32,
        folder: Option<String>,
    ) -> Result<String, JsValue> {
        let preprocess = self.bundle(id)?.manifest.preprocess.clone();
        let corruption = Some(Conditions::of(&preprocess, seed.into()).described());
        let Some(dataset) = folder else { return Ok(scenes::protocol(images, preprocess, corruption).to_string()) };
        let split = if images < all { Split::PartOfTest } else { Split::Test };
        Ok(Protocol { dataset, split, images, preprocess, corruption }.to_string())
    }

    /// The class of the model for each class of a folder, or of the scenes where none are named. Refuses a model that does not know
    /// one of them.
    pub fn columns(&self, id: usize, folders: Vec<String>) -> Result<Vec<u32>, JsValue> {
        let known = &self.bundle(id)?.manifest.classes;
        let of_scenes = folders.is_empty().then(|| CLASSES.map(str::to_owned));
        let columns = classes::pair(of_scenes.as_ref().map_or(&folders[..], |scenes| &scenes[..]), known);
        let columns = columns.map_err(|unpaired| match unpaired {
            Unpaired::Unknown(class) if of_scenes.is_some() => Code::Bundle.error(format!(
                "it knows no class “{class}”, which the scenes have; choose a model that was trained on scenes"
            )),
            unpaired => Code::Bundle.error(format!("{unpaired}; rename the folder, or choose another model")),
        })?;
        Ok(columns.into_iter().map(|column| column as u32).collect())
    }

    /// Whether a model is right about images of its class `column`, as [`SweptImage::pixels`] gives them for its preparation.
    /// Resolves to an `Uint8Array`, 1 where it is.
    pub fn judge(&self, id: usize, pixels: &[u8], column: usize) -> Result<Promise, JsValue> {
        let bundle = self.bundle(id)?;
        let unfit =
            || Code::Image.error("these are no whole images of the model's size; open the image for this model");
        if column >= bundle.manifest.classes.len() {
            return Err(unfit());
        }
        let images = images(pixels, bundle.manifest.preprocess.image_size).ok_or_else(unfit)?;
        let device = self.device.clone();
        Ok(future_to_promise(async move {
            let right = bundle.right(&images, column, &device).await?;
            Ok(Uint8Array::from(right.into_iter().map(u8::from).collect::<Vec<_>>().as_slice()).into())
        }))
    }
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

    fn opened(side: usize) -> SweptImage {
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
    fn a_file_of_a_folder_is_seen_as_a_scene_of_its_number_is() {
        let preprocess = serde_json::to_string(&Preprocess::imagenet(64)).unwrap();
        let scene = scenes::render(scenes::SEED, 7, 64);
        let file = vitro::image::encode_png(&scene.image);
        let opened_file = sweep().open_file(7, &file, 3, &preprocess).ok().unwrap();
        assert_eq!((opened_file.label(), opened(64).label()), (3, scene.label));
        assert_eq!(opened_file.pixels(0, 5), opened(64).pixels(0, 5));
    }

    #[test]
    fn a_part_of_a_folder_has_the_same_number_of_each_class_and_nothing_is_all() {
        let labels = [0, 0, 0, 0, 1, 1];
        assert_eq!(sweep().chosen(&labels, 4), [0, 2, 4, 5]);
        assert_eq!(sweep().chosen(&labels, 0).len(), 6);
    }

    #[test]
    fn images_that_are_not_whole_are_none() {
        assert_eq!(images(&[0; 12], 2).map(|images| images.len()), Some(1));
        assert_eq!(images(&[0; 13], 2), None);
        assert_eq!(images(&[0; 13], 0), None);
    }
}
