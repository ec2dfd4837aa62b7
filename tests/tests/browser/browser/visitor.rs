//! What the tests do on a page and read from it.

use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};
use vitro_tests::browser::{self, Expected, Image, Look, apart};
use xtask::browser::Page;
use xtask::compare::{self, State};
use xtask::javascript;
use xtask::workspace;

pub(super) type Outcome = anyhow::Result<()>;

/// An answer on the CPU takes well under a second; starting the engine on a busy machine takes longer.
pub(super) const SOON: Duration = Duration::from_secs(120);
/// WebGPU on the software adapter, checked against the CPU first.
pub(super) const EVENTUALLY: Duration = Duration::from_secs(900);
/// How far probabilities of the page and of the command line may be apart.
pub(super) const TOLERANCE: f64 = 1e-3;

/// The page's element, in JavaScript.
pub(super) const ELEMENT: &str = "document.querySelector('vitro-compare')";
/// That of its panel.
pub(super) const SWEEP: &str = "document.querySelector('vitro-sweep')";

/// The sentence of every model that was refused, once nothing is pending and there are `columns` columns.
pub(super) fn refusals(page: &mut Page<'_>, columns: usize) -> anyhow::Result<Vec<String>> {
    let refused = page.wait_until(
        &format!(
            "(({{ busy, models }}) => !busy && models.length === {columns} &&
                models.flatMap(({{ error }}) => error ?? []))({ELEMENT}.state)"
        ),
        SOON,
    )?;
    Ok(serde_json::from_value(refused)?)
}

/// Presses the button that copies a report; returns what it copied.
pub(super) fn report(page: &mut Page<'_>, button: &str) -> anyhow::Result<String> {
    page.wait_until(&format!("{button}?.checkVisibility()"), SOON)?;
    let copied = page.evaluate(&format!(
        "new Promise((resolve) => {{
            navigator.clipboard.writeText = async (text) => resolve(text);
            {button}.click();
        }})"
    ))?;
    Ok(copied.as_str().unwrap_or_default().to_owned())
}

/// The sentence in place of the image, once nothing is pending.
pub(super) fn error(page: &mut Page<'_>) -> anyhow::Result<String> {
    let told = page.wait_until(
        &format!("(({{ busy, error }}) => !busy && error?.message)({ELEMENT}?.state ?? {{ busy: true }})"),
        SOON,
    )?;
    Ok(told.as_str().unwrap_or_default().to_owned())
}

/// Opens the panel as a click on its heading does, and starts to count.
pub(super) fn count(page: &mut Page<'_>) -> Outcome {
    page.wait_until("document.querySelector('.panel.sweep:not([hidden])')?.checkVisibility()", SOON)?;
    page.evaluate(
        "document.querySelector('.panel.sweep').open || document.querySelector('.panel.sweep summary').click()",
    )?;
    let start = format!("{SWEEP}.shadowRoot.querySelector('.start')");
    page.wait_until(&format!("{start}.checkVisibility() || null"), SOON)?;
    page.evaluate(&format!("{start}.click()"))?;
    Ok(())
}

/// What is counted once every image has been through.
pub(super) fn counted(page: &mut Page<'_>) -> anyhow::Result<Value> {
    page.wait_until(
        &format!(
            "(({{ running, done, images, error }}) => error || !running && done > 0 && done === images)({SWEEP}.state)"
        ),
        EVENTUALLY,
    )?;
    page.evaluate(&format!("{SWEEP}.state"))
}

/// Lets go of a file over the page, as a visitor's mouse would.
pub(super) fn drop_on(page: &mut Page<'_>, name: &str, bytes: &[u8]) -> Outcome {
    let kind = if name.ends_with(".jpg") || name.ends_with(".JPEG") { "image/jpeg" } else { "" };
    page.evaluate(&format!(
        "(() => {{
            const file = new File([new Uint8Array({bytes:?})], {name:?}, {{ type: {kind:?} }});
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(file);
            const target = document.querySelector('vitro-compare');
            for (const kind of ['dragenter', 'dragover', 'drop']) {{
                target.dispatchEvent(new DragEvent(kind, {{ dataTransfer, bubbles: true, composed: true, cancelable: true }}));
            }}
        }})()"
    ))?;
    Ok(())
}

/// Chooses fog from the menu and severity 4 with the key.
pub(super) fn set_fog_four(page: &mut Page<'_>) -> Outcome {
    page.evaluate(
        "(() => {
            const menu = document.querySelector('vitro-compare').shadowRoot.querySelector('select');
            menu.value = 'fog';
            menu.dispatchEvent(new Event('change', { bubbles: true }));
            menu.blur();
        })()",
    )?;
    page.press('4')?;
    page.wait_until("document.querySelector('vitro-compare').state.severity === 4", SOON)?;
    Ok(())
}

