//! What a model said of every image: a line for each image and condition, and how the untouched images of each class fared.

use std::io::Write;

use anyhow::Result;
use vitro::metric::Outcomes;

use super::outcomes::{UNTOUCHED, condition};
use super::results::{ByClass, Evaluation};
use super::summary::Measured;

/// Everything measured, with the names of the images and of the classes.
pub struct Predictions {
    /// Image by image.
    pub measured: Measured,
    /// Names of the untouched images, which are attacked too.
    pub untouched: Vec<String>,
    /// Names of the corrupted images.
    pub corrupted: Vec<String>,
    /// Names of the classes that can be chosen, in the order in which outcomes count them.
    pub classes: Vec<String>,
}

/// Heads of the columns. The probability is that of the predicted class.
const COLUMNS: [&str; 6] = ["condition", "image", "label", "predicted", "probability", "right"];

impl Predictions {
    /// Writes a line for each image under each condition: untouched, `fog 3`, an attack.
    ///
    /// # Errors
    /// When `out` takes no more.
    pub fn csv(&self, evaluation: &Evaluation, out: &mut dyn Write) -> Result<()> {
        let mut table = csv::Writer::from_writer(out);
        table.write_record(COLUMNS)?;
        let cells = evaluation.per_cell.iter().map(|cell| condition(&cell.corruption, cell.severity));
        let cells = cells.zip(&self.measured.cells).map(|(name, cell)| (name, &self.corrupted, cell));
        let attacks = evaluation.attacks.iter().map(|attacked| attacked.attack.clone()).zip(&self.measured.attacks);
        let attacks = attacks.map(|(name, outcomes)| (name, &self.untouched, outcomes));
        let clean = (UNTOUCHED.to_owned(), &self.untouched, &self.measured.clean);
        for (condition, images, outcomes) in [clean].into_iter().chain(cells).chain(attacks) {
            for (image, (label, best, probability)) in images.iter().zip(outcomes.predictions()) {
                let right = if label == best { "yes" } else { "no" };
                table.serialize((&condition, image, &self.classes[label], &self.classes[best], probability, right))?;
            }
        }
        Ok(table.flush()?)
    }
}

/// How the images of each class were predicted; `classes` in the order in which `outcomes` count them.
pub fn by_class(outcomes: &Outcomes, classes: &[String]) -> Vec<ByClass> {
    let mut rows: Vec<ByClass> =
        classes.iter().map(|class| ByClass { class: class.clone(), ..ByClass::default() }).collect();
    for (label, best, _) in outcomes.predictions() {
        let row = &mut rows[label];
        row.n += 1;
        match row.predicted.binary_search_by_key(&best, |(class, _)| *class) {
            Ok(place) => row.predicted[place].1 += 1,
            Err(place) => row.predicted.insert(place, (best, 1)),
        }
    }
    for (label, row) in rows.iter_mut().enumerate() {
        let right = row.predicted.iter().find(|(class, _)| *class == label).map_or(0, |(_, images)| *images);
        row.top1 = if row.n > 0 { right as f64 / row.n as f64 } else { 0.0 };
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitro::metric::Outcome;

    #[test]
    fn every_image_is_counted_where_its_class_meets_the_prediction() {
        let images = [([2.0, 0.0, 1.0], 0), ([0.0, 1.0, 2.0], 0), ([0.0, 1.0, 2.0], 2)];
        let outcomes = Outcomes::pack(&images.map(|(logits, label)| Outcome::of(&logits, label)));
        let rows = by_class(&outcomes, &["a", "b", "c"].map(str::to_owned));
        let facts: Vec<_> = rows.iter().map(|row| (row.n, row.top1, row.predicted.clone())).collect();
        assert_eq!(facts, [(2, 0.5, vec![(0, 1), (2, 1)]), (0, 0.0, vec![]), (1, 1.0, vec![(2, 1)])]);
    }
}
