//! Driving headless Chromium over its own protocol: enough to open a page, run JavaScript in it and press keys.
//!
//! The protocol runs over two pipes (`--remote-debugging-pipe`): JSON messages that end with a zero byte. So nothing has to be
//! compiled for it, there is no port to find, and Chromium ends by itself when the pipe closes, even after a killed test. The
//! pipes are the file descriptors 3 and 4, which a shell arranges; hence Unix only.
//!
//! [`Browser`] is the process, [`Page`] one open page in it; both block, and every wait has an end.

mod connection;
mod firefox;
mod page;

pub use firefox::Firefox;
pub use page::{Burden, Page};

use crate::system;
use anyhow::{Context, Result, bail};
use connection::Connection;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, process, thread, time::Duration};

/// Whether the pages of a browser get a graphics adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebGpu {
    /// WebGPU on Chromium's software adapter, the same on every machine.
    Software,
    /// No adapter: `requestAdapter()` answers null, as on a machine with no usable graphics card.
    Off,
}

/// A headless Chromium with a fresh profile. It ends, and the profile goes, when this value is dropped.
#[derive(Debug)]
pub struct Browser {
    connection: Connection,
    process: Child,
    profile: PathBuf,
}

impl Browser {
    /// Starts Chromium.
    ///
    /// # Errors
    /// Chromium is not installed or does not start.
    pub fn start(webgpu: WebGpu) -> Result<Self> {
        if !cfg!(unix) {
            bail!("the browser checks run on Linux and macOS only: leave them out with --no-browser");
        }
        let chromium = system::chromium()?;
        let profile = new_profile()?;
        let mut process = command(&chromium, &profile, webgpu).spawn().context("cannot start a shell for Chromium")?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            bail!("Chromium was started without its pipes");
        };
        let mut browser = Self { connection: Connection::new(input, output), process, profile };
        browser
            .connection
            .call(None, "Browser.getVersion", &json!({}))
            .with_context(|| format!("{} does not answer", chromium.display()))?;
        Ok(browser)
    }

    /// Opens a page and waits until its `load` event.
    ///
    /// # Errors
    /// The page cannot be loaded.
    pub fn open(&mut self, url: &str) -> Result<Page<'_>> {
        self.open_with(url, "")
    }

    /// Opens a page in which `script` runs before anything of the page's own.
    ///
    /// # Errors
    /// The page cannot be loaded.
    pub fn open_with(&mut self, url: &str, script: &str) -> Result<Page<'_>> {
        Page::open(&mut self.connection, url, script)
    }

    /// Opens a page with JavaScript switched off. What is evaluated in it still runs.
    ///
    /// # Errors
    /// The page cannot be loaded.
    pub fn open_without_scripts(&mut self, url: &str) -> Result<Page<'_>> {
        let mut page = Page::blank(&mut self.connection)?;
        page.switch_scripts_off()?;
        page.navigate(url)?;
        Ok(page)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The answer to a polite request is not worth waiting for; one second is.
        self.connection.close();
        for _ in 0..20 {
            if matches!(self.process.try_wait(), Ok(Some(_))) {
                break;
            }
            thread::sleep(Duration::from_millis(50));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.profile);
    }
}

/// `sh` moves its own input and output to the descriptors that Chromium reads, then becomes Chromium.
fn command(chromium: &Path, profile: &Path, webgpu: WebGpu) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null"])
        .arg(chromium)
        .args(["--headless=new", "--remote-debugging-pipe"])
        .arg(format!("--user-data-dir={}", profile.display()))
        // Only our own files are opened, and Chromium's sandbox starts neither as root nor in most containers.
        .arg("--no-sandbox")
        .args(["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--disable-quic", "--disable-dev-shm-usage", "--window-size=1280,900"])
        // A camera that shows a moving pattern, and a visitor who allows it.
        .args(["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    if webgpu == WebGpu::Software {
        command.args(["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"]);
    }
    command
}

/// A folder nobody else uses for a browser's profile.
fn new_profile() -> Result<PathBuf> {
    static STARTED: AtomicUsize = AtomicUsize::new(0);
    let number = STARTED.fetch_add(1, Ordering::Relaxed);
    let profile = env::temp_dir().join(format!("vitro-browser-{}-{number}", process::id()));
    fs::create_dir_all(&profile).with_context(|| format!("cannot make {}", profile.display()))?;
    Ok(profile)
}
