//! `cargo xtask readme`: renders what is told of the zoo in several places from `zoo/results.json`: docs/evidence.md, the table of
//! the README, the headers of the recipes, and what the page's article says was measured.

use crate::workspace;
use crate::zoo::article;
use crate::zoo::document;
use crate::zoo::results::{self, Results};
use crate::zoo::rows::SETS;
use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;

/// What stands around the table in the README.
const BEGIN: &str = "<!-- zoo: rendered by cargo xtask readme -->\n";
const END: &str = "<!-- zoo: end -->\n";

/// Writes all of them.
///
/// # Errors
/// `zoo/results.json` or one of the files cannot be read, or lacks the place for what is rendered.
pub fn run() -> Result<()> {
    for (path, text) in rendered()? {
        if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            results::replace(&path, text.as_bytes())?;
            println!("wrote {}", path.display());
        }
    }
    Ok(())
}

/// Every file with what belongs into it.
fn rendered() -> Result<Vec<(PathBuf, String)>> {
    let (root, results) = (workspace::root(), Results::read()?);
    let read = |path: &PathBuf| fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()));
    let mut files = vec![(root.join("docs").join("evidence.md"), document::evidence(&results))];
    let path = root.join("README.md");
    let text = read(&path)?;
    files.push((path, between(&text, &document::readme(&results)).context("the README has no place for the zoo")?));
    let path = root.join("index.html");
    let page = article::with_measured(&read(&path)?, &results);
    files.push((path, page));
    for set in SETS {
        for row in set.rows {
            let path = root.join(set.recipe(row));
            let text = read(&path)?;
            let header = headed(&text, &document::header(set, row.name, &results));
            files.push((path, header.with_context(|| format!("{} has no header", set.recipe(row)))?));
        }
    }
    Ok(files)
}

/// `text` with what stands between the marks replaced.
fn between(text: &str, table: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}{table}{END}{after}"))
}

/// A recipe with the lines of its header after the command replaced.
fn headed(text: &str, lines: &str) -> Option<String> {
    let (header, rest) = text.split_once("\n\n")?;
    let command = header.find("#   vitro train ")?;
    let end = command + header[command..].find("\n#\n")?;
    Some(format!("{}\n#\n{}\n{rest}", &header[..end], lines))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_in_the_repository_are_what_is_rendered_from_the_results() {
        for (path, text) in rendered().unwrap() {
            let found = fs::read_to_string(&path).unwrap();
            assert!(found == text, "{} differs: run `cargo xtask readme`", path.display());
        }
    }

    #[test]
    fn only_the_place_of_the_numbers_changes() {
        let recipe = "# A model.\n#\n#   vitro train a.toml\n#\n# Old.\n# Older.\n\ntitle = \"A\"\n\n[data]\n";
        let found = headed(recipe, "# New.\n").unwrap();
        assert_eq!(found, "# A model.\n#\n#   vitro train a.toml\n#\n# New.\n\ntitle = \"A\"\n\n[data]\n");
        assert_eq!(headed(&found, "# New.\n"), Some(found));
        assert_eq!(between(&format!("a\n{BEGIN}b\n{END}c\n"), "d\n"), Some(format!("a\n{BEGIN}d\n{END}c\n")));
        assert_eq!(between("nothing", "d\n"), None);
    }
}
