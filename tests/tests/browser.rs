//! The page in a real browser: headless Chromium opens the built page and a test reads from it what a visitor would see.
//!
//! `cargo xtask test` builds the page first and leaves its folder in `VITRO_DIST`; without a built page these tests fail and
//! say so. Every test starts a server and a browser of its own and reads the `state` of the page's `<vitro-compare>`.
//! WebGPU runs on Chromium's software adapter, the same on every machine, where one answer takes seconds.

mod browser {
    use base64::Engine as _;
    use burn::Tensor;
    use burn::tensor::{Device, TensorData};
    use sha2::{Digest, Sha256};
    use std::path::Path;
    use std::time::{Duration, Instant};
    use vitro::bundle::{self, Precision};
    use vitro::corruption::{self, Severity};
    use vitro::image::{Preprocess, Rgb8};
    use vitro::model::evaluating;
    use vitro::model::mix::vars::Codes;
    use vitro::view;
    use vitro_tests::browser::{self, Expected, Image, Site, apart, photograph};
    use vitro_tests::small_models::{manifest, small_models};
    use xtask::browser::{Browser, Page, WebGpu};
    use xtask::compare::{self, State};

    type Outcome = anyhow::Result<()>;

    /// An answer on the CPU takes well under a second; starting the engine on a busy machine takes longer.
    const SOON: Duration = Duration::from_secs(120);
    /// WebGPU on the software adapter, checked against the CPU first.
    const EVENTUALLY: Duration = Duration::from_secs(900);
    /// How far probabilities of the page and of the command line may be apart.
    const TOLERANCE: f64 = 1e-3;

    #[test]
    fn three_models_answer_when_the_page_opens() -> Outcome {
        let site = Site::start()?;
        let mut browser = Browser::start(WebGpu::Off)?;
        let mut page = browser.open(&site.url("?backend=cpu"))?;
        let state = compare::settled(&mut page, SOON)?;
        assert!(state.models.len() >= 3, "{state:?}");
        assert_eq!((state.backend.as_str(), state.corruption.as_str(), state.severity), ("cpu", "fog", 3));
        for model in &state.models {
            let sum: f64 = model.probabilities.iter().sum();
            assert!((sum - 1.0).abs() < 1e-3 && model.probabilities.len() == model.classes.len(), "{model:?}");
        }
        assert_eq!(page.console(), "");
        Ok(())
    }

    #[test]
    fn the_first_scene_gets_the_answers_of_the_command_line() -> Outcome {
        let site = Site::start()?;
        let mut browser = Browser::start(WebGpu::Off)?;
        let mut page =
            browser.open(&site.url("?backend=cpu&src=scene:7/3&corruption=gaussian_noise&severity=3&seed=5"))?;
        let state = compare::settled(&mut page, SOON)?;
        let image = Image::scene(7, 3);
        assert_same(&state, &expected(&image, "gaussian_noise", 3, 5)?);
        Ok(())
    }

    #[test]
    fn a_dropped_image_in_fog_gets_the_answers_of_the_command_line_on_the_cpu() -> Outcome {
        let site = Site::start()?;
        let mut browser = Browser::start(WebGpu::Off)?;
        let mut page = browser.open(&site.url("?backend=cpu"))?;
        compare::settled(&mut page, SOON)?;
        for image in [Some(Image::jpeg_of_a_scene()?), photograph()?].into_iter().flatten() {
            drop_on(&mut page, &image.name, &image.bytes)?;
            set_fog_four(&mut page)?;
            let state = compare::settled(&mut page, SOON)?;
            assert!(state.models.len() >= 3, "{state:?}");
            assert_same(&state, &expected(&image, "fog", 4, 0)?);
        }
        Ok(())
    }

