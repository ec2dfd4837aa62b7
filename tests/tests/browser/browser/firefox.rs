//! The page in Firefox, which has other engines for scripts and WebAssembly: its answers and counts are the command's as well.
//!
//! Where there is no Firefox this is left out; `cargo xtask test` installs it where it may.

use super::visitor::{Outcome, TOLERANCE, expected, photograph_of_the_page};
use anyhow::{Context, bail};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};
use vitro_tests::browser::{Expected, Image, Site, apart};
use vitro_tests::sweep::{Asked, evaluated};
use xtask::browser::Firefox;
use xtask::serve::Manner;
use xtask::system;

/// Starting Firefox on a busy machine takes a while.
const PATIENCE: Duration = Duration::from_secs(240);

/// Opens the page in a frame, waits for its answers and tells them; then another image, then a count of scenes.
const TELLER: &str = "
    const listener = new URLSearchParams(location.search).get('listener');
    const frame = document.querySelector('iframe');
    const until = async (look) => {
        for (;;) {
            const found = look();
            if (found) return found;
            await new Promise((next) => setTimeout(next, 50));
        }
    };
    const settled = () => until(() => {
        const state = frame.contentDocument.querySelector('vitro-compare')?.state;
        const answered = state?.models.length > 0 && state.models.every(({ milliseconds }) => milliseconds >= 0);
        return state?.error || answered && !state.busy ? state : null;
    });
    const tell = (told) => fetch(listener, { method: 'POST', mode: 'no-cors', body: JSON.stringify(told) });
    try {
        frame.src = 'index.html?backend=cpu';
        const opening = await settled();
        frame.src = 'index.html?backend=cpu&src=scene:7/3&corruption=gaussian_noise&severity=4&seed=5';
        await until(() => frame.contentDocument.location.search.includes('scene:7/3'));
        const scene = await settled();
        const sweep = frame.contentDocument.querySelector('vitro-sweep');
        Object.assign(sweep, { models: 'vit', corruptions: 'fog snow', severities: '5', images: 10 });
        const { models } = await sweep.run();
        await tell({ opening, scene, counts: [models[0].clean, ...models[0].cells.flat()].map(({ right }) => right) });
    } catch (error) {
        await tell({ error: String(error) });
    }";
const PAGE: &str = "<!doctype html><title>a frame</title><iframe width=\"1200\" height=\"800\"></iframe><script type=\"module\" src=\"teller.js\"></script>";

/// What a page sends to this address.
fn told(listener: &TcpListener) -> anyhow::Result<Value> {
    listener.set_nonblocking(true)?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false)?;
                stream.set_read_timeout(Some(Duration::from_secs(10)))?;
                // Whoever connects and leaves has told nothing.
                if let Ok(Some(told)) = body(&stream) {
                    return Ok(told);
                }
            }
            Err(_) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(50)),
            Err(error) => bail!("Firefox told nothing within {} s: {error}", PATIENCE.as_secs()),
        }
    }
}

/// The body of a request.
fn body(mut stream: &TcpStream) -> anyhow::Result<Option<Value>> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    for line in reader.by_ref().lines() {
        let line = line?.to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
    }
    let mut bytes = vec![0; length];
    reader.read_exact(&mut bytes)?;
    stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")?;
    Ok(if bytes.is_empty() { None } else { Some(serde_json::from_slice(&bytes)?) })
}

/// Every answer of a state is the command's.
fn assert_answers(state: &Value, expected: &Expected) {
    assert_eq!(state["error"], Value::Null);
    let models = state["models"].as_array().cloned().unwrap_or_default();
    assert!(models.len() >= 3, "{state}");
    for model in models {
        let there: Vec<f64> = serde_json::from_value(model["probabilities"].clone()).unwrap_or_default();
        let native = expected.iter().find(|(name, _)| model["name"] == name.as_str());
        let apart = native.map(|(_, native)| apart(native, &there));
        assert!(apart.is_some_and(|apart| apart <= TOLERANCE), "{}: {apart:?} apart, {there:?}", model["name"]);
    }
}

#[test]
fn the_answers_and_the_counts_are_the_commands() -> Outcome {
    if let Err(missing) = system::firefox() {
        println!("left out: {missing}");
        return Ok(());
    }
    let files = vec![("firefox.html", PAGE.into()), ("teller.js", TELLER.into())];
    let site = Site::with(Manner { files, ..Manner::default() })?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let _firefox = Firefox::open(&site.url(&format!("firefox.html?listener=http://{address}/")))?;
    let told = told(&listener)?;
    assert_eq!(told["error"], Value::Null, "{told}");
    assert_answers(&told["opening"], &photograph_of_the_page("fog", 3)?);
    assert_answers(&told["scene"], &expected(&Image::of_the_page(7, 3), "gaussian_noise", 4, 5)?);
    let asked = Asked { corruptions: &["snow", "fog"], severities: &[5], images: 10, seed: 0 };
    let evaluated = evaluated("vit", &asked);
    let right = |condition: &str| evaluated.get(condition).map(|bits| bits.iter().filter(|right| **right).count());
    let counts: Vec<usize> = serde_json::from_value(told["counts"].clone()).context("no counts")?;
    assert_eq!(counts.into_iter().map(Some).collect::<Vec<_>>(), ["untouched", "fog 5", "snow 5"].map(right));
    Ok(())
}
