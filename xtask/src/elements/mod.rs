//! `cargo xtask elements`: writes what is told of the custom elements in several places from `web/element/api.json`: the attributes
//! for the elements' scripts, types for those who use them, and the manifest that editors read.

mod api;
mod manifest;
mod script;
pub(crate) mod site;
mod types;

use crate::workspace;
use crate::zoo::results;
use anyhow::Result;
pub(crate) use api::Api;
use std::fs;
use std::path::PathBuf;

/// Writes all of them.
///
/// # Errors
/// `api.json` cannot be read, or a file cannot be written.
pub fn run() -> Result<()> {
    for (path, text) in rendered()? {
        if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            results::replace(&path, text.as_bytes())?;
            println!("wrote {}", path.display());
        }
    }
    Ok(())
}

/// Every file with what belongs into it.
fn rendered() -> Result<Vec<(PathBuf, String)>> {
    let (api, folder) = (Api::read()?, workspace::root().join("web/element"));
    let mut files = vec![
        (folder.join("base/api.js"), script::render(&api)),
        (folder.join("custom-elements.json"), manifest::render(&api)?),
    ];
    files.extend(
        api.elements
            .iter()
            .map(|element| (folder.join(&element.module).join("attributes.js"), script::attributes(element))),
    );
    files.extend(types::render(&api).into_iter().map(|(name, text)| (folder.join("types").join(name), text)));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_in_the_repository_are_what_is_rendered_from_the_rows() {
        for (path, text) in rendered().unwrap() {
            let found = fs::read_to_string(&path).unwrap_or_default();
            assert!(found == text, "{} differs: run `cargo xtask elements`", path.display());
        }
    }
}
