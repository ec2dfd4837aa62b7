//! `web/element/base/api.js`: types for the checker of the elements' scripts; and `attributes.js` of each element, which reads its
//! attributes from there.

use super::api::{Api, Attribute, Element};
use serde_json::Value;
use std::fmt::Write;

const HEAD: &str = "\
// api.js: the types of what the elements offer. Written by `cargo xtask elements` from api.json: change that file.

/** @typedef {{ name: string, property: string, kind: 'text' | 'integer' | 'flag' | 'choice', default: string | number | boolean, min?: number, max?: number, choices?: string[] }} Attribute */
";

/// The whole file.
pub(super) fn render(api: &Api) -> String {
    let mut text = HEAD.to_owned();
    for (name, kind) in &api.types {
        let _ = write!(text, "\n/**\n * {}\n * @typedef {{{}}} {name}\n */\n", kind.about, kind.body);
    }
    for element in &api.elements {
        let fields = element.rows.attributes.iter().map(|row| format!("{}: {}", row.property(), row.kind()));
        let fields = fields.collect::<Vec<_>>().join(", ");
        let name = element.class.trim_start_matches("Vitro");
        let _ = write!(text, "\n/** @typedef {{{{ {fields} }}}} {name}Properties */\n");
    }
    text + "\nexport {};\n"
}

/// The attributes of an element. In a file of their own, so that a page with one element does not fetch those of the others.
pub(super) fn attributes(element: &Element) -> String {
    let mut text = format!(
        "// attributes.js: those of <{}>. Written by `cargo xtask elements` from api.json: change that file.\n\n",
        element.tag
    );
    text += "/** @type {import('../base/api.js').Attribute[]} */\nexport const ATTRIBUTES = [\n";
    for row in &element.rows.attributes {
        let _ = writeln!(text, "  {{ {} }},", fields(row));
    }
    text + "];\n"
}

/// An attribute as the fields of an object.
fn fields(row: &Attribute) -> String {
    let kind = format!("{:?}", row.kind).to_lowercase();
    let mut text = format!("name: '{}', property: '{}', kind: '{kind}', default: ", row.name, row.property());
    text += &literal(&row.default);
    for (name, limit) in [("min", row.min), ("max", row.max)] {
        if let Some(limit) = limit {
            let _ = write!(text, ", {name}: {limit}");
        }
    }
    if let Some(choices) = &row.choices {
        let choices = choices.iter().map(|choice| format!("'{choice}'")).collect::<Vec<_>>().join(", ");
        let _ = write!(text, ", choices: [{choices}]");
    }
    text
}

/// A value as JavaScript writes it.
pub(super) fn literal(value: &Value) -> String {
    match value {
        Value::String(text) => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")),
        other => other.to_string(),
    }
}
