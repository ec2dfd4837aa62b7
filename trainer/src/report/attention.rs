//! Attention under corruption: one image as it gets worse, a row per model with where it looks.
//!
//! As on the page: the image in grey, over it the attention of each patch at half opacity, on one scale for all.

use std::fmt::Write;

use vitro::chart::viridis::{self, place, viridis};
use vitro::image::Rgb8;

use super::definitions::Term;
use super::entry::Entry;
use super::exhibit::{Exhibit, Exhibits, Gaze, Prediction};
use super::html::{Section, escape, image, wide};
use super::samples::{self, SIDE};

/// How much of the colour lies over the grey image.
const OPACITY: f32 = 0.5;

/// The section.
pub fn section(entries: &[Entry], exhibits: &Exhibits) -> Section {
    let (id, title) = ("attention", "Attention under corruption");
    if exhibits.images.is_empty() {
        return Section { id, title, body: samples::missing(exhibits) };
    }
    let mut body = format!(
        "<p>Where each model looks while one image gets worse. Colour is {} as a multiple of an even spread, on one scale \
         for all; a model {} the fewest patches that hold 80 % of it.</p>\n{}",
        Term::Attention.link("attention"),
        Term::Looks.link("looks at"),
        viridis::legend()
    );
    for (i, exhibit) in exhibits.images.iter().enumerate() {
        let corruption = exhibit.rising.iter().find_map(|view| view.condition);
        let under = corruption.map_or_else(String::new, |(corruption, _)| corruption.title.to_lowercase());
        let _ = write!(
            body,
            "<details class=\"shows\"{}><summary>{} under {under}</summary>\n{}</details>\n",
            if i == 0 { " open" } else { "" },
            escape(&exhibit.class),
            wide(&format!("attention to {} under {under}", exhibit.class), &table(entries, exhibits, exhibit))
        );
    }
    Section { id, title, body }
}

fn table(entries: &[Entry], exhibits: &Exhibits, exhibit: &Exhibit) -> String {
    let Exhibit { class, rising, .. } = exhibit;
    let mut text = format!(
        "<table class=\"shown\">\n<caption class=\"unseen\">Attention to {}</caption>\n{}<tbody>\n",
        escape(class),
        samples::heads(class, rising)
    );
    for (nth, index) in exhibits.models.iter().enumerate() {
        let _ = write!(text, "<tr>{}", samples::head(entries, *index));
        for view in rising {
            let prediction = &view.predictions[nth];
            let [short, looks] = looks(prediction);
            let alt = format!("attention of {}, {}: {looks}", entries[*index].label, samples::condition(view));
            let drawn = image(&overlay(&prediction.seen, prediction.gaze.as_ref()), &alt, SIDE);
            let _ = write!(
                text,
                "<td>{drawn}{}<p class=\"looks\">{short}</p>{}</td>",
                samples::prediction(prediction),
                said(prediction)
            );
        }
        text.push_str("</tr>\n");
    }
    text + "</tbody>\n</table>\n"
}

/// What the other probes say, a line each.
fn said(prediction: &Prediction) -> String {
    prediction.said.iter().map(|(title, words)| format!("<p class=\"looks\">{title} {words}</p>")).collect()
}

/// Where a model looks, in a few words and in full.
fn looks(prediction: &Prediction) -> [String; 2] {
    match &prediction.gaze {
        Some(Gaze { map, patches, .. }) => {
            let short = format!("looks at {patches} of {}", map.len());
            [short.clone(), short + " patches"]
        }
        None => ["forms no map".into(), "this attention forms no map".into()],
    }
}

/// The image in grey with the attention of each patch over it, at the report's size.
fn overlay(seen: &Rgb8, gaze: Option<&Gaze>) -> Rgb8 {
    let pixels = samples::sized(seen);
    Rgb8::from_fn(SIDE, SIDE, |x, y| {
        let [red, green, blue] = pixels.pixel(x, y).map(f32::from);
        // Grey first, so that the image's own colours are not read as attention; weights of the canvas's luminosity.
        let grey = 0.3 * red + 0.59 * green + 0.11 * blue;
        let colour = gaze.and_then(|Gaze { map, rows, columns, .. }| {
            let part = map.get(y * rows / SIDE * columns + x * columns / SIDE)?;
            Some(viridis(place(part * map.len() as f32)).map(f32::from))
        });
        match colour {
            Some(colour) => colour.map(|channel| (channel * OPACITY + grey * (1.0 - OPACITY)).round() as u8),
            None => [grey.round() as u8; 3],
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey() -> Rgb8 {
        Rgb8::from_fn(64, 64, |_, _| [100; 3])
    }

    #[test]
    fn a_patch_with_all_attention_shines_and_the_others_are_dark() {
        let gaze = Gaze { map: vec![0.0, 1.0, 0.0, 0.0], rows: 2, columns: 2, patches: 1 };
        let drawn = overlay(&grey(), Some(&gaze));
        let half = |colour: [u8; 3]| colour.map(|channel| (f32::from(channel) * 0.5 + 50.0).round() as u8);
        // Four times the even spread is half way up the map.
        assert_eq!(drawn.pixel(SIDE - 1, 0), half(viridis(0.5)));
        for (x, y) in [(0, 0), (0, SIDE - 1), (SIDE - 1, SIDE - 1)] {
            assert_eq!(drawn.pixel(x, y), half(viridis(0.0)));
        }
    }

    #[test]
    fn without_a_map_the_image_is_grey() {
        let red = Rgb8::from_fn(8, 8, |_, _| [200, 0, 0]);
        assert_eq!(overlay(&red, None).pixel(3, 3), [60; 3]);
    }

    #[test]
    fn grids_that_are_not_square_fill_the_image() {
        let gaze = Gaze { map: vec![1.0 / 6.0; 6], rows: 2, columns: 3, patches: 5 };
        let drawn = overlay(&grey(), Some(&gaze));
        assert_eq!(drawn.pixel(0, 0), drawn.pixel(SIDE - 1, SIDE - 1));
    }
}
