//! A graph of operations as it grows: each call adds a node and gives the name of what it computes.
//!
//! Weights are taken by our names from a checkpoint, each once; at the end none may be left ([`Builder::finish`]).

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use vitro::bundle::{Array, Checkpoint};

use super::message::{Attribute, FLOAT, Graph, INT64, Node, Tensor};

/// The name of something that is computed or stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wire(String);

/// Nodes and arrays so far.
pub(super) struct Builder {
    weights: BTreeMap<String, Array>,
    graph: Graph,
}

/// A setting of a node.
pub(super) fn int(name: &str, value: usize) -> Attribute {
    Attribute { name: name.to_owned(), i: value as i64, r#type: 2, ..Attribute::default() }
}

/// The axis counted from the last, as a setting.
pub(super) fn last_axis() -> Attribute {
    Attribute { name: "axis".to_owned(), i: -1, r#type: 2, ..Attribute::default() }
}

/// A setting of a node.
pub(super) fn ints(name: &str, values: &[usize]) -> Attribute {
    let ints = values.iter().map(|value| *value as i64).collect();
    Attribute { name: name.to_owned(), ints, r#type: 7, ..Attribute::default() }
}

/// A setting of a node.
pub(super) fn float(name: &str, value: f64) -> Attribute {
    Attribute { name: name.to_owned(), f: value as f32, r#type: 1, ..Attribute::default() }
}

impl Builder {
    /// With the weights of a model under our names.
    pub(super) fn new(weights: &Checkpoint) -> Self {
        let weights = weights.iter().map(|(name, array)| (name.to_owned(), array.clone())).collect();
        Self { weights, graph: Graph::default() }
    }

    /// The value that the caller gives under `name`.
    pub(super) fn input(name: &str) -> Wire {
        Wire(name.to_owned())
    }

    /// Adds an operation on `inputs`.
    pub(super) fn node(&mut self, operator: &str, inputs: &[&Wire], attributes: Vec<Attribute>) -> Wire {
        let name = format!("{operator}_{}", self.graph.node.len());
        self.named(operator, inputs, attributes, &name)
    }

    /// [`Self::node`] with a name for what it computes.
    pub(super) fn named(&mut self, operator: &str, inputs: &[&Wire], attribute: Vec<Attribute>, output: &str) -> Wire {
        self.graph.node.push(Node {
            input: inputs.iter().map(|wire| wire.0.clone()).collect(),
            output: vec![output.to_owned()],
            name: output.to_owned(),
            op_type: operator.to_owned(),
            attribute,
        });
        Wire(output.to_owned())
    }

    /// Takes the weights `name`, as they are stored.
    pub(super) fn take(&mut self, name: &str) -> Result<Array> {
        self.weights.remove(name).with_context(|| format!("the model has no weights called {name}"))
    }

    /// Whether the model has weights `name` that were not taken yet.
    pub(super) fn has(&self, name: &str) -> bool {
        self.weights.contains_key(name)
    }

    /// The weights `name` as an array of the graph.
    pub(super) fn weight(&mut self, name: &str) -> Result<Wire> {
        let Array { shape, values } = self.take(name)?;
        Ok(self.floats(name, &shape, &values))
    }

    /// Weights `name` as an array of the graph with the axes `shape`.
    pub(super) fn weight_as(&mut self, name: &str, shape: &[usize]) -> Result<Wire> {
        let values = self.take(name)?.values;
        Ok(self.floats(name, shape, &values))
    }

    /// An array of floats called `name`.
    pub(super) fn floats(&mut self, name: &str, shape: &[usize], values: &[f32]) -> Wire {
        let raw_data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.array(name, shape, FLOAT, raw_data)
    }

    /// One float for all places.
    pub(super) fn scalar(&mut self, value: f64) -> Wire {
        let name = format!("number_{}", self.graph.initializer.len());
        self.floats(&name, &[], &[value as f32])
    }

    /// Integers that an operator takes as an input.
    pub(super) fn integers(&mut self, values: &[i64]) -> Wire {
        let name = format!("integers_{}", self.graph.initializer.len());
        self.array(&name, &[values.len()], INT64, values.iter().flat_map(|value| value.to_le_bytes()).collect())
    }

    fn array(&mut self, name: &str, shape: &[usize], data_type: i32, raw_data: Vec<u8>) -> Wire {
        let dims = shape.iter().map(|length| *length as i64).collect();
        self.graph.initializer.push(Tensor { dims, data_type, name: name.to_owned(), raw_data });
        Wire(name.to_owned())
    }

    /// The finished graph; `left` names weights that evaluation does not need.
    ///
    /// # Errors
    /// When others were left.
    pub(super) fn finish(self, left: fn(&str) -> bool) -> Result<Graph> {
        let unused = self.weights.keys().find(|name| !left(name));
        ensure!(unused.is_none(), "the graph has no place for the weights {}", unused.map_or("", String::as_str));
        Ok(self.graph)
    }
}
