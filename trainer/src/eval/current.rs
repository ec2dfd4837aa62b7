//! Whether an evaluation is about the weights that a run has now.
//!
//! Training goes on after an evaluation, and `eval.json` stays. An evaluation therefore says which weights it measured, and
//! nobody quotes it for others.

use std::path::Path;

use anyhow::{Result, bail};

use super::results::Evaluation;
use crate::run::{Folder, checkpoint};

/// What an evaluation says about some weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It measured them.
    Current,
    /// It measured others.
    Stale,
    /// It does not say what it measured: an earlier release wrote it.
    NotRecorded,
}

/// Whether `evaluation` measured the weights with this fingerprint.
pub fn standing(evaluation: &Evaluation, weights: &str) -> Standing {
    match evaluation.weights.as_str() {
        "" => Standing::NotRecorded,
        measured if measured == weights => Standing::Current,
        _ => Standing::Stale,
    }
}

/// Reads the evaluation of a run folder, or a JSON file of `vitro eval --out`, to be compared with others.
///
/// # Errors
/// When it is not there, or the run was trained further after it.
pub fn read(path: &Path) -> Result<Evaluation> {
    let mut evaluation = Evaluation::read(path)?;
    // A file was put aside on purpose, and numbers may be kept without a run.
    let run = path.is_dir().then(|| Folder::open(path).ok()).flatten().filter(checkpoint::may_exist);
    let Some(run) = run else { return Ok(evaluation) };
    match standing(&evaluation, &checkpoint::fingerprint(&run)?) {
        Standing::Current => {}
        Standing::Stale => {
            bail!("{} was trained further after its evaluation; run `vitro eval {0}` again", path.display())
        }
        Standing::NotRecorded => {
            evaluation
                .remarks
                .push("Which weights were measured is not recorded; evaluate again to be sure.".to_owned());
        }
    }
    Ok(evaluation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_evaluation_stands_for_the_weights_it_names_only() {
        let of = |weights: &str| Evaluation { weights: weights.into(), ..Evaluation::default() };
        assert_eq!(standing(&of("ab"), "ab"), Standing::Current);
        assert_eq!(standing(&of("ab"), "cd"), Standing::Stale);
        assert_eq!(standing(&of(""), "ab"), Standing::NotRecorded);
    }
}
