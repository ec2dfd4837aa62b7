//! The photographs of frost that `--frost-dir` names, for people who have the originals.
//!
//! A folder with the published names (`frost1` to `frost5`, PNG or JPEG) gives these five in order; their sixth is never used,
//! as in the published generators. Any other folder gives all of its images, sorted by path.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use vitro::corruption::{Variant, frost};
use vitro::image::Rgb8;

use super::files::{self, File};

/// Published photographs that are used.
const PUBLISHED: usize = 5;
/// Nobody has more; a dataset was meant.
const MOST: usize = 64;

/// Reads the photographs of a folder, for work that makes frost if `wanted`.
///
/// # Errors
/// When it is no folder, has none, has too many, something in it is no image, or nobody wants them.
pub fn read(folder: &Path, wanted: bool) -> Result<Vec<Rgb8>> {
    ensure!(wanted, "--frost-dir is for frost alone; add frost to --only, or leave the option out");
    let name = folder.display();
    ensure!(folder.is_dir(), "there is no folder {name}; name the one with frost1.png to frost5.jpg");
    let files = files::list(folder)?;
    let chosen = choose(&files).with_context(|| format!("in {name}"))?;
    let read = |file: &&File| file.image().with_context(|| format!("{name}/{}", file.name()));
    chosen.iter().map(read).collect()
}

/// Refuses photographs that are no larger than an image of `width`×`height` at the scale of `variant`: there would be nothing
/// to choose a crop from.
///
/// # Errors
/// Then.
pub fn cover(photographs: &[Rgb8], width: usize, height: usize, variant: Variant) -> Result<()> {
    // imagecorruptions enlarges what is too small.
    if variant == Variant::ImageCorruptions {
        return Ok(());
    }
    for photograph in photographs {
        let scale = frost::scale_of(photograph, 1, 1, variant);
        let scaled = |side: usize| (side as f64 * scale).round() as usize;
        ensure!(
            scaled(photograph.width()) > width && scaled(photograph.height()) > height,
            "a photograph of frost has {}×{} pixels, {}×{} at the scale of {variant}: too few for images of \
             {width}×{height}; use the originals, or --variant imagecorruptions, which enlarges them",
            photograph.width(),
            photograph.height(),
            scaled(photograph.width()),
            scaled(photograph.height()),
        );
    }
    Ok(())
}

fn choose(files: &[File]) -> Result<Vec<&File>> {
    let published = |number: usize| {
        let stem = format!("frost{number}");
        files.iter().find(|file| file.path.len() == 1 && Path::new(&file.path[0]).file_stem() == Some(stem.as_ref()))
    };
    let named: Vec<Option<&File>> = (1..=PUBLISHED).map(published).collect();
    if named.iter().any(Option::is_some) {
        let missing = named.iter().position(Option::is_none).map_or(0, |at| at + 1);
        return named.into_iter().collect::<Option<_>>().with_context(|| {
            format!("frost{missing} is missing; put frost1 to frost5 there, or give the images other names")
        });
    }
    ensure!(!files.is_empty(), "there are no images; put the photographs of frost there");
    ensure!(files.len() <= MOST, "there are {} files; put only the photographs of frost there", files.len());
    Ok(files.iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Result<Vec<String>> {
        let files: Vec<File> =
            names.iter().map(|name| File::in_memory(vec![(*name).to_owned()], Default::default())).collect();
        Ok(choose(&files)?.into_iter().map(File::name).collect())
    }

    #[test]
    fn the_published_five_are_used_without_the_sixth() {
        let found =
            names(&["frost1.png", "frost2.png", "frost3.png", "frost4.jpg", "frost5.jpg", "frost6.jpg"]).unwrap();
        assert_eq!(found, ["frost1.png", "frost2.png", "frost3.png", "frost4.jpg", "frost5.jpg"]);
        assert!(names(&["frost1.png", "frost3.png"]).unwrap_err().to_string().contains("frost2 is missing"));
    }

    #[test]
    fn other_names_are_all_used_in_order() {
        assert_eq!(names(&["a.png", "b.jpg"]).unwrap(), ["a.png", "b.jpg"]);
        assert!(names(&[]).is_err());
    }

    #[test]
    fn small_photographs_are_refused_where_they_are_shrunk() {
        let photograph = [Rgb8::from_fn(300, 200, |_, _| [9; 3])];
        assert!(cover(&photograph, 32, 32, Variant::Cifar).is_ok());
        assert!(cover(&photograph, 32, 40, Variant::Cifar).is_err());
        assert!(cover(&photograph, 224, 224, Variant::ImageNet).is_err());
        assert!(cover(&photograph, 224, 224, Variant::ImageCorruptions).is_ok());
    }
}
