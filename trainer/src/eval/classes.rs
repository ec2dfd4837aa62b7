//! Which of a model's classes each class folder of a dataset is.
//!
//! A model's classes have names; folders of ImageNet have WordNet ids; an imported checkpoint may know only numbers. A folder
//! is paired with a class by what both are called ([`pair`]): in any spelling, by CIFAR's other names, by WordNet ids, by
//! numbers where the model has nothing but numbers. The order of the folders never says which class they are, unless the
//! person says so with a [`Subset`](super::subset::Subset).

use anyhow::{Context, Result, anyhow, bail, ensure};
use vitro::measurement::classes::{self, class_name, keys, spelling, synonym};

use super::imagenet;

/// What to do about folders that cannot be paired.
pub(super) const WAY_OUT: &str = "choose matching images, or say which logit each class folder is with --classes LIST, a \
                                  JSON list whose k-th number is that of the k-th folder";

/// CIFAR-10's classes, in the order of their numbers.
const CIFAR: [&str; 10] = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

/// Folders and classes, paired.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairing {
    /// The class of each folder, as the model numbers them.
    pub columns: Vec<usize>,
    /// What a reader of the numbers should know of it.
    pub remarks: Vec<String>,
}

impl Pairing {
    /// Folder k is the k-th of `count` classes.
    pub fn in_order(count: usize) -> Self {
        Self { columns: (0..count).collect(), remarks: Vec::new() }
    }
}

/// The class of each of `folders` among `classes`.
///
/// # Errors
/// When a folder is none of the classes, or may be two of them, or two folders are the same class.
pub fn pair(folders: &[String], classes: &[String]) -> Result<Pairing> {
    ensure!(!folders.is_empty(), "there are no class folders; {WAY_OUT}");
    let known = Known::of(classes);
    let mut pairing = Pairing::default();
    let mut synonyms = Vec::new();
    let mut numbered = false;
    for folder in folders {
        let Some((column, how)) = known.find(folder)? else { bail!(foreign(folder, folders, classes)) };
        match how {
            How::Name => {}
            How::Synonym => synonyms.push(format!("{folder} is {}", classes[column])),
            How::Number => numbered = true,
        }
        if let Some(twin) = pairing.columns.iter().position(|other| *other == column) {
            bail!(
                "the class folders `{}` and `{folder}` are both the model's class `{}`; put their images into one of them",
                folders[twin],
                classes[column]
            );
        }
        pairing.columns.push(column);
    }
    if !synonyms.is_empty() {
        pairing.remarks.push(format!("Classes paired by another name: {}.", synonyms.join(", ")));
    }
    if numbered {
        let remark = "The model has numbers in place of class names; class folders are taken for them by their number, or \
                      by the rank of their WordNet id in ImageNet.";
        pairing.remarks.push(remark.to_owned());
    }
    if folders.len() < classes.len() {
        pairing.remarks.push(format!(
            "There are images of {} of the model's {} classes.",
            folders.len(),
            classes.len()
        ));
    }
    Ok(pairing)
}

/// Refuses the classes of CIFAR under other names: arrays number them by CIFAR's own names, the folders sort otherwise.
///
/// # Errors
/// When label k of an array may be another class than the k-th folder.
pub fn ensure_numbers_mean_these(folders: &[String]) -> Result<()> {
    let official: Vec<String> = folders.iter().map(|folder| synonym(&spelling(folder)).to_owned()).collect();
    let cifar = CIFAR.iter().all(|class| official.iter().any(|folder| folder == class));
    ensure!(
        !cifar || official == CIFAR,
        "the arrays number the classes of CIFAR by its own names, and the folders of --data have other names in another \
         order; say with --classes LIST which logit each number is, a JSON list"
    );
    Ok(())
}

/// How a folder was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Name,
    Synonym,
    Number,
}

/// What a model's classes are called.
struct Known {
    /// Every name as it is, in plain spelling, and as CIFAR's own.
    names: Vec<[String; 3]>,
    /// The names say nothing: an imported checkpoint's `class 0`, `class 1`, ….
    nameless: bool,
    /// The classes are ImageNet's thousand in the usual order.
    imagenet: bool,
}

impl Known {
    fn of(classes: &[String]) -> Self {
        let nameless = nameless(classes);
        let imagenet = classes.len() == imagenet::COUNT && (nameless || has_landmarks(classes));
        Self { names: classes.iter().map(|class| keys(class)).collect(), nameless, imagenet }
    }

