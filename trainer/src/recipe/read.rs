//! Reading a recipe: file, then `--set` overrides, then checks.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use toml::{Table, Value};

use super::{Distilled, NullspaceNoise, Recipe, Schedule, Stl, keys, typed};
use crate::disk;
use crate::nearest::hint;

/// Reads a recipe file and applies `key=value` overrides in order.
///
/// # Errors
/// For an unreadable file, unknown keys, values of the wrong kind and values that cannot work.
pub fn read(path: &Path, overrides: &[String]) -> Result<Recipe> {
    let text = disk::read_text(path)?;
    let mut recipe = parse(&text, overrides).with_context(|| format!("in {}", path.display()))?;
    if recipe.name.is_empty() {
        recipe.name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    }
    Ok(recipe)
}

/// [`read`] for text at hand; the name may stay empty.
pub fn parse(text: &str, overrides: &[String]) -> Result<Recipe> {
    let mut table: Table = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(0, |span| text[..span.start].lines().count().max(1));
        anyhow::anyhow!("line {line} is not TOML: {}", error.message())
    })?;
    let titled = data_key(&table, "title");
    let source = data_key(&table, "source");
    for change in overrides {
        set(&mut table, change)?;
    }
    // A title belongs to its data: that of the file does not fit other data.
    let other_data = data_key(&table, "source") != source && data_key(&table, "title") == titled;
    if let Some(data) = table.get_mut("data").and_then(Value::as_table_mut).filter(|_| other_data) {
        data.remove("title");
    }
    refuse_unknown_keys(&table)?;
    typed::check(&table)?;
    let recipe: Recipe = Value::Table(table).try_into().map_err(|error: toml::de::Error| {
        anyhow::anyhow!("{}; see the comments in the shipped recipes", error.message())
    })?;
    check(&recipe)?;
    Ok(recipe)
}

fn data_key(table: &Table, name: &str) -> Option<Value> {
    table.get("data")?.as_table()?.get(name).cloned()
}

fn set(table: &mut Table, change: &str) -> Result<()> {
    let (key, text) =
        change.split_once('=').with_context(|| format!("`--set {change}` needs the form section.key=value"))?;
    let (key, text) = (key.trim(), text.trim());
    // Anything that is not a TOML value is taken as text, so that paths need no quotes within quotes.
    let value = toml::from_str::<Table>(&format!("value = {text}"))
        .ok()
        .and_then(|mut parsed| parsed.remove("value"))
        .unwrap_or_else(|| Value::String(text.to_owned()));
    let (section, name) = match key.split_once('.') {
        Some((section, name)) => (section, name),
        None => (section_of(key)?, key),
    };
    if section.is_empty() {
        table.insert(name.to_owned(), value);
        return Ok(());
    }
    ensure!(keys::SECTIONS.contains(&section), "`--set {key}`: no section `{section}`{}", hint(section, tops()));
    let entry = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
    let section = entry.as_table_mut().with_context(|| format!("`{section}` must be a section, [{section}]"))?;
    section.insert(name.to_owned(), value);
    Ok(())
}

/// A bare key is one of the top, or stands for the one section that has it.
fn section_of(key: &str) -> Result<&'static str> {
    if keys::of("").any(|known| known == key) {
        return Ok("");
    }
    let mut sections = keys::KEYS.iter().filter(|known| known.name == key).map(|known| known.section);
    match (sections.next(), sections.next()) {
        (Some(section), None) => Ok(section),
        (Some(first), Some(second)) => {
            bail!("`--set {key}` is ambiguous; write `{first}.{key}` or `{second}.{key}`")
        }
        _ => bail!("`--set {key}`: no such key{}", hint(key, keys::KEYS.iter().map(|known| known.name))),
    }
}

fn refuse_unknown_keys(table: &Table) -> Result<()> {
    for (name, value) in table {
        if keys::of("").any(|known| known == name) {
            continue;
        }
        ensure!(keys::SECTIONS.contains(&name.as_str()), "unknown key `{name}`{}", keys::advice(name, tops()));
        let section = value.as_table().with_context(|| format!("`{name}` must be a section, [{name}]"))?;
        // The fields of a model depend on its preset; its section checks them itself.
        if name == "model" {
            continue;
        }
        if let Some(unknown) = section.keys().find(|key| !keys::of(name).any(|known| known == *key)) {
            bail!("unknown key `{unknown}` in [{name}]{}", keys::advice(unknown, keys::of(name)));
        }
    }
    Ok(())
}

/// What may stand at the top of a file.
fn tops() -> impl Iterator<Item = &'static str> + Clone {
    keys::SECTIONS.iter().copied().chain(keys::of(""))
}

