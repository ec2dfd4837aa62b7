//! When an answer is right: the class with the largest logit is the label. Logits that are not finite rank nothing.

use burn::Tensor;
use burn::tensor::{Device, TensorData};
use thiserror::Error;

use crate::image::{Preprocess, Rgb8};
use crate::metric::Prediction;
use crate::model::Model;

/// Why answers cannot be judged.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum JudgeError {
    /// Such numbers have no order: whatever class came first would look like a prediction.
    #[error("this model's scores are not finite numbers, so its weights are damaged; write it again")]
    NotFinite,
    /// An image of another size than the model's.
    #[error("an image of {width}×{height} pixels for a model of {side}×{side}; prepare it first")]
    Size {
        /// Of the image.
        width: usize,
        /// Of the image.
        height: usize,
        /// Of the model's images.
        side: usize,
    },
    /// The engine did not give the scores back.
    #[error("the scores could not be read from the device ({0})")]
    Device(String),
}

/// Whether the model's best class is `label`, for each of `images`, which have the model's size already. They go through in
/// one batch.
///
/// # Errors
/// When an image has another size, a score is not finite, or the scores cannot be read.
pub async fn right(
    model: &Model,
    preprocess: &Preprocess,
    images: &[Rgb8],
    label: usize,
    device: &Device,
) -> Result<Vec<bool>, JudgeError> {
    let side = preprocess.image_size;
    let mut values = Vec::with_capacity(images.len() * 3 * side * side);
    for image in images {
        let (width, height) = (image.width(), image.height());
        if (width, height) != (side, side) {
            return Err(JudgeError::Size { width, height, side });
        }
        preprocess.normalise(image, &mut values);
    }
    if images.is_empty() {
        return Ok(Vec::new());
    }
    let logits = model.forward(Tensor::<4>::from_data(TensorData::new(values, [images.len(), 3, side, side]), device));
    let classes = logits.dims()[1];
    let data = logits.into_data_async().await.map_err(|error| JudgeError::Device(format!("{error:?}")))?;
    let scores: Vec<f32> = data.try_into_vec().map_err(|error| JudgeError::Device(format!("{error:?}")))?;
    if scores.iter().any(|score| !score.is_finite()) {
        return Err(JudgeError::NotFinite);
    }
    Ok(scores.chunks(classes).map(|row| Prediction::new(row, label).best() == label).collect())
}
