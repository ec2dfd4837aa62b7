//! The page's panel that counts on many images: what it fetches and when, what it counts, what can be taken along.

use super::visitor::{ELEMENT, EVENTUALLY, Outcome, SOON, SWEEP, count, counted, faults};
use serde_json::{Value, json};
use vitro_tests::browser::Site;
use vitro_tests::sweep::{Asked, evaluated, outcomes};
use xtask::browser::{Browser, Page, WebGpu};
use xtask::compare;
use xtask::serve::Manner;

/// Notes the names of files that the page offers to save, in place of saving them.
const SAVED: &str =
    "globalThis.saved = []; HTMLAnchorElement.prototype.click = function () { saved.push(this.download); };";

/// Presses a button of the element.
fn press(page: &mut Page<'_>, button: &str) -> Outcome {
    page.evaluate(&format!("{SWEEP}.shadowRoot.querySelector('.{button}').click()"))?;
    Ok(())
}

#[test]
fn nothing_of_the_panel_is_fetched_before_it_is_opened_and_it_counts_the_models_of_the_columns() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page =
        browser.open(&site.url("?backend=cpu&models=fan+vit&corruption=snow&scenes=10&over=this&severities=2+5"))?;
    compare::settled(&mut page, SOON)?;
    let fetched = "performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => /sweep\\/(view|figure|worker)/.test(name)).length";
    assert_eq!(page.evaluate(fetched)?, 0);
    assert_eq!(page.evaluate("document.querySelector('.panel').open")?, false);
    count(&mut page)?;
    let state = counted(&mut page)?;
    let models: Vec<_> = state["models"].as_array().into_iter().flatten().map(|model| model["name"].clone()).collect();
    assert_eq!((&state["error"], models), (&Value::Null, vec![json!("fan"), json!("vit")]));
    assert_eq!((&state["corruptions"][0]["name"], &state["severities"]), (&json!("snow"), &json!([2, 5])));
    assert_eq!(page.evaluate("new URLSearchParams(location.search).get('panel')")?, "sweep");
    // In every cell stands what was counted, and in its class the colour.
    let cells = page.evaluate(&format!(
        "[...{SWEEP}.shadowRoot.querySelectorAll('.heat')].map((table) => [...table.querySelectorAll('td')].map((cell) => [Number(cell.textContent), cell.className]))"
    ))?;
    for (model, shown) in [0, 1].into_iter().map(|model| (&state["models"][model], &cells[model])) {
        for severity in [0, 1] {
            let right = model["cells"][0][severity]["right"].as_u64().unwrap_or_default();
            assert_eq!(shown[severity], json!([right * 10, format!("h{}", right * 2)]), "{model}");
        }
        let flips: Vec<u64> = serde_json::from_value(model["flips"].clone())?;
        assert_eq!((flips.len(), flips.iter().sum::<u64>()), (4, 10), "{model}");
        let wrong = 10 - model["clean"]["right"].as_u64().unwrap_or_default();
        assert_eq!(flips[0], wrong, "{model}");
    }
    // The next count is of the columns as they are then.
    page.evaluate(&format!("{ELEMENT}.models = 'vit'"))?;
    press(&mut page, "go")?;
    let state = counted(&mut page)?;
    assert_eq!(state["models"].as_array().map(Vec::len), Some(1), "{state}");
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn the_commands_that_the_panel_shows_count_the_same() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser
        .open(&site.url("?backend=cpu&models=vit+fan-tap-adl&scenes=20&over=noise&severities=1+5&panel=sweep"))?;
    compare::settled(&mut page, SOON)?;
    count(&mut page)?;
    let state = counted(&mut page)?;
    let commands = page.evaluate(&format!("{SWEEP}.shadowRoot.querySelector('code').textContent"))?;
    let commands: Vec<_> = commands.as_str().unwrap_or_default().lines().map(str::to_owned).collect();
    assert_eq!(commands.len(), 2, "{commands:?}");
    for (model, command) in state["models"].as_array().into_iter().flatten().zip(&commands) {
        let words: Vec<_> = command.split(' ').chain(["--json"]).collect();
        assert_eq!(words[0], "vitro", "{command}");
        let evaluated = outcomes(&words[1..]);
        let mut cells = vec![("untouched".to_owned(), &model["clean"])];
        for (corruption, row) in ["gaussian_noise", "shot_noise", "impulse_noise"]
            .iter()
            .zip(model["cells"].as_array().into_iter().flatten())
        {
            cells.extend([(format!("{corruption} 1"), &row[0]), (format!("{corruption} 5"), &row[1])]);
        }
        assert_eq!(cells.len(), evaluated.len(), "{command}");
        for (condition, count) in cells {
            let bits = &evaluated[&condition];
            let right = bits.iter().filter(|right| **right).count();
            assert_eq!(
                (&count["right"], &count["images"]),
                (&right.into(), &bits.len().into()),
                "{command}: {condition}"
            );
        }
    }
    Ok(())
}

