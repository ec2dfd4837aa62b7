//! The page kept on the device: without a network, damaged, deleted; and nothing of it where elements stand on other pages.

use super::visitor::{ELEMENT, Outcome, SOON, answers, assert_same, error, report};
use serde_json::json;
use vitro_tests::browser::Site;
use xtask::browser::{Browser, Page, WebGpu};
use xtask::compare;
use xtask::serve::Manner;

/// The kept copies, by their address and without what names a build.
const KEPT: &str = "(async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith('vitro '));
    const keys = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => url)));
    return keys.flat().map((url) => new URL(url).pathname.split('/').slice(-2).join('/'));
})()";

/// Opens the page and waits until it is kept.
fn visit(page: &mut Page<'_>, site: &Site, address: &str) -> anyhow::Result<compare::State> {
    page.navigate(&site.url(address))?;
    let state = compare::settled(page, SOON)?;
    page.wait_until(
        &format!("{KEPT}.then((kept) => kept.filter((path) => path.endsWith('.safetensors')).length >= 3)"),
        SOON,
    )?;
    page.wait_until("document.querySelector('.stored').checkVisibility()", SOON)?;
    Ok(state)
}

/// Overwrites the kept copy of a file; its last byte is another one.
fn damage(page: &mut Page<'_>, file: &str) -> Outcome {
    let damaged = page.evaluate(&format!(
        "(async () => {{
            let damaged = 0;
            for (const name of await caches.keys()) {{
                const cache = await caches.open(name);
                for (const request of await cache.keys()) {{
                    if (!new URL(request.url).pathname.endsWith('{file}')) continue;
                    const kept = await cache.match(request);
                    const bytes = new Uint8Array(await kept.arrayBuffer());
                    bytes[bytes.length - 1] ^= 1;
                    await cache.put(request, new Response(bytes, {{ headers: kept.headers }}));
                    damaged += 1;
                }}
            }}
            return damaged;
        }})()"
    ))?;
    assert_eq!(damaged, 1, "{file}");
    Ok(())
}

#[test]
fn a_second_visit_works_without_a_network() -> Outcome {
    let site = Site::with(Manner { below: "a/b", ..Manner::strict() })?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open("about:blank")?;
    let first = visit(&mut page, &site, "a/b/?backend=cpu&src=scene:7/20")?;
    site.set_reachable(false);
    page.navigate(&site.url("a/b/?backend=cpu&src=scene:7/20&more=open"))?;
    let second = compare::settled(&mut page, SOON)?;
    assert_same(&second, &answers(&first));
    // Everything that a visitor does, not only what was on the screen before.
    page.press('5')?;
    page.wait_until(&format!("{ELEMENT}.state.severity === 5"), SOON)?;
    compare::settled(&mut page, SOON)?;
    page.wait_until(
        "[...document.querySelectorAll('.thumbnails button')].every(({ classList }) => !classList.contains('stale'))",
        SOON,
    )?;
    page.evaluate(&format!("{ELEMENT}.src = 'scene:1/2'; {ELEMENT}.corruption = 'snow'"))?;
    compare::settled(&mut page, SOON)?;
    let counted = page.evaluate(
        "import('./vitro/sweep/client.js').then(({ run }) => run({ models: ['vit'], corruptions: ['fog'], severities: [3], images: 2, seed: 0 }).result)
            .then(({ done }) => done)",
    )?;
    assert_eq!(counted, 2);
    let said = page.evaluate("document.querySelector('.stored').innerText")?;
    assert!(
        said.as_str().is_some_and(|said| said.contains("works without a network") && said.contains(" MB")),
        "{said}"
    );
    Ok(())
}

#[test]
fn a_damaged_copy_is_fetched_again_and_without_a_network_a_sentence_says_so() -> Outcome {
    let site = Site::with(Manner::strict())?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open("about:blank")?;
    let before = visit(&mut page, &site, "?backend=cpu")?;
    for file in ["/engine-cpu_bg.wasm", "/page.js", "/vit.safetensors", "/index.html"] {
        damage(&mut page, file)?;
    }
    page.navigate(&site.url("?backend=cpu"))?;
    assert_same(&compare::settled(&mut page, SOON)?, &answers(&before));
    // Healed for good: it works without a network as well.
    site.set_reachable(false);
    page.navigate(&site.url("?backend=cpu"))?;
    assert_same(&compare::settled(&mut page, SOON)?, &answers(&before));
    damage(&mut page, "/engine-cpu_bg.wasm")?;
    page.navigate(&site.url("?backend=cpu&severity=4"))?;
    let told = error(&mut page)?;
    assert!(
        told.starts_with("The copy of engine-cpu_bg.wasm on this device is damaged") && told.contains("Connect"),
        "{told}"
    );
    let copied = report(&mut page, "document.querySelector('.sources .report')")?;
    assert!(copied.contains(&told) && copied.contains("from this device"), "{copied}");
    Ok(())
}

#[test]
fn what_is_kept_can_be_deleted() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open("about:blank")?;
    visit(&mut page, &site, "?backend=cpu")?;
    page.evaluate("document.querySelector('.stored button').click()")?;
    page.wait_until("document.querySelector('.stored').innerText.startsWith('Nothing is kept')", SOON)?;
    page.wait_until(&format!("{KEPT}.then((kept) => kept.length === 0)"), SOON)?;
    let registrations = page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)")?;
    assert_eq!(registrations, 0);
    Ok(())
}

#[test]
fn elements_on_a_page_of_somebody_else_keep_nothing() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("embed.html"))?;
    compare::settled(&mut page, SOON)?;
    std::thread::sleep(std::time::Duration::from_secs(1));
    let found = page.evaluate(
        "Promise.all([navigator.serviceWorker.getRegistrations(), caches.keys()]).then((both) => both.map(({ length }) => length))",
    )?;
    assert_eq!(found, json!([0, 0]));
    Ok(())
}

#[test]
fn the_page_can_be_installed() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url(""))?;
    let found = page.evaluate(
        "(async () => {
            const address = document.querySelector('link[rel=manifest]').href;
            const response = await fetch(address);
            const manifest = await response.json();
            const icon = await fetch(new URL(manifest.icons[0].src, address));
            return [
                response.headers.get('content-type'), manifest.short_name, new URL(manifest.start_url, address).href === new URL('.', location).href,
                new URL(manifest.scope, address).href === new URL('.', location).href, icon.ok, icon.headers.get('content-type'),
            ];
        })()",
    )?;
    assert_eq!(found, json!(["application/manifest+json", "vitro", true, true, true, "image/svg+xml"]));
    Ok(())
}
