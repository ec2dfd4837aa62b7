//! The engine's dashboard. `q` there stops the training after a checkpoint.

use std::sync::Arc;

use burn::train::Interrupter;
use burn::train::logger::TrainingProgressLogger;
use burn::train::metric::{MetricDefinition, MetricEntry, MetricId, NumericAttributes, NumericEntry, SerializedEntry};
use burn::train::renderer::tui::TuiMetricsRendererWrapper;
use burn::train::renderer::{MetricState, MetricsRenderer, MetricsRendererTraining};

use super::{Progress, Step, duration};
use crate::run::metrics::Epoch;

/// Values that are plotted: name, unit, whether more is better.
const METRICS: &[(&str, Option<&str>, bool)] = &[
    ("Loss", None, false),
    ("Accuracy", Some("%"), true),
    ("Images per second", None, true),
    ("Time left", None, false),
];

/// Draws on the terminal until dropped.
pub struct Tui {
    renderer: TuiMetricsRendererWrapper,
    interrupter: Interrupter,
}

impl Tui {
    /// Takes the terminal over.
    pub fn new(epochs: Option<usize>, name: &str) -> Self {
        let interrupter = Interrupter::new();
        let mut renderer = TuiMetricsRendererWrapper::new(interrupter.clone(), None);
        for (name, unit, higher_is_better) in METRICS {
            let attributes = NumericAttributes { unit: unit.map(str::to_owned), higher_is_better: *higher_is_better };
            renderer.register_metric(MetricDefinition {
                metric_id: id(name),
                name: Arc::new((*name).to_owned()),
                description: None,
                attributes: attributes.into(),
            });
        }
        renderer.start(epochs.unwrap_or(1), 1, None, Some(name));
        Self { renderer, interrupter }
    }
}

fn id(name: &str) -> MetricId {
    MetricId::new(Arc::new(name.to_owned()))
}

fn numeric(name: &str, shown: String, value: f64) -> MetricState {
    let entry = MetricEntry::new(id(name), SerializedEntry::new(shown, value.to_string()));
    MetricState::Numeric(entry, Some(NumericEntry::Value(value)))
}

fn text(name: &str, shown: String) -> MetricState {
    MetricState::Generic(MetricEntry::new(id(name), SerializedEntry::new(shown.clone(), shown)))
}

impl Progress for Tui {
    fn start_epoch(&mut self, epoch: usize) {
        self.renderer.update_epoch(epoch.saturating_sub(1));
        self.renderer.start_split("train", 1);
    }

    fn step(&mut self, step: &Step) {
        if step.done == 0 {
            return;
        }
        self.renderer.start_split("train", step.of);
        self.renderer.update_train(numeric("Loss", format!("{:.4}", step.loss), step.loss));
        self.renderer.update_train(numeric("Accuracy", format!("{:.2} %", step.top1 * 100.0), step.top1 * 100.0));
        let speed = step.images_per_second;
        self.renderer.update_train(numeric("Images per second", format!("{speed:.0}"), speed));
        let left = format!("{} ({:.0} % done)", duration(step.left), step.progress * 100.0);
        self.renderer.update_train(text("Time left", left));
        self.renderer.update_split(step.done);
    }

    fn end_epoch(&mut self, epoch: &Epoch, left: f64) {
        self.renderer.end_split();
        self.renderer.start_split("valid", 1);
        let (_, loss, top1) = epoch.watched();
        self.renderer.update_valid(numeric("Loss", format!("{loss:.4}"), loss));
        let top1 = top1 * 100.0;
        self.renderer.update_valid(numeric("Accuracy", format!("{top1:.2} %"), top1));
        self.renderer.update_split(1);
        self.renderer.end_split();
        self.renderer.update_valid(text("Time left", duration(left)));
    }

    fn stopped(&self) -> bool {
        self.interrupter.should_stop()
    }
}
