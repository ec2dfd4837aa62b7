//! `vitro corrupt` as a person uses it: its two layouts, its sequences, how it goes on after a kill, and what it refuses.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use vitro::corruption::{self, Severity, Variant, jpeg_compression};
use vitro::image::{Rgb8, decode, encode_jpeg, encode_png};
use vitro::perturbation;
use vitro_cli::copies::preparation::Preparation;
use vitro_cli::npy::Npy;
use vitro_tests::command::{program, refusal, text};

fn command(folder: &Path, arguments: &[&str]) -> Command {
    vitro_tests::command::command(folder, &[&["corrupt"], arguments].concat())
}

/// Runs what must work and returns what it printed.
fn works(folder: &Path, arguments: &[&str]) -> String {
    let output = command(folder, arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// What must be refused: exit code 2, one line, no file more or less. Returns the line.
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let before = tree(folder);
    let output = command(folder, arguments).output().unwrap();
    assert!(tree(folder) == before, "{arguments:?} changed files");
    refusal(arguments, &output)
}

/// Every file below a folder with its bytes, and every folder.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    fn collect(root: &Path, folder: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_owned();
            if path.is_dir() {
                found.insert(name, Vec::new());
                collect(root, &path, found);
            } else {
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    collect(folder, folder, &mut found);
    found
}

fn image(width: usize, height: usize, shade: usize) -> Rgb8 {
    Rgb8::from_fn(width, height, |x, y| [(x * 7 + shade) as u8, (y * 5) as u8, (shade * 40) as u8])
}

fn put(folder: &Path, path: &str, bytes: &[u8]) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// Test images of two classes; training has a third.
fn workplace() -> TempDir {
    let folder = TempDir::new().unwrap();
    for class in ["also", "bright", "dark"] {
        put(folder.path(), &format!("set/train/{class}/0.png"), &encode_png(&image(24, 20, 9)));
    }
    for (class, count) in [("bright", 2), ("dark", 3)] {
        for index in 0..count {
            let path = format!("set/test/{class}/{index}.png");
            put(folder.path(), &path, &encode_png(&image(24, 20, index)));
        }
    }
    folder
}

#[test]
fn arrays_hold_the_pixels_of_the_tree_severity_after_severity_and_the_labels() {
    let folder = workplace();
    let options = ["set", "--only", "fog,gaussian_noise,frost", "--seed", "4"];
    works(folder.path(), &[&options[..], &["-o", "tree"]].concat());
    let said = works(folder.path(), &[&options[..], &["-o", "arrays", "--layout", "npy"]].concat());
    assert!(said.contains("5 images × 3 corruptions × 5 severities") && said.contains("copies/s"), "{said}");
    let arrays = folder.path().join("arrays");
    assert_eq!(fs::read_dir(&arrays).unwrap().count(), 4);
    let images = ["bright/0", "bright/1", "dark/0", "dark/1", "dark/2"];
    for name in ["gaussian_noise", "frost", "fog"] {
        let array = Npy::open(&arrays.join(format!("{name}.npy"))).unwrap();
        assert_eq!(array.shape, [25, 20, 24, 3]);
        for (s, (index, path)) in (0..5).flat_map(|s| images.iter().enumerate().map(move |image| (s, image))) {
            let file = folder.path().join(format!("tree/{name}/{}/{path}.png", s + 1));
            let expected = decode(&fs::read(file).unwrap()).unwrap().into_bytes();
            assert!(array.row(s * 5 + index).unwrap() == expected, "{name} {} {path}", s + 1);
        }
    }
    let labels = Npy::open(&arrays.join("labels.npy")).unwrap().integers().unwrap();
    assert_eq!(labels, [1, 1, 2, 2, 2].repeat(5));
}

#[test]
fn films_have_their_frames_in_both_layouts() {
    let folder = workplace();
    let options = ["set", "--sequences", "--only", "rotate,translate,shot_noise", "--difficulty", "2"];
    works(folder.path(), &[&options[..], &["-o", "tree"]].concat());
    works(folder.path(), &[&options[..], &["-o", "arrays", "--layout", "npy"]].concat());
    let (tree, arrays) = (folder.path().join("tree"), folder.path().join("arrays"));
    for (name, frames) in [("rotate", 31), ("translate", 16), ("shot_noise_2", 31)] {
        let array = Npy::open(&arrays.join(format!("{name}.npy"))).unwrap();
        assert_eq!(array.shape, [5, frames, 20, 24, 3], "{name}");
        let sequence = tree.join(name).join("dark/2");
        assert_eq!(fs::read_dir(&sequence).unwrap().count(), frames);
        let whole: Vec<u8> = (0..frames)
            .flat_map(|at| {
                decode(&fs::read(sequence.join(format!("frame_{at:02}.png"))).unwrap()).unwrap().into_bytes()
            })
            .collect();
        assert!(array.row(4).unwrap() == whole, "{name}");
    }
    assert_eq!(Npy::open(&arrays.join("labels.npy")).unwrap().integers().unwrap(), [1, 1, 2, 2, 2]);
    let first = decode(&fs::read(tree.join("shot_noise_2/dark/2/frame_00.png")).unwrap()).unwrap();
    assert_eq!(first, image(24, 20, 2));
    assert!(refused(folder.path(), &["set", "--sequences", "--only", "rotat", "-o", "no"]).contains("`rotate`"));
    assert_eq!(perturbation::ALL.len(), 14);
}

#[test]
fn a_killed_run_goes_on_to_the_same_bytes_and_only_with_the_same_options() {
    let folder = TempDir::new().unwrap();
    for index in 0..192 {
        put(folder.path(), &format!("set/{}/{index:03}.png", index % 2), &encode_png(&image(32, 32, index)));
    }
    for layout in ["tree", "npy"] {
        let whole = format!("whole-{layout}");
        let killed = format!("killed-{layout}");
        works(folder.path(), &["set", "--layout", layout, "-o", &whole]);

        let options = ["set", "--layout", layout, "-o", &killed];
        let mut child = command(folder.path(), &options);
        // One thread, so that there is time to interrupt it.
        let mut child = child.env("RAYON_NUM_THREADS", "1").stdout(Stdio::null()).spawn().unwrap();
        let unfinished = folder.path().join(format!("{killed}.unfinished"));
        let journal = unfinished.join("vitro-done.txt");
        let deadline = Instant::now() + Duration::from_secs(120);
        while fs::read_to_string(&journal).map_or(0, |text| text.lines().count()) < 8 {
            assert!(Instant::now() < deadline && child.try_wait().unwrap().is_none(), "nothing to interrupt");
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(unfinished.exists() && !folder.path().join(&killed).exists());

        let other = refused(folder.path(), &[&options[..], &["--seed", "1"]].concat());
        assert!(other.contains("another --seed;") && other.contains("--force"), "{other}");
        let other = refused(folder.path(), &[&options[..], &["--only", "fog"]].concat());
        assert!(other.contains("another list of corruptions"), "{other}");

        let said = works(folder.path(), &options);
        assert!(said.contains("images were done before"), "{said}");
        assert!(!unfinished.exists());
        let (whole, killed) = (tree(&folder.path().join(whole)), tree(&folder.path().join(killed)));
        assert!(whole == killed, "{layout}: the bytes differ");
        assert!(!whole.keys().any(|path| path.to_string_lossy().contains("vitro")));
    }
}

#[test]
fn other_images_do_not_join_an_unfinished_folder() {
    let folder = workplace();
    let unfinished = folder.path().join("out.unfinished");
    let options = ["set", "-o", "out", "--only", "fog"];
    // A second image that cannot be written, since a folder has its name.
    put(folder.path(), "out.unfinished/fog/1/dark/2.png/in-the-way", b"");
    let said = refused(folder.path(), &options);
    assert!(said.contains("has no plan"), "{said}");
    fs::remove_dir_all(&unfinished).unwrap();
    works(folder.path(), &options);
    put(folder.path(), "set/test/dark/9.png", &encode_png(&image(24, 20, 5)));
    assert!(refused(folder.path(), &options).contains("--force"));
}

#[test]
fn force_replaces_a_finished_folder_and_nothing_else() {
    let folder = workplace();
    let options = ["set", "-o", "out", "--only", "gaussian_noise", "--severity", "3"];
    works(folder.path(), &options);
    let first = tree(&folder.path().join("out"));
    let again = [&options[..], &["--seed", "1"]].concat();
    assert!(refused(folder.path(), &again).contains("--force"));
    works(folder.path(), &[&again[..], &["--force"]].concat());
    let second = tree(&folder.path().join("out"));
    assert!(first.keys().eq(second.keys()) && first != second);
    put(folder.path(), "out/thesis.tex", b"ten years of work");
    let said = refused(folder.path(), &[&again[..], &["--force"]].concat());
    assert!(said.contains("thesis.tex"), "{said}");
    assert!(refused(folder.path(), &["set", "-o", "set/test/copies"]).contains("lies inside"));
    assert!(
        refused(folder.path(), &["out/gaussian_noise", "-o", "out/gaussian_noise", "--force"]).contains("lies inside")
    );
}

/// Headers alone promise a hundred megapixels each; nothing of them is decoded before the disk is looked at.
#[cfg(unix)]
#[test]
fn a_disk_without_room_is_noticed_before_anything_is_written() {
    let folder = TempDir::new().unwrap();
    let mut bmp = vec![0u8; 54];
    bmp[..2].copy_from_slice(b"BM");
    (bmp[10], bmp[14], bmp[26], bmp[28]) = (54, 40, 1, 24);
    bmp[18..22].copy_from_slice(&9999i32.to_le_bytes());
    bmp[22..26].copy_from_slice(&9999i32.to_le_bytes());
    let needed = format!("need about {:.1} GB", 95.0 * 1000.0 * 9999.0 * 9999.0 * 3.0 / 1e9);
    for index in 0..1000 {
        put(folder.path(), &format!("set/a/{index}.bmp"), &bmp);
    }
    let said = refused(folder.path(), &["set", "-o", "new/out", "--layout", "npy"]);
    assert!(said.contains(&needed) && said.contains("GB free"), "{said}");
}

/// A limit on the size of files stands for a full disk: the last image's copies do not fit.
#[cfg(unix)]
#[test]
fn a_full_disk_keeps_what_is_done_for_the_same_command() {
    let folder = TempDir::new().unwrap();
    for index in 0..9 {
        put(folder.path(), &format!("set/a/{index}.png"), &encode_png(&image(24, 24, index)));
    }
    put(folder.path(), "set/b/0.png", &encode_png(&image(120, 120, 1)));
    let options = ["set", "-o", "out", "--only", "gaussian_noise"];
    let program = program();
    let script = format!("trap '' XFSZ; ulimit -f 16; exec {} corrupt {}", program.display(), options.join(" "));
    let output = Command::new("bash").args(["-c", &script]).current_dir(folder.path()).output().unwrap();
    let said = refusal(&options, &output);
    assert!(said.contains("out.unfinished keeps what is done") && said.contains("free some space"), "{said}");
    assert!(!folder.path().join("out").exists());
    let said = works(folder.path(), &options);
    assert!(said.contains("9 images were done before"), "{said}");
    works(folder.path(), &["set", "-o", "whole", "--only", "gaussian_noise"]);
    assert!(tree(&folder.path().join("out")) == tree(&folder.path().join("whole")));
}

#[test]
fn images_of_several_sizes_go_into_arrays_only_when_they_are_resized() {
    let folder = workplace();
    put(folder.path(), "set/test/dark/7.png", &encode_png(&image(30, 20, 1)));
    let options = ["set", "-o", "out", "--layout", "npy", "--only", "contrast"];
    let said = refused(folder.path(), &options);
    assert!(said.contains("24×20") && said.contains("30×20") && said.contains("--size"), "{said}");
    works(folder.path(), &[&options[..], &["--size", "16"]].concat());
    assert_eq!(Npy::open(&folder.path().join("out/contrast.npy")).unwrap().shape, [30, 16, 16, 3]);
    assert!(refused(folder.path(), &["set", "-o", "no", "--layout", "npy", "--severity", "2"]).contains("--severity"));
    assert!(refused(folder.path(), &["set", "-o", "no", "--layout", "npy", "--save-jpeg85"]).contains("JPEG"));
}

#[test]
fn a_damaged_image_is_noticed_before_anything_is_written() {
    let folder = workplace();
    let good = encode_png(&image(24, 20, 1));
    put(folder.path(), "set/test/dark/8.png", &good[..good.len() - 40]);
    let said = refused(folder.path(), &["set", "-o", "deep/down/out"]);
    assert!(said.contains("dark/8.png"), "{said}");
}

#[test]
fn frost_is_cut_from_the_photographs_of_who_has_them() {
    let folder = workplace();
    let options = ["set", "--only", "frost", "--severity", "5"];
    let frost = |out: &str, photographs: &str| {
        works(folder.path(), &[&options[..], &["-o", out, "--frost-dir", photographs]].concat());
        tree(&folder.path().join(out))
    };
    for number in 1..=6 {
        let blue = Rgb8::from_fn(300, 200, |_, _| [0, 0, number * 40]);
        put(folder.path(), &format!("photographs/frost{number}.png"), &encode_png(&blue));
    }
    let copies = frost("a", "photographs");
    assert!(copies == frost("b", "photographs"));
    works(folder.path(), &[&options[..], &["-o", "drawn"]].concat());
    assert!(copies != tree(&folder.path().join("drawn")));
    let copy = decode(&copies[Path::new("frost/5/dark/0.png")]).unwrap();
    // Severity 5 of cifar: 0.75 of the image and 0.45 of one of the first five photographs.
    let blue = (1..=5).map(|number| (0.45 * 40.0 * f64::from(number)) as u8);
    assert_eq!(copy.pixel(23, 0)[0], (0.75 * 161.0) as u8);
    assert!(blue.into_iter().any(|blue| blue == copy.pixel(0, 0)[2]), "{:?}", copy.pixel(0, 0));

    put(folder.path(), "words/frost.txt", b"hello");
    put(folder.path(), "small/ice.png", &encode_png(&image(100, 90, 1)));
    fs::create_dir(folder.path().join("empty")).unwrap();
    let no =
        |photographs: &str| refused(folder.path(), &[&options[..], &["-o", "no", "--frost-dir", photographs]].concat());
    assert!(no("words").contains("frost.txt"));
    assert!(no("small").contains("20×18") && no("small").contains("24×20"));
    assert!(no("empty").contains("no images") && no("nowhere").contains("nowhere"));
    let said = refused(folder.path(), &["set", "-o", "no", "--only", "fog", "--frost-dir", "photographs"]);
    assert!(said.contains("add frost"), "{said}");
}

#[test]
fn the_published_jpeg_quality_has_a_name() {
    let folder = workplace();
    let options = ["set", "--only", "fog", "--severity", "1"];
    works(folder.path(), &[&options[..], &["-o", "a", "--save-jpeg85"]].concat());
    works(folder.path(), &[&options[..], &["-o", "b", "--format", "jpeg", "--quality", "85"]].concat());
    let copies = tree(&folder.path().join("a"));
    assert!(copies == tree(&folder.path().join("b")));
    works(folder.path(), &[&options[..], &["-o", "exact"]].concat());
    let exact = decode(&tree(&folder.path().join("exact"))[Path::new("fog/1/dark/0.png")]).unwrap();
    assert!(copies[Path::new("fog/1/dark/0.jpg")] == jpeg_compression::file(&exact, 85).unwrap());
}

#[test]
fn images_are_prepared_as_the_published_sets_were() {
    let folder = workplace();
    let corrupted = |out: &str, prepare: &str| {
        works(folder.path(), &["set", "-o", out, "--only", "contrast", "--severity", "2", "--prepare", prepare]);
        decode(&tree(&folder.path().join(out))[Path::new("contrast/2/dark/0.png")]).unwrap()
    };
    let contrast = corruption::find("contrast").unwrap();
    let expected = |preparation: Preparation, variant| {
        let original = decode(&fs::read(folder.path().join("set/test/dark/0.png")).unwrap()).unwrap();
        corruption::corrupt(&preparation.prepare(&original), contrast, Severity::ALL[1], variant, 0)
    };
    assert!(corrupted("a", "imagenet") == expected(Preparation::ImageNet, Variant::ImageNet));
    assert!(corrupted("b", "inception") == expected(Preparation::Inception, Variant::Inception));
}

#[test]
fn a_jpeg_copy_of_a_jpeg_keeps_its_name() {
    let folder = TempDir::new().unwrap();
    put(folder.path(), "set/cat/ILSVRC_1.JPEG", &encode_jpeg(&image(24, 20, 1), 90));
    put(folder.path(), "set/cat/two.png", &encode_png(&image(24, 20, 2)));
    works(folder.path(), &["set", "-o", "out", "--only", "contrast", "--severity", "3", "--save-jpeg85"]);
    let copies = tree(&folder.path().join("out"));
    assert!(copies.contains_key(Path::new("contrast/3/cat/ILSVRC_1.JPEG")));
    assert!(copies.contains_key(Path::new("contrast/3/cat/two.jpg")));
    works(folder.path(), &["set", "-o", "plain", "--only", "contrast", "--severity", "3"]);
    assert!(tree(&folder.path().join("plain")).contains_key(Path::new("contrast/3/cat/ILSVRC_1.png")));
}

#[test]
fn a_published_set_is_chosen_by_name() {
    let folder = TempDir::new().unwrap();
    put(folder.path(), "dot.png", &encode_png(&image(1, 1, 3)));
    works(folder.path(), &["dot.png", "-o", "out", "--set", "bar", "--severity", "1"]);
    for corruption in corruption::ALL {
        let made = folder.path().join("out").join(corruption.name).is_dir();
        assert_eq!(made, corruption.set == corruption::Set::Bar, "{}", corruption.name);
    }
}

#[test]
fn every_corruption_takes_a_image_of_one_pixel() {
    let folder = TempDir::new().unwrap();
    put(folder.path(), "dot.png", &encode_png(&image(1, 1, 3)));
    works(folder.path(), &["dot.png", "-o", "out"]);
    let files = tree(&folder.path().join("out")).into_keys().filter(|path| path.ends_with("dot.png")).count();
    assert_eq!(files, corruption::by_default().count() * Severity::ALL.len());
    let said = works(folder.path(), &["dot.png", "-o", "arrays", "--layout", "npy", "--only", "fog"]);
    assert!(said.contains("no labels.npy"), "{said}");
}
