//! Public datasets that are read as they are downloaded: where they are, and what proves that they came whole.
//!
//! Sizes and hashes are those that TensorFlow Datasets and Keras publish for the same addresses, checked against each other and,
//! by MD5, against the pages of the datasets.

use std::path::Path;

use anyhow::{Context, Result};

use super::{Advice, Wanted, base};
use crate::nearest;

/// Names a host that has the same files.
const MIRROR: &str = "VITRO_MIRROR";

const TORONTO: &str = "https://www.cs.toronto.edu/~kriz";
const FAST_AI: &str = "https://s3.amazonaws.com/fast-ai-imageclas";

/// The datasets, in the order in which the help lists them.
pub const ALL: &[Dataset] = &[
    Dataset {
        name: "cifar10",
        words: "CIFAR-10, 60 000 images of 32 pixels in 10 classes",
        host: TORONTO,
        file: "cifar-10-binary.tar.gz",
        bytes: 170_052_171,
        sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
    },
    Dataset {
        name: "cifar10-python",
        words: "the same images in the form for Python",
        host: TORONTO,
        file: "cifar-10-python.tar.gz",
        bytes: 170_498_071,
        sha256: "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    },
    Dataset {
        name: "cifar100",
        words: "CIFAR-100, 60 000 images of 32 pixels in 100 classes",
        host: TORONTO,
        file: "cifar-100-binary.tar.gz",
        bytes: 168_513_733,
        sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
    },
    Dataset {
        name: "cifar100-python",
        words: "the same images in the form for Python",
        host: TORONTO,
        file: "cifar-100-python.tar.gz",
        bytes: 169_001_437,
        sha256: "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
    },
    Dataset {
        name: "imagenette",
        words: "Imagenette, ten classes of ImageNet, 13 394 images of 160 pixels on the shorter side",
        host: FAST_AI,
        file: "imagenette2-160.tgz",
        bytes: 99_003_388,
        sha256: "64d0c4859f35a461889e0147755a999a48b49bf38a7e0f9bd27003f10db02fe5",
    },
    Dataset {
        name: "imagenette-320",
        words: "the same images of 320 pixels",
        host: FAST_AI,
        file: "imagenette2-320.tgz",
        bytes: 341_663_724,
        sha256: "569b4497c98db6dd29f335d1f109cf315fe127053cedf69010d047f0188e158c",
    },
];

/// A dataset in one file.
#[derive(Debug)]
pub struct Dataset {
    /// What it is asked for by.
    pub name: &'static str,
    /// What it is, for the help.
    pub words: &'static str,
    /// Its official host, without a slash at the end.
    pub host: &'static str,
    /// The file there.
    pub file: &'static str,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256, hexadecimal.
    pub sha256: &'static str,
}

impl Dataset {
    /// The file, to become one of the same name in `folder`.
    ///
    /// # Errors
    /// When the variable for another host names none.
    pub fn wanted(&self, folder: &Path) -> Result<Wanted> {
        Ok(Wanted {
            address: format!("{}/{}", base(MIRROR, self.host)?, self.file),
            target: folder.join(self.file),
            bytes: Some(self.bytes),
            sha256: Some(self.sha256.to_owned()),
            token: None,
            check: |_| Ok(()),
            again: false,
            advice: Advice {
                mirror: MIRROR,
                refused: "name a host that gives it to everyone with VITRO_MIRROR",
                missing: "name a host that has it with VITRO_MIRROR",
            },
        })
    }
}

/// The dataset called `name`.
///
/// # Errors
/// When there is none.
pub fn find(name: &str) -> Result<&'static Dataset> {
    let found = ALL.iter().find(|dataset| dataset.name == name);
    found.with_context(|| {
        format!("no dataset `{name}` is known{}", nearest::hint(name, ALL.iter().map(|dataset| dataset.name)))
    })
}

/// What there is, a line for each.
pub fn help() -> String {
    let line = |dataset: &Dataset| {
        format!("{}: {} ({:.0} MB, from {})", dataset.name, dataset.words, dataset.bytes as f64 / 1e6, dataset.host)
    };
    let lines = ALL.iter().map(line).collect::<Vec<_>>().join("\n");
    format!("{lines}\nThe variable {MIRROR} names another host that has the same files.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dataset_is_an_archive_with_a_hash_of_its_own() {
        for (index, dataset) in ALL.iter().enumerate() {
            let is_hash = dataset.sha256.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
            assert!(dataset.sha256.len() == 64 && is_hash, "{}", dataset.name);
            assert!(crate::data::is_archive(Path::new(dataset.file)), "{}", dataset.file);
            assert!(dataset.host.starts_with("https://") && !dataset.host.ends_with('/'), "{}", dataset.host);
            let others = ALL[..index].iter();
            assert!(others.clone().all(|other| other.name != dataset.name && other.sha256 != dataset.sha256));
        }
    }

    #[test]
    fn an_unknown_dataset_is_refused_with_the_nearest() {
        assert_eq!(find("imagenette").unwrap().file, "imagenette2-160.tgz");
        assert!(find("cifar-10").unwrap_err().to_string().contains("`cifar10`"));
    }
}
