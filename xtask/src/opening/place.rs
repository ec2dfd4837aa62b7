//! The stored comparison, put into the built page at its places.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// What of the stored comparison becomes part of the page, and is no file of the site.
const PARTS: [&str; 3] = ["shadow.html", "row.html", "opening.json"];
/// What the page says of it.
const STATUS: &str = "<b>Computed beforehand.</b> <span>Your browser is getting ready.</span>";
/// What the first frame needs, and the browser would find only after what blocks it.
const EARLY: [(&str, &str); 3] = [
    ("shadow.css", "as=\"style\""),
    ("clean.jpg", "as=\"image\" fetchpriority=\"high\""),
    ("corrupted.png", "as=\"image\" fetchpriority=\"high\""),
];
/// What the comparison is of. The address may ask for something else.
const ASKED: [&str; 5] = ["src", "corruption", "severity", "seed", "protocol"];

/// Puts the comparison in `opening/` of the built site into its page, and removes what has become a part of it.
///
/// # Errors
/// A file is missing, or the page lacks one of the places.
pub(crate) fn insert(dist: &Path) -> Result<()> {
    let read = |path: &Path| {
        fs::read_to_string(path)
            .with_context(|| format!("cannot read {}: write it with `cargo xtask opening`", path.display()))
    };
    let folder = dist.join("opening");
    let [shadow, row, answers] = PARTS.map(|name| read(&folder.join(name)));
    let mut opening: Value = serde_json::from_str(&answers?).context("opening.json is no JSON")?;
    let index = dist.join("vitro/zoo/index.json");
    opening["zoo"] = serde_json::from_str(&read(&index)?).with_context(|| format!("{} is no JSON", index.display()))?;
    let page = dist.join("index.html");
    let text = with_opening(&read(&page)?, &opening, shadow?.trim_end(), row?.trim_end())?;
    fs::write(&page, text).with_context(|| format!("cannot write {}", page.display()))?;
    for name in PARTS {
        fs::remove_file(folder.join(name)).with_context(|| format!("cannot remove {name}"))?;
    }
    Ok(())
}

/// The page with the comparison in it.
fn with_opening(page: &str, opening: &Value, shadow: &str, row: &str) -> Result<String> {
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let said = ASKED.map(|name| format!(" data-{name}=\"{}\"", plain(&opening[name]))).concat();
    let set = plain(&opening["set"]);
    // In a script nothing may look like its end.
    let data = opening.to_string().replace("</", "<\\/");
    let early = EARLY.map(|(file, kind)| format!("<link rel=\"preload\" href=\"opening/{file}\" {kind}>\n  "));
    let script = "<script src=\"page/early.js\">";
    // Last in the element: what is inside it has its place by then, and nothing moves while the page arrives.
    let end = "</vitro-compare>";
    let sheet = "<link rel=\"stylesheet\" href=\"opening/shadow.css\">";
    let places = [
        (script, format!("{}<script src=\"page/early.js\"{said} data-models=\"{set}/*\">", early.concat())),
        ("<p class=\"status\" hidden></p>", format!("<p class=\"status\">{STATUS}</p>")),
        (end, format!("<template shadowrootmode=\"open\">{sheet}{shadow}</template>{end}")),
        ("<div class=\"row\"></div>\n        <details>", format!("<div class=\"row\">{row}</div>\n        <details>")),
        ("</body>", format!("  <script type=\"application/json\" id=\"opening\">{data}</script>\n</body>")),
    ];
    let mut text = page.to_owned();
    for (place, with) in places {
        if text.matches(place).count() != 1 {
            bail!("index.html has no place `{place}` for the stored comparison, or more than one");
        }
        text = text.replacen(place, &with, 1);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;
    use serde_json::json;

    #[test]
    fn the_page_has_every_place_once() {
        let page = fs::read_to_string(workspace::root().join("index.html")).unwrap();
        let opening = json!({ "src": "a.jpg", "set": "cifar10", "corruption": "fog", "severity": 3, "seed": 0, "protocol": "measured", "title": "</script>" });
        let text = with_opening(&page, &opening, "<i>shadow</i>", "<i>row</i>").unwrap();
        assert!(
            text.contains(r#"data-src="a.jpg" data-corruption="fog" data-severity="3" data-seed="0" data-protocol="measured" data-models="cifar10/*">"#),
            "{text}"
        );
        assert!(
            text.contains("shadow.css\"><i>shadow</i></template></vitro-compare>")
                && text.contains("<div class=\"row\"><i>row</i></div>")
        );
        assert!(text.contains(r"<\/script>"), "what is stored cannot end its script");
        let twice = page.replace("</body>", "</body></body>");
        assert!(with_opening(&twice, &opening, "", "").unwrap_err().to_string().contains("`</body>`"));
    }

    #[test]
    fn what_the_first_frame_needs_is_asked_for_before_anything_blocks() {
        let page = fs::read_to_string(workspace::root().join("index.html")).unwrap();
        let text = with_opening(&page, &json!({}), "", "").unwrap();
        let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("the page has no {part}"));
        for (file, _) in EARLY {
            assert!(at(&format!("<link rel=\"preload\" href=\"opening/{file}\"")) < at("<script"), "{file}");
            assert!(workspace::root().join("web/opening").join(file).is_file(), "{file}: run `cargo xtask opening`");
        }
        assert!(at("page/page.css") < at("<script"));
    }

    #[test]
    fn what_becomes_part_of_the_page_is_no_file_of_the_site() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["opening", "vitro/zoo"] {
            fs::create_dir_all(path(name)).unwrap();
        }
        fs::copy(workspace::root().join("index.html"), path("index.html")).unwrap();
        fs::write(path("vitro/zoo/index.json"), r#"[{"name":"vit"}]"#).unwrap();
        fs::write(path("opening/opening.json"), r#"{"src":"a.jpg"}"#).unwrap();
        fs::write(path("opening/clean.jpg"), "pixels").unwrap();
        assert!(insert(folder.path()).unwrap_err().to_string().contains("cargo xtask opening"));
        for name in ["opening/shadow.html", "opening/row.html"] {
            fs::write(path(name), "<i></i>\n").unwrap();
        }
        insert(folder.path()).unwrap();
        let page = fs::read_to_string(path("index.html")).unwrap();
        assert!(page.contains(r#""zoo":[{"name":"vit"}]"#), "{page}");
        let left: Vec<_> = fs::read_dir(path("opening")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["clean.jpg"]);
    }
}
