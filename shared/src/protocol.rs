//! The protocol of a measurement: which images, how they were prepared, and what corrupted them.
//!
//! A number means something only together with these facts. They are stored with every evaluation and every bundle, compared
//! field by field, and written as sentences ([`fmt::Display`]) wherever a number is shown. Nothing reads the sentences back.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::corruption::Variant;
use crate::image::Preprocess;

/// What a reader is told about facts that an earlier release did not keep.
pub const NOT_RECORDED: &str = "not recorded";

/// The conditions of a measurement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Protocol {
    /// Name of the dataset.
    pub dataset: String,
    /// Which part of it.
    pub split: Split,
    /// Number of untouched images.
    pub images: usize,
    /// How images become input. Its resize and crop come before a corruption in memory, its normalisation after.
    pub preprocess: Preprocess,
    /// Where the corrupted images came from; none if no image was corrupted.
    #[serde(default)]
    pub corruption: Option<CorruptionSource>,
}

/// A part of a dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// The images that are held out for testing, all of them.
    Test,
    /// A fixed, class-balanced choice of them.
    PartOfTest,
    /// The images that are held out for choices, all of them.
    Validation,
    /// A fixed, class-balanced choice of them.
    PartOfValidation,
}

/// Where corrupted images came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum CorruptionSource {
    /// The untouched images were corrupted in memory, after the resize and crop and before the normalisation. No JPEG lies
    /// between the corruption and the model.
    Memory {
        /// Side at which the corruption acts, pixels.
        side: usize,
        /// Constants of the corruptions.
        #[serde(serialize_with = "variant_name", deserialize_with = "named_variant")]
        variant: Variant,
        /// Seed of the corruptions.
        seed: u64,
        /// How many photographs frost was cut from; 0: it was drawn.
        #[serde(default)]
        photographs: usize,
    },
    /// Corrupted images were read from disk.
    Stored {
        /// Name of their folder.
        name: String,
        /// How they are kept.
        layout: Layout,
        /// Width and height of the first of them, pixels: the size at which the corruption acted.
        size: [usize; 2],
        /// How they became input.
        fitting: Fitting,
    },
}

/// How stored images are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// JPEG files: compressed once more after the corruption, as ImageNet-C is.
    Jpeg,
    /// Files of another format.
    Lossless,
    /// Arrays of bytes, as CIFAR-10-C is.
    Arrays,
}

/// How stored images became input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fitting {
    /// Only the centre was cut out.
    NotResized,
    /// Resized and cropped as the model's images are.
    Resized,
}

/// A fact in which two protocols differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which fact.
    pub fact: Fact,
    /// Of the first protocol, in words.
    pub first: String,
    /// Of the second, in words.
    pub second: String,
}

/// The facts of a protocol that can be compared between models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fact {
    /// Which dataset.
    Dataset,
    /// Which images of it, and how many.
    Images,
    /// How images are resized and cropped.
    Preparation,
    /// Where the corrupted images came from.
    Corruption,
}

impl Protocol {
    /// In which facts `other` differs. What a model needs by nature is none of them: its own mean and standard deviation.
    pub fn differences(&self, other: &Self) -> Vec<Difference> {
        let preparation = |protocol: &Self| {
            let Preprocess { image_size, filter, crop_pct, .. } = protocol.preprocess;
            (image_size, filter, crop_pct)
        };
        let mut differences = Vec::new();
        let mut differ = |fact, differs: bool, words: fn(&Self) -> String| {
            if differs {
                differences.push(Difference { fact, first: words(self), second: words(other) });
            }
        };
        differ(Fact::Dataset, self.dataset != other.dataset, |protocol| protocol.dataset.clone());
        differ(Fact::Images, (self.split, self.images) != (other.split, other.images), |protocol| {
            format!("{} {}", protocol.images, protocol.split)
        });
        differ(Fact::Preparation, preparation(self) != preparation(other), Self::preparation);
        // An evaluation without corrupted images says nothing about those of another one.
        let corruptions = self.corruption.as_ref().zip(other.corruption.as_ref());
        differ(Fact::Corruption, corruptions.is_some_and(|(ours, theirs)| ours != theirs), |protocol| {
            protocol.corruption.as_ref().map_or(String::new(), CorruptionSource::to_string)
        });
        differences
    }

    /// The way of an image to the model's size, in words.
    fn preparation(&self) -> String {
        let Preprocess { image_size, filter, crop_pct, .. } = self.preprocess;
        let crop = if crop_pct < 1.0 { format!(", crop {crop_pct}") } else { String::new() };
        format!("{image_size}×{image_size}, {}{crop}", format!("{filter:?}").to_lowercase())
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { dataset, split, images, corruption, .. } = self;
        write!(f, "{dataset}, {images} {split}, {}", self.preparation())?;
        match corruption {
            Some(source) => write!(f, "; corrupted images: {source}"),
            None => f.write_str("; no corrupted images"),
        }
    }
}

