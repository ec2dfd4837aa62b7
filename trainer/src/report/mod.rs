//! The report of `vitro compare --html`: one file with everything in it, to be read without a network and without scripts.
//!
//! A section is a file: [`summary`] (what was compared in [`facts`], [`numbers`] and [`metrics`]), [`differences`],
//! [`heat_map`], [`curves`], [`classes`], [`samples`], [`attention`], [`definitions`]. They read [`Entry`]s, the evaluations; [`samples`] and
//! [`attention`] also need the [`Exhibits`], which [`exhibit`] makes by running the models on a few test images, by the rules of [`choice`]. Beneath
//! them: [`html`] (the page), [`cells`] (which cells there are to compare) and [`vitro::chart`]. Everything but [`entry`] and
//! [`exhibit`] is a pure function, so the same input gives the same bytes.

pub mod attention;
pub mod cells;
pub mod choice;
pub mod classes;
pub mod curves;
pub mod definitions;
pub mod differences;
pub mod entry;
pub mod exhibit;
pub mod facts;
pub mod heat_map;
pub mod html;
pub mod metrics;
pub mod numbers;
pub mod samples;
pub mod summary;

pub use entry::Entry;
pub use exhibit::Exhibits;

/// The whole report.
pub fn write(entries: &[Entry], exhibits: &Exhibits) -> String {
    let sections = [
        Some(summary::section(entries)),
        differences::section(entries),
        Some(heat_map::section(entries)),
        Some(curves::section(entries)),
        classes::section(entries),
        Some(samples::section(entries, exhibits)),
        Some(attention::section(entries, exhibits)),
        Some(definitions::section(entries, exhibits)),
    ];
    let sections: Vec<html::Section> = sections.into_iter().flatten().collect();
    let names: Vec<&str> = entries.iter().map(|entry| entry.label.as_str()).collect();
    html::page(&names.join(", "), &summary::lede(entries), &sections)
}
