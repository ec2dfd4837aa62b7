//! The sets of the zoo: the page opens with a photograph and the models that learned photographs; scenes, with theirs, are one click away.

use super::visitor::{ELEMENT, Outcome, SOON, answers, assert_same, drop_on, photograph_of_the_page};
use serde_json::json;
use vitro_tests::browser::{Image, Site};
use xtask::browser::{Browser, Page, WebGpu};
use xtask::compare::{self, State};

/// What the address says of image and models.
const ADDRESS: &str = "['src', 'models'].map((name) => new URLSearchParams(location.search).get(name))";

fn names(state: &State) -> Vec<&str> {
    state.models.iter().map(|model| model.name.as_str()).collect()
}

/// Chooses a set from the menu.
fn choose(page: &mut Page<'_>, set: &str) -> anyhow::Result<State> {
    page.wait_until("document.querySelector('.sets').checkVisibility()", SOON)?;
    page.evaluate(&format!(
        "((menu) => {{ menu.value = '{set}'; menu.dispatchEvent(new Event('change')); }})(document.querySelector('.sets select'))"
    ))?;
    compare::settled(page, SOON)
}

#[test]
fn the_page_opens_with_a_photograph_and_the_answers_of_the_command_line() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu"))?;
    let state = compare::settled(&mut page, SOON)?;
    assert_same(&state, &photograph_of_the_page("fog", 3)?);
    assert!(names(&state).iter().all(|name| name.starts_with("cifar10/")), "{state:?}");
    assert_eq!(page.evaluate(&format!("{ELEMENT}.state.label"))?, "cat");
    // It is the page's own: the address names the image and need not name the models.
    page.wait_until("location.search.includes('src=')", SOON)?;
    let address = page.evaluate("location.href")?;
    page.navigate(address.as_str().unwrap_or_default())?;
    let again = compare::settled(&mut page, SOON)?;
    assert_same(&again, &answers(&state));
    assert_eq!(page.evaluate(ADDRESS)?[1], json!(null));
    assert_eq!(page.evaluate(&format!("{ELEMENT}.state.label"))?, "cat");
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn scenes_are_one_click_away_with_their_own_models_and_so_is_the_way_back() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu"))?;
    let photographs = compare::settled(&mut page, SOON)?;
    page.evaluate("document.querySelector('.sources .roll').click()")?;
    let scenes = compare::settled(&mut page, SOON)?;
    assert!(names(&scenes).contains(&"vit") && !names(&scenes).contains(&"cifar10/vit"), "{scenes:?}");
    let label = page.evaluate(&format!("{ELEMENT}.state.label"))?;
    assert!(label.is_string() && label != "cat", "{label}");
    page.wait_until(&format!("{ADDRESS}[0]?.startsWith('scene:')"), SOON)?;
    assert_eq!(page.evaluate("document.querySelector('.sets select').value")?, "scenes");
    let address = page.evaluate("location.href")?;
    page.navigate(address.as_str().unwrap_or_default())?;
    assert_same(&compare::settled(&mut page, SOON)?, &answers(&scenes));

    let back = choose(&mut page, "cifar10")?;
    assert_same(&back, &answers(&photographs));
    assert_eq!(page.evaluate(&format!("{ELEMENT}.state.label"))?, "cat");
    let there = choose(&mut page, "scenes")?;
    assert_eq!(names(&there), names(&scenes));
    assert_eq!(page.evaluate(&format!("{ELEMENT}.state.src"))?, "scene:7/20");
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn an_image_of_the_visitors_stays_whatever_set_looks_at_it() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu"))?;
    compare::settled(&mut page, SOON)?;
    drop_on(&mut page, "mine.png", &Image::scene(7, 3).bytes)?;
    page.wait_until(&format!("{ELEMENT}.src.startsWith('blob:')"), SOON)?;
    let photographs = compare::settled(&mut page, SOON)?;
    assert_eq!(page.evaluate(&format!("{ELEMENT}.state.label"))?, json!(null));
    let mine = page.evaluate(&format!("{ELEMENT}.src"))?;
    let scenes = choose(&mut page, "scenes")?;
    assert_eq!(page.evaluate(&format!("{ELEMENT}.src"))?, mine);
    assert!(names(&photographs).contains(&"cifar10/vit") && names(&scenes).contains(&"vit"), "{scenes:?}");
    Ok(())
}

#[test]
fn the_panel_counts_the_models_of_scenes_where_the_columns_know_none() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu&scenes=10&over=this&severities=3&panel=sweep"))?;
    compare::settled(&mut page, SOON)?;
    let sweep = "document.querySelector('vitro-sweep')";
    assert_eq!(page.evaluate(&format!("{sweep}.models"))?, "*");
    let amount = page.evaluate("document.querySelector('.amount').textContent")?;
    assert_eq!(amount, "60 images to classify by the models that were trained on scenes");
    let counted = page.evaluate(&format!("{sweep}.run().then(({{ models }}) => models.map(({{ name }}) => name))"))?;
    assert_eq!(counted, json!(["vit", "fan", "fan-tap-adl"]));
    Ok(())
}

#[test]
fn any_models_of_a_set_stand_side_by_side_and_the_address_names_them() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu"))?;
    compare::settled(&mut page, SOON)?;
    page.wait_until("document.querySelector('.rows input')", SOON)?;
    page.evaluate("document.querySelector('.rows summary').click()")?;
    let mark = |page: &mut Page<'_>, name: &str| -> anyhow::Result<State> {
        page.evaluate(&format!("document.querySelector('.rows input[value=\"{name}\"]').click()"))?;
        compare::settled(page, SOON)
    };
    let state = mark(&mut page, "cifar10/fan")?;
    assert_eq!(names(&state), ["cifar10/vit", "cifar10/fan-tap-adl"]);
    page.wait_until(&format!("{ADDRESS}[1] === 'cifar10/vit cifar10/fan-tap-adl' || null"), SOON)?;
    let state = mark(&mut page, "cifar10/vit")?;
    assert_eq!(names(&state), ["cifar10/fan-tap-adl"]);
    // The last one stays.
    assert_eq!(page.evaluate("document.querySelector('.rows input:checked').disabled")?, true);
    mark(&mut page, "cifar10/fan")?;
    let state = mark(&mut page, "cifar10/vit")?;
    assert_eq!(names(&state), ["cifar10/vit", "cifar10/fan", "cifar10/fan-tap-adl"]);
    page.wait_until(&format!("{ADDRESS}[1] === null || null"), SOON)?;
    page.evaluate("document.querySelector('.rows input').focus()")?;
    page.press_named("Escape")?;
    page.wait_until("!document.querySelector('.rows').open || null", SOON)?;
    assert_eq!(page.evaluate("document.activeElement.localName")?, "summary");
    // Another set has other models.
    choose(&mut page, "scenes")?;
    let offered = page.evaluate("[...document.querySelectorAll('.rows input')].map(({ value }) => value)")?;
    let zoo = page.evaluate("fetch('vitro/zoo/index.json').then((list) => list.json())")?;
    let of_scenes = zoo.as_array().into_iter().flatten().filter(|entry| entry["set"] == "scenes");
    assert_eq!(offered, of_scenes.map(|entry| entry["name"].clone()).collect::<serde_json::Value>());
    assert_eq!(page.console(), "");
    Ok(())
}
