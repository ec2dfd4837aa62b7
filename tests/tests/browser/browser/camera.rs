//! The camera as the page's image, one frame at a time; and images that are pasted or picked.

use super::visitor::{ELEMENT, EVENTUALLY, Outcome, SOON, assert_same, drop_on, expected};
use serde_json::json;
use vitro_tests::browser::{Image, Site};
use xtask::browser::{Browser, Burden, Page, WebGpu};
use xtask::compare;

/// Notes the stream that the page was given, and how many images are held at a time.
const WATCHED: &str = "globalThis.held = new Set(); globalThis.most = 0;
    const { createObjectURL, revokeObjectURL } = URL;
    URL.createObjectURL = (file) => { const url = createObjectURL.call(URL, file); held.add(url); most = Math.max(most, held.size); return url; };
    URL.revokeObjectURL = (url) => { held.delete(url); revokeObjectURL.call(URL, url); };
    const give = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => (globalThis.stream = await give(wanted));";
/// Whether the camera is off.
const OFF: &str = "stream.getTracks().every(({ readyState }) => readyState === 'ended')";
const BUTTON: &str = "document.querySelector('.sources .camera')";

/// Starts the camera and waits for `frames` different images.
fn watch(page: &mut Page<'_>, frames: usize) -> Outcome {
    page.evaluate(&format!(
        "globalThis.frames_seen = new Set();
        {ELEMENT}.addEventListener('result', () => {ELEMENT}.image && frames_seen.add({ELEMENT}.state.src));
        {BUTTON}.click()"
    ))?;
    page.wait_until(&format!("frames_seen.size >= {frames}"), EVENTUALLY)?;
    Ok(())
}

#[test]
fn the_camera_shows_one_frame_after_the_other_and_its_last_one_stays() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open_with(&site.url("?backend=cpu&models=vit&severity=0"), WATCHED)?;
    compare::settled(&mut page, SOON)?;
    let shown = format!("{ELEMENT}.shadowRoot.querySelector('.wipe .clean').toDataURL()");
    let scene = page.evaluate(&shown)?;
    watch(&mut page, 30)?;
    assert_eq!(page.evaluate(&format!("{BUTTON}.textContent"))?, "stop the camera");
    let first = page.evaluate(&shown)?;
    assert_ne!(first, scene);
    page.wait_until(&format!("{shown} !== {first}"), SOON)?;
    // The next frame comes only when the last one is answered, and takes its place.
    let most = page.evaluate("most")?;
    assert!(most.as_u64().is_some_and(|most| most <= 2), "{most} images were held at a time");
    page.evaluate(&format!("{BUTTON}.click()"))?;
    page.wait_until(&format!("{OFF} && !{ELEMENT}.image && {ELEMENT}.src.startsWith('blob:')"), SOON)?;
    let state = compare::settled(&mut page, SOON)?;
    assert_eq!(state.models.len(), 1);
    assert_eq!(
        page.evaluate(&format!("[held.size, held.has({ELEMENT}.src), {BUTTON}.textContent]"))?,
        json!([1, true, "camera"])
    );
    assert_eq!(
        page.evaluate("document.querySelector('.said').textContent")?,
        "The camera is off. Its last frame stays."
    );
    let address = page.evaluate("location.href")?;
    assert!(!address.to_string().contains("blob"), "{address}");
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn hundreds_of_frames_and_of_dropped_images_leave_memory_where_it_was() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open_with(&site.url("?backend=cpu&models=vit&severity=0"), WATCHED)?;
    compare::settled(&mut page, SOON)?;
    let images: Vec<_> = (0..4).map(|index| Image::scene(7, index)).collect();
    let mut use_it = |frames: usize, dropped: usize| -> anyhow::Result<(Burden, Option<u64>)> {
        watch(&mut page, frames)?;
        page.evaluate(&format!("{BUTTON}.click()"))?;
        page.wait_until(OFF, SOON)?;
        for round in 0..dropped {
            page.evaluate(&format!("globalThis.before = {ELEMENT}.src"))?;
            drop_on(&mut page, "scene.png", &images[round % images.len()].bytes)?;
            page.wait_until(&format!("{ELEMENT}.src !== before && !{ELEMENT}.state.busy"), SOON)?;
        }
        // In this order: it collects what nobody holds any more.
        let burden = page.burden()?;
        Ok((burden, page.resident()?))
    };
    // Browsers let memory grow for a while before they collect in earnest: some five hundred frames here.
    let (before, resident) = use_it(500, 12)?;
    let (after, resident_after) = use_it(500, 100)?;
    println!("before {before:?} in {resident:?} bytes, after {after:?} in {resident_after:?} bytes");
    assert!(after.nodes <= before.nodes + 50, "{before:?} {after:?}");
    assert!(after.listeners <= before.listeners + 20, "{before:?} {after:?}");
    assert!(after.heap <= before.heap + 1_000_000, "{before:?} {after:?}");
    // The engine and its worker as well. An image of a scene held a hundred times would be 20 MB, a frame five hundred times 600.
    if let (Some(resident), Some(after)) = (resident, resident_after) {
        assert!(after <= resident + 40_000_000, "{resident} bytes became {after}");
    }
    assert!(!cfg!(target_os = "linux") || resident.is_some_and(|resident| resident > 0), "nobody tells");
    assert_eq!(page.evaluate("held.size")?, 1);
    Ok(())
}

