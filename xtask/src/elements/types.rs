//! `web/element/types/`: what TypeScript knows of the elements where they are used.
//!
//! `vitro.d.ts` has everything that needs no other package. What React must be told stands in `react.d.ts`, since a file may only
//! add to a package that is there. Each element's module has a small file of its own.

use super::api::{Api, Attribute, Element, Kind, Property};
use std::fmt::Write;
use std::path::PathBuf;

const HEAD: &str = "\
// Types of the elements. Written by `cargo xtask elements` from api.json: change that file.
";

/// What every element takes in JSX. React has its own list.
const EVERY: &str = "\
/** What any element takes in JSX. */
export interface EveryAttribute {
  id?: string;
  class?: string;
  title?: string;
  lang?: string;
  dir?: string;
  slot?: string;
  hidden?: boolean;
  style?: unknown;
  key?: unknown;
  ref?: unknown;
  children?: unknown;
  [data: `data-${string}`]: unknown;
  [aria: `aria-${string}`]: unknown;
}
";

const REACT: &str = "
import type { DetailedHTMLProps, HTMLAttributes } from 'react';
";

/// The files below `types/`.
pub(super) fn render(api: &Api) -> Vec<(PathBuf, String)> {
    let mut files = vec![(PathBuf::from("vitro.d.ts"), everything(api)), (PathBuf::from("react.d.ts"), react(api))];
    for Element { class, module, .. } in &api.elements {
        let text = format!("{HEAD}\nexport {{ {class} }} from './vitro.js';\nexport type * from './vitro.js';\n");
        files.push((format!("{module}.d.ts").into(), text));
    }
    files
}

fn everything(api: &Api) -> String {
    let mut text = HEAD.to_owned();
    for (name, kind) in &api.types {
        let _ = write!(text, "\n/** {} */\nexport type {name} = {};\n", kind.about, kind.body);
    }
    for element in &api.elements {
        let parts = [events(element), class(element), attributes(element)];
        let _ = write!(text, "\n{}", parts.join("\n"));
    }
    let _ = write!(text, "\n{EVERY}\ndeclare global {{\n  interface HTMLElementTagNameMap {{\n");
    for Element { tag, class, .. } in &api.elements {
        let _ = writeln!(text, "    '{tag}': {class};");
    }
    text += "  }\n  namespace JSX {\n    interface IntrinsicElements {\n";
    for Element { tag, class, .. } in &api.elements {
        let _ = writeln!(text, "      '{tag}': {class}Attributes & EveryAttribute;");
    }
    text + "    }\n  }\n}\n"
}

fn react(api: &Api) -> String {
    let names: Vec<String> = api.elements.iter().map(|row| format!("{0}, {0}Attributes", row.class)).collect();
    let mut text = format!("{HEAD}{REACT}import type {{ {} }} from './vitro.js';\n", names.join(", "));
    text += "\ndeclare module 'react' {\n  namespace JSX {\n    interface IntrinsicElements {\n";
    for Element { tag, class, .. } in &api.elements {
        let html = format!("DetailedHTMLProps<HTMLAttributes<{class}>, {class}>");
        let _ = writeln!(text, "      '{tag}': {class}Attributes & {html};");
    }
    text + "    }\n  }\n}\n"
}

/// What an element's events carry.
fn events(element: &Element) -> String {
    let Element { tag, class, rows, .. } = element;
    let mut text = format!("/** Events of `<{tag}>`. */\nexport interface {class}EventMap {{\n");
    for event in &rows.events {
        let _ = write!(text, "  /** {} */\n  {}: CustomEvent<{}>;\n", event.about, event.name, event.detail(class));
    }
    text + "}\n"
}

fn class(element: &Element) -> String {
    let Element { tag, class, summary, rows, .. } = element;
    let mut text = format!("/** `<{tag}>`: {summary} */\nexport declare class {class} extends HTMLElement {{\n");
    for row in &rows.statics {
        text += &property("static ", row);
    }
    for row in &rows.attributes {
        let _ = write!(text, "  /** {} */\n  {}: {};\n", row.about, row.property(), row.kind());
    }
    for row in &rows.properties {
        text += &property("", row);
    }
    for row in &rows.methods {
        let _ = write!(text, "  /** {} */\n  {}({}): {};\n", row.about, row.name, row.parameters, row.returns);
    }
    for (verb, options) in [("add", "AddEventListenerOptions"), ("remove", "EventListenerOptions")] {
        for map in [&format!("{class}EventMap"), "HTMLElementEventMap"] {
            let listener = format!("(this: {class}, event: {map}[Type]) => unknown");
            let parameters = format!("type: Type, listener: {listener}, options?: boolean | {options}");
            let _ = writeln!(text, "  {verb}EventListener<Type extends keyof {map}>({parameters}): void;");
        }
        let parameters =
            format!("type: string, listener: EventListenerOrEventListenerObject, options?: boolean | {options}");
        let _ = writeln!(text, "  {verb}EventListener({parameters}): void;");
    }
    text + "}\n"
}

fn property(prefix: &str, row: &Property) -> String {
    let readonly = if row.readonly { "readonly " } else { "" };
    format!("  /** {} */\n  {prefix}{readonly}{}: {};\n", row.about, row.name, row.kind)
}

/// What an element takes in JSX: its attributes, its other properties that can be set, and a function for each of its events.
fn attributes(element: &Element) -> String {
    let Element { tag, class, rows, .. } = element;
    let mut text = format!("/** What `<{tag}>` takes in JSX. */\nexport interface {class}Attributes {{\n");
    for row in &rows.attributes {
        let _ = writeln!(text, "  {}?: {};", quoted(&row.name), in_markup(row));
    }
    // A promise is awaited, never set.
    for row in rows.properties.iter().filter(|row| !row.readonly && !row.kind.starts_with("Promise<")) {
        let _ = writeln!(text, "  {}?: {};", row.name, row.kind);
    }
    for event in &rows.events {
        let _ = writeln!(text, "  on{}?: (event: {class}EventMap['{}']) => void;", event.name, event.name);
    }
    text + "}\n"
}

/// The type of an attribute's value. Numbers may be written as text there.
fn in_markup(row: &Attribute) -> String {
    match row.kind {
        Kind::Integer => "number | string".into(),
        _ => row.kind(),
    }
}

/// A name that may stand before a colon.
fn quoted(name: &str) -> String {
    if name.contains('-') { format!("'{name}'") } else { name.to_owned() }
}
