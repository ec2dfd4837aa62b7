//! Which class a row of logits names: one rule for training, evaluation and reports.

/// Index of the largest value, the first of equal ones.
pub fn argmax(row: &[f32]) -> usize {
    row.iter().enumerate().fold(0, |best, (index, value)| if *value > row[best] { index } else { best })
}
