//! The two packages: `@vitro/elements`, the elements' folder of the built site, and `@vitro/zoo`, its bundles as a list.

use super::archive::{Files, integrity};
use super::join::ENGINES;
use super::site::{self, ELEMENTS, Site};
use crate::elements::Api;
use crate::workspace;
use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

/// The version of both.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

const LICENSE: &str = "MIT OR Apache-2.0";
const LICENSES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// `package.json`. Conditions are read in order, and `types` must come first: structs keep it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Package {
    name: &'static str,
    version: &'static str,
    description: &'static str,
    license: &'static str,
    r#type: &'static str,
    main: &'static str,
    types: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_elements: Option<&'static str>,
    exports: BTreeMap<String, Export>,
    side_effects: bool,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Export {
    Module { types: String, default: String },
    Types { types: String },
    File(String),
}

/// The files of `@vitro/elements`. Their addresses do not name the build: bundlers and import maps tell builds apart by themselves, and a
/// bundler that finds a query in an address takes the file for another one than `package.json` speaks of.
pub(super) fn elements(site: &Site, api: &Api) -> Result<Files> {
    // Without one of them a bundler would stop at its import.
    for engine in ENGINES {
        site.file(&format!("{ELEMENTS}/{engine}"))?;
    }
    let mut files = licenses()?;
    for path in site.files() {
        let Ok(inside) = path.strip_prefix(ELEMENTS) else { continue };
        if !inside.starts_with("zoo") {
            let bytes = site.bytes(path)?;
            let bytes = if site::is_script(path) { without_build(&bytes)? } else { bytes };
            files.insert(site::inside(path), bytes);
        }
    }
    let module = |name: &str| Export::Module { types: format!("./types/{name}.d.ts"), default: format!("./{name}.js") };
    let mut exports = BTreeMap::from([(".".to_owned(), module("vitro"))]);
    exports.insert("./react".into(), Export::Types { types: "./types/react.d.ts".into() });
    for file in ["./api.json", "./custom-elements.json", "./package.json"] {
        exports.insert(file.into(), Export::File(file.into()));
    }
    for element in &api.elements {
        exports.insert(format!("./{}", element.module), module(&element.module));
    }
    let package = Package {
        name: "@vitro/elements",
        version: VERSION,
        description: "Images under corruptions, and what vision transformers make of them, as custom elements.",
        license: LICENSE,
        r#type: "module",
        main: "./vitro.js",
        types: "./types/vitro.d.ts",
        custom_elements: Some("custom-elements.json"),
        exports,
        // Importing a module defines its element, wherever the parts of it lie.
        side_effects: true,
    };
    insert_json(&mut files, "package.json", &package)?;
    Ok(files)
}

/// The files of `@vitro/zoo`.
pub(super) fn zoo(site: &Site, api: &Api) -> Result<Files> {
    let mut files = licenses()?;
    let folder = format!("{ELEMENTS}/zoo");
    for path in site.files() {
        if let Ok(inside) = path.strip_prefix(&folder) {
            files.insert(inside.to_string_lossy().replace('\\', "/"), site.bytes(path)?);
        }
    }
    let index = files.get("index.json").context("the site has no zoo/index.json: write it with `cargo xtask zoo`")?;
    let entries: Vec<BTreeMap<String, Value>> =
        serde_json::from_slice(index).context("zoo/index.json is no list of bundles")?;
    files.insert("index.js".into(), list(&entries).into_bytes());
    let kind = api.types.get("ZooEntry").context("api.json has no type ZooEntry")?;
    let types = format!(
        "/** {} */\nexport type ZooEntry = {};\n\nexport declare const zoo: ZooEntry[];\n",
        kind.about, kind.body
    );
    files.insert("index.d.ts".into(), types.into_bytes());
    let module = Export::Module { types: "./index.d.ts".into(), default: "./index.js".into() };
    let mut exports = BTreeMap::from([(".".to_owned(), module)]);
    for file in ["./index.json", "./package.json"] {
        exports.insert(file.into(), Export::File(file.into()));
    }
    let package = Package {
        name: "@vitro/zoo",
        version: VERSION,
        description: "Trained models for the elements of vitro.",
        license: LICENSE,
        r#type: "module",
        main: "./index.js",
        types: "./index.d.ts",
        custom_elements: None,
        exports,
        side_effects: false,
    };
    insert_json(&mut files, "package.json", &package)?;
    Ok(files)
}

/// The zoo as a module. Bundlers find files by exactly this form of an address.
fn list(entries: &[BTreeMap<String, Value>]) -> String {
    let mut text = "export const zoo = [\n".to_owned();
    for entry in entries {
        let fields = entry.iter().map(|(name, value)| match (name.as_str(), value) {
            ("file", Value::String(file)) => format!("file: new URL('./{file}', import.meta.url).href"),
            _ => format!("{name}: {value}"),
        });
        let _ = writeln!(text, "  {{ {} }},", fields.collect::<Vec<_>>().join(", "));
    }
    text + "];\n"
}

