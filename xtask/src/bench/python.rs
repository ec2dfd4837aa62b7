//! The scripts of `xtask/yardsticks`, run by a Python that has what they need.
//!
//! That Python is named by the variable `PYTHON`, or else it is `python3`. Nothing is installed: which packages somebody wants
//! to have, and where, is not a chore's to decide.

use crate::workspace;
use anyhow::{Context, Result, bail, ensure};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::process::{Command, Stdio};

/// A script and what it needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Script {
    file: &'static str,
    /// A module that is there when all of them are.
    modules: &'static [&'static str],
    install: &'static str,
}

/// One row of a network.
pub(super) const TORCH: Script = Script { file: "torch_row.py", modules: &["torch"], install: "pip install torch" };

/// The corruptions of the public packages.
pub(super) const CORRUPTIONS: Script = Script {
    file: "corruption_packages.py",
    modules: &["imagecorruptions", "corrupt_tta", "cv2"],
    install: "pip install numpy==1.26.4 imagecorruptions-imaug corrupt-tta",
};

/// A bundle as ONNX.
pub(super) const EXPORT: Script = Script {
    file: "export_onnx.py",
    modules: &["torch", "onnx", "safetensors"],
    install: "pip install torch onnx safetensors numpy",
};

impl Script {
    /// Makes sure that it can run.
    pub(super) fn ensure(self) -> Result<()> {
        let python = program().to_string_lossy().into_owned();
        for module in self.modules {
            let status = Command::new(program())
                .args([
                    "-c",
                    &format!("import importlib.util, sys; sys.exit(importlib.util.find_spec({module:?}) is None)"),
                ])
                .stdin(Stdio::null())
                .status();
            match status {
                Ok(status) if status.success() => {}
                Ok(_) => bail!(
                    "{python} has no {module}: install it with `{}`, or name a Python that has it in the variable PYTHON",
                    self.install
                ),
                Err(_) => bail!("{python} does not run: install Python 3, or name one in the variable PYTHON"),
            }
        }
        Ok(())
    }

    /// Versions of Python and of the packages.
    pub(super) fn versions(self) -> Result<BTreeMap<String, String>> {
        Ok(self.lines(&["--versions"])?.remove(0))
    }

    /// What it prints, a JSON value for each line.
    pub(super) fn lines<T: DeserializeOwned>(self, args: &[&str]) -> Result<Vec<T>> {
        let output = Command::new(program())
            .arg(workspace::root().join("xtask/yardsticks").join(self.file))
            .args(args)
            // The folder of the scripts stays as it is.
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("cannot start Python for {}", self.file))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let reason = said.trim().lines().last().unwrap_or("it said nothing").to_owned();
            bail!("{} {} failed: {reason}", self.file, args.join(" "));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        // Some packages greet on standard output.
        let lines = text.lines().filter(|line| line.starts_with('{'));
        let values = lines.map(serde_json::from_str).collect::<Result<Vec<T>, _>>();
        let values = values.with_context(|| format!("{} printed something else than its rows", self.file))?;
        ensure!(!values.is_empty(), "{} printed no row", self.file);
        Ok(values)
    }
}

fn program() -> OsString {
    std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_package_is_named_with_the_command_that_installs_it() {
        if crate::step::output("python3", &["--version"]).is_none() {
            return;
        }
        let script = Script { file: "torch_row.py", modules: &["no_such_package"], install: "pip install it" };
        let refusal = script.ensure().unwrap_err().to_string();
        assert!(refusal.contains("has no no_such_package") && refusal.contains("`pip install it`"), "{refusal}");
    }

    #[test]
    fn no_yardstick_knows_the_machine_it_was_written_on() {
        for entry in std::fs::read_dir(workspace::root().join("xtask/yardsticks")).unwrap() {
            let file = entry.unwrap().path();
            if !file.is_file() {
                continue;
            }
            let text = std::fs::read_to_string(&file).unwrap();
            for folder in ["home", "root", "work", "Users", "tmp", "opt", "usr", "mnt"] {
                assert!(!text.contains(&format!("/{folder}/")), "{} names /{folder}/", file.display());
            }
        }
    }

    #[test]
    fn every_script_is_in_the_repository() {
        for script in [TORCH, CORRUPTIONS, EXPORT] {
            assert!(workspace::root().join("xtask/yardsticks").join(script.file).is_file(), "{}", script.file);
        }
    }
}
