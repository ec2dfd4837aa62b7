//! The files under `tests/fixtures/cases` are of all samplings and orders of scans, with the pixels of libjpeg-turbo beside
//! them; the rest is made here, by cutting and overwriting.

use std::fs;
use std::path::{Path, PathBuf};

use crate::image::{ImageError, Rgb8, decode, size};

const END: [u8; 2] = [0xFF, 0xD9];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/cases").join(name)
}

/// The JPEG files of a folder, by name.
fn files(name: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder(name)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "jpg"));
    files.sort();
    assert!(!files.is_empty());
    files
}

/// Whole files of the kinds that are cut and overwritten here.
fn whole() -> Vec<(String, Vec<u8>)> {
    let named = |path: PathBuf| (path.display().to_string(), fs::read(path).unwrap());
    let mut whole: Vec<_> =
        ["baseline-restarts", "progressive-restarts", "progressive-440", "cmyk", "separate-22-22-11"]
            .map(|name| named(folder("jpeg").join(name).with_extension("jpg")))
            .into();
    let (name, bytes) = named(folder("04/no-end-marker.jpg"));
    whole.push((name, [bytes, END.into()].concat()));
    whole.push(named(folder("01/420-ybr.jpg")));
    whole
}

fn mean_difference(a: &Rgb8, b: &Rgb8) -> f64 {
    assert_eq!((a.width(), a.height()), (b.width(), b.height()));
    let differences = a.bytes().iter().zip(b.bytes()).map(|(a, b)| f64::from(a.abs_diff(*b)));
    differences.sum::<f64>() / a.bytes().len() as f64
}

/// Where the data of the first scan begin.
fn first_scan(bytes: &[u8]) -> usize {
    bytes.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap() + 2
}

#[test]
fn every_sampling_and_order_of_scans_gives_the_pixels_of_libjpeg() {
    for path in [files("01"), files("02"), files("jpeg")].concat() {
        let name = path.display();
        let bytes = fs::read(&path).unwrap();
        let image = decode(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        let expected = decode(&fs::read(path.with_extension("png")).unwrap()).unwrap();
        let difference = mean_difference(&image, &expected);
        assert!(difference < 1.0, "{name}: {difference}");
        assert_eq!(size(&bytes).ok(), Some((image.width(), image.height())), "{name}");
    }
}

#[test]
fn what_neither_decoder_gets_right_is_refused_by_its_kind() {
    for path in files("jpeg/refused") {
        let refused = decode(&fs::read(&path).unwrap()).map(|_| "taken");
        assert!(matches!(refused, Err(ImageError::Unsupported(_))), "{}: {refused:?}", path.display());
    }
    for (name, word) in [("arithmetic", "arithmetic"), ("12-bit", "8 bits")] {
        let refused = decode(&fs::read(folder("04").join(name).with_extension("jpg")).unwrap()).unwrap_err();
        assert!(refused.to_string().contains(word), "{name}: {refused}");
    }
}

#[test]
fn ordinary_files_keep_the_pixels_of_the_first_decoder() {
    let usual = ["baseline-restarts", "progressive-restarts", "progressive-440", "cmyk", "flat"];
    for name in usual {
        let bytes = fs::read(folder("jpeg").join(name).with_extension("jpg")).unwrap();
        let direct = image::load_from_memory(&bytes).unwrap().into_rgb8();
        assert_eq!(decode(&bytes).unwrap().bytes(), direct.as_raw(), "{name}");
    }
}

#[test]
fn a_file_that_is_cut_anywhere_is_refused_with_and_without_an_end_marker() {
    for (name, bytes) in whole() {
        assert!(decode(&bytes).is_ok(), "{name}");
        for length in (2..bytes.len() - END.len()).rev() {
            for file in [bytes[..length].to_vec(), [&bytes[..length], &END].concat()] {
                let size = file.len();
                assert!(decode(&file).is_err(), "{name} is taken when cut to {length} of {}, {size}", bytes.len());
            }
        }
        let open = decode(&bytes[..bytes.len() - END.len()]).ok();
        assert_eq!(open, decode(&bytes).ok(), "{name}: only the end marker is missing");
    }
}

#[test]
fn zeros_in_place_of_data_are_refused_wherever_they_stand() {
    let noisy: Vec<_> =
        whole().into_iter().filter(|(name, bytes)| bytes.len() > 2000 || name.contains("progressive")).collect();
    assert!(noisy.len() >= 3);
    for (name, bytes) in noisy {
        let data = first_scan(&bytes) + 20..bytes.len() - END.len();
        for start in data.clone().step_by(37) {
            for length in [data.len() / 10, data.len() / 4, data.len() / 2, data.len()] {
                let hole = start..(start + length.max(200)).min(bytes.len());
                if hole.len() < 100 {
                    continue;
                }
                let mut file = bytes.clone();
                file[hole.clone()].fill(0);
                assert!(decode(&file).is_err(), "{name} is taken with zeros at {hole:?}");
            }
        }
    }
}

#[test]
fn a_restart_marker_that_is_missing_or_wrong_is_refused() {
    for name in ["jpeg/baseline-restarts.jpg", "jpeg/progressive-restarts.jpg", "01/420-ybr-restart.jpg"] {
        let bytes = fs::read(folder(name)).unwrap();
        let restarts = |pair: &[u8]| pair[0] == 0xFF && (0xD0..=0xD7).contains(&pair[1]);
        let at = bytes.windows(2).position(restarts).unwrap();
        let without = [&bytes[..at], &bytes[at + 2..]].concat();
        let mut other = bytes.clone();
        other[at + 1] ^= 1;
        for file in [without, other] {
            assert!(decode(&file).is_err(), "{name}");
        }
    }
}

#[test]
fn bytes_behind_the_last_pixel_are_no_damage() {
    for (name, bytes) in whole() {
        let before_end = |more: &[u8]| [&bytes[..bytes.len() - 2], more, &END].concat();
        let longer =
            [before_end(&[0x5A; 300]), before_end(&[0; 300]), [&bytes[..], b"a trailer \xFF\xC0 \xFF\xDA"].concat()];
        for file in longer {
            assert_eq!(decode(&file).ok(), decode(&bytes).ok(), "{name}");
        }
    }
}

#[test]
fn no_damage_makes_it_panic_or_hang() {
    let mut state = 7_u64;
    let mut draw = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for (_, bytes) in whole() {
        for _ in 0..200 {
            let mut file = bytes.clone();
            for _ in 0..1 + draw(4) {
                let at = draw(file.len());
                file[at] = draw(256) as u8;
            }
            let _ = decode(&file);
        }
    }
}
