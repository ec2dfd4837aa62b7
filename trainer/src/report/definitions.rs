//! What the words of the report mean, each in a sentence and a formula: those that it uses, in the order of use.

use std::fmt::Write;

use vitro::metric::{self, Metric};

use super::cells;
use super::entry::Entry;
use super::exhibit::Exhibits;
use super::html::{Section, escape, list};
use crate::eval::results::{Evaluation, On};

/// A word that the report explains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// Top-1 accuracy.
    Accuracy,
    /// Corruption and severity.
    Corruption,
    /// Mean corruption error.
    CorruptionError,
    /// Mean corruption error in units of the first model's.
    Relative,
    /// Mean corruption error in units of AlexNet's.
    AlexNet,
    /// 95 % intervals.
    Interval,
    /// Mean flip probability.
    Flips,
    /// Accuracy under an attack.
    Attack,
    /// Difference of accuracies.
    Difference,
    /// Confidence of a prediction.
    Confidence,
    /// Attention of the class token.
    Attention,
    /// Patches that hold most of it.
    Looks,
}

impl Term {
    /// Every word, in the order of the report.
    const ALL: [Self; 12] = [
        Self::Accuracy,
        Self::Corruption,
        Self::CorruptionError,
        Self::Relative,
        Self::AlexNet,
        Self::Interval,
        Self::Flips,
        Self::Attack,
        Self::Difference,
        Self::Confidence,
        Self::Attention,
        Self::Looks,
    ];

    /// `words`, text, as a link to the definition.
    pub fn link(self, words: &str) -> String {
        format!("<a href=\"#{}\">{}</a>", self.id(), escape(words))
    }

    fn id(self) -> String {
        format!("term-{}", format!("{self:?}").to_lowercase())
    }

    /// Whether the report has something to explain.
    fn is_used(self, entries: &[Entry], exhibits: &Exhibits) -> bool {
        let any = |has: fn(&Evaluation) -> bool| entries.iter().any(|entry| has(&entry.evaluation));
        match self {
            Self::Accuracy => true,
            Self::Corruption => any(|evaluation| !evaluation.per_cell.is_empty()),
            Self::CorruptionError => any(|evaluation| evaluation.corruption_error_mean.is_some()),
            Self::Relative | Self::Difference => entries.len() > 1 && cells::common(entries).data,
            Self::AlexNet => any(|evaluation| evaluation.mce_alexnet.is_some()),
            Self::Interval => any(|evaluation| !evaluation.intervals.is_empty()),
            Self::Flips => any(|evaluation| evaluation.mean_flip_probability.is_some()),
            Self::Attack => any(|evaluation| !evaluation.attacks.is_empty()),
            Self::Confidence | Self::Attention | Self::Looks => !exhibits.images.is_empty(),
        }
    }

    /// The word, the sentence and the formula, HTML.
    fn definition(self) -> [&'static str; 3] {
        match self {
            Self::Accuracy => [
                "top-1 accuracy",
                "The fraction of the N images whose highest-scored class is the label.",
                "acc = (1 / N) · Σ<sub>i</sub> [argmax f(x<sub>i</sub>) = y<sub>i</sub>]",
            ],
            Self::Corruption => [
                "corruption, severity",
                "A fixed way of making an image worse, in five strengths from 1, weak, to 5, strong; severity 0 is the \
                 untouched image. 15 corruptions make up the benchmark; the others are shown but not in any mean.",
                "x<sub>c,s</sub> = corrupt(x; c, s, seed)",
            ],
            Self::CorruptionError => [
                "mean corruption error",
                "The plain mean of the top-1 error over the measured cells (c, s) of the benchmark, not normalised by any \
                 other network.",
                "E = (1 / |C|) · Σ<sub>(c,s) ∈ C</sub> (1 − acc<sub>c,s</sub>)",
            ],
            Self::Relative => [
                "mCE relative to the first",
                "The mean over corruptions c of the error in units of the first model’s error, on the same cells: below \
                 100 % is better than it. Not the mCE of papers, which is in units of AlexNet. Its interval \
                 takes the first model’s errors as they were measured.",
                "(1 / n) · Σ<sub>c</sub> (Σ<sub>s</sub> E<sub>c,s</sub> / Σ<sub>s</sub> E<sup>first</sup><sub>c,s</sub>)",
            ],
            Self::AlexNet => [
                "mCE against AlexNet",
                "The mean over the 15 corruptions of the error in units of AlexNet’s error; defined on ImageNet alone, \
                 where 100 % is AlexNet.",
                "mCE = (1 / 15) · Σ<sub>c</sub> (Σ<sub>s</sub> E<sub>c,s</sub> / Σ<sub>s</sub> E<sup>AlexNet</sup><sub>c,s</sub>)",
            ],
            Self::Interval => [
                "intervals",
                "The small numbers under a value: its 95 % interval over 1000 draws of the test images with \
                 replacement. Those of calibration errors are moved back by what chance adds to them in a draw.",
                "[q<sub>2.5 %</sub>, q<sub>97.5 %</sub>]",
            ],
            Self::Flips => [
                "flip probability",
                "How often the prediction changes while an image changes little by little, as a mean over the perturbations p \
                 and the frames j of their sequences; the reference is the frame before or, for noise, the first.",
                "FP<sub>p</sub> = mean<sub>j</sub> [f(x<sub>j</sub>) ≠ f(x<sub>ref</sub>)]",
            ],
            Self::Attack => [
                "attack",
                "Accuracy on images that were changed on purpose against this model, by no more than the radius in levels \
                 of 255.",
                "x′ = argmax loss(f(x′), y), ‖x′ − x‖ ≤ ε",
            ],
            Self::Difference => [
                "difference",
                "Accuracy minus that of the first model in the same cell, in percentage points: above zero is better than it.",
                "Δ<sub>c,s</sub> = acc<sub>c,s</sub> − acc<sup>first</sup><sub>c,s</sub>",
            ],
            Self::Confidence => [
                "confidence",
                "The probability that a model gives its best class.",
                "p = max<sub>k</sub> softmax(f(x))<sub>k</sub>",
            ],
            Self::Attention => [
                "attention",
                "How much the class token looks at each of the n patches in the last layer that has one, as a mean over \
                 heads scaled to one; colour shows the square root of its ratio to an even spread. A model without class \
                 token shows how much its patches look at each other.",
                "t<sub>j</sub> = √(n · a<sub>j</sub> / 16), Σ<sub>j</sub> a<sub>j</sub> = 1",
            ],
            Self::Looks => [
                "looks at",
                "The fewest patches S that together hold 80 % of the attention; few mean overfocus.",
                "min |S| with Σ<sub>j ∈ S</sub> a<sub>j</sub> ≥ 0.8",
            ],
        }
    }
}