/// Waits until every model's answer comes from this engine.
pub(super) fn answered_by(page: &mut Page<'_>, backend: &str) -> anyhow::Result<State> {
    let deadline = Instant::now() + EVENTUALLY;
    loop {
        let state = compare::settled(page, EVENTUALLY)?;
        if state.models.iter().all(|model| model.backend == backend) {
            return Ok(state);
        }
        anyhow::ensure!(Instant::now() < deadline, "answers stay with another engine: {state:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// What the command line says of the same file.
pub(super) fn expected(image: &Image, corruption: &str, severity: u8, seed: u64) -> anyhow::Result<Expected> {
    let program = Path::new(env!("CARGO_BIN_EXE_vitro-under-test"));
    browser::expected(program, image, Look { corruption, severity, seed, flags: &[] })
}

/// What the command line says of the photograph that the page opens with.
pub(super) fn photograph_of_the_page(corruption: &str, severity: u8) -> anyhow::Result<Expected> {
    photograph_seen_by("cifar10/*", corruption, severity)
}

/// What it says by these models.
pub(super) fn photograph_seen_by(models: &str, corruption: &str, severity: u8) -> anyhow::Result<Expected> {
    let file = workspace::root().join("web/page/photographs/chelsea.jpg");
    seen_by(&Image { name: "photograph.jpg".to_owned(), bytes: std::fs::read(file)? }, models, corruption, severity)
}

/// What it says by these models of a scene, such as `scene:7/20`.
pub(super) fn scene_seen_by(scene: &str, models: &str, corruption: &str, severity: u8) -> anyhow::Result<Expected> {
    seen_by(&Image { name: scene.to_owned(), bytes: Vec::new() }, models, corruption, severity)
}

fn seen_by(image: &Image, models: &str, corruption: &str, severity: u8) -> anyhow::Result<Expected> {
    let program = Path::new(env!("CARGO_BIN_EXE_vitro-under-test"));
    browser::expected(program, image, Look { corruption, severity, seed: 0, flags: &["--models", models] })
}

/// What the command says of every layer of every model.
pub(super) fn expected_layers(image: &Image, corruption: &str, severity: u8) -> anyhow::Result<Value> {
    let program = Path::new(env!("CARGO_BIN_EXE_vitro-under-test"));
    let look = Look { corruption, severity, seed: 0, flags: &["--layers"] };
    Ok(browser::explained(program, image, look)?["models"].take())
}

/// The same, corrupted at full size.
pub(super) fn expected_at_full_size(image: &Image, corruption: &str, severity: u8) -> anyhow::Result<Expected> {
    let program = Path::new(env!("CARGO_BIN_EXE_vitro-under-test"));
    browser::expected(program, image, Look { corruption, severity, seed: 0, flags: &["--full-size"] })
}

pub(super) fn answers(state: &State) -> Expected {
    state.models.iter().map(|model| (model.name.clone(), model.probabilities.clone())).collect()
}

pub(super) fn assert_same(page: &State, expected: &Expected) {
    for model in &page.models {
        let native = expected.iter().find(|(name, _)| *name == model.name);
        let apart = native.map(|(_, native)| apart(native, &model.probabilities));
        assert!(
            apart.is_some_and(|apart| apart <= TOLERANCE),
            "{} on {}: probabilities {:?} apart\n  page   {:?}\n  native {:?}",
            model.name,
            model.backend,
            apart,
            model.probabilities,
            native
        );
    }
}

/// What axe finds in the part of the page that a selector names, each with its place.
pub(super) fn faults(page: &mut Page<'_>, selector: &str) -> anyhow::Result<Vec<String>> {
    if page.evaluate("globalThis.axe === undefined")? == true {
        let axe = std::fs::read_to_string(javascript::package("axe-core").join("axe.min.js"))?;
        page.evaluate(&format!("{axe}; true"))?;
    }
    let found = page.evaluate(&format!(
        "axe.run('{selector}', {{ resultTypes: ['violations'] }}).then(({{ violations }}) => violations.flatMap(
            ({{ id, nodes }}) => nodes.map(({{ target, failureSummary }}) => `${{id}} at ${{JSON.stringify(target)}}: ${{failureSummary}}`)))"
    ))?;
    Ok(serde_json::from_value(found)?)
}