    #[test]
    fn a_dropped_image_in_fog_gets_the_answers_of_the_command_line_on_webgpu() -> Outcome {
        let site = Site::start()?;
        let mut browser = Browser::start(WebGpu::Software)?;
        let mut page = browser.open(&site.url("?backend=webgpu"))?;
        compare::settled(&mut page, SOON)?;
        let image = Image::jpeg_of_a_scene()?;
        drop_on(&mut page, &image.name, &image.bytes)?;
        set_fog_four(&mut page)?;
        let verdict = compare::webgpu(&mut page, EVENTUALLY)?;
        assert!(verdict.is_ok(), "{verdict:?}.{}", page.console());
        let state = answered_by(&mut page, "webgpu")?;
        assert!(state.models.len() >= 3, "{state:?}");
        assert_same(&state, &expected(&image, "fog", 4, 0)?);
        Ok(())
    }

    #[test]
    fn every_corruption_has_the_same_bytes_in_the_browser() -> Outcome {
        let site = Site::start()?;
        let mut browser = Browser::start(WebGpu::Off)?;
        let mut page = browser.open(&site.url("embed.html"))?;
        let image = Image::jpeg_of_a_scene()?;
        page.evaluate(&format!(
            "(async () => {{
                const module = await import('./vitro/engine-cpu.js');
                await module.default();
                const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
                globalThis.digest = async (pixels) => hex(await crypto.subtle.digest('SHA-256', pixels));
                globalThis.image = module.Image.decode(new Uint8Array({:?}));
            }})()",
            image.bytes
        ))?;
        let square = view::square(&vitro::image::decode(&image.bytes)?);
        assert_eq!(page.evaluate("digest(image.clean())")?, digest(&square), "the decoded image");
        for corruption in corruption::ALL {
            for severity in Severity::ALL {
                let (name, level, seed) = (corruption.name, severity.get(), 9);
                let here = digest(&view::corrupt(&square, corruption, severity, seed));
                let there = page.evaluate(&format!("digest(image.corrupt({name:?}, {level}, {seed}))"))?;
                assert_eq!(there, here, "{name} {level}");
            }
        }
        Ok(())
    }

    #[test]
    fn a_model_of_every_family_has_the_same_logits_and_codes_in_the_browser() -> Outcome {
        let site = Site::start()?;
        let mut browser = Browser::start(WebGpu::Off)?;
        let mut page = browser.open(&site.url("embed.html"))?;
        page.evaluate(
            "(async () => {
                const module = await import('./vitro/engine-cpu.js');
                await module.default();
                const engine = module.open();
                globalThis.look = async (base64, pixels, side) => {
                    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
                    const answer = await engine.classify(engine.load(bytes), Uint8Array.from(pixels), side);
                    return [answer.logits, answer.iterations].map((values) => Array.from(values));
                };
            })()",
        )?;
        let device = Device::flex();
        for (name, config) in small_models() {
            let model = evaluating(config.init(&device)?);
            let bundle = bundle::write(&manifest(config.clone()), &model, Precision::F32)?;
            let side = config.image_size();
            let image = Rgb8::from_fn(side, side, |x, y| [(x * 37 + y) as u8, (y * 53) as u8, (x * y * 7) as u8]);
            let preprocess = Preprocess::imagenet(side);
            let mut values = Vec::new();
            preprocess.normalise(&preprocess.prepare(&image), &mut values);
            let input = Tensor::<4>::from_data(TensorData::new(values, [1, 3, side, side]), &device);
            let seen = model.trace(input);
            let here: Vec<f64> = seen.logits.into_data().iter::<f32>().map(f64::from).collect();
            // The last block's map of each iteration, without a class token, as shares.
            let patches = seen.grid[0] * seen.grid[1];
            let maps = seen.codes.last().map(Codes::maps).unwrap_or_default().into_iter().flat_map(|map| {
                let map: Vec<f64> = map.into_data().iter::<f32>().map(f64::from).collect();
                let map = map[map.len() - patches..].to_vec();
                let total: f64 = map.iter().sum();
                map.into_iter().map(move |length| if total > 0.0 { length / total } else { 0.0 })
            });
            let maps: Vec<f64> = maps.collect();

            let rgba: Vec<u8> = image.bytes().chunks(3).flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 255]).collect();
            let call = format!("look('{}', {rgba:?}, {side})", base64::prelude::BASE64_STANDARD.encode(&bundle));
            let [there, iterations]: [Vec<f64>; 2] = serde_json::from_value(page.evaluate(&call)?)?;
            assert_eq!(there.len(), here.len(), "{name}");
            for (a, b) in here.iter().zip(&there) {
                assert!((a - b).abs() <= 1e-4 * b.abs().max(1.0), "{name}: {here:?} here, {there:?} in the browser");
            }
            assert_eq!(iterations.len(), maps.len(), "{name}");
            assert_eq!(maps.is_empty(), !name.contains("vars"), "{name}");
            for (a, b) in maps.iter().zip(&iterations) {
                assert!((a - b).abs() <= 1e-4, "{name}: {maps:?} here, {iterations:?} in the browser");
            }
        }
        Ok(())
    }

    #[test]
    fn without_webgpu_the_processor_answers() -> Outcome {
        let site = Site::start()?;
        let mut browser = Browser::start(WebGpu::Off)?;
        for script in ["", "delete Navigator.prototype.gpu"] {
            let mut page = browser.open_with(&site.url("?backend=webgpu"), script)?;
            let state = compare::settled(&mut page, SOON)?;
            assert_eq!(state.backend, "cpu");
            assert!(state.models.iter().all(|model| model.backend == "cpu"), "{state:?}");
            assert!(compare::webgpu(&mut page, SOON)?.is_err_and(|note| note.contains("processor")));
        }
        Ok(())
    }

    #[test]
    fn the_number_keys_set_the_severity_and_the_address() -> Outcome {
        let site = Site::start()?;
        let mut browser = Browser::start(WebGpu::Off)?;
        let mut page = browser.open(&site.url("?backend=cpu"))?;
        compare::settled(&mut page, SOON)?;
        for (key, severity) in [('1', 1), ('2', 2), ('3', 3), ('4', 4), ('5', 5)] {
            page.press(key)?;
            page.wait_until(&format!("new URLSearchParams(location.search).get('severity') === '{key}'"), SOON)?;
            assert_eq!(compare::settled(&mut page, SOON)?.severity, severity);
        }
        Ok(())
    }

    #[test]
    fn the_address_brings_the_same_view_back() -> Outcome {
        let site = Site::start()?;
        let mut browser = Browser::start(WebGpu::Off)?;
        let mut page = browser.open(&site.url("?backend=cpu&src=scene:11/4"))?;
        compare::settled(&mut page, SOON)?;
        page.press('5')?;
        page.wait_until("location.search.includes('severity=5')", SOON)?;
        let before = compare::settled(&mut page, SOON)?;
        let address = page.evaluate("location.href")?;
        page.navigate(address.as_str().unwrap_or_default())?;
        let after = compare::settled(&mut page, SOON)?;
        assert_eq!(after.severity, 5);
        assert_same(&after, &answers(&before));
        Ok(())
    }

    #[test]
    fn the_newest_request_wins() -> Outcome {
        let site = Site::start()?;
        let mut browser = Browser::start(WebGpu::Off)?;
        let mut page = browser.open(&site.url("?backend=cpu&severity=2&corruption=gaussian_noise"))?;
        let alone = compare::settled(&mut page, SOON)?;
        for key in ['5', '1', '4', '3', '5', '1', '4', '5', '3', '5', '1', '2'] {
            page.press(key)?;
        }
        let last = compare::settled(&mut page, SOON)?;
        assert_eq!(last.severity, 2);
        assert_same(&last, &answers(&alone));
        // Nothing of the older requests may arrive late.
        std::thread::sleep(Duration::from_secs(2));
        assert_same(&compare::settled(&mut page, SOON)?, &answers(&alone));
        Ok(())
    }

    #[test]
    fn an_embedded_comparison_answers() -> Outcome {
        let site = Site::start()?;
        let mut browser = Browser::start(WebGpu::Off)?;
        let mut page = browser.open(&site.url("embed.html"))?;
        let state = compare::settled(&mut page, SOON)?;
        assert_eq!((state.corruption.as_str(), state.severity), ("fog", 4));
        assert!(state.models.len() >= 3, "{state:?}");
        assert_eq!(page.console(), "");
        Ok(())
    }

    #[test]
    fn a_file_that_is_no_image_is_refused_in_words_and_the_next_one_works() -> Outcome {
        let site = Site::start()?;
        let mut browser = Browser::start(WebGpu::Off)?;
        let mut page = browser.open(&site.url("?backend=cpu"))?;
        compare::settled(&mut page, SOON)?;
        let image = Image::jpeg_of_a_scene()?;
        for junk in [&b"this is no image"[..], &image.bytes[..40], b""] {
            drop_on(&mut page, "holiday.jpg", junk)?;
            let message = "document.querySelector('vitro-compare').state.error?.message";
            let message = page.wait_until(message, SOON)?;
            assert!(message.as_str().is_some_and(|message| message.len() > 10), "{message}");
        }
        drop_on(&mut page, &image.name, &image.bytes)?;
        set_fog_four(&mut page)?;
        assert_same(&compare::settled(&mut page, SOON)?, &expected(&image, "fog", 4, 0)?);
        Ok(())
    }

    #[test]
    fn a_damaged_image_is_refused_with_the_sentence_of_the_command_line_and_nothing_of_it_is_shown() -> Outcome {
        let site = Site::start()?;
        let mut browser = Browser::start(WebGpu::Off)?;
        let mut page = browser.open(&site.url("?backend=cpu"))?;
        let before = compare::settled(&mut page, SOON)?;
        let canvas = "document.querySelector('vitro-compare').shadowRoot.querySelector('.wipe .clean').toDataURL()";
        let shown = page.evaluate(canvas)?;
        for file in Image::damaged()? {
            let Err(refusal) = vitro::image::decode(&file.bytes) else { anyhow::bail!("{} can be read", file.name) };
            drop_on(&mut page, &file.name, &file.bytes)?;
            let told = page.wait_until(
                "(({ busy, error }) => !busy && error)(document.querySelector('vitro-compare').state)",
                SOON,
            )?;
            assert_eq!((&told["code"], &told["message"]), (&"image".into(), &refusal.to_string().into()));
            assert!(page.evaluate(canvas)? == shown, "something of {} is shown", file.name);
            assert_same(&compare::settled(&mut page, SOON)?, &answers(&before));
        }
        // The sentence stands where the image was.
        let place =
            "document.querySelector('vitro-compare').shadowRoot.querySelector('.wipe .empty').checkVisibility()";
        assert_eq!(page.evaluate(place)?, true);
        Ok(())
    }

    #[test]
    fn a_format_that_only_the_browser_knows_is_left_to_it() -> Outcome {
        let site = Site::start()?;
        let mut browser = Browser::start(WebGpu::Off)?;
        let mut page = browser.open(&site.url("?backend=cpu&severity=0"))?;
        compare::settled(&mut page, SOON)?;
        // One red pixel.
        let gif = b"GIF89a\x01\0\x01\0\x80\0\0\xff\0\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
        assert!(vitro::image::decode(gif).is_err());
        drop_on(&mut page, "dot.gif", gif)?;
        page.wait_until("document.querySelector('vitro-compare').state.src.startsWith('blob:')", SOON)?;
        compare::settled(&mut page, SOON)?;
        let pixel = page.evaluate(
            "(({ state, shadowRoot }) => [
                state.error, ...shadowRoot.querySelector('.wipe .clean').getContext('2d').getImageData(9, 9, 1, 1).data,
            ])(document.querySelector('vitro-compare'))",
        )?;
        assert_eq!(pixel, serde_json::json!([null, 255, 0, 0, 255]));
        Ok(())
    }

    #[test]
    fn the_wipe_follows_the_keys_and_shows_so_much_of_the_clean_image() -> Outcome {
        let site = Site::start()?;
        let mut browser = Browser::start(WebGpu::Off)?;
        let mut page = browser.open(&site.url("?backend=cpu"))?;
        compare::settled(&mut page, SOON)?;
        let address = page.evaluate("location.href")?;
        page.evaluate("document.querySelector('vitro-compare').shadowRoot.querySelector('.bar').focus()")?;
        assert_eq!(wipe(&mut page)?, [50.0, 50.0]);
        let keys = [
            ("ArrowRight", 52.0),
            ("ArrowLeft", 50.0),
            ("PageUp", 70.0),
            ("PageDown", 50.0),
            ("End", 100.0),
            ("ArrowUp", 100.0),
            ("Home", 0.0),
            ("PageUp", 20.0),
        ];
        for (key, percent) in keys {
            page.press_named(key)?;
            let [said, shown] = wipe(&mut page)?;
            assert_eq!(said, percent, "{key}");
            assert!((shown - percent).abs() <= 1.0, "{key}: {shown} % of the clean image, not {percent} %");
        }
        // Where somebody looks is theirs: it is not part of the address.
        assert_eq!(page.evaluate("location.href")?, address);
        page.press('5')?;
        page.wait_until("document.querySelector('vitro-compare').state.severity === 5", SOON)?;
        compare::settled(&mut page, SOON)?;
        assert_eq!(wipe(&mut page)?[0], 20.0, "another severity leaves the bar where it is");
        Ok(())
    }

    /// What the bar says and how much of the clean image is in sight from the left on, both in percent of the width.
    fn wipe(page: &mut Page<'_>) -> anyhow::Result<[f64; 2]> {
        // Of two canvases the upper one is hit, except where it is cut away.
        let measured = page.evaluate(
            "(() => {
                const root = document.querySelector('vitro-compare').shadowRoot;
                const { left, top, width, height } = root.querySelector('.wipe').getBoundingClientRect();
                const strips = Array.from({ length: 100 }, (_, strip) => {
                    const under = root.elementsFromPoint(left + (strip + 0.5) * width / 100, top + height / 4);
                    return under.find((element) => element.matches('canvas')).matches('.clean');
                });
                return [Number(root.querySelector('.bar').getAttribute('aria-valuenow')), strips.lastIndexOf(true) + 1];
            })()",
        )?;
        Ok(serde_json::from_value(measured)?)
    }

    /// Lets go of a file over the page, as a visitor's mouse would.
    fn drop_on(page: &mut Page<'_>, name: &str, bytes: &[u8]) -> Outcome {
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
    fn set_fog_four(page: &mut Page<'_>) -> Outcome {
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
    fn answered_by(page: &mut Page<'_>, backend: &str) -> anyhow::Result<State> {
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
    fn expected(image: &Image, corruption: &str, severity: u8, seed: u64) -> anyhow::Result<Expected> {
        let program = Path::new(env!("CARGO_BIN_EXE_vitro-under-test"));
        browser::expected(program, image, corruption, severity, seed)
    }

    /// SHA-256 of the pixels as a canvas holds them.
    fn digest(image: &Rgb8) -> String {
        let opaque = image.bytes().chunks_exact(3).flat_map(|rgb| [rgb[0], rgb[1], rgb[2], 255]).collect::<Vec<_>>();
        Sha256::digest(&opaque).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn answers(state: &State) -> Expected {
        state.models.iter().map(|model| (model.name.clone(), model.probabilities.clone())).collect()
    }

    fn assert_same(page: &State, expected: &Expected) {
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
}
