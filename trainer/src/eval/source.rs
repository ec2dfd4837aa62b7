//! Where the corrupted images of a table come from: made here from the test images, or read from disk.

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;
use vitro::corruption::{Corruption, Severity};
use vitro::image::{Preprocess, Rgb8};
use vitro::measurement::{Conditions, balanced};
use vitro::protocol::{self, CorruptionSource};

use super::classes::{self, Pairing};
use super::stored::Stored;
use super::table::Plan;
use crate::data::{Set, photographs};
use crate::subject::Subject;

/// How stored images become the model's input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Fitting {
    /// Takes the centre without resizing, as the original evaluation does with images that already have their size.
    #[default]
    None,
    /// Resized and cropped like any image, as evaluations with timm's loaders do. The same unless the model's crop_pct is
    /// below 1 or the sizes differ.
    Timm,
}

/// A source of corrupted images.
pub enum Source<'a> {
    /// Corrupted when asked for, at the model's size.
    Memory {
        /// Where the untouched images come from.
        set: &'a Set,
        /// What each label is to the model.
        columns: Vec<usize>,
        /// How they become input.
        preprocess: &'a Preprocess,
        /// How they are corrupted.
        conditions: Conditions<'a>,
    },
    /// Read from disk.
    Stored {
        /// The benchmark.
        stored: Stored,
        /// Labels of its images.
        labels: Vec<usize>,
        /// What each label is to the model.
        columns: Vec<usize>,
        /// How they become input.
        preprocess: &'a Preprocess,
        /// Whether they are resized.
        fitting: Fitting,
    },
}

impl<'a> Source<'a> {
    /// The source that `plan` asks for, and what there is to say about its classes. `clean` pairs the classes of `set`.
    ///
    /// # Errors
    /// When stored images are not there, or of other classes than the model's.
    pub fn open(subject: &'a Subject, set: &'a Set, plan: &'a Plan, clean: &Pairing) -> Result<(Self, Vec<String>)> {
        let preprocess = &subject.manifest.preprocess;
        let columns = clean.columns.clone();
        let Some(path) = &plan.stored else {
            let usual = Conditions::of(preprocess, plan.seed);
            let variant = plan.variant.unwrap_or(usual.variant);
            photographs::cover(&plan.photographs, usual.side, usual.side, variant)?;
            let conditions = Conditions { variant, photographs: plan.photographs.as_slice(), ..usual };
            return Ok((Self::Memory { set, columns, preprocess, conditions }, Vec::new()));
        };
        let wanted = |corruption: &Corruption, severity| {
            plan.corruptions.iter().any(|asked| asked.name == corruption.name) && plan.severities.contains(&severity)
        };
        let stored = Stored::open(path, wanted)?;
        let Pairing { columns, remarks } = match (stored.folders(), &plan.subset) {
            (Some(folders), Some(subset)) => {
                subset.ensure_are(folders, path)?;
                Pairing::in_order(folders.len())
            }
            (Some(folders), None) => {
                classes::pair(folders, &subject.manifest.classes).with_context(|| format!("in {}", path.display()))?
            }
            // Arrays number the classes as the listed columns or the untouched images do.
            (None, Some(_)) => Pairing { columns, remarks: Vec::new() },
            (None, None) => {
                classes::ensure_numbers_mean_these(&set.classes)?;
                Pairing { columns, remarks: Vec::new() }
            }
        };
        let labels = stored.labels();
        let (largest, classes) = (labels.iter().max().copied().unwrap_or_default(), columns.len());
        ensure!(
            largest < classes,
            "the labels of {} go up to {largest}, but there are {classes} classes; name the test images of the same set \
             with --data",
            path.display()
        );
        Ok((Self::Stored { stored, labels, columns, preprocess, fitting: plan.fitting }, remarks))
    }

    /// Whether a cell can be measured.
    pub fn has(&self, corruption: &Corruption, severity: Severity) -> bool {
        match self {
            Self::Memory { .. } => true,
            Self::Stored { stored, .. } => stored.has(corruption, severity),
        }
    }

    /// A fixed, class-balanced part of its images; `limit` 0 takes all.
    pub fn indices(&self, limit: usize) -> Result<Vec<usize>> {
        match self {
            Self::Memory { set, .. } => subset(set, limit),
            Self::Stored { labels, .. } if limit == 0 => Ok((0..labels.len()).collect()),
            Self::Stored { labels, .. } => Ok(balanced(labels, limit)),
        }
    }

