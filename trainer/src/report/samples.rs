//! Sample images: a table per image, a column per corruption, a row per model with its prediction.

use std::fmt::Write;

use vitro::chart::{bar, series};
use vitro::image::{Filter, Rgb8};

use super::definitions::Term;
use super::entry::Entry;
use super::exhibit::{Exhibit, Exhibits, Prediction, View};
use super::html::{Section, escape, image, rounded, wide};

/// Side of an image inside the report, pixels: sharp enough on paper, small enough for a file with many.
pub const SIDE: usize = 152;

/// The section.
pub fn section(entries: &[Entry], exhibits: &Exhibits) -> Section {
    let mut body = String::new();
    if !exhibits.images.is_empty() {
        let _ = writeln!(
            body,
            "<p>The first test image of {}: chosen by class, not by what the models make of it. Of each family of \
             corruptions, the one on which {}. {} Under each: every model’s prediction with its {}, <b class=\"right\">✓</b> \
             right or <b class=\"wrong\">✕</b> wrong.</p>",
            classes(exhibits.images.len()),
            if entries.len() > 1 { "the models differ most" } else { "the model errs most" },
            exhibits.made,
            Term::Confidence.link("confidence"),
        );
    }
    body.push_str(&missing(exhibits));
    for exhibit in &exhibits.images {
        body.push_str(&wide(&format!("predictions for {}", exhibit.class), &table(entries, exhibits, exhibit)));
    }
    Section { id: "samples", title: "Sample images", body }
}

/// What could not be shown, a paragraph each.
pub fn missing(exhibits: &Exhibits) -> String {
    exhibits.missing.iter().map(|reason| format!("<p class=\"notice\">{reason}</p>\n")).collect()
}

fn classes(count: usize) -> String {
    if count == 1 { "one class".into() } else { format!("{count} classes") }
}

fn table(entries: &[Entry], exhibits: &Exhibits, exhibit: &Exhibit) -> String {
    let Exhibit { class, name, samples, .. } = exhibit;
    let mut text = format!(
        "<table class=\"shown\">\n<caption><b>{}</b> <small>{}</small></caption>\n{}<tbody>\n",
        escape(class),
        escape(name),
        heads(class, samples)
    );
    for (place, index) in exhibits.models.iter().enumerate() {
        let _ = write!(text, "<tr>{}", head(entries, *index));
        for view in samples {
            let _ = write!(text, "<td>{}</td>", prediction(&view.predictions[place]));
        }
        text.push_str("</tr>\n");
    }
    text + "</tbody>\n</table>\n"
}

/// The row of images on top of a table.
pub fn heads(class: &str, views: &[View]) -> String {
    let mut text = String::from("<thead><tr><td></td>");
    for view in views {
        let alt = format!("{class}, {}", condition(view));
        let shown = image(&sized(&view.image), &alt, SIDE);
        let _ = write!(text, "<th scope=\"col\">{shown}<span>{}</span></th>", escape(&condition(view)));
    }
    text + "</tr></thead>\n"
}

/// The name of a model in front of its predictions.
pub fn head(entries: &[Entry], index: usize) -> String {
    format!("<th scope=\"row\">{}{}</th>", series::key(index), escape(&entries[index].label))
}

/// `untouched`, `Fog 3`.
pub fn condition(view: &View) -> String {
    view.condition
        .map_or_else(|| "untouched".into(), |(corruption, severity)| format!("{} {severity}", corruption.title))
}

/// The prediction of a model: right or wrong by mark, by word for those who do not see it, and by colour.
pub fn prediction(prediction: &Prediction) -> String {
    let (class, mark, word) = if prediction.right { ("right", '✓', "right") } else { ("wrong", '✕', "wrong") };
    let words = format!("<b aria-hidden=\"true\">{mark}</b><span class=\"unseen\">{word}: </span>");
    format!(
        "<p class=\"prediction {class}\">{words}\
         <span class=\"top\" title=\"{0}\">{0}</span> <span class=\"confidence\">{1}</span>\
         {2}</p>",
        escape(&prediction.class),
        rounded(f64::from(prediction.confidence)),
        bar::bar(f64::from(prediction.confidence))
    )
}

/// An image at the report's size.
pub fn sized(pixels: &Rgb8) -> Rgb8 {
    pixels.resize(SIDE, SIDE, Filter::Bicubic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_and_wrong_differ_in_mark_and_word() {
        let given = |right| Prediction {
            class: "<car>".into(),
            confidence: 0.876,
            right,
            gaze: None,
            said: Vec::new(),
            seen: Rgb8::from_fn(1, 1, |_, _| [0; 3]),
        };
        let (right, wrong) = (prediction(&given(true)), prediction(&given(false)));
        assert!(right.contains('✓') && right.contains("right: ") && right.contains("88\u{a0}%"), "{right}");
        assert!(wrong.contains('✕') && wrong.contains("wrong: ") && wrong.contains("&lt;car&gt;"), "{wrong}");
    }

    #[test]
    fn what_is_missing_is_said_in_place_of_the_images() {
        let body = section(&[], &Exhibits::none("There is no model.".into())).body;
        assert_eq!(body, "<p class=\"notice\">There is no model.</p>\n");
    }
}
