//! `web/element/api.json`: what the custom elements offer, in rows.
//!
//! Rows that several elements have stand once, in a named set; an element names the sets that it uses. Joined, every element has
//! all of its rows, and one of its own takes the place of a shared one of the same name.

use crate::workspace;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;

/// The file, with the elements' rows joined.
#[derive(Debug)]
pub(crate) struct Api {
    /// Types that properties, methods and events name.
    pub(crate) types: BTreeMap<String, Type>,
    /// The elements, in the order of the file.
    pub(crate) elements: Vec<Element>,
}

/// An element with all of its rows.
#[derive(Debug)]
pub(crate) struct Element {
    /// `vitro-compare`.
    pub(crate) tag: String,
    /// `VitroCompare`.
    pub(crate) class: String,
    /// The folder of its script, and the script's name: `compare`.
    pub(crate) module: String,
    /// A sentence.
    pub(crate) summary: String,
    /// A tag that works.
    pub(crate) example: String,
    /// Its rows.
    pub(crate) rows: Rows,
}

/// The rows of an element, or of a set that elements share.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
pub(crate) struct Rows {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) properties: Vec<Property>,
    pub(crate) methods: Vec<Method>,
    pub(crate) events: Vec<Event>,
    pub(crate) slots: Vec<Named>,
    pub(crate) parts: Vec<Named>,
    pub(crate) css_properties: Vec<CssProperty>,
    pub(crate) states: Vec<Named>,
    pub(crate) statics: Vec<Property>,
}

/// A type of TypeScript with a name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Type {
    #[serde(rename = "type")]
    pub(crate) body: String,
    pub(crate) about: String,
}

/// An attribute and the property that reflects it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attribute {
    pub(crate) name: String,
    /// Where it is not the name in camel case.
    property: Option<String>,
    pub(crate) kind: Kind,
    pub(crate) default: Value,
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
    pub(crate) choices: Option<Vec<String>>,
    pub(crate) example: Option<String>,
    pub(crate) about: String,
}

/// What an attribute holds.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// Any text.
    Text,
    /// A whole number from `min` to `max`.
    Integer,
    /// Present or absent.
    Flag,
    /// One of `choices`.
    Choice,
}

/// A property that is no attribute, or a property of the class itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Property {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) default: Option<String>,
    #[serde(default)]
    pub(crate) readonly: bool,
    pub(crate) about: String,
}

/// A method, with its parameters as TypeScript writes them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Method {
    pub(crate) name: String,
    pub(crate) parameters: String,
    pub(crate) returns: String,
    pub(crate) about: String,
}

/// An event and the type of its `detail`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) detail: String,
    pub(crate) about: String,
}

/// A slot, a part or a state.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) about: String,
}

/// A custom property of CSS.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CssProperty {
    pub(crate) name: String,
    pub(crate) default: String,
    pub(crate) about: String,
}

impl Api {
    /// Reads the file and joins its rows.
    pub(crate) fn read() -> Result<Self> {
        let path = workspace::root().join("web/element/api.json");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("{} is not as it should be", path.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let written: Written = serde_json::from_str(text)?;
        let elements = written.elements.into_iter().map(|element| element.joined(&written.shared));
        Ok(Self { types: written.types, elements: elements.collect::<Result<_>>()? })
    }
}

impl Attribute {
    /// Its property: `crossOrigin` for `crossorigin`, `fromHere` for `from-here`.
    pub(crate) fn property(&self) -> String {
        self.property.clone().unwrap_or_else(|| camel(&self.name))
    }

    /// The type of its property.
    pub(crate) fn kind(&self) -> String {
        match self.kind {
            Kind::Text => "string".into(),
            Kind::Integer => "number".into(),
            Kind::Flag => "boolean".into(),
            Kind::Choice => union(self.choices.iter().flatten()),
        }
    }

    /// Whether the row says all that its kind needs.
    fn check(&self) -> Result<()> {
        let has_range = self.min.is_some() && self.max.is_some();
        let fits = match self.kind {
            Kind::Text => self.default.is_string(),
            Kind::Flag => self.default == Value::Bool(false),
            Kind::Integer => has_range && self.default.is_i64(),
            Kind::Choice => self.choices.iter().flatten().any(|choice| self.default == choice.as_str()),
        };
        if !fits {
            bail!("the attribute {} lacks its default, its range or its choices: give what its kind needs", self.name);
        }
        Ok(())
    }
}

impl Method {
    /// Its parameters: name, whether it may be left out, type.
    pub(crate) fn parameters(&self) -> Vec<(&str, bool, &str)> {
        let mut depth = 0;
        let parts = self.parameters.split(move |letter| {
            match letter {
                '{' | '<' | '(' | '[' => depth += 1,
                '}' | '>' | ')' | ']' => depth -= 1,
                _ => {}
            }
            letter == ',' && depth == 0
        });
        let pairs = parts.filter_map(|part| part.split_once(':'));
        pairs.map(|(name, kind)| (name.trim().trim_end_matches('?'), name.ends_with('?'), kind.trim())).collect()
    }
}

impl Event {
    /// The type of its detail, on an element of this class.
    pub(crate) fn detail(&self, class: &str) -> String {
        self.detail.replace("this[", &format!("{class}["))
    }
}

/// Texts as a union of TypeScript: `'a' | 'b'`.
pub(crate) fn union<'a>(choices: impl Iterator<Item = &'a String>) -> String {
    choices.map(|choice| format!("'{choice}'")).collect::<Vec<_>>().join(" | ")
}

