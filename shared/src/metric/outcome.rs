//! What is kept of many predictions: enough to compute every metric again when images are counted anew.

use serde::{Deserialize, Serialize};

use super::{ALL, Metric, Of, Prediction};

/// What is kept of one image.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The class that is right.
    pub label: usize,
    /// The best class.
    pub best: usize,
    /// Whether the best class was the label.
    pub right: bool,
    /// Probability of the best class.
    pub confidence: f64,
    /// Cross-entropy: minus the logarithm of the label's probability.
    pub loss: f64,
    /// What the image adds to each metric of the registry that is a mean over images; nothing for others.
    parts: Vec<f32>,
}

impl Outcome {
    /// Of finite logits, one for each class; `label` is one of the classes.
    pub fn of(logits: &[f32], label: usize) -> Self {
        let prediction = Prediction::new(logits, label);
        let part = |metric: &Metric| match metric.of {
            // The largest number that can be kept, rather than infinity, so that means stay numbers.
            Of::Mean(part) => part(&prediction).clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32,
            Of::All(_) | Of::Distance(_) => 0.0,
        };
        Self {
            label,
            best: prediction.best(),
            right: prediction.best() == label,
            confidence: prediction.probability(prediction.best()),
            loss: -prediction.log_probability(label),
            parts: ALL.iter().map(part).collect(),
        }
    }
}

/// The outcomes of one condition, packed by column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcomes {
    label: Vec<u32>,
    best: Vec<u32>,
    right: Vec<bool>,
    confidence: Vec<f32>,
    /// Images, the least confident first.
    order: Vec<u32>,
    /// By metric, in the registry's order; empty for one that is no mean over images.
    parts: Vec<Vec<f32>>,
}

/// The value of every metric for one condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Scores(Vec<f64>);

impl Scores {
    /// The value of a metric of the registry; NaN of another.
    pub fn of(&self, metric: &Metric) -> f64 {
        let place = ALL.iter().position(|known| known.key == metric.key);
        place.and_then(|place| self.0.get(place)).copied().unwrap_or(f64::NAN)
    }
}

impl Outcomes {
    /// Packs the outcomes of one condition.
    pub fn pack(outcomes: &[Outcome]) -> Self {
        let mut order: Vec<u32> = (0..outcomes.len() as u32).collect();
        order.sort_by(|a, b| outcomes[*a as usize].confidence.total_cmp(&outcomes[*b as usize].confidence));
        let column = |(place, metric): (usize, &Metric)| match metric.of {
            Of::Mean(_) => outcomes.iter().map(|outcome| outcome.parts[place]).collect(),
            Of::All(_) | Of::Distance(_) => Vec::new(),
        };
        Self {
            label: outcomes.iter().map(|outcome| outcome.label as u32).collect(),
            best: outcomes.iter().map(|outcome| outcome.best as u32).collect(),
            right: outcomes.iter().map(|outcome| outcome.right).collect(),
            confidence: outcomes.iter().map(|outcome| outcome.confidence as f32).collect(),
            order,
            parts: ALL.iter().enumerate().map(column).collect(),
        }
    }

    /// Images.
    pub fn len(&self) -> usize {
        self.right.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.right.is_empty()
    }

    /// Whether the best class was the label, image by image.
    pub fn right(&self) -> &[bool] {
        &self.right
    }

    /// The label, the best class and its probability, image by image.
    pub fn predictions(&self) -> impl Iterator<Item = (usize, usize, f32)> {
        let classes = self.label.iter().zip(&self.best).map(|(label, best)| (*label as usize, *best as usize));
        classes.zip(&self.confidence).map(|((label, best), confidence)| (label, best, *confidence))
    }

    /// Whether this was kept whole: every list is as long as the others, and every metric has its own.
    pub fn is_whole(&self) -> bool {
        let n = self.right.len();
        let lists = [self.label.len(), self.best.len(), self.confidence.len(), self.order.len()];
        let part =
            |(part, metric): (&Vec<f32>, &Metric)| part.len() == if matches!(metric.of, Of::Mean(_)) { n } else { 0 };
        lists.iter().all(|length| *length == n)
            && self.order.iter().all(|image| (*image as usize) < n)
            && self.parts.len() == ALL.len()
            && self.parts.iter().zip(ALL).all(part)
    }

