//! The sets of the zoo and their rows: what is trained, in which order, and with how many seeds.
//!
//! A row is a recipe, `recipes/<set>/<row>.toml`, and a line of [`ALL`]. All rows of a set see the same images in the same
//! order, as many of them, in networks of about the same number of weights; what differs is the method.

use clap::builder::PossibleValuesParser;

/// The seed whose models are shipped, whose curves are drawn, and that every row has.
pub const SHIPPED: u64 = 0;

/// A dataset with the models that are trained on it.
#[derive(Debug)]
pub struct Set {
    /// Its name, and that of its recipes' folder.
    pub name: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// What is trained, in this order.
    pub rows: &'static [Row],
    /// Rows that are trained with three seeds, not one.
    pub three_seeds: &'static [&'static str],
    /// Rows whose accuracy over severity is drawn.
    pub drawn: &'static [&'static str],
    /// Learning rates that are tried on the validation images, for each family.
    pub rates: &'static [&'static str],
    /// Epochs of such a trial.
    pub trial_epochs: usize,
}

/// A model of a set.
#[derive(Debug)]
pub struct Row {
    /// Its name, and that of its recipe.
    pub name: &'static str,
    /// With which rows it shares a learning rate.
    pub family: Family,
    /// The key of the recipe that names a trained model, and the row that trains it.
    pub needs: Option<(&'static str, &'static str)>,
    /// Models that its training makes besides, as controls: folders in the run.
    pub controls: &'static [&'static str],
}

/// Rows that a set is shown with unasked: what `SET/*` means. The others are there by their names.
pub const SHOWN: &[&str] = &["vit", "fan", "fan-tap-adl"];

/// Rows that share a learning rate: it is tried with the first of them that a set has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Plain vision transformers.
    Vit,
    /// Fully attentional networks.
    Fan,
    /// Robust vision transformers.
    Rvt,
    /// Fine-tunings, which have a rate of their own from their paper.
    Tuned,
}

impl Family {
    /// Those whose rate is tried.
    pub const TRIED: &[Self] = &[Self::Vit, Self::Fan, Self::Rvt];
}

const fn row(name: &'static str, family: Family) -> Row {
    Row { name, family, needs: None, controls: &[] }
}

const fn student(name: &'static str) -> Row {
    Row { needs: Some(("method.labeler", "stl-labeler")), ..row(name, Family::Fan) }
}

const NULLSPACE: Row =
    Row { needs: Some(("train.start", "vit")), controls: &["none", "random"], ..row("vit-nullspace", Family::Tuned) };

/// The rows of the papers' methods; first those that the page opens with, and those they build on before them.
const ALL: &[Row] = &[
    row("vit", Family::Vit),
    row("fan", Family::Fan),
    row("fan-tap-adl", Family::Fan),
    row("rvt", Family::Rvt),
    row("rvt-vars-d", Family::Rvt),
    row("vit-tap-adl", Family::Vit),
    row("fan-tap", Family::Fan),
    row("fan-adl", Family::Fan),
    row("stl-labeler", Family::Fan),
    student("fan-stl"),
    student("fan-tap-adl-stl"),
    row("rvt-vars-s", Family::Rvt),
    row("rvt-vars-sd", Family::Rvt),
    NULLSPACE,
    row("vit-pgd", Family::Vit),
];

/// More lines than these are hard to tell apart.
const DRAWN: &[&str] = &["vit", "fan", "fan-tap-adl", "rvt", "rvt-vars-d"];

/// The sets.
pub const SETS: &[Set] = &[
    Set {
        name: "cifar10",
        title: "CIFAR-10 (JPEG mirror)",
        rows: ALL,
        three_seeds: &["vit", "fan", "fan-tap-adl", "rvt", "rvt-vars-d"],
        drawn: DRAWN,
        rates: &["5e-4", "1e-3", "2e-3"],
        trial_epochs: 1,
    },
    Set {
        name: "imagenette",
        title: "Imagenette, 112 px",
        rows: ALL,
        three_seeds: &[],
        drawn: DRAWN,
        rates: &["5e-4", "1e-3", "2e-3"],
        trial_epochs: 5,
    },
];

impl Set {
    /// Every row with the shipped seed, then the further seeds of those that have three.
    pub fn order(&'static self) -> Vec<(&'static Row, u64)> {
        let first = self.rows.iter().map(|row| (row, SHIPPED));
        let further = |seed: u64| {
            let rows = self.rows.iter().filter(|row| self.three_seeds.contains(&row.name));
            rows.map(move |row| (row, seed))
        };
        first.chain(further(1)).chain(further(2)).collect()
    }

    /// Where its curves are, from the folder `docs`.
    pub fn curves(&self) -> String {
        format!("evidence/{}.svg", self.name)
    }

    /// Where the recipe of a row is, from the root of the workspace.
    pub fn recipe(&self, row: &Row) -> String {
        format!("recipes/{}/{}.toml", self.name, row.name)
    }
}

/// The names of the sets, for the command line.
pub fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(SETS.iter().map(|set| set.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    #[test]
    fn every_row_has_a_recipe_and_every_recipe_a_row() {
        for set in SETS {
            let folder = workspace::root().join("recipes").join(set.name);
            let files = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name());
            let mut files: Vec<String> = files.map(|name| name.to_string_lossy().into_owned()).collect();
            let mut rows: Vec<String> = set.rows.iter().map(|row| format!("{}.toml", row.name)).collect();
            files.sort();
            rows.sort();
            assert_eq!(files, rows, "{}", set.name);
        }
    }

    #[test]
    fn a_row_comes_after_what_it_builds_on() {
        for set in SETS {
            let order = set.order();
            let place =
                |name: &str, seed: u64| order.iter().position(|(row, other)| row.name == name && *other == seed);
            for (row, seed) in &order {
                if let Some((_, other)) = row.needs {
                    assert!(place(other, *seed) < place(row.name, *seed), "{} on {other}", row.name);
                }
            }
        }
    }

    #[test]
    fn every_name_is_that_of_a_row() {
        for set in SETS {
            for name in set.three_seeds.iter().chain(set.drawn) {
                assert!(set.rows.iter().any(|row| row.name == *name), "{name}");
            }
        }
    }
}
