//! Weights on the Hugging Face hub: `hf:USER/REPO/FILE`, or `hf:USER/REPO/FILE@REVISION` for a branch, a tag or a commit.
//!
//! `vitro pull` brings the file once, into the folder of [`kept`]; from there it is opened without a network. Nothing else asks
//! the hub.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail, ensure};
use safetensors::tensor::Metadata;
use vitro::bundle::MANIFEST_KEY;

use super::{Advice, Wanted, base};
use crate::kept;

/// What a name of the hub begins with.
const PREFIX: &str = "hf:";
/// The branch that is meant when none is named.
const MAIN: &str = "main";

const HOST: &str = "https://huggingface.co";
/// Names another host that answers like the hub.
const MIRROR: &str = "HF_ENDPOINT";
/// Says who asks, for what is not for everyone.
const TOKEN: &str = "HF_TOKEN";

/// The largest header of a safetensors file, as the format says.
const LONGEST_HEADER: u64 = 100_000_000;

/// A file of the hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// User and repository.
    repository: [String; 2],
    /// Folders and file.
    path: Vec<String>,
    revision: String,
}

impl Name {
    /// Reads `hf:USER/REPO/FILE@REVISION`; none where the text is no name of the hub.
    ///
    /// # Errors
    /// When something is missing from it.
    pub fn read(text: &str) -> Result<Option<Self>> {
        let Some(rest) = text.strip_prefix(PREFIX) else { return Ok(None) };
        let (place, revision) = rest.split_once('@').unwrap_or((rest, MAIN));
        let parts: Vec<String> = place.split('/').map(str::to_owned).collect();
        let is_plain = |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains('\\');
        let [user, repository, path @ ..] = parts.as_slice() else { bail!("{}", form(text)) };
        ensure!(
            !path.is_empty() && parts.iter().map(String::as_str).chain(revision.split('/')).all(is_plain),
            "{}",
            form(text)
        );
        let repository = [user.clone(), repository.clone()];
        Ok(Some(Self { repository, path: path.to_vec(), revision: revision.to_owned() }))
    }

    /// Where the file is once it was pulled.
    ///
    /// # Errors
    /// When the system has no place for it.
    pub fn place(&self) -> Result<PathBuf> {
        let folder = kept::folder().with_context(|| {
            format!("there is no folder to keep bundles in; name one with the variable {}", kept::VARIABLE)
        })?;
        let [user, repository] = &self.repository;
        let parts = [user, repository, &self.revision].into_iter().chain(&self.path).map(|part| encoded(part));
        Ok(folder.join("hub").join(parts.collect::<PathBuf>()))
    }

    /// The file, to become that of [`Self::place`]; with `again`, whatever is there.
    ///
    /// # Errors
    /// When there is no place for it, or the variable for another host names none.
    pub fn wanted(&self, again: bool) -> Result<Wanted> {
        let [user, repository] = self.repository.each_ref().map(|part| encoded(part));
        let file = self.path.iter().map(|part| encoded(part)).collect::<Vec<_>>().join("/");
        let (host, revision) = (base(MIRROR, HOST)?, encoded(&self.revision));
        Ok(Wanted {
            address: format!("{host}/{user}/{repository}/resolve/{revision}/{file}"),
            target: self.place()?,
            bytes: None,
            sha256: None,
            token: std::env::var(TOKEN).ok().filter(|token| !token.is_empty()),
            check: |path| header(path).map(drop),
            again,
            advice: Advice {
                mirror: MIRROR,
                refused: "check the name, or set HF_TOKEN to the token of somebody who may read it",
                missing: "check user, repository, file and revision",
            },
        })
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [user, repository] = &self.repository;
        write!(formatter, "{PREFIX}{user}/{repository}/{}", self.path.join("/"))?;
        if self.revision == MAIN { Ok(()) } else { write!(formatter, "@{}", self.revision) }
    }
}

fn form(text: &str) -> String {
    format!(
        "{text} is no file of the hub; write hf:USER/REPO/FILE, with @REVISION after it for one that is not on main"
    )
}

/// The file that `subject` names, pulled before; none where it is no name of the hub.
///
/// # Errors
/// When it was not pulled.
pub fn named(subject: &Path) -> Result<Option<PathBuf>> {
    let Some(name) = subject.to_str().map(Name::read).transpose()?.flatten() else { return Ok(None) };
    let place = name.place()?;
    ensure!(place.is_file(), "{name} was not pulled yet; run `vitro pull {name}`");
    Ok(Some(place))
}

/// What a file of the hub is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One of our bundles.
    Bundle,
    /// Weights of another program.
    Weights,
}

/// What the safetensors file at `path` is.
///
/// # Errors
/// When it is none, or is not whole.
pub fn kind(path: &Path) -> Result<Kind> {
    let header = header(path)?;
    let is_bundle = header.metadata().as_ref().is_some_and(|facts| facts.contains_key(MANIFEST_KEY));
    Ok(if is_bundle { Kind::Bundle } else { Kind::Weights })
}

/// The header of a safetensors file. The arrays are not read, but all of them must be there.
fn header(path: &Path) -> Result<Metadata> {
    let mut file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut header = || -> Result<Metadata> {
        let length = file.metadata()?.len();
        let mut size = [0; 8];
        file.read_exact(&mut size).context("it is too short")?;
        let size = u64::from_le_bytes(size);
        ensure!(size <= LONGEST_HEADER.min(length), "it has no header");
        let mut text = vec![0; size as usize];
        file.read_exact(&mut text).context("it ends within its header")?;
        let header: Metadata = serde_json::from_slice(&text).context("its header cannot be read")?;
        let whole = (8 + size).saturating_add(header.data_len() as u64);
        ensure!(length == whole, "it has {length} bytes instead of {whole}");
        Ok(header)
    };
    header().map_err(|error| anyhow!("it is no whole safetensors file: {error:#}"))
}

/// Text as a part of an address, and as a name that every system takes.
fn encoded(part: &str) -> String {
    let mut encoded = String::with_capacity(part.len());
    for byte in part.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<Name>> {
        Name::read(text)
    }

    #[test]
    fn a_name_has_a_user_a_repository_a_file_and_maybe_a_revision() {
        for text in ["hf:someone/models/vit.safetensors", "hf:a/b/c/d.safetensors@refs/pr/1"] {
            assert_eq!(read(text).unwrap().unwrap().to_string(), text);
        }
        let main = read("hf:a/b/c.safetensors@main").unwrap().unwrap();
        assert_eq!(main, read("hf:a/b/c.safetensors").unwrap().unwrap());
        assert_eq!(read("runs/vit").unwrap(), None);
    }

    #[test]
    fn a_name_that_leads_elsewhere_or_nowhere_is_refused() {
        for text in
            ["hf:", "hf:a", "hf:a/b", "hf:a/b/", "hf:a/b/../c", "hf:a//c", "hf:a/b/c@", "hf:a/b/c@../x", "hf:a/b/c\\d"]
        {
            let refusal = read(text).unwrap_err().to_string();
            assert!(refusal.contains("hf:USER/REPO/FILE"), "{text}: {refusal}");
        }
    }

    #[test]
    fn every_part_of_a_name_stays_one_part() {
        let wanted = read("hf:a/b/c d.safetensors@refs/pr/1").unwrap().unwrap();
        assert_eq!(encoded(&wanted.revision), "refs%2Fpr%2F1");
        assert_eq!(encoded("c d.safetensors"), "c%20d.safetensors");
    }
}
