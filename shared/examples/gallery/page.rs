//! The text of the gallery, from the registry.

use std::fmt::Write;

use vitro::corruption::{ALL, Corruption, Set, Variant};

/// The whole page.
pub(crate) fn text() -> String {
    let mut page = String::from(
        "# Corruptions\n\n\
         <!-- Written by `cargo xtask gallery`; change shared/src/corruption instead. -->\n\n\
         From left to right: a rendered scene, then severities 1 to 5 with the constants of ImageNet-C at 224 pixels. \
         Names are those of the command line (`vitro corrupt`) and of the published folders. Constants are tabulated, \
         per severity, at the top of each corruption's file in `shared/src/corruption/`, one set per benchmark:\n\n\
         | constants | from |\n|---|---|\n",
    );
    for variant in Variant::ALL {
        let _ = writeln!(page, "| `{variant}` | {} |", variant.source());
    }
    for set in Set::ALL {
        let of_set: Vec<&Corruption> = ALL.iter().filter(|corruption| corruption.set == *set).collect();
        if of_set.is_empty() {
            continue;
        }
        let _ = write!(page, "\n## {}\n", set.title());
        for corruption in of_set {
            let Corruption { name, title, about, constants, group, .. } = corruption;
            let drawn = if corruption.stochastic() { "seeded" } else { "no seed" };
            let _ = write!(
                page,
                "\n### {title}\n\n`{name}` · {group} · {drawn}\n\n![{title}, clean and at severities 1 to 5]\
                 (corruptions/{name}.jpg)\n\n{about} Constants: {constants}.\n"
            );
        }
    }
    page
}