/// What no key can say alone.
fn check(recipe: &Recipe) -> Result<()> {
    let Recipe { data, method, train, .. } = recipe;
    keys::check(recipe)?;
    let student = method.stl == Stl::Student;
    ensure!(
        student != method.labeler.is_empty(),
        "method.stl = \"student\" and method.labeler go together; set both or neither"
    );
    ensure!(
        (method.distillation != Distilled::Off) != method.teacher.is_empty(),
        "method.distillation and method.teacher go together; set both or neither"
    );
    check_nullspace(recipe)?;
    check_watching(recipe)?;
    check_augmentation(recipe)?;
    method.attack().context("method.adversary")?;
    ensure!(train.epochs > 0 || train.minutes > 0.0, "set train.epochs or train.minutes above 0");
    ensure!(
        train.batch > 1 || data.mixup == 0.0 && data.cutmix == 0.0,
        "data.mixup and data.cutmix mix the images of a batch, and train.batch is 1; take 2 or more, or set both to 0"
    );
    ensure!(train.min_lr <= train.lr, "train.min_lr is {}; take 0 to train.lr", train.min_lr);
    ensure!(
        train.minutes == 0.0 || train.schedule == Schedule::Smooth,
        "train.schedule counts epochs and train.minutes does not; set train.schedule = \"smooth\", or train.minutes = 0"
    );
    ensure!(
        train.minutes == 0.0 || train.cooldown == 0,
        "train.cooldown counts epochs and train.minutes does not; set one of the two to 0"
    );
    Ok(())
}

/// Nothing is chosen on the test images, so what chooses needs others.
fn check_watching(recipe: &Recipe) -> Result<()> {
    let Recipe { data, train, .. } = recipe;
    let asked = [
        ("train.patience", train.patience > 0, "0"),
        ("train.keep", train.keep > 0, "0"),
        ("train.watch_raw", train.watch_raw, "false"),
    ];
    let without = asked.into_iter().find(|(_, on, _)| *on && data.validation == 0.0);
    if let Some((key, _, off)) = without {
        bail!(
            "{key} needs validation images, and nothing is chosen on test images; set data.validation = 0.1, or {key} = {off}"
        );
    }
    ensure!(
        !train.watch_raw || train.ema > 0.0,
        "train.watch_raw compares the weights with their average, and train.ema is 0; set train.ema = 0.999, or \
         train.watch_raw = false"
    );
    Ok(())
}

fn check_nullspace(recipe: &Recipe) -> Result<()> {
    let method = &recipe.method;
    ensure!(
        !method.controls || method.nullspace == NullspaceNoise::Learned,
        "method.controls compares with nullspace = \"learned\"; set that, or controls = false"
    );
    ensure!(
        method.nullspace == NullspaceNoise::Off || !recipe.train.start.is_empty(),
        "method.nullspace fine-tunes a trained model; name it with train.start (a bundle, a run or a recipe)"
    );
    method.noise_search().check().context("method.nullspace_… cannot be")
}

