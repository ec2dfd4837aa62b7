//! A sweep in the browser counts what `vitro eval` counts.

use super::visitor::{EVENTUALLY, Outcome};
use serde_json::Value;
use vitro_tests::browser::Site;
use vitro_tests::sweep::{Asked, evaluated};
use xtask::browser::{Browser, WebGpu};

const ASKED: Asked = Asked { corruptions: &["gaussian_noise", "fog"], severities: &[1, 5], images: 20, seed: 4 };
const MODELS: [&str; 2] = ["vit", "fan-tap-adl"];

/// The request in JavaScript.
fn asked() -> String {
    let Asked { corruptions, severities, images, seed } = ASKED;
    format!(
        "{{ models: {MODELS:?}, corruptions: {corruptions:?}, severities: {severities:?}, images: {images}, seed: {seed} }}"
    )
}

#[test]
fn a_sweep_counts_what_the_evaluation_counts_whatever_the_number_of_workers() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("embed.html"))?;
    for workers in [1, 2] {
        page.evaluate(&format!(
            "import('./vitro/sweep/client.js').then(async ({{ run }}) => {{
                globalThis.over = null;
                globalThis.over = await run({}, {{ workers: {workers} }}).result;
            }}, (error) => {{ globalThis.over = String(error); }})",
            asked()
        ))?;
        let tally = page.wait_until("globalThis.over", EVENTUALLY)?;
        assert_eq!((&tally["done"], &tally["failed"]), (&ASKED.images.into(), &Value::Array(Vec::new())), "{tally}");
        for (name, model) in MODELS.iter().zip(tally["models"].as_array().into_iter().flatten()) {
            assert_eq!(model["name"], *name);
            let mut counts = vec![("untouched".to_owned(), model["clean"].clone())];
            for (corruption, cells) in ASKED.corruptions.iter().zip(model["cells"].as_array().into_iter().flatten()) {
                let cells = cells.as_array().into_iter().flatten().cloned();
                counts.extend(ASKED.severities.iter().map(|severity| format!("{corruption} {severity}")).zip(cells));
            }
            let evaluated = evaluated(name, &ASKED);
            assert_eq!(counts.len(), evaluated.len(), "{tally}");
            for (condition, count) in counts {
                let bits = &evaluated[&condition];
                let right = bits.iter().filter(|right| **right).count();
                assert_eq!(
                    (&count["right"], &count["images"]),
                    (&right.into(), &bits.len().into()),
                    "{name}, {condition}"
                );
            }
        }
    }
    Ok(())
}

#[test]
fn a_model_that_is_not_there_is_named_and_a_sweep_that_is_cancelled_ends() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("embed.html"))?;
    page.evaluate(
        "import('./vitro/sweep/client.js').then(async ({ run }) => {
            const stop = new AbortController();
            const asked = { models: ['nobody', 'vit'], corruptions: ['fog'], severities: [3], images: 1000, seed: 0 };
            const sweep = run(asked, { signal: stop.signal, onprogress: (tally) => {
                globalThis.seen = tally;
                if (tally.done === 3) stop.abort();
            } });
            await sweep.result.catch((error) => { globalThis.ended = error.name; });
        })",
    )?;
    assert_eq!(page.wait_until("globalThis.ended", EVENTUALLY)?, "AbortError");
    let refusals = page.evaluate("globalThis.seen.models.map(({ refusal }) => refusal)")?;
    assert!(refusals[0].as_str().is_some_and(|sentence| sentence.contains("no model named “nobody”")), "{refusals}");
    assert!(refusals[1].is_null(), "{refusals}");
    Ok(())
}
