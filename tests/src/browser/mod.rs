//! What the browser tests compare the page with: images, and the answers the command line gives for them.

mod image;
mod native;
mod project;

pub use image::{Image, photograph};
pub use native::{Expected, Look, apart, expected, explained};
pub use project::Project;

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use xtask::serve::{Manner, Server};
use xtask::{page, publish, workspace};

/// The built page on a port of its own.
#[derive(Debug)]
pub struct Site {
    server: Server,
}

impl Site {
    /// Serves the folder in `VITRO_DIST`, `dist/` of the workspace by default.
    ///
    /// # Errors
    /// There is no built page.
    pub fn start() -> Result<Self> {
        Self::with(Manner::default())
    }

    /// Serves it as some other server would.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn with(manner: Manner) -> Result<Self> {
        Ok(Self { server: Server::with(&built_page()?, 0, manner)? })
    }

    /// Serves what is published: a copy in `folder` with its scripts joined.
    ///
    /// # Errors
    /// As [`Self::start`], or the scripts cannot be joined.
    pub fn published(folder: &Path, manner: Manner) -> Result<Self> {
        page::copy(&built_page()?, folder)?;
        publish::shrink(folder)?;
        Ok(Self { server: Server::with(folder, 0, manner)? })
    }

    /// A site whose processor engine breaks in the way that a bundle's title says: `traps`, `traps at once`,
    /// `traps when loaded`, `hangs`. It answers like the real one for any other bundle.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn with_a_breaking_engine() -> Result<Self> {
        let engine = std::fs::read(built_page()?.join("vitro/engine-cpu.js"))?;
        let files = vec![
            ("vitro/engine-cpu.js", include_bytes!("breaking-engine.js").to_vec()),
            ("vitro/real-engine-cpu.js", engine),
        ];
        Self::with(Manner { files, ..Manner::default() })
    }

    /// Whether the site answers from now on.
    pub fn set_reachable(&self, reachable: bool) {
        self.server.set_reachable(reachable);
    }

    /// How many requests came to the site so far.
    pub fn requests(&self) -> usize {
        self.server.requests()
    }

    /// The address of a file of the site, such as `?severity=4` or `embed.html`.
    pub fn url(&self, rest: &str) -> String {
        self.server.url() + rest
    }
}

/// The folder of the built page.
///
/// # Errors
/// There is no built page.
pub fn built_page() -> Result<PathBuf> {
    let dist = workspace::dist_dir();
    let built = dist.join("index.html").is_file();
    built.then_some(dist.clone()).with_context(|| {
        format!("there is no built page in {}: run `cargo xtask test`, which builds it first", dist.display())
    })
}
