//! Which class of a model a class folder is, by what both are called.

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

/// Other names that copies of CIFAR give its classes, by [`spelling`].
const SYNONYMS: &[(&str, &str)] = &[
    ("plane", "airplane"),
    ("aeroplane", "airplane"),
    ("aircraft", "airplane"),
    ("car", "automobile"),
    ("auto", "automobile"),
];

/// The name for people of a class folder, which most datasets use already.
pub fn class_name(folder: &str) -> &str {
    SYNSETS.iter().find(|(synset, _)| *synset == folder).map_or(folder, |(_, name)| name)
}

/// A name without capitals, spaces, underscores and hyphens, which people change freely.
pub fn spelling(name: &str) -> String {
    let kept = name.chars().filter(|letter| !letter.is_whitespace() && !matches!(letter, '_' | '-'));
    kept.flat_map(char::to_lowercase).collect()
}

/// CIFAR's own name for one of its classes.
pub fn synonym(spelling: &str) -> &str {
    SYNONYMS.iter().find(|(other, _)| *other == spelling).map_or(spelling, |(_, own)| own)
}

/// A name as it is, in plain spelling, and as CIFAR's own: from the surest to the least sure.
pub fn keys(name: &str) -> [String; 3] {
    let plain = spelling(class_name(name));
    [name.to_owned(), plain.clone(), synonym(&plain).to_owned()]
}

/// Why class folders are not those of a model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unpaired {
    /// No class has the folder's name.
    #[error("it knows no class “{0}”, as a class folder is called")]
    Unknown(String),
    /// Two classes have it.
    #[error("“{0}”, as a class folder is called, is the name of two of its classes")]
    Ambiguous(String),
    /// Two folders are one class.
    #[error("the class folders “{0}” and “{1}” are both its class “{2}”")]
    Twins(String, String, String),
}

/// The place of each folder's class among `classes`, by their [`keys`].
///
/// # Errors
/// A folder is none of the classes or may be two of them, or two folders are the same class.
pub fn pair(folders: &[String], classes: &[String]) -> Result<Vec<usize>, Unpaired> {
    let known: Vec<[String; 3]> = classes.iter().map(|class| keys(class)).collect();
    let mut columns = Vec::with_capacity(folders.len());
    for folder in folders {
        let (column, _) = find(folder, &known)?.ok_or_else(|| Unpaired::Unknown(folder.clone()))?;
        if let Some(twin) = columns.iter().position(|other| *other == column) {
            return Err(Unpaired::Twins(folders[twin].clone(), folder.clone(), classes[column].clone()));
        }
        columns.push(column);
    }
    Ok(columns)
}

/// The place among `known`, classes by their [`keys`], of the one that `folder` is, and which of its keys says so: the surest
/// that any class has. None where no class has any.
///
/// # Errors
/// Two classes have it.
pub fn find(folder: &str, known: &[[String; 3]]) -> Result<Option<(usize, usize)>, Unpaired> {
    for (level, wanted) in keys(folder).iter().enumerate() {
        let mut found = (0..known.len()).filter(|column| known[*column][level] == *wanted);
        match (found.next(), found.next()) {
            (Some(column), None) => return Ok(Some((column, level))),
            (Some(_), Some(_)) => return Err(Unpaired::Ambiguous(folder.to_owned())),
            (None, _) => {}
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn classes_are_found_in_any_spelling_and_the_exact_name_wins() {
        let known = names(&["cat", "French horn", "Cat"]);
        assert_eq!(pair(&names(&["Cat", "french_horn"]), &known), Ok(vec![2, 1]));
        assert_eq!(pair(&names(&["n03394916", "cat"]), &known), Ok(vec![1, 0]));
        assert_eq!(pair(&names(&["CAT"]), &known), Err(Unpaired::Ambiguous("CAT".into())));
        assert_eq!(pair(&names(&["cat", "dog"]), &known), Err(Unpaired::Unknown("dog".into())));
    }

    #[test]
    fn cifars_classes_have_other_names_and_no_class_has_two_folders() {
        let known = names(&["airplane", "automobile"]);
        assert_eq!(pair(&names(&["Car", "plane"]), &known), Ok(vec![1, 0]));
        let twins = Unpaired::Twins("car".into(), "auto".into(), "automobile".into());
        assert_eq!(pair(&names(&["car", "auto"]), &known), Err(twins));
    }
}
