//! What the papers claim, as comparisons of two rows: the table of verdicts in docs/evidence.md.

use super::rows::Set;

/// A claim that a row errs less than another.
#[derive(Debug)]
pub struct Claim {
    /// Which paper.
    pub paper: &'static str,
    /// What it claims, in a sentence.
    pub words: &'static str,
    /// The row that is claimed to err less.
    pub row: &'static str,
    /// The row that it is compared with.
    pub against: &'static str,
    /// Which errors, as `vitro compare --differences` calls them.
    pub number: &'static str,
}

const FAN: &str = "FAN, arXiv 2204.12451";
const TAP: &str = "TAP & ADL, arXiv 2309.03135";
const STL: &str = "STL, arXiv 2401.03844";
const VARS: &str = "VARS, arXiv 2204.10962";
const NULLSPACE: &str = "Nullspace, arXiv 2403.10476";

/// The claims, paper by paper.
pub const ALL: &[Claim] = &[
    Claim {
        paper: FAN,
        words: "Channel attention makes a vision transformer err less under corruption.",
        row: "fan",
        against: "vit",
        number: "corrupted",
    },
    Claim {
        paper: FAN,
        words: "It also adds less error to the clean one.",
        row: "fan",
        against: "vit",
        number: "added",
    },
    Claim {
        paper: TAP,
        words: "Token-aware pooling alone lowers the error under corruption.",
        row: "fan-tap",
        against: "fan",
        number: "corrupted",
    },
    Claim {
        paper: TAP,
        words: "The attention diversification loss alone lowers it.",
        row: "fan-adl",
        against: "fan",
        number: "corrupted",
    },
    Claim { paper: TAP, words: "Both together lower it.", row: "fan-tap-adl", against: "fan", number: "corrupted" },
    Claim {
        paper: TAP,
        words: "They also help a plain vision transformer.",
        row: "vit-tap-adl",
        against: "vit",
        number: "corrupted",
    },
    Claim {
        paper: STL,
        words: "Learning token labels lowers FAN's error under corruption.",
        row: "fan-stl",
        against: "fan",
        number: "corrupted",
    },
    Claim {
        paper: VARS,
        words: "Sparse reconstruction over a dictionary of tokens (VARS-D) lowers RVT's error under corruption.",
        row: "rvt-vars-d",
        against: "rvt",
        number: "corrupted",
    },
    Claim {
        paper: VARS,
        words: "So does reconstruction over a fixed dictionary (VARS-S).",
        row: "rvt-vars-s",
        against: "rvt",
        number: "corrupted",
    },
    Claim { paper: VARS, words: "So do both (VARS-SD).", row: "rvt-vars-sd", against: "rvt", number: "corrupted" },
    Claim {
        paper: NULLSPACE,
        words: "Fine-tuning with nullspace noise lowers the error under corruption, compared with fine-tuning without noise.",
        row: "vit-nullspace",
        against: "vit-nullspace-none",
        number: "corrupted",
    },
    Claim {
        paper: NULLSPACE,
        words: "It does so compared with random noise of the same norm.",
        row: "vit-nullspace",
        against: "vit-nullspace-random",
        number: "corrupted",
    },
    Claim {
        paper: NULLSPACE,
        words: "It lowers the error under PGD, compared with fine-tuning without noise.",
        row: "vit-nullspace",
        against: "vit-nullspace-none",
        number: "pgd",
    },
];

/// The rows that others are compared with: the first of the set, and those that something is claimed against.
pub fn baselines(set: &Set) -> Vec<&'static str> {
    let first = set.rows.first().map(|row| row.name);
    let mut names: Vec<&str> = first.into_iter().collect();
    for claim in ALL {
        if !names.contains(&claim.against) {
            names.push(claim.against);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::super::rows::SETS;
    use super::*;

    #[test]
    fn every_claim_is_about_models_that_are_trained() {
        for set in SETS {
            let controls =
                set.rows.iter().flat_map(|row| row.controls.iter().map(move |c| format!("{}-{c}", row.name)));
            let known: Vec<String> = set.rows.iter().map(|row| row.name.to_owned()).chain(controls).collect();
            for Claim { row, against, .. } in ALL {
                assert!(
                    known.iter().any(|name| name == row) && known.iter().any(|name| name == against),
                    "{row} {against}"
                );
            }
        }
    }
}
