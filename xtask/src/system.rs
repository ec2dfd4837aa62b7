//! Programs that come from the operating system: Chromium and Firefox for the browser tests, a software Vulkan driver for the GPU tests.
//!
//! On Debian (and Ubuntu's relatives with a real `chromium` package), as root, they are installed with `apt-get`. Anywhere else the
//! chores say what to run, since asking for a password or choosing a package manager is not theirs to do.

use crate::step;
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Names of Chromium and its relatives on PATH, in order of preference.
const CHROMIUM_NAMES: [&str; 6] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "chromium-headless-shell"];

/// Where Chromium lies on systems that do not put it on PATH.
const CHROMIUM_PLACES: [&str; 2] = [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// Finds Chromium: the `CHROME` variable, then PATH, then the usual places.
///
/// # Errors
/// `CHROME` names something that is no file, or there is no Chromium; the message has the command that installs one.
pub fn chromium() -> Result<PathBuf> {
    if let Some(chrome) = env::var_os("CHROME") {
        let path = PathBuf::from(&chrome);
        return match on_path(&path.to_string_lossy()) {
            _ if path.is_file() => Ok(path),
            Some(found) => Ok(found),
            None => bail!("CHROME is set to {}, which is no file: correct or unset it", path.display()),
        };
    }
    let place = || CHROMIUM_PLACES.iter().map(PathBuf::from).find(|path| path.is_file());
    match CHROMIUM_NAMES.iter().find_map(|name| on_path(name)).or_else(place) {
        Some(path) => Ok(path),
        None => bail!(
            "Chromium is not installed. Install it with `{}`, or set CHROME to a Chromium or Chrome program, or leave the browser tests out with `cargo xtask test --no-browser`",
            install_hint("chromium")
        ),
    }
}

/// Finds Chromium and, as root on Debian, installs it when it is missing.
///
/// # Errors
/// As [`chromium`], or the installation failed.
pub fn ensure_chromium() -> Result<PathBuf> {
    match chromium() {
        Err(_) if env::var_os("CHROME").is_none() && is_debian_root() => {
            step::timed("Installing Chromium from Debian", "about a minute, 90 MB", || apt_install("chromium"))?;
            chromium()
        }
        found => found,
    }
}

/// Finds Firefox on PATH.
///
/// # Errors
/// There is none; the message has the command that installs one.
pub fn firefox() -> Result<PathBuf> {
    match ["firefox-esr", "firefox"].iter().find_map(|name| on_path(name)) {
        Some(path) => Ok(path),
        None => bail!("Firefox is not installed. Install it with `{}`", install_hint("firefox-esr")),
    }
}

/// Looks for Firefox and, as root on Debian, installs it when there is none. Says whether there is one; without it its test is left
/// out, which is no error.
pub fn ensure_firefox() -> bool {
    if firefox().is_err() && is_debian_root() {
        let install = || apt_install("firefox-esr");
        if let Err(error) = step::timed("Installing Firefox from Debian", "about a minute, 70 MB", install) {
            println!("    {error:#}");
        }
    }
    let found = firefox();
    if let Err(error) = &found {
        println!("    Firefox will be left out: {error}");
    }
    found.is_ok()
}

/// Looks for a Vulkan driver and, as root on Debian, installs the software one when there is none, so that the GPU tests run
/// on a machine with no graphics card. Says whether there is one; without it those tests are left out, which is no error.
pub fn ensure_vulkan() -> bool {
    if has_vulkan_driver() {
        return true;
    }
    if !cfg!(target_os = "linux") {
        return false;
    }
    if !is_debian_root() {
        println!("    No Vulkan driver: GPU tests will be left out. For them: {}", install_hint("mesa-vulkan-drivers"));
        return false;
    }
    let installed = step::timed("Installing Debian's software Vulkan driver", "about a minute", || {
        apt_install("mesa-vulkan-drivers")
    });
    if let Err(error) = &installed {
        println!("    GPU tests will be left out: {error:#}");
    }
    installed.is_ok()
}

fn has_vulkan_driver() -> bool {
    let folders = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d"];
    folders.iter().any(|folder| fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()))
        || env::var_os("VK_ICD_FILENAMES").is_some()
        || env::var_os("VK_DRIVER_FILES").is_some()
}

/// The full path of a program on PATH.
pub fn on_path(program: &str) -> Option<PathBuf> {
    let file = format!("{program}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?).map(|dir| dir.join(&file)).find(|path| path.is_file())
}

fn is_debian_root() -> bool {
    Path::new("/etc/debian_version").is_file()
        && on_path("apt-get").is_some()
        && step::output("id", &["-u"]).is_some_and(|id| id == "0")
}

fn apt_install(package: &str) -> Result<()> {
    let apt = |args: &[&str]| step::run(Command::new("apt-get").args(args).env("DEBIAN_FRONTEND", "noninteractive"));
    let install = ["install", "-y", "-qq", "--no-install-recommends", package];
    // The package lists of a fresh machine are missing or old; where they cannot be renewed, those at hand may still do.
    apt(&["update", "-qq"]).and_then(|()| apt(&install)).or_else(|_| apt(&install))
}

/// The command that installs a package here.
pub(crate) fn install_hint(package: &str) -> String {
    if on_path("apt-get").is_some() {
        format!("sudo apt-get install {package}")
    } else if on_path("dnf").is_some() {
        format!("sudo dnf install {package}")
    } else if on_path("pacman").is_some() {
        format!("sudo pacman -S {package}")
    } else if cfg!(target_os = "macos") {
        format!("brew install {package}")
    } else {
        format!("your package manager (package {package})")
    }
}