fn check_augmentation(Recipe { data, method, .. }: &Recipe) -> Result<()> {
    ensure!(
        data.jitter == 0.0 || data.randaugment == 0.0,
        "data.jitter and data.randaugment both change colours, and timm leaves jitter out where RandAugment runs; set one of \
         them to 0"
    );
    ensure!(
        data.augmix == 0 || data.mixup == 0.0 && data.cutmix == 0.0,
        "data.augmix mixes an image with itself, data.mixup and data.cutmix with another; set the one or the other two to 0"
    );
    ensure!(
        method.consistency == 0.0 || data.augmix > 0,
        "method.consistency compares an image with its AugMix versions; set data.augmix (paper: 3 at 32 pixels, 1 at 224)"
    );
    let seen = data.seen_corruptions().context("data.corruptions")?;
    ensure!(
        data.corrupt == 0.0 || !seen.is_empty(),
        "data.corruptions names none; name some, such as \"extra,bar\", or set data.corrupt = 0"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIT: &str = "[model]\npreset = \"vit_nano_p8_64\"\n";

    fn refusal(text: &str, overrides: &[&str]) -> String {
        let overrides: Vec<_> = overrides.iter().map(ToString::to_string).collect();
        format!("{:#}", parse(text, &overrides).unwrap_err())
    }

    #[test]
    fn an_unknown_key_is_named_together_with_the_nearest() {
        let message = refusal("[train]\nweight_decy = 0.1\n", &[]);
        assert_eq!(message, "unknown key `weight_decy` in [train]; did you mean `weight_decay`?");
        assert!(refusal("[trian]\nlr = 1\n", &[]).contains("did you mean `train`?"));
    }

    #[test]
    fn a_key_in_a_wrong_place_is_sent_to_its_own() {
        let message = refusal(&format!("epochs = 3\n{VIT}"), &[]);
        assert_eq!(message, "unknown key `epochs`; it belongs to [train], so move it there");
        let message = refusal("[data]\nbatch = 8\n", &[]);
        assert_eq!(message, "unknown key `batch` in [data]; it belongs to [train], so move it there");
        assert!(refusal("[method]\nseed = 1\n", &[]).contains("belongs to [data] or [train]"));
        assert!(refusal("[train]\nname = \"a\"\n", &[]).contains("belongs to the top of the file"));
    }

    #[test]
    fn a_bare_key_reaches_its_section() {
        let recipe =
            parse(VIT, &["epochs=3".into(), "train.lr = 2e-3".into(), "source=some/where.zip".into()]).unwrap();
        assert_eq!((recipe.train.epochs, recipe.train.lr), (3, 2e-3));
        assert_eq!(recipe.data.source.to_string(), "some/where.zip");
        assert!(refusal(VIT, &["seed=1"]).contains("write `data.seed` or `train.seed`"));
    }

    #[test]
    fn values_that_cannot_work_are_refused() {
        assert!(refusal(VIT, &["batch=0"]).contains("train.batch"));
        assert!(refusal(VIT, &["smoothing=1"]).contains("train.smoothing"));
        assert!(refusal(VIT, &["lr=nan"]).contains("train.lr"));
        assert!(refusal(VIT, &["batch=1", "mixup=0.8"]).contains("data.mixup"));
    }

    #[test]
    fn choices_need_validation_images_and_a_comparison_needs_an_average() {
        for (change, off) in
            [("patience=3", "train.patience = 0"), ("keep=1", "train.keep = 0"), ("watch_raw=true", "false")]
        {
            let said = refusal(VIT, &[change]);
            assert!(said.contains("data.validation = 0.1") && said.ends_with(off), "{said}");
            let recipe = parse(VIT, &[change.into(), "data.validation=0.1".into()]);
            assert!(recipe.is_ok(), "{change}: {recipe:?}");
        }
        let said = refusal(VIT, &["watch_raw=true", "data.validation=0.1", "ema=0"]);
        assert!(said.contains("train.ema = 0.999"), "{said}");
    }

    #[test]
    fn a_cool_down_counts_epochs_and_so_needs_a_number_of_them() {
        let said = refusal(VIT, &["cooldown=2", "minutes=5"]);
        assert!(said.contains("train.cooldown counts epochs"), "{said}");
        let recipe = parse(VIT, &["cooldown=2".into(), "epochs=3".into()]).unwrap();
        assert_eq!((recipe.train.all_epochs(), recipe.train.images_per_step()), (5, 64));
        assert!(refusal(VIT, &["accumulation=0"]).contains("train.accumulation is 0; take 1 or more"));
        assert!(refusal(VIT, &["layer_decay=0.0"]).contains("train.layer_decay is 0.0; take more than 0, up to 1"));
    }

    #[test]
    fn augmentations_that_rule_each_other_out_are_refused_with_what_to_change() {
        let said = refusal(VIT, &["jitter=0.4", "randaugment=9"]);
        assert!(said.contains("data.jitter") && said.contains("set one of them to 0"), "{said}");
        for mix in ["mixup=0.8", "cutmix=1"] {
            assert!(refusal(VIT, &["augmix=3", mix]).contains("data.augmix mixes an image with itself"), "{mix}");
        }
        assert!(refusal(VIT, &["consistency=12"]).contains("set data.augmix"));
        assert!(parse(VIT, &["consistency=12".into(), "augmix=3".into(), "jitter=0.4".into()]).is_ok());
    }

    #[test]
    fn corruptions_to_train_on_are_known_ones() {
        let said = refusal(VIT, &["corruptions=\"bar,gausian_noise\""]);
        assert_eq!(said, "data.corruptions: there is no corruption `gausian_noise`; did you mean `gaussian_noise`?");
        assert!(refusal(VIT, &["corrupt=0.5", "corruptions=comon"]).contains("did you mean `common`?"));
        assert!(refusal(VIT, &["corrupt=0.5", "corruptions=\"\""]).contains("data.corruptions names none"));
        let seen = |changes: &[&str]| {
            let changes: Vec<_> = changes.iter().map(ToString::to_string).collect();
            let data = parse(VIT, &changes).unwrap().data;
            data.seen_corruptions().unwrap().iter().map(|row| row.name).collect::<Vec<_>>()
        };
        assert!(seen(&[]).is_empty(), "nothing is corrupted by default");
        assert_eq!(seen(&["corrupt=0.1", "corruptions=\"fog,shot_noise\""]), ["shot_noise", "fog"]);
        let unseen = seen(&["corrupt=0.1"]);
        assert!(unseen.contains(&"speckle_noise") && unseen.contains(&"ripple") && !unseen.contains(&"fog"));
    }

    #[test]
    fn other_data_do_not_keep_the_title_of_the_file() {
        let file = format!("[data]\nsource = \"a.zip\"\ntitle = \"A\"\n{VIT}");
        let title = |changes: &[&str]| {
            let changes: Vec<_> = changes.iter().map(ToString::to_string).collect();
            parse(&file, &changes).unwrap().data.title
        };
        assert_eq!(title(&["source=b.zip"]), "");
        assert_eq!(title(&["source=b.zip", "data.title=B"]), "B");
        assert_eq!(title(&["source=a.zip"]), "A");
        assert_eq!(title(&["epochs=1"]), "A");
    }

    #[test]
    fn a_resolved_recipe_reads_back_as_itself() {
        let recipe = parse(VIT, &["epochs=3".into()]).unwrap();
        assert_eq!(parse(&recipe.to_toml().unwrap(), &[]).unwrap(), recipe);
    }
}
