//! A drawing in SVG: the few shapes that the charts use, with classes instead of colours and without `style` attributes,
//! which a strict Content Security Policy forbids. Text from outside is escaped here.

use std::fmt::{Display, Write};

/// A drawing under construction. Lengths are pixels at natural size.
pub struct Svg {
    width: f64,
    height: f64,
    body: String,
}

impl Svg {
    /// An empty drawing.
    pub fn new(width: f64, height: f64) -> Self {
        Self { width, height, body: String::new() }
    }

    /// A rectangle: left, top, width and height.
    pub fn rect(&mut self, class: &str, [x, y, width, height]: [f64; 4]) {
        let [x, y, width, height] = [x, y, width, height].map(Length);
        let _ =
            write!(self.body, "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>");
    }

    /// A rectangle of a colour of its own.
    pub fn swatch(&mut self, class: &str, [x, y, width, height]: [f64; 4], [red, green, blue]: [u8; 3]) {
        let [x, y, width, height] = [x, y, width, height].map(Length);
        let _ = write!(
            self.body,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" \
             fill=\"#{red:02x}{green:02x}{blue:02x}\"/>"
        );
    }

    /// A line of any shape; `d` in SVG's path language.
    pub fn path(&mut self, class: &str, d: &str) {
        let _ = write!(self.body, "<path class=\"{class}\" d=\"{d}\"/>");
    }

    /// Text at a point; where it stands relative to that is up to the class.
    pub fn text(&mut self, class: &str, x: f64, y: f64, text: &str) {
        let (x, y) = (Length(x), Length(y));
        let _ = write!(self.body, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>", escape(text));
    }

    /// What `draw` draws, with a read-out for whoever points at it. `attributes` is HTML.
    pub fn titled(&mut self, attributes: &str, title: &str, draw: impl FnOnce(&mut Self)) {
        let _ = write!(self.body, "<g{attributes}><title>{}</title>", escape(title));
        draw(self);
        self.body.push_str("</g>\n");
    }

    /// The drawing. `label` says in words what it shows, for those who do not see it.
    pub fn finish(self, class: &str, label: &str) -> String {
        let (width, height) = (Length(self.width), Length(self.height));
        format!(
            "<svg class=\"{class}\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" \
             aria-label=\"{}\">\n{}</svg>\n",
            escape(label),
            self.body
        )
    }
}

/// A path through points: `M0 1L2 3`.
pub fn line(points: &[(f64, f64)]) -> String {
    let mut d = String::new();
    for (i, (x, y)) in points.iter().enumerate() {
        let _ = write!(d, "{}{} {}", if i == 0 { 'M' } else { 'L' }, Length(*x), Length(*y));
    }
    d
}

/// A length with at most two decimals and none that are zero.
pub struct Length(pub f64);

impl Display for Length {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Adding zero turns -0 into 0.
        write!(f, "{}", (self.0 * 100.0).round() / 100.0 + 0.0)
    }
}

/// Text from outside as HTML, in elements and in quoted attributes.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // Not characters of HTML; line feeds and tabs are.
            control if control.is_control() && !control.is_whitespace() => safe.push('\u{fffd}'),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_short() {
        assert_eq!(Length(12.0).to_string(), "12");
        assert_eq!(Length(1.0 / 3.0).to_string(), "0.33");
        assert_eq!(Length(-0.001).to_string(), "0");
        assert_eq!(line(&[(0.0, 1.5), (2.0, 3.0)]), "M0 1.5L2 3");
    }

    #[test]
    fn nothing_from_outside_opens_a_tag_or_ends_an_attribute() {
        let safe = escape("<script>alert(\"1\" & '2')</script>\u{0}");
        assert_eq!(safe, "&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;\u{fffd}");
    }

    #[test]
    fn text_and_titles_are_escaped() {
        let mut svg = Svg::new(1.0, 1.0);
        svg.titled("", "<a>", |svg| svg.text("", 0.0, 0.0, "<b>"));
        let drawn = svg.finish("", "\"<c>");
        assert!(["&lt;a&gt;", "&lt;b&gt;", "&quot;&lt;c&gt;"].iter().all(|text| drawn.contains(text)), "{drawn}");
    }
}