/// The section.
pub fn section(entries: &[Entry], exhibits: &Exhibits) -> Section {
    let mut body = String::from("<dl class=\"terms\">\n");
    for term in Term::ALL.into_iter().filter(|term| term.is_used(entries, exhibits)) {
        let [word, sentence, formula] = term.definition();
        let _ = writeln!(
            body,
            "<div id=\"{}\"><dt>{word}</dt><dd>{sentence} <span class=\"formula\">{formula}</span></dd></div>",
            term.id()
        );
    }
    for metric in metric::ALL.iter().filter(|metric| is_measured(metric, entries)) {
        let Metric { title, about, formula, .. } = metric;
        let _ = writeln!(
            body,
            "<div id=\"{}\"><dt>{title}</dt><dd>{about} <span class=\"formula\">{formula}</span></dd></div>",
            id(metric)
        );
    }
    for (models, over) in words(entries) {
        let _ = writeln!(body, "<div><dt>cells of {models}</dt><dd>{over}</dd></div>");
    }
    Section { id: "definitions", title: "Definitions", body: body + "</dl>\n" }
}

/// A metric's heading as a link to its definition.
pub fn link(metric: &Metric) -> String {
    format!("<a href=\"#{}\">{}</a>", id(metric), escape(&metric.heading()))
}

fn id(metric: &Metric) -> String {
    format!("metric-{}", metric.key)
}

fn is_measured(metric: &Metric, entries: &[Entry]) -> bool {
    let on = |on| entries.iter().any(|entry| entry.evaluation.score(metric, on).is_some());
    on(On::Clean) || on(On::Corrupted)
}

/// What the means are over, and of which models, HTML: the same words once.
fn words(entries: &[Entry]) -> Vec<(String, String)> {
    let mut found: Vec<(Vec<String>, String)> = Vec::new();
    for Entry { label, evaluation, .. } in
        entries.iter().filter(|entry| entry.evaluation.corruption_error_mean.is_some())
    {
        let over = escape(&evaluation.corruption_error_over);
        match found.iter_mut().find(|(_, words)| *words == over) {
            Some((models, _)) => models.push(escape(label)),
            None => found.push((vec![escape(label)], over)),
        }
    }
    found.into_iter().map(|(models, over)| (list(&models), over)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::measured;
    use super::*;

    #[test]
    fn only_words_that_are_used_are_explained() {
        let alone = section(&[measured("a", 1.0, &[("fog", 1, 0.5)])], &Exhibits::default()).body;
        assert!(alone.contains(&Term::CorruptionError.id()), "{alone}");
        for unused in [Term::Relative, Term::Difference, Term::Attack, Term::AlexNet, Term::Interval, Term::Looks] {
            assert!(!alone.contains(&unused.id()), "{unused:?}");
        }
    }
}
