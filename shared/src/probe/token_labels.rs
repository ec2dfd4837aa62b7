//! How many patches name what the model names: the labels that self-emerging token labeling gives patch tokens ("Fully
//! Attentional Networks with Self-emerging Token Labeling", arXiv 2401.03844), read off as a number; the count is ours.

use burn::prelude::*;

use super::{Probe, Reading};
use crate::model::Forward;

/// The patches whose own most likely class is the model's.
pub const TOKEN_LABELS: Probe = Probe {
    key: "token_labels",
    title: "patches agree",
    meaning: "How many patches, asked each for itself, name the class that the model names. Only models with token labels answer \
              for patches.",
    take,
    read: |values, patches| {
        let count = values.iter().filter(|agrees| **agrees > 0.5).count();
        Reading::Number { value: count as f32, words: format!("{count} of {patches}") }
    },
};

/// 1 for each patch that agrees, 0 for the others, `[b, n]`.
fn take(forward: &Forward) -> Option<Tensor<2>> {
    let named = forward.token_logits.clone()?.argmax(2).squeeze_dim::<2>(2);
    let [b, n] = named.dims();
    let answer = forward.logits.clone().argmax(1).expand([b, n]);
    Some(named.equal(answer).float())
}

#[cfg(test)]
#[cfg(feature = "flex")]
mod tests {
    use super::*;

    #[test]
    fn patches_are_counted_that_name_the_class_of_the_model() {
        let device = Device::flex();
        // Two images of three patches and two classes; the model says the second class, then the first.
        let logits = Tensor::<2>::from_floats([[0.0, 1.0], [2.0, 1.0]], &device);
        let patches = [[[0.0, 1.0], [1.0, 0.0], [-2.0, -1.0]], [[0.0, 1.0], [0.0, 3.0], [0.5, 0.0]]];
        let token_logits = Tensor::<3>::from_floats(patches, &device);
        let forward = Forward {
            logits,
            attention: Vec::new(),
            class_attention: None,
            codes: Vec::new(),
            tokens: Tensor::zeros([2, 3, 4], &device),
            token_logits: Some(token_logits),
            grid: [1, 3],
        };
        let agreeing: Vec<f32> = take(&forward).unwrap().into_data().try_into_vec().unwrap();
        assert_eq!(agreeing, [1.0, 0.0, 1.0, 0.0, 0.0, 1.0]);
        let Reading::Number { value, words } = TOKEN_LABELS.read(&agreeing[..3], 3) else { panic!("a number") };
        assert_eq!((value, words.as_str()), (2.0, "2 of 3"));
        assert!(take(&Forward { token_logits: None, ..forward }).is_none(), "no token head");
    }
}
