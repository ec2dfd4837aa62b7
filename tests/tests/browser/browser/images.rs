//! Images of the visitor: taken, or refused in words.

use super::visitor::{ELEMENT, Outcome, SOON, answers, assert_same, drop_on, error, expected, set_fog_four};
use vitro_tests::browser::{Image, Site};
use xtask::browser::{Browser, WebGpu};
use xtask::compare;

#[test]
fn a_file_that_is_no_image_is_refused_in_words_and_the_next_one_works() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu&src=scene:7/20"))?;
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
    let mut page = browser.open(&site.url("?backend=cpu&src=scene:7/20"))?;
    let before = compare::settled(&mut page, SOON)?;
    let canvas = "document.querySelector('vitro-compare').shadowRoot.querySelector('.wipe .clean').toDataURL()";
    let shown = page.evaluate(canvas)?;
    for file in Image::damaged()? {
        let Err(refusal) = vitro::image::decode(&file.bytes) else { anyhow::bail!("{} can be read", file.name) };
        drop_on(&mut page, &file.name, &file.bytes)?;
        let told = page
            .wait_until("(({ busy, error }) => !busy && error)(document.querySelector('vitro-compare').state)", SOON)?;
        assert_eq!((&told["code"], &told["message"]), (&"image".into(), &refusal.to_string().into()));
        assert!(page.evaluate(canvas)? == shown, "something of {} is shown", file.name);
        assert_same(&compare::settled(&mut page, SOON)?, &answers(&before));
    }
    // The sentence stands where the image was.
    let place = "document.querySelector('vitro-compare').shadowRoot.querySelector('.wipe .empty').checkVisibility()";
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
fn what_is_no_image_is_called_by_its_kind_and_name() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu&src=scene:7/20"))?;
    let before = compare::settled(&mut page, SOON)?;
    let files: [(&str, &[u8], &str); 4] = [
        ("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a drawing (SVG)"),
        ("photo.heic", b"\0\0\0\x18ftypheic\0\0\0\0heicmif1", "a HEIC photograph"),
        ("clip.mp4", b"\0\0\0\x18ftypisom\0\0\0\0isomavc1", "a video"),
        ("notes.pdf", b"%PDF-1.7", "a PDF document"),
    ];
    for (name, bytes, kind) in files {
        drop_on(&mut page, name, bytes)?;
        page.wait_until(&format!("{ELEMENT}.state.error?.message.includes({name:?})"), SOON)?;
        let told = error(&mut page)?;
        assert!(told.starts_with(&format!("“{name}” is {kind}")), "{told}");
    }
    assert_same(&compare::settled(&mut page, SOON)?, &answers(&before));
    Ok(())
}

#[test]
fn a_video_is_refused_without_reading_it() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu&src=scene:7/20"))?;
    compare::settled(&mut page, SOON)?;
    page.evaluate(&format!(
        "{ELEMENT}.take(new File(['\\0\\0\\0\\x18ftypisom', ...Array(300).fill(new Uint8Array(1e6))], 'clip.mp4'))"
    ))?;
    assert!(error(&mut page)?.starts_with("“clip.mp4” is a video"));
    Ok(())
}

#[test]
fn of_several_images_the_last_one_is_shown() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu&src=scene:7/20"))?;
    compare::settled(&mut page, SOON)?;
    page.evaluate(&format!(
        "(() => {{
            const dataTransfer = new DataTransfer();
            for (const name of ['a', 'b', 'c']) dataTransfer.items.add(new File([name], `${{name}}.jpg`, {{ type: 'image/jpeg' }}));
            {ELEMENT}.dispatchEvent(new DragEvent('drop', {{ dataTransfer, bubbles: true, composed: true, cancelable: true }}));
        }})()"
    ))?;
    assert!(error(&mut page)?.starts_with("“c.jpg”"));
    Ok(())
}