    /// Every metric when image `i` counts `weights[i]` times.
    pub fn scores(&self, weights: &[u16]) -> Scores {
        let count = weights.iter().map(|weight| u64::from(*weight)).sum::<u64>();
        let draw = Draw { outcomes: self, weights, count: count as usize };
        let score = |(metric, parts): (&Metric, &Vec<f32>)| match metric.of {
            Of::Mean(_) => {
                let parts = weights.iter().zip(parts).map(|(weight, part)| f64::from(*weight) * f64::from(*part));
                parts.sum::<f64>() / count.max(1) as f64
            }
            Of::All(number) | Of::Distance(number) => number(&draw),
        };
        Scores(ALL.iter().zip(&self.parts).map(score).collect())
    }
}

/// Images that were drawn, some of them several times or never.
#[derive(Clone, Copy, Debug)]
pub struct Draw<'a> {
    outcomes: &'a Outcomes,
    weights: &'a [u16],
    count: usize,
}

/// An image of a draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Image {
    /// How often it counts.
    pub times: u16,
    /// Probability of its best class.
    pub confidence: f64,
    /// Whether that class was the label.
    pub right: bool,
}

impl Image {
    /// How far being right, 1 or 0, is above the confidence.
    pub fn gap(&self) -> f64 {
        f64::from(u8::from(self.right)) - self.confidence
    }
}

impl<'a> Draw<'a> {
    /// Images, each as often as it counts.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The images in their own order.
    pub fn images(self) -> impl Iterator<Item = Image> + 'a {
        (0..self.weights.len().min(self.outcomes.len())).map(move |index| self.image(index))
    }

    /// The images, the least confident first.
    pub fn by_confidence(self) -> impl Iterator<Item = Image> + 'a {
        self.outcomes.order.iter().map(move |index| self.image(*index as usize))
    }

    fn image(&self, index: usize) -> Image {
        Image {
            times: self.weights.get(index).copied().unwrap_or(0),
            confidence: f64::from(self.outcomes.confidence[index]),
            right: self.outcomes.right[index],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_logits_is_judged() {
        let outcome = Outcome::of(&[0.0, 0.0], 1);
        assert!(!outcome.right);
        assert!((outcome.confidence - 0.5).abs() < 1e-12 && (outcome.loss - 2f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn a_draw_gives_images_with_their_counts_in_both_orders() {
        let outcomes = Outcomes::pack(&[Outcome::of(&[9.0, 0.0], 0), Outcome::of(&[0.0, 0.5], 0)]);
        let draw = Draw { outcomes: &outcomes, weights: &[2, 0], count: 2 };
        let (first, unsure) = (draw.images().next().unwrap(), draw.by_confidence().next().unwrap());
        assert!(first.times == 2 && first.right && unsure.times == 0 && !unsure.right);
        assert!(first.gap() > 0.0 && unsure.gap() < -0.5);
    }

    #[test]
    fn outcomes_that_were_put_aside_say_the_same_and_damaged_ones_are_seen() {
        let outcomes = Outcomes::pack(&[Outcome::of(&[0.1, 2.0], 1), Outcome::of(&[0.3, 0.0], 1)]);
        assert_eq!(outcomes.predictions().map(|(label, best, _)| (label, best)).collect::<Vec<_>>(), [(1, 1), (1, 0)]);
        let text = serde_json::to_string(&outcomes).unwrap();
        let again: Outcomes = serde_json::from_str(&text).unwrap();
        assert!(again == outcomes && again.is_whole());
        let damaged: Outcomes = serde_json::from_str(&text.replace("\"best\":[1,0]", "\"best\":[1]")).unwrap();
        assert!(!damaged.is_whole());
    }

    #[test]
    fn nothing_measured_is_no_error() {
        let scores = Outcomes::pack(&[]).scores(&[]);
        assert!(ALL.iter().all(|metric| scores.of(metric) == 0.0), "{scores:?}");
    }
}
