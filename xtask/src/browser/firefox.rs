//! A headless Firefox that opens one page. Nothing is asked of it: the page itself tells its server how it went.

use super::new_profile;
use crate::system;
use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// No first visit, no updates, no questions, nothing from elsewhere.
const SETTINGS: &str = r#"
user_pref("app.normandy.enabled", false);
user_pref("app.update.disabledForTesting", true);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.safebrowsing.update.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.homepage_override.mstone", "ignore");
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("extensions.systemAddon.update.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("services.settings.server", "");
user_pref("toolkit.telemetry.reportingpolicy.firstRun", false);
"#;

/// It ends, and its profile goes, when this value is dropped.
#[derive(Debug)]
pub struct Firefox {
    process: Child,
    profile: PathBuf,
}

impl Firefox {
    /// Opens a page in a window that nobody sees.
    ///
    /// # Errors
    /// Firefox is not installed or does not start.
    pub fn open(url: &str) -> Result<Self> {
        let firefox = system::firefox()?;
        let profile = new_profile()?;
        fs::write(profile.join("user.js"), SETTINGS)?;
        let process = Command::new(&firefox)
            .args(["--headless", "--no-remote", "--new-instance", "--profile"])
            .args([profile.as_os_str(), url.as_ref()])
            .env("HOME", &profile)
            .env("MOZ_CRASHREPORTER_DISABLE", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", firefox.display()))?;
        Ok(Self { process, profile })
    }
}

impl Drop for Firefox {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.profile);
    }
}