    /// Image `index` of a cell, ready for the model, and its label.
    pub fn image(&self, corruption: &Corruption, severity: Severity, index: usize) -> Result<(Rgb8, usize)> {
        match self {
            Self::Memory { set, columns, preprocess, conditions } => {
                let sample = set.test.sample(index)?;
                let image = preprocess.prepare(&sample.image);
                Ok((conditions.corrupted(&image, index, corruption, severity), columns[sample.label]))
            }
            Self::Stored { stored, labels, columns, preprocess, fitting } => {
                let image = stored.image(corruption, severity, index)?;
                Ok((fitted(&image, preprocess, *fitting)?, columns[labels[index]]))
            }
        }
    }

    /// A name for image `index` that tells a person which one it is.
    pub fn name(&self, index: usize) -> String {
        match self {
            Self::Memory { set, .. } => set.test.name(index),
            Self::Stored { stored, .. } => stored.name(index),
        }
    }

    /// What a reader of the numbers must know.
    ///
    /// # Errors
    /// When the first stored image cannot be read.
    pub fn described(&self) -> Result<CorruptionSource> {
        Ok(match self {
            Self::Memory { conditions, .. } => conditions.described(),
            Self::Stored { stored, fitting, .. } => CorruptionSource::Stored {
                name: stored.name.clone(),
                layout: stored.layout(),
                size: stored.size()?,
                fitting: match fitting {
                    Fitting::None => protocol::Fitting::NotResized,
                    Fitting::Timm => protocol::Fitting::Resized,
                },
            },
        })
    }
}

/// A fixed, class-balanced part of the test images; `limit` 0 takes all.
pub fn subset(set: &Set, limit: usize) -> Result<Vec<usize>> {
    let all = set.test.len();
    if limit == 0 || limit >= all {
        return Ok((0..all).collect());
    }
    let labels = (0..all).map(|index| set.test.label(index)).collect::<Result<Vec<_>>>()?;
    Ok(balanced(&labels, limit))
}

fn fitted(image: &Rgb8, preprocess: &Preprocess, fitting: Fitting) -> Result<Rgb8> {
    match fitting {
        Fitting::Timm => Ok(preprocess.prepare(image)),
        Fitting::None => match preprocess.crop_only(image) {
            Some(crop) => Ok(crop),
            None => bail!(
                "the stored images are {}×{}, the model takes {size}×{size}; resize them with --c-preproc timm",
                image.width(),
                image.height(),
                size = preprocess.image_size
            ),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::data::{Images, Sample};

    /// Labels without images.
    struct Labels(Vec<usize>);

    impl Images for Labels {
        fn len(&self) -> usize {
            self.0.len()
        }

        fn sample(&self, index: usize) -> Result<Arc<Sample>> {
            bail!("image {index} is not needed to choose it")
        }

        fn label(&self, index: usize) -> Result<usize> {
            Ok(self.0[index])
        }

        fn name(&self, index: usize) -> String {
            index.to_string()
        }
    }

    fn set(labels: Vec<usize>) -> Set {
        let test: Arc<dyn Images> = Arc::new(Labels(labels));
        Set {
            title: String::new(),
            classes: Vec::new(),
            train: test.clone(),
            validation: None,
            test,
            train_data: String::new(),
        }
    }

    #[test]
    fn a_limit_is_class_balanced_and_always_the_same() {
        // Class 1 is three times as frequent as 0, and 2 has five images.
        let labels: Vec<usize> =
            (0..205).map(|index| if index >= 200 { 2 } else { usize::from(index % 4 > 0) }).collect();
        let set = set(labels.clone());
        for limit in [3, 10, 15, 50] {
            let chosen = subset(&set, limit).unwrap();
            let of = |class| chosen.iter().filter(|index| labels[**index] == class).count();
            assert_eq!(chosen.len(), limit);
            assert!(
                of(0).abs_diff(of(1)) <= 1 && of(2) == (limit / 3).min(5),
                "{limit}: {} {} {}",
                of(0),
                of(1),
                of(2)
            );
            assert_eq!(chosen, subset(&set, limit).unwrap());
            assert!(chosen.windows(2).all(|pair| pair[0] < pair[1]), "each image once");
        }
        assert_eq!(subset(&set, 0).unwrap().len(), 205);
        assert_eq!(subset(&set, 999).unwrap().len(), 205);
    }
}
