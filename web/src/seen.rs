//! What a model sees of an image, as RGBA at the model's size.
//!
//! By default this is what its numbers were measured on: the image is prepared for the model first and corrupted there, as
//! `vitro::measurement` does it for `vitro eval`. The other way round, the square of 224 pixels is corrupted and every model
//! makes its input from it; nothing was measured so.

use std::cell::RefCell;
use std::rc::Rc;

use vitro::corruption::{self, Corruption, Severity, SeverityError};
use vitro::image::{Filter, Preprocess, Rgb8};
use vitro::measurement::Single;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::refusal::Code;
use crate::{Engine, Image, rgba};

/// An image prepared for models, each preparation once.
pub(crate) struct Prepared {
    single: Single,
    made: RefCell<Vec<(Preparation, Rc<Rgb8>)>>,
}

/// What of a [`Preprocess`] decides about pixels.
type Preparation = (usize, Filter, f32);

impl Prepared {
    pub(crate) fn of(single: Single) -> Self {
        Self { single, made: RefCell::default() }
    }

    /// The image at the model's size.
    fn get(&self, preprocess: &Preprocess) -> Rc<Rgb8> {
        let wanted = (preprocess.image_size, preprocess.filter, preprocess.crop_pct);
        let known = self.made.borrow().iter().find(|(made, _)| *made == wanted).map(|(_, image)| image.clone());
        known.unwrap_or_else(|| {
            let image = Rc::new(self.single.prepared(preprocess));
            self.made.borrow_mut().push((wanted, image.clone()));
            image
        })
    }

    /// The image at the model's size, corrupted there as an evaluation with this seed does it.
    fn corrupted(&self, preprocess: &Preprocess, cell: Option<Cell>, seed: u32) -> Rgb8 {
        let image = self.get(preprocess);
        match cell {
            Some(cell) => self.single.corrupted(&image, preprocess, cell, seed.into()),
            None => (*image).clone(),
        }
    }
}

/// A corruption at a severity.
type Cell = (&'static Corruption, Severity);

/// None for severity 0, the untouched image.
fn cell(corruption: &str, severity: u8) -> Result<Option<Cell>, JsValue> {
    if severity == 0 {
        return Ok(None);
    }
    let corruption = corruption::find(corruption).map_err(|error| Code::Corruption.error(error))?;
    let severity = severity.try_into().map_err(|error: SeverityError| Code::Corruption.error(error))?;
    Ok(Some((corruption, severity)))
}

#[wasm_bindgen]
impl Engine {
    /// What model `id` sees of an image as it was measured, RGBA at its own size. Severity 0 is the untouched image.
    pub fn see(&self, id: usize, image: &Image, corruption: &str, severity: u8, seed: u32) -> Result<Vec<u8>, JsValue> {
        let preprocess = &self.bundle(id)?.manifest.preprocess;
        Ok(rgba::from_rgb(&image.prepared.corrupted(preprocess, cell(corruption, severity)?, seed)))
    }

    /// What model `id` sees of the square of 224 pixels, corrupted at that size, RGBA at the model's own.
    #[wasm_bindgen(js_name = seeAtFullSize)]
    pub fn see_at_full_size(
        &self,
        id: usize,
        image: &Image,
        corruption: &str,
        severity: u8,
        seed: u32,
    ) -> Result<Vec<u8>, JsValue> {
        let preprocess = &self.bundle(id)?.manifest.preprocess;
        let seen = match cell(corruption, severity)? {
            Some(_) => preprocess.prepare(&image.corrupted(corruption, severity, seed)?),
            None => (*image.prepared.get(preprocess)).clone(),
        };
        Ok(rgba::from_rgb(&seen))
    }

    /// What model `id` sees as it was measured, shrunk to `side` pixels where it sees more, RGBA.
    pub fn thumbnail(
        &self,
        id: usize,
        image: &Image,
        corruption: &str,
        severity: u8,
        seed: u32,
        side: usize,
    ) -> Result<Vec<u8>, JsValue> {
        let preprocess = &self.bundle(id)?.manifest.preprocess;
        let seen = image.prepared.corrupted(preprocess, cell(corruption, severity)?, seed);
        let side = side.clamp(1, seen.width());
        Ok(rgba::from_rgb(&if side == seen.width() { seen } else { seen.resize(side, side, Filter::Box) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_prepared_once_for_all_models_of_one_preparation() {
        let image = Prepared::of(Single::Scene { seed: 0, index: 5 });
        let (small, other) = (Preprocess::imagenet(32), Preprocess { mean: [0.5; 3], ..Preprocess::imagenet(32) });
        assert!(Rc::ptr_eq(&image.get(&small), &image.get(&other)));
        assert_eq!(image.get(&Preprocess::imagenet(64)).width(), 64);
        assert_eq!(image.corrupted(&small, None, 3), *image.get(&small));
    }
}