    /// The class that `folder` is, if it is one.
    fn find(&self, folder: &str) -> Result<Option<(usize, How)>> {
        let named = classes::find(folder, &self.names).map_err(|_| {
            anyhow!(
                "`{folder}` is the name of two of the model's classes; say which logit each class folder is with \
                 --classes LIST"
            )
        })?;
        if let Some((column, key)) = named {
            // The same text or the same words, or else only the same thing.
            return Ok(Some((column, if key < 2 { How::Name } else { How::Synonym })));
        }
        if self.nameless
            && let Ok(number) = folder.trim().parse::<usize>()
        {
            return Ok((number < self.names.len()).then_some((number, How::Number)));
        }
        let rank = self.imagenet.then(|| rank_in_imagenet(folder)).flatten();
        Ok(rank.map(|column| (column, if self.nameless { How::Number } else { How::Name })))
    }
}

/// The rank of a WordNet id, or of a name of one, among ImageNet's thousand.
fn rank_in_imagenet(folder: &str) -> Option<usize> {
    let named = || {
        let wanted = spelling(folder);
        let is_it = |id: &String| class_name(id) != id.as_str() && spelling(class_name(id)) == wanted;
        imagenet::folders().iter().position(is_it)
    };
    imagenet::column(folder).or_else(named)
}

/// Whether the names say nothing: an imported checkpoint's `class 0`, `class 1`, ….
fn nameless(classes: &[String]) -> bool {
    classes.iter().enumerate().all(|(index, class)| *class == format!("class {index}"))
}

/// Whether the classes that we know by name stand where ImageNet has them: lists of its thousand names differ in words, so
/// one name contains the other.
fn has_landmarks(classes: &[String]) -> bool {
    let all = imagenet::folders();
    all.iter().enumerate().filter(|(_, id)| class_name(id) != id.as_str()).all(|(column, id)| {
        let (ours, known) = (spelling(&classes[column]), spelling(class_name(id)));
        ours.contains(&known) || classes[column] == *id
    })
}

/// Why `folder` cannot be paired.
fn foreign(folder: &str, folders: &[String], classes: &[String]) -> String {
    if nameless(classes) {
        return format!(
            "the model has {} classes without names, so nothing says which of them `{folder}` is; import it again with \
             --classes NAMES, or {WAY_OUT}",
            classes.len()
        );
    }
    format!(
        "the images have other classes than the model ({} and {}, first {:?} and {:?}); `{folder}` is none of the model's; \
         {WAY_OUT}",
        folders.len(),
        classes.len(),
        folders.first().map_or("", String::as_str),
        classes.first().map_or("", String::as_str),
    )
}

/// Class folders in the order in which people count them: numbers as numbers, anything else as text.
///
/// # Errors
/// When two folders are the same number.
pub fn sort(folders: &mut [String]) -> Result<()> {
    let number = |folder: &String| folder.parse::<u64>().ok();
    if !folders.iter().all(|folder| number(folder).is_some()) {
        folders.sort();
        return Ok(());
    }
    folders.sort_by_key(number);
    let twice = folders.windows(2).find(|pair| number(&pair[0]) == number(&pair[1]));
    let twice = twice.map_or(Ok(()), |pair| Err(format!("{} and {}", pair[0], pair[1])));
    twice.map_err(anyhow::Error::msg).context("two class folders are the same number; rename one of them")
}

