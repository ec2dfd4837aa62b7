//! What the browser tests compare the page with: images, and the answers the command line gives for them.

mod image;
mod native;

pub use image::{Image, photograph};
pub use native::{Expected, apart, expected};

use anyhow::{Context, Result};
use xtask::{serve::Server, workspace};

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
        let dist = workspace::dist_dir();
        let built = dist.join("index.html").is_file();
        built.then_some(()).with_context(|| {
            format!("there is no built page in {}: run `cargo xtask test`, which builds it first", dist.display())
        })?;
        Ok(Self { server: Server::start(&dist, 0)? })
    }

    /// The address of a file of the site, such as `?severity=4` or `embed.html`.
    pub fn url(&self, rest: &str) -> String {
        self.server.url() + rest
    }
}
