//! The job of `docs/scale.md`: whoever starts it, however often, it is done once.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use vitro_tests::command::{program, text};

use crate::workplace::{numbers_so_far, workplace};

/// The script on `small.toml` and a seed, with the program under test on the path.
fn job(folder: &Path, more: &[&str]) -> Command {
    let place = folder.join("path");
    if !place.exists() {
        fs::create_dir(&place).unwrap();
        symlink(program(), place.join("vitro")).unwrap();
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/scale/job.sh");
    let mut job = Command::new("sh");
    job.arg(script).args(["small.toml", "1", "--device", "cpu"]).args(more).current_dir(folder);
    let path = std::env::var("PATH").unwrap_or_default();
    job.env("PATH", format!("{}:{path}", place.display())).env("EVAL_OPTIONS", "--clean --device cpu");
    job
}

#[test]
fn a_job_that_is_done_is_not_done_again() {
    let folder = workplace();
    let done = |more: &[&str]| {
        let output = job(folder.path(), more).output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    assert_eq!(done(&["--set", "epochs=1"]), "runs/small-1 is measured\n");
    let run = folder.path().join("runs/small-1");
    let recipe = fs::read_to_string(run.join("recipe.toml")).unwrap();
    assert!(recipe.contains("seed = 1") && recipe.contains("epochs = 1"), "{recipe}");
    let before =
        ["checkpoint.safetensors", "eval.json"].map(|file| fs::metadata(run.join(file)).unwrap().modified().unwrap());
    assert_eq!(done(&["--set", "epochs=1"]), "runs/small-1 is measured\n");
    let after =
        ["checkpoint.safetensors", "eval.json"].map(|file| fs::metadata(run.join(file)).unwrap().modified().unwrap());
    assert_eq!(before, after);
}

#[test]
fn a_job_that_is_told_to_end_is_not_taken_for_done_and_goes_on() {
    let folder = workplace();
    let run = folder.path().join("runs/small-1");
    let mut first = job(folder.path(), &["--set", "epochs=100000"]);
    // A group of its own, as a scheduler gives to each job.
    let mut first = first.process_group(0).stdout(Stdio::piped()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(300);
    while numbers_so_far(&run) < 1 {
        assert!(Instant::now() < deadline && first.try_wait().unwrap().is_none(), "no line of metrics");
        std::thread::sleep(Duration::from_millis(5));
    }
    let told = Command::new("kill").args(["-TERM", "--", &format!("-{}", first.id())]).status().unwrap();
    assert!(told.success());
    let end = first.wait_with_output().unwrap();
    assert_eq!(end.status.code(), Some(75), "{}", text(&end.stdout));
    assert!(run.join("checkpoint.safetensors").exists() && !run.join("eval.json").exists());

    let end = job(folder.path(), &["--set", "epochs=1"]).output().unwrap();
    assert!(end.status.success(), "{}", text(&end.stderr));
    assert!(run.join("eval.json").exists());
}

#[test]
fn a_job_that_is_refused_says_so_by_its_exit_code() {
    let folder = workplace();
    let end = job(folder.path(), &["--set", "epohcs=1"]).output().unwrap();
    assert_eq!(end.status.code(), Some(2), "{}", text(&end.stderr));
    assert!(text(&end.stderr).contains("epochs") && !folder.path().join("runs/small-1").exists());
}
