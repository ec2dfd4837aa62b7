//! What operating systems, archivers and notebooks leave behind in folders of images.

/// Names that are never data, whatever lies below them.
const NAMES: &[&str] = &[
    "__macosx",
    "$recycle.bin",
    "@eadir",
    "desktop.ini",
    "ehthumbs.db",
    "lost+found",
    "system volume information",
    "thumbs.db",
];

/// Hidden names that are never data; others are when the whole dataset lies below them.
const HIDDEN: &[&str] = &[".ds_store", ".git", ".ipynb_checkpoints", ".svn", ".trash", ".trashes"];

/// Whether a part of a path says that the file is none of the dataset's.
pub fn is_clutter(part: &str) -> bool {
    part.starts_with('.') || is_left_behind(part)
}

/// [`is_clutter`] for a folder that everything else lies in: `.cache/set/…` is data.
pub(super) fn is_clutter_above_all(part: &str) -> bool {
    part.starts_with("._") || HIDDEN.contains(&part.to_lowercase().as_str()) || is_left_behind(part)
}

fn is_left_behind(part: &str) -> bool {
    // The Finder's icon of a folder ends in a carriage return, which some file systems store as a private character.
    let is_icon = part.strip_prefix("Icon").is_some_and(|rest| matches!(rest, "\r" | "\u{f00d}"));
    is_icon || NAMES.contains(&part.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_systems_leave_behind_is_clutter_and_other_names_are_not() {
        for part in [".DS_Store", "._1.png", "__MACOSX", "Thumbs.db", "Icon\r", ".ipynb_checkpoints", "@eaDir"] {
            assert!(is_clutter(part), "{part:?}");
            assert!(is_clutter_above_all(part), "{part:?}");
        }
        for part in ["Icon", "Icons", "a.b", "thumbs", "_1.png"] {
            assert!(!is_clutter(part), "{part:?}");
        }
        assert!(is_clutter(".cache") && !is_clutter_above_all(".cache"));
    }
}
