//! One process per run folder.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use vitro_tests::command::{command, refused, text, works};

use crate::workplace::{names, numbers_so_far, workplace};

/// A training that goes on until it is told to stop.
fn endless(folder: &Path, out: &str) -> Child {
    let arguments = ["train", "small.toml", "--device", "cpu", "--plain", "--out", out, "--set", "epochs=100000"];
    command(folder, &arguments).stdout(Stdio::piped()).spawn().unwrap()
}

fn wait_for_a_line(child: &mut Child, run: &Path) {
    let deadline = Instant::now() + Duration::from_secs(300);
    while numbers_so_far(run) < 1 {
        assert!(Instant::now() < deadline && child.try_wait().unwrap().is_none(), "no line of metrics");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_run_that_is_being_trained_is_refused_to_everybody_else() {
    let folder = workplace();
    let run = folder.path().join("run");
    let mut first = endless(folder.path(), "run");
    wait_for_a_line(&mut first, &run);
    let said = refused(folder.path(), &["train", "run", "--resume", "--device", "cpu"]);
    let process = format!("process {}", first.id());
    assert!(said.contains("run is in use by another vitro") && said.contains(&process), "{said}");
    let said = refused(folder.path(), &["train", "small.toml", "--out", "run", "--device", "cpu"]);
    assert!(said.contains("run holds a run already") || said.contains("in use"), "{said}");
    first.kill().unwrap();
    first.wait().unwrap();

    // The file of the dead process is there, its lock is not.
    assert!(names(&run).contains(&"train.lock".to_owned()));
    works(folder.path(), &["train", "run", "--resume", "--device", "cpu", "--set", "epochs=1"]);
    assert!(!names(&run).contains(&"train.lock".to_owned()), "{:?}", names(&run));
}

#[test]
fn of_two_starts_at_once_one_is_refused_and_the_other_is_whole() {
    let folder = workplace();
    let start = || {
        let arguments = ["train", "small.toml", "--device", "cpu", "--plain", "--out", "run", "--set", "epochs=2"];
        command(folder.path(), &arguments).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap()
    };
    let ends = [start(), start()].map(|child| child.wait_with_output().unwrap());
    let codes = ends.each_ref().map(|end| end.status.code());
    assert!(codes.contains(&Some(0)) && codes.contains(&Some(2)), "{codes:?}");
    let said: String = ends.iter().map(|end| text(&end.stderr)).collect();
    assert!(said.contains("in use") || said.contains("holds a run already"), "{said}");
    let lines = fs::read_to_string(folder.path().join("run/metrics.csv")).unwrap();
    assert_eq!(lines.lines().count(), 3, "{lines}");
}
