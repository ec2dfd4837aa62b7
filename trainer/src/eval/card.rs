//! `card.md`: a model in one page, for whoever gets it without its history.
//!
//! What it is, what it learned from, how it was trained, what was measured and what was not: the sections of Mitchell et al.,
//! "Model Cards for Model Reporting" (2019), as far as a run knows them.

use vitro::corruption::{self, Set};
use vitro::protocol::{NOT_RECORDED, Protocol};

use super::markdown::{NOTHING, table};
use super::report;
use super::results::Evaluation;
use crate::recipe::Recipe;
use crate::run::Facts;

/// Names of classes that are listed.
const MOST_NAMES: usize = 30;

/// The card of a run that was evaluated.
pub fn card(facts: &Facts, recipe: &Recipe, evaluation: &Evaluation) -> String {
    let title = if recipe.title.is_empty() { &facts.name } else { &recipe.title };
    let Facts { params, dataset, classes, train_data, device, workers, seed, .. } = facts;
    let names: Vec<&str> = classes.iter().take(MOST_NAMES).map(String::as_str).collect();
    let more =
        if classes.len() > names.len() { format!(" and {} more", classes.len() - names.len()) } else { String::new() };
    let git = facts.git.as_deref().unwrap_or(NOT_RECORDED);
    let protocol = evaluation.protocol.as_ref().map_or(NOT_RECORDED.to_owned(), Protocol::to_string);
    format!(
        "# {title}\n\n\
         An image classifier trained by vitro: {preset}, {params} weights, method {method}.\n\n\
         ## Use\n\n\
         It tells {count} classes apart: {names}{more}. It takes images of {side} × {side} pixels; larger ones are shrunk. It \
         names one of these classes for any image, whether or not it shows one of them. How often it errs on images from elsewhere \
         than {dataset} is unknown.\n\n\
         ```sh\n\
         vitro export RUN -o {name}.safetensors     # then drop the file on the page, or:\n\
         vitro explain photo.jpg --models {name}.safetensors\n\
         ```\n\n\
         ## Training\n\n\
         Data: {train_data}. Seed {seed}, on {device}, {workers} workers, commit {git}.\n\n{seen}\
         ```toml\n{recipe}```\n\n\
         ## Measured\n\n\
         {protocol}.\n\n{tables}",
        preset = recipe.model.preset,
        method = evaluation.method,
        count = classes.len(),
        names = names.join(", "),
        side = facts.preprocess.image_size,
        name = facts.name,
        recipe = facts.recipe,
        seen = seen(&facts.seen_corruptions),
        tables = report::markdown(evaluation),
    )
}

/// What of the published sets training saw; nothing where images were not corrupted.
fn seen(names: &[String]) -> String {
    if names.is_empty() {
        return String::new();
    }
    let mut rows = vec![["set of corruptions", "seen in training"].map(str::to_owned).to_vec()];
    for set in Set::ALL {
        let of_set = || corruption::ALL.iter().filter(|corruption| corruption.set == *set);
        let of_it: Vec<&str> =
            of_set().map(|corruption| corruption.name).filter(|name| names.iter().any(|seen| seen == name)).collect();
        let which = match of_it.len() {
            0 => NOTHING.to_owned(),
            all if all == of_set().count() => format!("all {all}"),
            _ => of_it.join(", "),
        };
        rows.push(vec![set.title().to_owned(), which]);
    }
    format!("What training saw is not unseen when it is measured.\n\n{}", table(&rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(card: &str, start: &str) -> String {
        card.lines().find(|line| line.starts_with(start)).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_card_says_set_by_set_which_corruptions_training_saw() {
        let of_set = |set| corruption::ALL.iter().filter(move |row| row.set == set).map(|row| row.name.to_owned());
        let names: Vec<String> = ["fog", "snow"].map(str::to_owned).into_iter().chain(of_set(Set::Bar)).collect();
        let said = seen(&names);
        assert_eq!(line(&said, "| The fifteen"), "| The fifteen of the benchmark | snow, fog |");
        assert_eq!(line(&said, "| The four"), format!("| The four for validation | {NOTHING} |"));
        assert_eq!(line(&said, "| ImageNet-C-bar"), "| ImageNet-C-bar and CIFAR-10-C-bar | all 15 |");
        assert_eq!(seen(&[]), "");
    }
}
