//! A drawing in SVG: the few shapes that the charts use, with classes instead of colours.

use std::fmt::{Display, Write};

use super::html::escape;

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

    /// A rectangle. `style` holds custom properties for the style sheet, or nothing.
    pub fn rect(&mut self, class: &str, [x, y, width, height]: [f64; 4], style: &str) {
        let style = if style.is_empty() { String::new() } else { format!(" style=\"{style}\"") };
        let [x, y, width, height] = [x, y, width, height].map(Length);
        let _ = write!(
            self.body,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"{style}/>"
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

/// Moves labels at `heights` apart until neighbours are `gap` apart, each as little as may be, none outside `low..=high`
/// as long as they fit. Returns them in the order given.
pub fn spread(heights: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..heights.len()).collect();
    order.sort_by(|a, b| heights[*a].total_cmp(&heights[*b]));
    let mut placed = heights.to_vec();
    // Down the list each keeps its distance from the one above, then up again from the lower edge.
    let mut edge = low;
    for i in &order {
        placed[*i] = placed[*i].max(edge);
        edge = placed[*i] + gap;
    }
    let mut edge = high;
    for i in order.iter().rev() {
        placed[*i] = placed[*i].min(edge);
        edge = placed[*i] - gap;
    }
    placed
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
    fn text_and_titles_are_escaped() {
        let mut svg = Svg::new(1.0, 1.0);
        svg.titled("", "<a>", |svg| svg.text("", 0.0, 0.0, "<b>"));
        let drawn = svg.finish("", "\"<c>");
        assert!(["&lt;a&gt;", "&lt;b&gt;", "&quot;&lt;c&gt;"].iter().all(|text| drawn.contains(text)), "{drawn}");
    }

    #[test]
    fn labels_keep_their_distance_and_stay_inside() {
        let placed = spread(&[10.0, 11.0, 90.0, 99.0], 12.0, 0.0, 100.0);
        assert_eq!(placed, [10.0, 22.0, 88.0, 100.0].map(|height: f64| height.min(100.0)));
        let placed = spread(&[5.0, 5.0, 5.0], 10.0, 0.0, 100.0);
        let mut sorted = placed.clone();
        sorted.sort_by(f64::total_cmp);
        assert!(sorted.windows(2).all(|pair| pair[1] - pair[0] >= 10.0), "{placed:?}");
        assert!(spread(&[98.0, 99.0], 10.0, 0.0, 100.0).iter().all(|height| (0.0..=100.0).contains(height)));
    }
}
