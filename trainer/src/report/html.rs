//! The page around the sections, and the pieces of HTML that several of them use.
//!
//! Names and titles come from files that anybody may have written: every text goes through [`escape`] before it becomes
//! part of the page. The look is that of the web page (same inks, same 4-px grid), in `style.css` beside this
//! file; that of the charts comes with them.

use std::fmt::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use vitro::chart;
pub use vitro::chart::escape;
use vitro::image::{Rgb8, encode_jpeg};
use vitro::metric::Unit;

use crate::run::versions;

/// Everything the report needs to look like itself.
const STYLE: &str = include_str!("style.css");

/// Quality of the images inside the report: noise stays visible as such, a report stays under two megabytes.
const QUALITY: u8 = 82;

/// A space that never ends a line.
pub const NBSP: char = '\u{a0}';

/// A part of the report with a place in the list of contents.
#[derive(Clone, Debug)]
pub struct Section {
    /// Where a link leads.
    pub id: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// HTML.
    pub body: String,
}

/// The document: `title` and `lede` on top, then the sections. `title` is text, the rest is HTML.
pub fn page(title: &str, lede: &str, sections: &[Section]) -> String {
    let (title, charts) = (escape(title), chart::style());
    let mut text = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title} · vitro</title>\n<style>\n{charts}{STYLE}</style>\n\
         </head>\n<body>\n<header>\n<p class=\"mark\"><b>vitro</b> comparison under corruption</p>\n<h1>{title}</h1>\n{lede}\n\
         <nav aria-label=\"contents\"><ul>\n"
    );
    for Section { id, title, .. } in sections {
        let _ = writeln!(text, "<li><a href=\"#{id}\">{title}</a></li>");
    }
    text.push_str("</ul></nav>\n</header>\n<main>\n");
    for Section { id, title, body } in sections {
        let _ = write!(text, "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{title}</h2>\n{body}</section>\n");
    }
    let _ = write!(text, "</main>\n<footer><p>Written by {}.</p></footer>\n</body>\n</html>\n", versions::line());
    text
}

/// Something wide: it scrolls inside itself, also by keyboard. `label` is text, `content` HTML.
pub fn wide(label: &str, content: &str) -> String {
    format!("<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">\n{content}</div>\n", escape(label))
}

/// An image inside the page. `alt` is text; `side` is both its width and height on paper.
pub fn image(pixels: &Rgb8, alt: &str, side: usize) -> String {
    let data = STANDARD.encode(encode_jpeg(pixels, QUALITY));
    format!("<img src=\"data:image/jpeg;base64,{data}\" alt=\"{}\" width=\"{side}\" height=\"{side}\">", escape(alt))
}

/// A fraction in percent with one decimal and no sign: `87.1`.
pub fn percent(fraction: f64) -> String {
    Unit::Fraction.show(fraction)
}

/// A fraction as people say it: `87 %`, `<1 %`.
pub fn rounded(fraction: f64) -> String {
    if fraction > 0.0 && fraction < 0.005 {
        return format!("&lt;1{NBSP}%");
    }
    format!("{:.0}{NBSP}%", fraction * 100.0)
}

/// A whole number in groups of three digits: `697 066`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// `a`, `a and b`, `a, b and c`.
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_of_a_page_is_escaped_wherever_it_stands() {
        let page = page("</title><script>", "", &[]);
        assert!(!page.contains("<script>"));
        assert_eq!(page.matches("&lt;/title&gt;&lt;script&gt;").count(), 2);
    }

    #[test]
    fn digits_are_grouped_from_the_right() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(1000), "1\u{202f}000");
        assert_eq!(grouped(12_345_678), "12\u{202f}345\u{202f}678");
    }

    #[test]
    fn a_list_reads_as_a_sentence() {
        let items = |names: &[&str]| list(&names.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(items(&["a"]), "a");
        assert_eq!(items(&["a", "b", "c"]), "a, b and c");
    }

    #[test]
    fn a_small_fraction_is_not_called_none() {
        assert_eq!(rounded(0.001), "&lt;1\u{a0}%");
        assert_eq!(rounded(0.0), "0\u{a0}%");
    }
}