#[test]
fn a_count_is_paused_goes_on_is_stopped_and_its_numbers_are_taken_along() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser
        .open_with(&site.url("?backend=cpu&models=vit&scenes=1200&over=this&severities=1&panel=sweep"), SAVED)?;
    compare::settled(&mut page, SOON)?;
    count(&mut page)?;
    let done = |page: &mut Page<'_>| {
        page.evaluate(&format!("{SWEEP}.state.done")).map(|done| done.as_u64().unwrap_or_default())
    };
    page.wait_until(&format!("{SWEEP}.state.done >= 3"), EVENTUALLY)?;
    press(&mut page, "pause")?;
    // What is in work is finished first.
    std::thread::sleep(std::time::Duration::from_secs(3));
    let paused = done(&mut page)?;
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert_eq!(done(&mut page)?, paused);
    assert_eq!(page.evaluate(&format!("{SWEEP}.shadowRoot.querySelector('.pause').textContent"))?, "go on");
    press(&mut page, "pause")?;
    page.wait_until(&format!("{SWEEP}.state.done > {paused}"), EVENTUALLY)?;
    press(&mut page, "cancel")?;
    page.wait_until(&format!("!{SWEEP}.state.running"), SOON)?;
    let stopped = done(&mut page)?;
    assert!(stopped > paused && stopped < 1200, "{stopped}");
    let csv = page.evaluate(&format!("{SWEEP}.csv()"))?;
    assert_eq!(csv.as_str().unwrap_or_default().lines().count(), 3, "{csv}");
    let image = page.evaluate(&format!(
        "{SWEEP}.png().then((blob) => createImageBitmap(blob).then(({{ width, height }}) => [blob.type, width, height > 600]))"
    ))?;
    assert_eq!(image, json!(["image/png", 2480, true]));
    press(&mut page, "save")?;
    press(&mut page, "picture")?;
    page.wait_until("saved.length === 2", SOON)?;
    assert_eq!(page.evaluate("saved")?, json!(["vitro-sweep.csv", "vitro-sweep.png"]));
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn the_slider_answers_while_scenes_are_counted() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu&models=vit&scenes=1200&panel=sweep"))?;
    compare::settled(&mut page, SOON)?;
    count(&mut page)?;
    page.wait_until(&format!("{SWEEP}.state.done >= 1"), EVENTUALLY)?;
    for (key, severity) in [('5', 5), ('1', 1), ('4', 4)] {
        page.press(key)?;
        page.wait_until(&format!("{ELEMENT}.state.severity === {severity} && !{ELEMENT}.state.busy"), SOON)?;
        assert_eq!(
            page.evaluate(&format!("{SWEEP}.state.running"))?,
            true,
            "the count ended before severity {severity} was asked for"
        );
    }
    Ok(())
}

#[test]
fn axe_finds_nothing_on_the_page_and_its_panel_fits_the_narrowest_phone() -> Outcome {
    let query = "?backend=cpu&models=vit+fan&scenes=10&over=weather&severities=1+5&panel=sweep";
    let frame = format!(
        "<!doctype html><html lang=\"en\"><title>a phone</title><iframe title=\"the page\" width=\"320\" height=\"800\" src=\"index.html{query}\"></iframe></html>"
    );
    let site = Site::with(Manner { files: vec![("phone.html", frame.into_bytes())], ..Manner::default() })?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url(query))?;
    compare::settled(&mut page, SOON)?;
    count(&mut page)?;
    counted(&mut page)?;
    for features in
        [[("prefers-color-scheme", "light")], [("prefers-color-scheme", "dark")], [("forced-colors", "active")]]
    {
        page.emulate(&features)?;
        let found = faults(&mut page, "html")?;
        assert!(found.is_empty(), "{features:?}:\n{}", found.join("\n"));
    }
    // In a frame as wide as the narrowest phone, nothing makes the page scroll sideways.
    page.navigate(&site.url("phone.html"))?;
    let inner = "frames[0].document";
    page.wait_until(
        &format!("{inner}.querySelector('vitro-sweep')?.shadowRoot?.querySelector('.start')?.checkVisibility()"),
        SOON,
    )?;
    page.evaluate(&format!("{inner}.querySelector('vitro-sweep').shadowRoot.querySelector('.start').click()"))?;
    page.wait_until(
        &format!("(({{ running, done }}) => !running && done === 10)({inner}.querySelector('vitro-sweep').state)"),
        EVENTUALLY,
    )?;
    let wide = page.evaluate(&format!("{inner}.documentElement.scrollWidth - {inner}.documentElement.clientWidth"))?;
    assert_eq!(wide, 0, "the page scrolls sideways");
    Ok(())
}

/// Right answers of a model by condition, as its count tells them: untouched first.
fn right(model: &Value) -> Vec<u64> {
    let cells = model["cells"].as_array().into_iter().flatten().flat_map(|row| row.as_array().into_iter().flatten());
    std::iter::once(&model["clean"]).chain(cells).filter_map(|cell| cell["right"].as_u64()).collect()
}

#[test]
fn a_graphics_card_counts_what_the_command_counts_and_where_there_is_none_the_processor_does() -> Outcome {
    let site = Site::start()?;
    let address = "?backend=webgpu&src=scene:7/3&models=vit&corruption=snow&scenes=10&over=this&severities=2+5";
    let asked = Asked { corruptions: &["snow"], severities: &[2, 5], images: 10, seed: 0 };
    let evaluated = evaluated("vit", &asked);
    let expected: Vec<u64> = ["untouched", "snow 2", "snow 5"]
        .iter()
        .map(|condition| evaluated[*condition].iter().filter(|right| **right).count() as u64)
        .collect();
    for (card, backend) in [(WebGpu::Software, "webgpu"), (WebGpu::Off, "cpu")] {
        let mut browser = Browser::start(card)?;
        let mut page = browser.open(&site.url(address))?;
        compare::settled(&mut page, EVENTUALLY)?;
        count(&mut page)?;
        let state = counted(&mut page)?;
        assert_eq!((&state["error"], &state["backend"]), (&Value::Null, &json!(backend)), "{state}");
        assert_eq!(right(&state["models"][0]), expected, "{backend}");
        let note = state["note"].as_str().unwrap_or_default();
        assert_eq!(note.starts_with("Counted on the processor"), backend == "cpu", "{note}");
        let said = page.evaluate(&format!("{SWEEP}.shadowRoot.querySelector('.note').textContent"))?;
        assert!(said.as_str().unwrap_or_default().contains(note), "{said}");
    }
    Ok(())
}
