//! The documentation of the elements: the pages of `docs/site/`, and one for each element from its rows.
//!
//! All addresses are relative and name their file, so that the site works below any path and on any host. The pages have a strict
//! policy of their own: what is shown there works in the strictest surroundings.

use super::api::{Api, Attribute, Element, Kind, Property};
use crate::page;
use crate::workspace;
use anyhow::{Context, Result};
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// What is copied as it is.
const FILES: [&str; 2] = ["site.css", "photo.jpg"];

/// Version of the packages that the pages name.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Writes the documentation into a folder that lies beside `vitro/`.
///
/// # Errors
/// `api.json` or a source cannot be read, or a file cannot be written.
pub(crate) fn write(folder: &Path) -> Result<()> {
    let source = workspace::root().join("docs/site");
    fs::create_dir_all(folder).with_context(|| format!("cannot write {}", folder.display()))?;
    for name in FILES {
        page::copy(&source.join(name), &folder.join(name))?;
    }
    let read = |name| {
        let path = source.join(name);
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    let (template, usage) = (read("page.html")?, read("use.html")?);
    for (name, text) in pages(&Api::read()?, &template, &usage) {
        let path = folder.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Every page with its name.
fn pages(api: &Api, template: &str, usage: &str) -> Vec<(String, String)> {
    let items = api.elements.iter().map(|Element { tag, summary, .. }| {
        format!("      <li><a href=\"{tag}.html\"><code>&lt;{tag}&gt;</code></a>: {}</li>\n", prose(summary))
    });
    let usage = usage.replace("{{elements}}\n", &items.collect::<String>()).replace("{{version}}", VERSION);
    let first = Page { file: "index.html", title: "vitro: elements for your own page", scripts: "", main: &usage };
    let about = "Custom elements that show images under corruptions and what vision transformers make of them.";
    let mut pages = vec![("index.html".to_owned(), first.render(api, template, about))];
    for element in &api.elements {
        let file = format!("{}.html", element.tag);
        let script = format!("\n  <script type=\"module\" src=\"../vitro/{}.js\"></script>", element.module);
        let page = Page { file: &file, title: &element.tag, scripts: &script, main: &reference(api, element) };
        let text = page.render(api, template, &element.summary);
        pages.push((file, text));
    }
    pages
}

struct Page<'a> {
    file: &'a str,
    title: &'a str,
    scripts: &'a str,
    main: &'a str,
}

impl Page<'_> {
    fn render(&self, api: &Api, template: &str, about: &str) -> String {
        let here = |file: &str| if file == self.file { " aria-current=\"page\"" } else { "" };
        let mut links = format!("      <a href=\"index.html\"{}>how to use them</a>", here("index.html"));
        for Element { tag, .. } in &api.elements {
            let file = format!("{tag}.html");
            let _ = write!(links, "\n      <a href=\"{file}\"{}>{tag}</a>", here(&file));
        }
        template
            .replace("{{title}}", self.title)
            .replace("{{description}}", &escaped(about))
            .replace("{{scripts}}", self.scripts)
            .replace("{{navigation}}", &links)
            .replace("{{main}}", self.main.trim_end())
    }
}

/// The page of an element: it runs, and its rows follow as tables.
fn reference(api: &Api, element: &Element) -> String {
    let Element { tag, class, module, summary, example, rows } = element;
    let mut text = format!("    <h1>&lt;{tag}&gt;</h1>\n    <p class=\"summary\">{}</p>\n", prose(summary));
    let _ = writeln!(text, "    <div class=\"live\">{example}</div>");
    let script = format!("<script type=\"module\" src=\"vitro/{module}.js\"></script>\n{example}");
    let _ = writeln!(text, "    <pre><code>{}</code></pre>", escaped(&script));
    let named = |rows: &[super::api::Named], shown: &dyn Fn(&str) -> String| {
        rows.iter().map(|row| vec![shown(&row.name), prose(&row.about)]).collect::<Vec<_>>()
    };
    let attributes = rows.attributes.iter().map(attribute).collect();
    text += &table("Attributes", &["attribute", "value", "default", ""], attributes);
    text += &table("Properties", &["property", "type", ""], rows.properties.iter().map(property).collect());
    let methods = rows
        .methods
        .iter()
        .map(|row| vec![code(&format!("{}({})", row.name, row.parameters)), code(&row.returns), prose(&row.about)]);
    text += &table("Methods", &["method", "returns", ""], methods.collect());
    let events = rows.events.iter().map(|row| vec![code(&row.name), code(&row.detail(class)), prose(&row.about)]);
    text += &table("Events", &["event", "detail", ""], events.collect());
    let slot = |name: &str| if name.is_empty() { "without a name".to_owned() } else { code(name) };
    text += &table("Slots", &["slot", ""], named(&rows.slots, &slot));
    text += &table("Parts", &["part", ""], named(&rows.parts, &|name| code(&format!("::part({name})"))));
    let properties = rows.css_properties.iter();
    let properties = properties.map(|row| vec![code(&row.name), code(&row.default), prose(&row.about)]);
    text += &table("CSS properties", &["property", "default", ""], properties.collect());
    text += &table("States", &["state", ""], named(&rows.states, &|name| code(&format!(":state({name})"))));
    let statics =
        rows.statics.iter().map(|row| property(&Property { name: format!("{class}.{}", row.name), ..row.clone() }));
    text += &table("Properties of the class", &["property", "type", ""], statics.collect());
    text + &types(api, element)
}

fn attribute(row: &Attribute) -> Vec<String> {
    let value = match (row.kind, row.min, row.max) {
        (Kind::Text, ..) => "text".to_owned(),
        (Kind::Flag, ..) => "present or absent".to_owned(),
        (Kind::Integer, Some(min), Some(max)) => format!("{min} to {max}"),
        (Kind::Integer, ..) => "a whole number".to_owned(),
        (Kind::Choice, ..) => row.choices.iter().flatten().map(|choice| code(choice)).collect::<Vec<_>>().join(" or "),
    };
    let default = match &row.default {
        serde_json::Value::String(text) if text.is_empty() => String::new(),
        serde_json::Value::String(text) => code(text),
        serde_json::Value::Bool(_) => "absent".to_owned(),
        other => code(&other.to_string()),
    };
    // Each attribute is also a property; its name is told where it is another one.
    let property = Some(row.property()).filter(|name| *name != row.name);
    let property = property.map_or(String::new(), |name| format!(" The property is {}.", code(&name)));
    let example = row.example.iter().map(|text| format!(" For example {}.", code(text))).collect::<String>();
    vec![code(&row.name), value, default, prose(&row.about) + &property + &example]
}

fn property(row: &Property) -> Vec<String> {
    let default = row.default.iter().map(|text| format!(" At first {}.", code(text))).collect::<String>();
    let readonly = if row.readonly { " Read only." } else { "" };
    vec![code(&row.name), code(&row.kind), prose(&row.about) + &default + readonly]
}

/// The types that an element's rows name, and those that these name.
fn types(api: &Api, element: &Element) -> String {
    let mut seen = format!("{:?}", element.rows);
    let mut found: Vec<&String> = Vec::new();
    while let Some((name, kind)) = api.types.iter().find(|(name, _)| !found.contains(name) && names(&seen, name)) {
        found.push(name);
        seen += &kind.body;
    }
    found.sort();
    let mut text = "    <h2>Types</h2>\n".to_owned();
    for name in found {
        let kind = &api.types[name];
        let _ = writeln!(text, "    <p>{}</p>", prose(&kind.about));
        let _ = writeln!(text, "    <pre><code>type {name} = {}</code></pre>", escaped(&kind.body));
    }
    text
}

/// Whether a text has that word.
fn names(text: &str, word: &str) -> bool {
    text.split(|letter: char| !letter.is_alphanumeric()).any(|found| found == word)
}

/// A table below its heading; nothing when it has no rows.
fn table(heading: &str, columns: &[&str], rows: Vec<Vec<String>>) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let cells = |tag: &str, cells: &mut dyn Iterator<Item = String>| {
        let cells: String = cells.map(|cell| format!("<{tag}>{cell}</{tag}>")).collect();
        format!("        <tr>{cells}</tr>\n")
    };
    let head = columns.iter().map(|name| if name.is_empty() { "meaning" } else { name });
    let mut text = format!("    <h2>{heading}</h2>\n");
    let _ = writeln!(text, "    <div class=\"rows\" role=\"region\" aria-label=\"{heading}\" tabindex=\"0\"><table>");
    text += &cells("th", &mut head.map(str::to_owned));
    for row in rows {
        text += &cells("td", &mut row.into_iter());
    }
    text + "    </table></div>\n"
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", escaped(text))
}