impl Split {
    /// The name of a choice of its images.
    #[must_use]
    pub fn part(self) -> Self {
        match self {
            Self::Test | Self::PartOfTest => Self::PartOfTest,
            Self::Validation | Self::PartOfValidation => Self::PartOfValidation,
        }
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Test => "test images",
            Self::PartOfTest => "of the test images",
            Self::Validation => "validation images",
            Self::PartOfValidation => "of the validation images",
        })
    }
}

impl fmt::Display for CorruptionSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory { side, variant, seed, photographs } => {
                write!(f, "in memory, variant {variant}, at {side}×{side} after resizing, seed {seed}")?;
                if *photographs > 0 {
                    write!(f, ", frost from photographs ({photographs})")?;
                }
                Ok(())
            }
            Self::Stored { name, layout, size: [width, height], fitting } => {
                write!(f, "stored, {name}, {layout} of {width}×{height}, {fitting}")
            }
        }
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jpeg => "JPEG files",
            Self::Lossless => "lossless files",
            Self::Arrays => "arrays",
        })
    }
}

impl fmt::Display for Fitting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotResized => f.write_str("not resized"),
            Self::Resized => f.write_str("resized as the model's images are"),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fact, first, second } = self;
        write!(f, "{fact}: {first} / {second}")
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dataset => "data",
            Self::Images => "images",
            Self::Preparation => "preparation",
            Self::Corruption => "corrupted images",
        })
    }
}

fn variant_name<S: Serializer>(variant: &Variant, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(variant.name())
}

fn named_variant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Variant, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn protocol() -> Protocol {
        let corruption = CorruptionSource::Memory { side: 64, variant: Variant::Tiny, seed: 3, photographs: 0 };
        Protocol {
            dataset: "scenes".into(),
            split: Split::Test,
            images: 300,
            preprocess: Preprocess::imagenet(64),
            corruption: Some(corruption),
        }
    }

    fn stored(layout: Layout, fitting: Fitting) -> CorruptionSource {
        CorruptionSource::Stored { name: "C".into(), layout, size: [224, 224], fitting }
    }

    #[test]
    fn every_protocol_survives_json() {
        let sources = [
            protocol().corruption.unwrap(),
            CorruptionSource::Memory { side: 32, variant: Variant::ImageCorruptions, seed: u64::MAX, photographs: 5 },
            stored(Layout::Jpeg, Fitting::NotResized),
            stored(Layout::Lossless, Fitting::Resized),
            stored(Layout::Arrays, Fitting::NotResized),
        ];
        for corruption in sources.into_iter().map(Some).chain([None]) {
            let protocol = Protocol { corruption, ..protocol() };
            let json = serde_json::to_string(&protocol).unwrap();
            assert_eq!(serde_json::from_str::<Protocol>(&json).unwrap(), protocol, "{json}");
        }
        let unknown = serde_json::to_string(&protocol()).unwrap().replace("tiny", "small");
        assert!(serde_json::from_str::<Protocol>(&unknown).unwrap_err().to_string().contains("small"));
    }

    #[test]
    fn sentences_say_what_the_values_are() {
        let said = protocol().to_string();
        let expected = "scenes, 300 test images, 64×64, bicubic; corrupted images: in memory, variant tiny, at 64×64 after \
                        resizing, seed 3";
        assert_eq!(said, expected);
        let said = stored(Layout::Jpeg, Fitting::Resized).to_string();
        assert_eq!(said, "stored, C, JPEG files of 224×224, resized as the model's images are");
    }

    #[test]
    fn protocols_differ_fact_by_fact() {
        let ours = protocol();
        assert_eq!(ours.differences(&protocol()), []);
        let facts = |other: &Protocol| ours.differences(other).iter().map(|one| one.fact).collect::<Vec<_>>();
        assert_eq!(facts(&Protocol { dataset: "cifar".into(), ..protocol() }), [Fact::Dataset]);
        assert_eq!(facts(&Protocol { split: Split::PartOfTest, ..protocol() }), [Fact::Images]);
        assert_eq!(facts(&Protocol { images: 30, ..protocol() }), [Fact::Images]);
        assert_eq!(facts(&Protocol { preprocess: Preprocess::imagenet(32), ..protocol() }), [Fact::Preparation]);
        let seed = CorruptionSource::Memory { side: 64, variant: Variant::Tiny, seed: 4, photographs: 0 };
        assert_eq!(facts(&Protocol { corruption: Some(seed), ..protocol() }), [Fact::Corruption]);
        assert_eq!(facts(&Protocol { corruption: None, ..protocol() }), []);
        // The statistics belong to the model.
        let mut own = protocol();
        own.preprocess.mean = [0.5; 3];
        assert_eq!(facts(&own), []);
    }
}
