//! The sets of the zoo and their rows: what is trained, in which order, and with how many seeds.
//!
//! A row is a recipe, `recipes/<set>/<row>.toml`, and a line of [`ALL`] or [`FURTHER`]. All rows of a set see the same images in the same
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
    /// How long a row takes, in words.
    pub takes: &'static str,
    /// What is trained, in this order.
    pub rows: &'static [Row],
    /// So many of them, from the first on, are trained with three seeds, not one.
    pub three_seeds: usize,
    /// Rows whose accuracy over severity is drawn.
    pub drawn: &'static [&'static str],
    /// Learning rates that are tried on the validation images, for each family.
    pub rates: &'static [&'static str],
    /// Epochs of such a trial.
    pub trial_epochs: usize,
    /// How hard its images were made: the accuracies, in percent, that the first row and the best one were to have.
    pub difficulty: Option<[[u8; 2]; 2]>,
    /// Test images from worlds that no training image shows, as `vitro eval --data` calls them.
    pub unseen: Option<&'static str>,
}

/// A model of a set.
#[derive(Clone, Copy, Debug)]
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

/// The set that is named without its name: its bundles lie in the zoo itself.
pub const HOME: &str = "scenes";

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

/// What else there is, and what combines well.
const FURTHER: &[Row] = &[
    row("vit-augmix", Family::Vit),
    row("vit-vars-d", Family::Vit),
    row("vit-vars-s", Family::Vit),
    row("vit-vars-sd", Family::Vit),
    row("vit-tap-vars-d", Family::Vit),
    row("vit-performer", Family::Vit),
    row("rvt-performer", Family::Rvt),
    row("rvt-tap-adl", Family::Rvt),
    row("fan-hybrid", Family::Fan),
    Row { needs: Some(("train.start", "fan-tap-adl-stl")), ..row("everything", Family::Tuned) },
];

/// Every row there is: scenes cost no download.
const SCENES: [Row; ALL.len() + FURTHER.len()] = {
    let mut rows = [ALL[0]; ALL.len() + FURTHER.len()];
    let mut i = 0;
    while i < rows.len() {
        rows[i] = if i < ALL.len() { ALL[i] } else { FURTHER[i - ALL.len()] };
        i += 1;
    }
    rows
};

/// More lines than these are hard to tell apart.
const DRAWN: &[&str] = &["vit", "fan", "fan-tap-adl", "rvt", "rvt-vars-d"];

/// The sets, in the order of the tables.
pub const SETS: &[Set] = &[
    Set {
        name: "cifar10",
        title: "CIFAR-10 (JPEG mirror)",
        takes: "an hour or several on two cores",
        rows: ALL,
        three_seeds: 5,
        drawn: DRAWN,
        rates: &["5e-4", "1e-3", "2e-3"],
        trial_epochs: 1,
        difficulty: None,
        unseen: None,
    },
    Set {
        name: "imagenette",
        title: "Imagenette, 112 px",
        takes: "many hours on two cores",
        rows: ALL,
        three_seeds: 0,
        drawn: DRAWN,
        rates: &["5e-4", "1e-3", "2e-3"],
        trial_epochs: 5,
        difficulty: None,
        unseen: None,
    },
    Set {
        name: HOME,
        title: "Rendered scenes",
        takes: "a quarter of an hour or more on two cores",
        rows: &SCENES,
        three_seeds: ALL.len(),
        drawn: DRAWN,
        rates: &["1e-3", "2e-3"],
        trial_epochs: 2,
        difficulty: Some([[70, 88], [88, 97]]),
        unseen: Some("scenes-unseen"),
    },
];

impl Set {
    /// Every row with the shipped seed, then the further seeds of those that have three.
    pub fn order(&'static self) -> Vec<(&'static Row, u64)> {
        let first = self.rows.iter().map(|row| (row, SHIPPED));
        let further = |seed: u64| self.rows[..self.three_seeds].iter().map(move |row| (row, seed));
        first.chain(further(1)).chain(further(2)).collect()
    }

    /// Where its bundles are, from the folder `zoo`.
    pub fn folder(&self) -> &'static str {
        if self.name == HOME { "" } else { self.name }
    }

    /// Where the bundle of a row is, from the folder `zoo`: the name that it is asked for by, and the ending.
    pub fn bundle(&self, row: &str) -> String {
        let folder = self.folder();
        format!("{folder}{}{row}.safetensors", if folder.is_empty() { "" } else { "/" })
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
    fn rows_that_are_drawn_are_there_and_have_three_seeds_where_any_has() {
        for set in SETS {
            for name in set.drawn {
                assert!(set.rows.iter().any(|row| row.name == *name), "{name}");
            }
            let asked: Vec<&str> = set.rows[..set.three_seeds].iter().map(|row| row.name).collect();
            assert!(asked.is_empty() || DRAWN.iter().all(|name| asked.contains(name)), "{asked:?}");
        }
    }
}
