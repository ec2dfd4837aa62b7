//! A file comes: into `NAME.part`, from where an earlier go stopped, and under its own name once it is proven.

use std::fs;
use std::path::Path;
use std::thread;

use anyhow::{Context, Error, Result, anyhow, ensure};

use super::client::{self, Request, Trouble};
use super::meter::Meter;
use super::part::{self, CHUNK, Part};
use super::{Outcome, Settings, Wanted};
use crate::disk;

/// Brings the file, unless it is there.
///
/// # Errors
/// When it does not come, which leaves the part that came for another go; when something else came, or another file is in its
/// place, which leaves nothing behind and the other file where it was.
pub fn download(wanted: &Wanted, settings: &Settings) -> Result<Outcome> {
    let target = &wanted.target;
    if target.exists() && !wanted.again {
        let is_it = is_proven(wanted, fs::metadata(target)?.len(), || part::sha256_of(target));
        is_it.and_then(|()| (wanted.check)(target)).with_context(|| {
            format!("{} is in the way; move it elsewhere to download {}", target.display(), wanted.address)
        })?;
        return Ok(Outcome::WasThere);
    }
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let mut part = Part::open(target, wanted.sha256.is_some())?;
    if let Some(missing) = wanted.bytes.map(|bytes| bytes.saturating_sub(part.length)) {
        let free = disk::free(folder).unwrap_or(u64::MAX);
        ensure!(
            free > missing,
            "{} MiB are to come and {} are free in {}; choose another folder",
            missing >> 20,
            free >> 20,
            folder.display()
        );
    }
    let all = Go { wanted, settings }.all(&mut part);
    let proven = all.and_then(|()| {
        is_proven(wanted, part.length, || Ok(part.sha256()))
            .and_then(|()| (wanted.check)(&part.path))
            .map_err(|error| End::Foreign(error.context(format!("{} is another file than was wanted", wanted.address))))
    });
    match proven {
        Ok(()) => part.finish(target).map(|()| Outcome::Came),
        Err(End::Foreign(error)) => {
            part.remove();
            let mirror = wanted.advice.mirror;
            Err(anyhow!("{error:#}; what came is removed, name another host with {mirror} or try again later"))
        }
        Err(End::Stopped(error)) => {
            if part.length == 0 {
                part.remove();
            }
            Err(error)
        }
    }
}

/// Why there is no file.
enum End {
    /// What came, or would come, is another file.
    Foreign(Error),
    /// The rest may come another time.
    Stopped(Error),
}

/// Whether a file has the size and the hash that were published.
fn is_proven(wanted: &Wanted, length: u64, sha256: impl FnOnce() -> Result<String>) -> Result<()> {
    if let Some(bytes) = wanted.bytes {
        ensure!(length == bytes, "it has {length} bytes instead of {bytes}");
    }
    let Some(expected) = &wanted.sha256 else { return Ok(()) };
    let found = sha256()?;
    ensure!(found == *expected, "its SHA-256 is {found} instead of {expected}");
    Ok(())
}

/// A download with everything it needs.
struct Go<'a> {
    wanted: &'a Wanted,
    settings: &'a Settings,
}

