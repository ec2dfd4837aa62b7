//! Names for the class folders of data sets that number them.

/// Imagenette's ten synsets of ImageNet.
const SYNSETS: &[(&str, &str)] = &[
    ("n01440764", "tench"),
    ("n02102040", "English springer"),
    ("n02979186", "cassette player"),
    ("n03000684", "chain saw"),
    ("n03028079", "church"),
    ("n03394916", "French horn"),
    ("n03417042", "garbage truck"),
    ("n03425413", "gas pump"),
    ("n03445777", "golf ball"),
    ("n03888257", "parachute"),
];

/// The name for people of a class folder, which most data sets use already.
pub fn class_name(folder: &str) -> &str {
    SYNSETS.iter().find(|(synset, _)| *synset == folder).map_or(folder, |(_, name)| name)
}