/// `from-here` as `fromHere`.
fn camel(name: &str) -> String {
    let mut words = name.split('-');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |text, word| {
        let (start, rest) = word.split_at(word.len().min(1));
        text + &start.to_uppercase() + rest
    })
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[expect(dead_code, reason = "for those who open the file")]
    about: String,
    types: BTreeMap<String, Type>,
    shared: BTreeMap<String, Rows>,
    elements: Vec<WrittenElement>,
}

/// An element as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenElement {
    tag: String,
    class: String,
    module: String,
    summary: String,
    example: String,
    uses: Vec<String>,
    #[serde(flatten)]
    own: Rows,
}

impl WrittenElement {
    fn joined(self, shared: &BTreeMap<String, Rows>) -> Result<Element> {
        let mut rows = Rows::default();
        for name in &self.uses {
            let set = shared.get(name).with_context(|| format!("{} uses {name}, which is not shared", self.tag))?;
            rows.join(set.clone());
        }
        rows.join(self.own);
        rows.attributes
            .iter()
            .try_for_each(Attribute::check)
            .with_context(|| format!("in the rows of {}", self.tag))?;
        let Self { tag, class, module, summary, example, .. } = self;
        Ok(Element { tag, class, module, summary, example, rows })
    }
}

impl Rows {
    /// Adds rows; each takes the place of one with its name.
    fn join(&mut self, more: Self) {
        join(&mut self.attributes, more.attributes, |row| &row.name);
        join(&mut self.properties, more.properties, |row| &row.name);
        join(&mut self.methods, more.methods, |row| &row.name);
        join(&mut self.events, more.events, |row| &row.name);
        join(&mut self.slots, more.slots, |row| &row.name);
        join(&mut self.parts, more.parts, |row| &row.name);
        join(&mut self.css_properties, more.css_properties, |row| &row.name);
        join(&mut self.states, more.states, |row| &row.name);
        join(&mut self.statics, more.statics, |row| &row.name);
    }
}

fn join<T>(rows: &mut Vec<T>, more: Vec<T>, name: impl Fn(&T) -> &String) {
    for row in more {
        match rows.iter().position(|old| name(old) == name(&row)) {
            Some(place) => rows[place] = row,
            None => rows.push(row),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARED: &str = r#"{ "about": "", "types": {},
        "shared": { "every": { "attributes": [
            { "name": "from-here", "kind": "text", "default": "", "about": "" },
            { "name": "loading", "kind": "choice", "choices": ["lazy", "eager"], "default": "lazy", "about": "" } ] } },
        "elements": [ { "tag": "x-a", "class": "A", "module": "a", "summary": "", "example": "", "uses": ["every"],
            "attributes": [ { "name": "from-here", "kind": "flag", "default": false, "about": "" },
                            { "name": "more", "kind": "text", "default": "", "about": "" } ] } ] }"#;

    #[test]
    fn a_row_of_its_own_takes_the_place_of_a_shared_one() {
        let api = Api::parse(SHARED).unwrap();
        let rows = &api.elements[0].rows.attributes;
        let found: Vec<_> = rows.iter().map(|row| (row.property(), row.kind())).collect();
        let wanted = [("fromHere", "boolean"), ("loading", "'lazy' | 'eager'"), ("more", "string")];
        assert_eq!(found, wanted.map(|(name, kind)| (name.to_owned(), kind.to_owned())));
    }

    #[test]
    fn parameters_end_at_commas_outside_of_brackets() {
        let parameters = "image: Blob | string, options?: { a?: string, b: Map<string, number> }".to_owned();
        let method = Method { name: String::new(), parameters, returns: String::new(), about: String::new() };
        let wanted = [("image", false, "Blob | string"), ("options", true, "{ a?: string, b: Map<string, number> }")];
        assert_eq!(method.parameters(), wanted);
    }

    #[test]
    fn what_is_misspelt_or_missing_is_refused() {
        let more = "\"summary\": \"\", \"sumary\"";
        for (from, to) in [("\"summary\"", more), ("[\"every\"]", "[\"ever\"]"), ("\"lazy\",", "\"busy\",")] {
            assert!(Api::parse(&SHARED.replacen(from, to, 1)).is_err(), "{to}");
        }
    }
}