impl Go<'_> {
    /// All bytes, in as many goes as it takes.
    fn all(&self, part: &mut Part) -> Result<(), End> {
        if self.wanted.bytes.is_some_and(|bytes| part.length > bytes) {
            part.begin(None).map_err(End::Stopped)?;
        }
        let name = self.wanted.target.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut meter = Meter::new(name, part.length);
        let (mut in_vain, mut has_come) = (0, false);
        while self.wanted.bytes.is_none_or(|bytes| part.length != bytes) {
            let before = part.length;
            match self.once(part, &mut meter) {
                Ok(()) => break,
                Err(Failure::Trouble(Trouble::Lasting(sentence))) => return Err(End::Stopped(anyhow!(sentence))),
                Err(Failure::Foreign(error)) => return Err(End::Foreign(error)),
                Err(Failure::Here(error)) => return Err(End::Stopped(error)),
                Err(Failure::Trouble(trouble)) => {
                    if part.length > before {
                        (in_vain, has_come) = (0, true);
                    }
                    in_vain += 1;
                    // Who never had a connection need not wait for the sentence.
                    let is_hopeless = matches!(trouble, Trouble::Unreachable(_)) && !has_come;
                    if is_hopeless || in_vain >= self.settings.tries {
                        drop(meter);
                        return Err(End::Stopped(self.sentence(trouble, part)));
                    }
                    thread::sleep(self.settings.pause * 2_u32.saturating_pow(in_vain - 1));
                }
            }
        }
        Ok(())
    }

    /// One request, to the end of the file or of the connection.
    fn once(&self, part: &mut Part, meter: &mut Meter) -> Result<(), Failure> {
        let Wanted { address, token, .. } = self.wanted;
        let patience = self.settings.patience;
        // Bytes of which nobody could tell whether they are of the same file are no beginning.
        if part.mark.is_none() && self.wanted.sha256.is_none() {
            part.begin(None).map_err(Failure::Here)?;
        }
        let request =
            Request { address, from: part.length, mark: part.mark.as_deref(), token: token.as_deref(), patience };
        let mut answer = client::ask(&request).map_err(Failure::Trouble)?;
        match answer.status {
            // The whole file: there are no parts to be had, or it is another one by now.
            200 => part.begin(answer.mark.take()).map_err(Failure::Here)?,
            206 if answer.from == part.length => {}
            206 | 416 => {
                part.begin(None).map_err(Failure::Here)?;
                return Err(Failure::passing("it has no such part of the file"));
            }
            status => return Err(Failure::Trouble(self.refusal(status))),
        }
        if let (Some(total), Some(bytes)) = (answer.total, self.wanted.bytes)
            && total != bytes
        {
            return Err(Failure::Foreign(anyhow!("{address} has {total} bytes instead of {bytes}")));
        }
        let mut buffer = vec![0; CHUNK];
        loop {
            let read = answer.read(&mut buffer).map_err(Failure::Trouble)?;
            if read == 0 {
                break;
            }
            part.add(&buffer[..read]).map_err(Failure::Here)?;
            meter.show(part.length, answer.total);
            if let Some(most) = self.wanted.bytes.filter(|bytes| part.length > *bytes) {
                return Err(Failure::Foreign(anyhow!("{address} has more than {most} bytes")));
            }
        }
        match answer.total {
            Some(total) if part.length < total => Err(Failure::passing("the connection ended early")),
            _ => Ok(()),
        }
    }

    /// What a status other than success means.
    fn refusal(&self, status: u16) -> Trouble {
        let Wanted { address, advice, .. } = self.wanted;
        match status {
            408 | 425 | 429 | 500..=599 => Trouble::Passing(format!("it answers with status {status}")),
            401 | 403 => Trouble::Lasting(format!("{address} is refused (status {status}); {}", advice.refused)),
            404 | 410 => {
                Trouble::Lasting(format!("there is nothing at {address} (status {status}); {}", advice.missing))
            }
            _ => Trouble::Lasting(format!("{address} answers with status {status}; {}", advice.missing)),
        }
    }

    fn sentence(&self, trouble: Trouble, part: &Part) -> Error {
        let (host, mirror) = (client::host(&self.wanted.address), self.wanted.advice.mirror);
        let (verb, reason) = match trouble {
            Trouble::Unreachable(reason) => ("cannot reach", reason),
            Trouble::Passing(reason) | Trouble::Lasting(reason) => ("gave up on", reason),
        };
        match part.length {
            0 => anyhow!("{verb} {host}: {reason}; check the connection, or name another host with {mirror}"),
            here => anyhow!(
                "{verb} {host}: {reason}; {here} bytes are in {}, and the same command goes on from there",
                part.path.display()
            ),
        }
    }
}

/// Why one request was not enough.
enum Failure {
    /// Of the host or of the way to it.
    Trouble(Trouble),
    /// It has another file.
    Foreign(Error),
    /// Of this machine.
    Here(Error),
}

impl Failure {
    fn passing(reason: &str) -> Self {
        Self::Trouble(Trouble::Passing(reason.to_owned()))
    }
}
