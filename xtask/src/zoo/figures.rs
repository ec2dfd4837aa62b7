//! Numbers as the documents show them.

use super::results::Difference;

/// `−3.1 [−4.0, −2.2]`, bold where the interval leaves out 0.
pub(super) fn points(difference: &Difference) -> String {
    let sign = |value: f64| format!("{:+.1}", 100.0 * value).replace('-', "−");
    let [low, high] = difference.interval;
    let shown = format!("{} [{}, {}]", sign(difference.value), sign(low), sign(high));
    if low > 0.0 || high < 0.0 { format!("**{shown}**") } else { shown }
}

/// `697 066`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!((grouped(7), grouped(630_000)), ("7".into(), "630 000".into()));
        let difference = |interval| Difference { number: String::new(), title: String::new(), value: -0.031, interval };
        assert_eq!(points(&difference([-0.04, -0.022])), "**−3.1 [−4.0, −2.2]**");
        assert_eq!(points(&difference([-0.07, 0.01])), "−3.1 [−7.0, +1.0]");
    }
}
