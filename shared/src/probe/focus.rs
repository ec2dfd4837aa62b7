//! On how few patches the attention rests: token overfocusing as a number (section 3 of "Robustifying Token Attention for
//! Vision Transformers" describes the effect; this count is ours).

use super::{Probe, Reading, map};

/// The fraction of the attention that the counted patches hold.
const HELD: f32 = 0.8;

/// The fewest patches that hold 80 % of the attention.
pub const FOCUS: Probe = Probe {
    key: "focus",
    title: "looks at",
    meaning: "The smallest number of patches that hold 80 % of the attention behind the prediction. A low number means that \
              the model relies on a small part of the image (overfocusing).",
    take: map::attention,
    read: |values, patches| {
        let count = patches_holding(&map::scaled(values), HELD);
        Reading::Number { value: count as f32, words: format!("{count} of {patches} patches") }
    },
};

/// The smallest number of patches that together hold `fraction` (0..1) of a map that sums to one.
fn patches_holding(map: &[f32], fraction: f32) -> usize {
    let mut sorted = map.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let mut held = 0.0;
    let needed = |value: &&f32| {
        let more = held < fraction;
        held += **value;
        more
    };
    sorted.iter().take_while(needed).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attention_in_one_place_needs_one_patch_and_even_attention_most() {
        assert_eq!(patches_holding(&[0.0, 1.0, 0.0, 0.0], HELD), 1);
        assert_eq!(patches_holding(&[0.25; 4], HELD), 4);
    }

    #[test]
    fn the_words_count_patches() {
        let Reading::Number { value, words } = FOCUS.read(&[0.0, 2.0, 0.0, 2.0], 4) else { panic!("a number") };
        assert_eq!((value, words.as_str()), (2.0, "2 of 4 patches"));
    }
}
