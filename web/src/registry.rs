//! The corruption registry as JSON, in its own order: the page's menus and small images read it.

use serde::Serialize;
use vitro::corruption::{self, Group, Set};
use wasm_bindgen::prelude::wasm_bindgen;

#[derive(Serialize)]
struct Row {
    name: &'static str,
    title: &'static str,
    group: Group,
    set: Set,
    stochastic: bool,
}

/// Every corruption: `[{"name", "title", "group", "set", "stochastic"}]`.
#[wasm_bindgen]
pub fn corruptions() -> String {
    let rows = corruption::ALL.iter().map(|entry| Row {
        name: entry.name,
        title: entry.title,
        group: entry.group,
        set: entry.set,
        stochastic: entry.stochastic(),
    });
    serde_json::to_string(&rows.collect::<Vec<_>>()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_gets_every_corruption_in_order() {
        let rows: Vec<serde_json::Value> = serde_json::from_str(&corruptions()).unwrap();
        let names: Vec<_> = rows.iter().map(|row| row["name"].as_str().unwrap()).collect();
        assert_eq!(names, corruption::ALL.iter().map(|entry| entry.name).collect::<Vec<_>>());
    }
}