#[test]
fn the_camera_goes_off_when_the_page_is_hidden() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open_with(&site.url("?backend=cpu&models=vit"), WATCHED)?;
    compare::settled(&mut page, SOON)?;
    watch(&mut page, 2)?;
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true }); void document.dispatchEvent(new Event('visibilitychange'))")?;
    page.wait_until(OFF, SOON)?;
    assert_eq!(
        page.evaluate("document.querySelector('.said').textContent")?,
        "The camera went off when the page was hidden."
    );
    let frames = page.evaluate("frames_seen.size")?;
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert_eq!(page.evaluate("frames_seen.size")?, frames);
    Ok(())
}

#[test]
fn another_image_takes_the_cameras_place() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open_with(&site.url("?backend=cpu&src=scene:7/20&corruption=fog&severity=4"), WATCHED)?;
    compare::settled(&mut page, SOON)?;
    watch(&mut page, 2)?;
    let image = Image::jpeg_of_a_scene()?;
    drop_on(&mut page, &image.name, &image.bytes)?;
    page.wait_until(&format!("{OFF} && !{ELEMENT}.image && !{ELEMENT}.state.busy"), SOON)?;
    assert_same(&compare::settled(&mut page, SOON)?, &expected(&image, "fog", 4, 0)?);
    // So does a scene.
    watch(&mut page, 2)?;
    page.evaluate("document.querySelector('.sources .roll').click()")?;
    page.wait_until(
        &format!("{OFF} && !{ELEMENT}.image && {ELEMENT}.state.src.startsWith('scene:') && !{ELEMENT}.state.busy"),
        SOON,
    )?;
    assert_eq!(page.evaluate("held.size")?, 0);
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn a_camera_that_is_not_to_be_had_is_a_sentence() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let script =
        "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', globalThis.refused); };";
    let mut page = browser.open_with(&site.url("?backend=cpu&models=vit"), script)?;
    compare::settled(&mut page, SOON)?;
    let refusals =
        [("NotAllowedError", "not allowed"), ("NotFoundError", "no camera"), ("NotReadableError", "in use elsewhere")];
    for (name, words) in refusals {
        page.evaluate(&format!("globalThis.refused = {name:?}; {BUTTON}.click()"))?;
        page.wait_until(&format!("document.querySelector('.said').textContent.includes({words:?})"), SOON)?;
        assert_eq!(page.evaluate(&format!("{BUTTON}.textContent"))?, "camera");
    }
    page.evaluate(&format!(
        "Object.defineProperty(navigator, 'mediaDevices', {{ value: undefined }}); {BUTTON}.click()"
    ))?;
    page.wait_until("document.querySelector('.said').textContent.includes('https')", SOON)?;
    // The image from before is still there.
    assert_eq!(page.evaluate(&format!("{ELEMENT}.state.error"))?, json!(null));
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn an_image_is_pasted_anywhere_or_picked() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu&src=scene:7/20&corruption=fog&severity=4"))?;
    compare::settled(&mut page, SOON)?;
    let image = Image::jpeg_of_a_scene()?;
    let file = format!("new File([new Uint8Array({:?})], {:?}, {{ type: 'image/jpeg' }})", image.bytes, image.name);
    let ways = [
        "document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true }))",
        "(() => { const input = document.querySelector('.sources .file'); input.files = transfer.files; input.dispatchEvent(new Event('change')); })()",
    ];
    let native = expected(&image, "fog", 4, 0)?;
    for way in ways {
        page.evaluate(&format!("{ELEMENT}.src = 'scene:7/3'"))?;
        page.wait_until(&format!("{ELEMENT}.state.src === 'scene:7/3' && !{ELEMENT}.state.busy"), SOON)?;
        page.evaluate(&format!(
            "(() => {{ const transfer = new DataTransfer(); transfer.items.add({file}); {way}; }})()"
        ))?;
        page.wait_until(&format!("{ELEMENT}.src.startsWith('blob:')"), SOON)?;
        assert_same(&compare::settled(&mut page, SOON)?, &native);
    }
    Ok(())
}
