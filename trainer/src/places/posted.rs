//! Copies of a model on the places that share its images.

use anyhow::Result;
use burn::module::Module;
use vitro::model::Model;

use super::{Place, Places};

/// A copy of a model, and where it is.
pub struct Posted {
    /// The place.
    pub place: Place,
    /// The copy, in validation mode.
    pub model: Model,
}

/// A copy of `model` for each of `places`, in their order.
pub fn post(places: &Places, model: &Model) -> Result<Vec<Posted>> {
    let post = |place: &Place| {
        let model = place.run(|| Ok(copy(model, place)))?;
        Ok(Posted { place: place.clone(), model })
    };
    places.all().iter().map(post).collect()
}

/// A copy of `model`, in validation mode, on the device of `place`.
pub(crate) fn copy(model: &Model, place: &Place) -> Model {
    // Validation makes running statistics of its own. Moving a clone would move those of the model itself.
    model.valid().fork(&place.device)
}
