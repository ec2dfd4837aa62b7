//! `web/element/base/api.js`: the attributes for the elements themselves, and types for the checker of their scripts.

use super::api::{Api, Attribute, union};
use serde_json::Value;
use std::fmt::Write;

const HEAD: &str = "\
// api.js: the attributes of the elements, and the types of what they offer. Written by `cargo xtask elements` from
// api.json: change that file.

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
    let tags = union(api.elements.iter().map(|element| &element.tag));
    let _ = write!(text, "\n/** @type {{Record<{tags}, {{ attributes: Attribute[] }}>}} */\nexport const API = {{\n");
    for element in &api.elements {
        let _ = writeln!(text, "  '{}': {{\n    attributes: [", element.tag);
        for row in &element.rows.attributes {
            let _ = writeln!(text, "      {{ {} }},", fields(row));
        }
        text += "    ],\n  },\n";
    }
    text + "};\n"
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