/// `importmap.json`: the modules below a base address, and the hash of everything that they import.
pub(super) fn import_map(site: &Site, api: &Api, files: &Files, base: &str) -> Result<String> {
    #[derive(Serialize)]
    struct ImportMap {
        imports: BTreeMap<String, String>,
        integrity: BTreeMap<String, String>,
    }
    let mut imports = BTreeMap::from([("@vitro/elements".to_owned(), format!("{base}vitro.js"))]);
    let mut entries = vec!["vitro.js".to_owned()];
    for element in &api.elements {
        imports.insert(format!("@vitro/elements/{}", element.module), format!("{base}{}.js", element.module));
        entries.push(format!("{}.js", element.module));
    }
    let mut hashes = BTreeMap::new();
    for path in site.imported(&entries)? {
        let bytes = files.get(&path).with_context(|| format!("the package has no {path}"))?;
        hashes.insert(format!("{base}{path}"), integrity(bytes));
    }
    Ok(serde_json::to_string_pretty(&ImportMap { imports, integrity: hashes })? + "\n")
}

/// A script that asks for no build: `"./a.js?v=0123"` becomes `"./a.js"`.
fn without_build(script: &[u8]) -> Result<Vec<u8>> {
    let script = str::from_utf8(script).context("a script is not UTF-8")?;
    let mut parts = script.split("?v=");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|letter: char| letter.is_ascii_hexdigit());
        let is_address = text.ends_with(".js") || text.ends_with(".wasm");
        if is_address && rest.starts_with(['"', '\'', '`']) {
            text += rest;
        } else {
            text = text + "?v=" + part;
        }
    }
    Ok(text.into_bytes())
}

fn licenses() -> Result<Files> {
    let read = |name: &str| fs::read(workspace::root().join(name)).with_context(|| format!("cannot read {name}"));
    LICENSES.iter().map(|name| Ok(((*name).to_owned(), read(name)?))).collect()
}

fn insert_json(files: &mut Files, name: &str, value: &impl Serialize) -> Result<()> {
    files.insert(name.to_owned(), (serde_json::to_string_pretty(value)? + "\n").into_bytes());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::site::tests::site;
    use super::*;

    /// A site with a script for each element, and the rows.
    fn built() -> (tempfile::TempDir, Site, Api) {
        let api = Api::read().unwrap();
        let scripts: Vec<String> = api.elements.iter().map(|element| format!("vitro/{}.js", element.module)).collect();
        let index = r#"[ { "name": "a", "title": "A", "file": "a.safetensors", "clean_top1": 0.5 } ]"#;
        let mut files = vec![
            ("index.html", ""),
            ("vitro/vitro.js", "import\"./base/b.js?v=12\";"),
            ("vitro/base/b.js", "b"),
            ("vitro/zoo/index.json", index),
            ("vitro/zoo/a.safetensors", "weights"),
        ];
        files.extend(scripts.iter().map(|name| (name.as_str(), "export const a=1")));
        let engines = ENGINES.map(|engine| format!("{ELEMENTS}/{engine}"));
        files.extend(engines.iter().map(|name| (name.as_str(), "export default 1")));
        let (folder, site) = site(&files);
        (folder, site, api)
    }

    #[test]
    fn types_come_before_the_module_they_describe() {
        let (_folder, site, api) = built();
        let files = elements(&site, &api).unwrap();
        let text = String::from_utf8(files["package.json"].clone()).unwrap();
        let (types, module) = (text.find("./types/corrupt.d.ts").unwrap(), text.find("\"./corrupt.js\"").unwrap());
        assert!(types < module, "{text}");
        assert!(files.contains_key("base/b.js") && !files.keys().any(|name| name.starts_with("zoo")));
    }

    #[test]
    fn the_zoo_names_its_bundles_as_bundlers_find_them() {
        let (_folder, site, api) = built();
        let files = zoo(&site, &api).unwrap();
        let text = String::from_utf8(files["index.js"].clone()).unwrap();
        let entry =
            "{ clean_top1: 0.5, file: new URL('./a.safetensors', import.meta.url).href, name: \"a\", title: \"A\" }";
        assert_eq!(text, format!("export const zoo = [\n  {entry},\n];\n"));
        assert_eq!(files["a.safetensors"], b"weights");
    }

    #[test]
    fn scripts_of_the_package_ask_for_no_build() {
        let (_folder, site, api) = built();
        assert_eq!(elements(&site, &api).unwrap()["vitro.js"], b"import\"./base/b.js\";");
        let other = "const a='x?v=12',b=`y.js?v=${c}`";
        assert_eq!(without_build(other.as_bytes()).unwrap(), other.as_bytes());
    }

    #[test]
    fn an_import_map_knows_every_module_by_the_address_it_is_asked_for() {
        let (_folder, site, api) = built();
        let files = elements(&site, &api).unwrap();
        let map: Value = serde_json::from_str(&import_map(&site, &api, &files, "https://a.example/").unwrap()).unwrap();
        assert_eq!(map["imports"]["@vitro/elements/corrupt"], "https://a.example/corrupt.js");
        assert_eq!(map["integrity"]["https://a.example/base/b.js"], integrity(b"b").as_str());
    }
}
