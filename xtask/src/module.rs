//! What must hold of a WebAssembly module that the page publishes.
//!
//! It carries no names of functions, a quarter of its bytes that no visitor needs, and no instruction of relaxed SIMD: Safari refuses
//! a module that has a single one, and their results differ from machine to machine.

use anyhow::{Context, Result, bail};
use wasmparser::{Parser, Payload, Validator, WasmFeatures};

/// Sections that only people who look for mistakes read.
fn is_for_debugging(section: &str) -> bool {
    matches!(section, "name" | "producers" | "sourceMappingURL") || section.starts_with(".debug_")
}

/// Refuses a module that must not be published.
///
/// # Errors
/// It is no module, has a section of names, or uses relaxed SIMD; the message says which.
pub fn check(module: &[u8]) -> Result<()> {
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::CustomSection(section) = payload.context("not a WebAssembly module")?
            && is_for_debugging(section.name())
        {
            bail!("the section `{}` ({} bytes) is of no use to a visitor", section.name(), section.data().len());
        }
    }
    // Everything else is allowed: what a browser of today cannot do shows in the browser tests.
    let features = WasmFeatures::all().difference(WasmFeatures::RELAXED_SIMD);
    Validator::new_with_features(features).validate_all(module).context("an instruction that must not be published")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &[u8] = b"\0asm\x01\0\0\0";

    fn section(id: u8, content: &[u8]) -> Vec<u8> {
        [&[id, content.len() as u8], content].concat()
    }

    /// A module with one function that applies `instruction` to two vectors.
    fn module_with(instruction: &[u8]) -> Vec<u8> {
        let zeros = [&[0xfd, 0x0c][..], &[0; 16]].concat();
        let body = [&[0], &zeros[..], &zeros, instruction, &[0x1a, 0x0b]].concat();
        let code = [&[1, body.len() as u8], &body[..]].concat();
        [HEADER.to_vec(), section(1, &[1, 0x60, 0, 0]), section(3, &[1, 0]), section(10, &code)].concat()
    }

    fn refusal(module: &[u8]) -> String {
        check(module).map_or_else(|error| format!("{error:#}"), |()| String::new())
    }

    #[test]
    fn names_are_not_published() {
        for name in ["name", "producers", ".debug_info"] {
            let content = [&[name.len() as u8], name.as_bytes(), &[0, 1, 0]].concat();
            let module = [HEADER, &section(0, &content)].concat();
            assert!(refusal(&module).contains(&format!("`{name}` (3 bytes)")), "{}", refusal(&module));
        }
        let content = b"\x0ftarget_features\0";
        assert_eq!(refusal(&[HEADER, &section(0, content)].concat()), "");
    }

    #[test]
    fn relaxed_simd_is_refused_and_plain_simd_is_not() {
        let (swizzle, relaxed_swizzle) = ([0xfd, 0x0e], [0xfd, 0x80, 0x02]);
        assert_eq!(refusal(&module_with(&swizzle)), "");
        let said = refusal(&module_with(&relaxed_swizzle));
        assert!(said.contains("must not be published") && said.contains("relaxed"), "{said}");
    }

    #[test]
    fn what_is_no_module_is_refused() {
        assert!(refusal(b"<!doctype html>").contains("not a WebAssembly module"));
    }
}