/// A sentence whose words between backticks are code.
fn prose(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts.map(|(at, part)| if at % 2 == 1 { code(part) } else { escaped(part) }).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The site as it is written from the sources in the repository.
    fn site() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path()).unwrap();
        folder
    }

    #[test]
    fn every_element_runs_on_a_page_of_its_own_and_every_row_is_told_there() {
        let folder = site();
        for element in Api::read().unwrap().elements {
            let text = fs::read_to_string(folder.path().join(format!("{}.html", element.tag))).unwrap();
            assert!(text.contains(&format!("<div class=\"live\">{}</div>", element.example)), "{}", element.tag);
            for row in &element.rows.attributes {
                assert!(text.contains(&format!("<td>{}</td>", code(&row.name))), "{} {}", element.tag, row.name);
            }
            for row in &element.rows.methods {
                assert!(text.contains(&format!("<td><code>{}(", row.name)), "{} {}", element.tag, row.name);
            }
        }
    }

    #[test]
    fn every_page_has_the_policy_and_keeps_it() {
        let folder = site();
        for page in fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()) {
            if page.extension().is_none_or(|ending| ending != "html") {
                continue;
            }
            let text = fs::read_to_string(&page).unwrap();
            assert!(text.contains("http-equiv=\"Content-Security-Policy\""), "{}", page.display());
            for forbidden in [
                " style=",
                "<style",
                " onclick=",
                "<script>",
                "href=\"/",
                "src=\"/",
                "href=\"http",
                "{{title",
                "{{main",
            ] {
                assert!(!text.contains(forbidden), "{} has {forbidden}", page.display());
            }
        }
    }

    #[test]
    fn links_lead_to_files_of_the_site() {
        let folder = site();
        for page in ["index.html", "vitro-compare.html"] {
            let text = fs::read_to_string(folder.path().join(page)).unwrap();
            for link in text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                let is_there = link.starts_with("../") || folder.path().join(link).is_file();
                assert!(is_there, "{page} links to {link}");
            }
        }
    }

    #[test]
    fn words_between_backticks_are_code() {
        assert_eq!(prose("Of `<a>` & b."), "Of <code>&lt;a&gt;</code> &amp; b.");
    }
}
