//! `web/element/custom-elements.json`: the manifest of custom elements, schema 2.1.0, which editors and catalogues read.

use super::api::{Api, Attribute, Element, Event, Kind, Method, Property};
use super::script::literal;
use anyhow::Result;
use serde::Serialize;

/// The version of the [schema](https://github.com/webcomponents/custom-elements-manifest).
const SCHEMA: &str = "2.1.0";

/// The whole file.
pub(super) fn render(api: &Api) -> Result<String> {
    let modules = api.elements.iter().map(module).collect();
    let manifest = Manifest { schema_version: SCHEMA, readme: "README.md", modules };
    Ok(serde_json::to_string_pretty(&manifest)? + "\n")
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest<'a> {
    schema_version: &'a str,
    readme: &'a str,
    modules: Vec<Module<'a>>,
}

#[derive(Serialize)]
struct Module<'a> {
    kind: &'a str,
    path: String,
    declarations: [Declaration<'a>; 1],
    exports: [Export<'a>; 2],
}

#[derive(Serialize)]
struct Export<'a> {
    kind: &'a str,
    name: &'a str,
    declaration: Name<'a>,
}

#[derive(Serialize)]
struct Name<'a> {
    name: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Declaration<'a> {
    kind: &'a str,
    custom_element: bool,
    name: &'a str,
    tag_name: &'a str,
    summary: &'a str,
    superclass: Name<'a>,
    attributes: Vec<Row<'a>>,
    members: Vec<Row<'a>>,
    events: Vec<Row<'a>>,
    slots: Vec<Row<'a>>,
    css_parts: Vec<Row<'a>>,
    css_properties: Vec<Row<'a>>,
    css_states: Vec<Row<'a>>,
}

/// Any row; what it has not is left out.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attribute: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reflects: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#static: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    readonly: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    optional: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<Vec<Row<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#return: Option<Return>,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
struct Return {
    r#type: Text,
}

fn module(element: &Element) -> Module<'_> {
    let Element { tag, class, module, summary, rows, .. } = element;
    let statics = rows.statics.iter().map(|row| Row { r#static: Some(true), ..property(row) });
    let fields = rows.attributes.iter().map(field).chain(rows.properties.iter().map(property));
    let declaration = Declaration {
        kind: "class",
        custom_element: true,
        name: class,
        tag_name: tag,
        summary,
        superclass: Name { name: "HTMLElement" },
        attributes: rows.attributes.iter().map(attribute).collect(),
        members: statics.chain(fields).chain(rows.methods.iter().map(method)).collect(),
        events: rows.events.iter().map(|row| event(row, class)).collect(),
        slots: rows.slots.iter().map(|row| named(&row.name, &row.about)).collect(),
        css_parts: rows.parts.iter().map(|row| named(&row.name, &row.about)).collect(),
        css_properties: rows
            .css_properties
            .iter()
            .map(|row| Row { default: Some(row.default.clone()), ..named(&row.name, &row.about) })
            .collect(),
        css_states: rows.states.iter().map(|row| named(&row.name, &row.about)).collect(),
    };
    let export = |kind, name| Export { kind, name, declaration: Name { name: class } };
    Module {
        kind: "javascript-module",
        path: format!("{module}.js"),
        declarations: [declaration],
        exports: [export("js", class), export("custom-element-definition", tag)],
    }
}

fn named<'a>(name: &str, about: &'a str) -> Row<'a> {
    Row { name: name.to_owned(), description: Some(about), ..Row::default() }
}

fn typed<'a>(name: &str, about: &'a str, text: String) -> Row<'a> {
    Row { r#type: Some(Text { text }), ..named(name, about) }
}

fn attribute(row: &Attribute) -> Row<'_> {
    let default = if row.kind == Kind::Flag { None } else { Some(literal(&row.default)) };
    Row { default, field_name: Some(row.property()), ..typed(&row.name, &row.about, row.kind()) }
}

/// The property of an attribute.
fn field(row: &Attribute) -> Row<'_> {
    Row {
        kind: Some("field"),
        default: Some(literal(&row.default)),
        attribute: Some(&row.name),
        reflects: Some(true),
        ..typed(&row.property(), &row.about, row.kind())
    }
}

fn property(row: &Property) -> Row<'_> {
    Row {
        kind: Some("field"),
        default: row.default.clone(),
        readonly: row.readonly.then_some(true),
        ..typed(&row.name, &row.about, row.kind.clone())
    }
}

fn method(row: &Method) -> Row<'_> {
    let parameters = row.parameters().into_iter().map(|(name, optional, kind)| Row {
        name: name.to_owned(),
        optional: optional.then_some(true),
        r#type: Some(Text { text: kind.to_owned() }),
        ..Row::default()
    });
    Row {
        kind: Some("method"),
        parameters: Some(parameters.collect()),
        r#return: Some(Return { r#type: Text { text: row.returns.clone() } }),
        ..named(&row.name, &row.about)
    }
}

fn event<'a>(row: &'a Event, class: &str) -> Row<'a> {
    typed(&row.name, &row.about, format!("CustomEvent<{}>", row.detail(class)))
}
