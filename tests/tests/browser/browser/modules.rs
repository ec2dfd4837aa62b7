//! The modules that the page publishes: what must not be in them is not.

use super::visitor::Outcome;
use anyhow::Context;
use vitro_tests::browser::built_page;
use xtask::module;

#[test]
fn published_modules_carry_no_names_and_no_relaxed_simd() -> Outcome {
    let folder = built_page()?.join("vitro");
    for engine in ["engine-cpu", "engine-webgpu"] {
        let file = folder.join(format!("{engine}_bg.wasm"));
        let bytes = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        module::check(&bytes).with_context(|| file.display().to_string())?;
    }
    Ok(())
}