/// Whether these are ImageNet's thousand class folders.
pub fn is_imagenet(folders: &[String]) -> bool {
    let all = imagenet::folders();
    folders.len() == all.len() && folders.iter().zip(&all).all(|(ours, all)| class_name(ours) == class_name(all))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn nameless(count: usize) -> Vec<String> {
        (0..count).map(|index| format!("class {index}")).collect()
    }

    fn columns(folders: &[&str], classes: &[&str]) -> Vec<usize> {
        pair(&strings(folders), &strings(classes)).unwrap().columns
    }

    fn refusal(folders: &[&str], classes: &[String]) -> String {
        format!("{:#}", pair(&strings(folders), classes).unwrap_err())
    }

    #[test]
    fn classes_in_another_order_are_paired_by_name() {
        assert_eq!(columns(&["a", "b"], &["b", "a"]), [1, 0]);
        assert!(pair(&strings(&["a", "b"]), &strings(&["b", "a"])).unwrap().remarks.is_empty());
    }

    #[test]
    fn spelling_does_not_matter_and_the_exact_name_wins() {
        assert_eq!(columns(&["Chain_Saw", "gas-pump"], &["gas pump", "chain saw"]), [1, 0]);
        assert_eq!(columns(&["Cat", "cat"], &["cat", "Cat"]), [1, 0]);
        let refusal = refusal(&["Cat", "cat"], &strings(&["cat", "dog"]));
        assert!(refusal.contains("`Cat` and `cat`"), "{refusal}");
    }

    #[test]
    fn other_names_of_cifar_are_paired_and_remarked_on() {
        let paired = pair(&strings(&["Plane", "car", "cat"]), &strings(&["airplane", "automobile", "cat"])).unwrap();
        assert_eq!(paired.columns, [0, 1, 2]);
        assert!(paired.remarks[0].contains("Plane is airplane, car is automobile"), "{:?}", paired.remarks);
        assert_eq!(columns(&["airplane", "automobile"], &["car", "plane"]), [1, 0]);
        let refusal = refusal(&["automobile", "car"], &strings(&["automobile", "airplane"]));
        assert!(refusal.contains("both the model's class"), "{refusal}");
    }

    #[test]
    fn wordnet_ids_are_their_names() {
        assert_eq!(columns(&["n01440764", "n03028079"], &["Church", "tench"]), [1, 0]);
        assert_eq!(columns(&["tench", "golf ball"], &["n03445777", "n01440764"]), [1, 0]);
    }

    #[test]
    fn wordnet_ids_are_columns_of_a_model_of_imagenet() {
        // Datasets are opened with names in place of ids that we know.
        let ten = ["n01440764", "English springer", "n03888257"];
        let paired = pair(&strings(&ten), &nameless(1000)).unwrap();
        assert_eq!(paired.columns, [0, 217, 701]);
        assert_eq!(paired.remarks.len(), 2, "{:?}", paired.remarks);
        assert!(refusal(&["n01440764", "n99999999"], &nameless(1000)).contains("--classes"));

        let all = imagenet::folders();
        assert_eq!(pair(&all, &nameless(1000)).unwrap().columns, (0..1000).collect::<Vec<_>>());
        // Names in words, of which we know ten.
        let words = |id: &String| {
            if class_name(id) == id { format!("a thing, {id}") } else { format!("{}, or so", class_name(id)) }
        };
        let mut english: Vec<String> = all.iter().map(words).collect();
        assert_eq!(pair(&all, &english).unwrap().columns[999], 999);
        english.swap(0, 5);
        assert!(pair(&all, &english).is_err(), "a thousand classes in another order than ImageNet's");
    }

    #[test]
    fn numbers_are_numbers_where_the_model_has_no_names() {
        let folders = ["0", "1", "10", "11", "2", "3", "4", "5", "6", "7", "8", "9"];
        let paired = pair(&strings(&folders), &nameless(12)).unwrap();
        assert_eq!(paired.columns, [0, 1, 10, 11, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(pair(&strings(&["02", "00"]), &nameless(3)).unwrap().columns, [2, 0]);
        assert!(refusal(&["1", "2", "3"], &nameless(3)).contains("`3`"), "counted from 1: which one is it?");
        assert!(refusal(&["02", "2"], &nameless(3)).contains("both"));
    }

    #[test]
    fn nothing_is_paired_by_order() {
        for refusal in [
            refusal(&["x", "y"], &nameless(2)),
            refusal(&["a", "c"], &strings(&["a", "b"])),
            refusal(&["dark", "light"], &strings(&["Dark Thing", "Light Thing"])),
            refusal(&["crane", "gull"], &strings(&["crane", "gull", "crane"])),
        ] {
            assert!(refusal.contains("--classes"), "{refusal}");
        }
        assert!(refusal(&["a", "c"], &strings(&["a", "b"])).contains("`c`"));
    }

    #[test]
    fn some_of_the_classes_are_enough_and_said() {
        let paired = pair(&strings(&["b"]), &strings(&["a", "b"])).unwrap();
        assert_eq!((paired.columns, paired.remarks.len()), (vec![1], 1));
    }

    #[test]
    fn folders_are_counted_as_numbers_where_all_are() {
        let sorted = |names: &[&str]| {
            let mut names = strings(names);
            sort(&mut names).map(|()| names)
        };
        assert_eq!(sorted(&["0", "10", "2"]).unwrap(), ["0", "2", "10"]);
        assert_eq!(sorted(&["2", "10", "x"]).unwrap(), ["10", "2", "x"]);
        assert!(sorted(&["02", "2"]).is_err());
    }

    #[test]
    fn numbers_of_arrays_are_those_of_cifar_only_in_its_order() {
        ensure_numbers_mean_these(&strings(&CIFAR)).unwrap();
        ensure_numbers_mean_these(&strings(&["bus", "car", "plane"])).unwrap();
        let mut renamed: Vec<String> = CIFAR.map(|class| class.replace("airplane", "plane")).to_vec();
        renamed.sort();
        assert!(ensure_numbers_mean_these(&renamed).unwrap_err().to_string().contains("--classes"));
    }
}
