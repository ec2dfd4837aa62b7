//! Names of files and classes: from bytes to text, in the order of their labels, and safe to show.

use std::cmp::Ordering;

use unicode_normalization::UnicodeNormalization;

/// The text of a name. Spellings that look the same are the same (Unicode's normalisation form C: macOS takes letters and
/// accents apart), and bytes that are no UTF-8 are written as `\xE9`, so that two such names stay two.
pub fn text(name: &[u8]) -> String {
    let mut text = String::new();
    for chunk in name.utf8_chunks() {
        text.extend(chunk.valid().nfc());
        chunk.invalid().iter().for_each(|byte| text.push_str(&format!("\\x{byte:02X}")));
    }
    text
}

/// A name as it may be shown on a terminal: without characters that move the cursor or turn the direction of writing.
pub fn shown(name: &str) -> String {
    let mut shown = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                shown.extend(character.escape_unicode());
            }
            control if control.is_control() => shown.extend(control.escape_default()),
            other => shown.push(other),
        }
    }
    shown
}

/// The folder of a class whose name comes from inside a file: one that is no path, not hidden and not empty.
pub fn folder(name: &str) -> String {
    let name = text(name.trim().as_bytes()).replace(['/', '\\'], "-");
    if name.is_empty() || name.starts_with('.') { format!("_{name}") } else { name }
}

/// Puts the class folders of a dataset into the order of their labels: by number if all of them are numbers, otherwise by text.
pub fn sort_classes(names: &mut [String]) {
    let is_number = |name: &String| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    if names.iter().all(is_number) {
        names.sort_by(|a, b| by_number(a, b));
    } else {
        names.sort();
    }
}

/// Digits of any length; `01` comes before `1`.
fn by_number(a: &str, b: &str) -> Ordering {
    let digits = |name: &str| name.trim_start_matches('0').len();
    let value = |name: &str| name.trim_start_matches('0').to_owned();
    digits(a).cmp(&digits(b)).then_with(|| value(a).cmp(&value(b))).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(names: &[&str]) -> Vec<String> {
        let mut names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        sort_classes(&mut names);
        names
    }

    #[test]
    fn folders_that_are_numbers_are_ordered_as_numbers() {
        assert_eq!(sorted(&["10", "0", "2", "1"]), ["0", "1", "2", "10"]);
        assert_eq!(sorted(&["1", "01", "007", "10"]), ["01", "1", "007", "10"]);
        assert_eq!(sorted(&["10", "2", "b"]), ["10", "2", "b"]);
    }

    #[test]
    fn one_spelling_stands_for_all_that_look_the_same() {
        assert_eq!(text("ka\u{308}tzchen".as_bytes()), text("k\u{e4}tzchen".as_bytes()));
        assert_ne!(text(b"caf\xE9"), text(b"caf\xE8"));
        assert_eq!(text(b"caf\xE9"), "caf\\xE9");
    }

    #[test]
    fn a_name_from_inside_a_file_leads_nowhere() {
        for (name, expected) in
            [("tabby, cat", "tabby, cat"), ("a/b\\c", "a-b-c"), ("..", "_.."), (" ", "_"), ("/x", "-x")]
        {
            assert_eq!(folder(name), expected);
        }
    }

    #[test]
    fn nothing_that_is_shown_moves_the_cursor() {
        assert_eq!(shown("a\r\nb\u{1b}[2J\u{202e}\u{e4}"), "a\\r\\nb\\u{1b}[2J\\u{202e}\u{e4}");
    }
}
