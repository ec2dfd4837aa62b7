//! A training that ends at any moment, by whatever means, goes on to the same numbers: to the last bit, with stochastic depth, mixed
//! images and two workers.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rand::RngExt;
use tempfile::TempDir;
use vitro::random::stream;
use vitro_tests::command::{command, text, works};

use crate::workplace::{names, remains, saved_steps, train};

/// Eight steps an epoch, of which each takes about as long as it takes to save.
const RECIPE: &str = r#"
[data]
image_size = 32
train_size = 128
test_size = 20
mixup = 0.8
cutmix = 1.0
erasing = 0.25
[model]
preset = "vit_nano_p4_32"
patch_size = 8
width = 32
depth = 3
heads = 2
mlp_ratio = 2
drop_path = 0.5
[train]
epochs = 6
batch = 16
workers = 2
checkpoint_minutes = 0.0005
"#;
const STEPS: u64 = 48;
const KILLS: usize = 10;
/// So long before the end no training is killed, lest it has ended.
const REST: u64 = 16;

fn workplace() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("small.toml"), RECIPE).unwrap();
    folder
}

/// Begins the training `out`, or goes on with it.
fn begin(folder: &Path, out: &str) -> Child {
    let fixed = ["--device", "cpu", "--plain"];
    let what = if folder.join(out).exists() {
        vec!["train", out, "--resume"]
    } else {
        vec!["train", "small.toml", "--out", out]
    };
    command(folder, &[&what[..], &fixed].concat()).stdout(Stdio::piped()).spawn().unwrap()
}

/// Waits until a checkpoint has `steps` steps; for none, until the folder is a run.
fn wait(child: &mut Child, run: &Path, steps: u64) {
    let deadline = Instant::now() + Duration::from_secs(300);
    let is_there = || match saved_steps(run) {
        Some(saved) => saved >= steps,
        None => steps == 0 && run.join("run.json").exists(),
    };
    while !is_there() {
        assert!(Instant::now() < deadline && child.try_wait().unwrap().is_none(), "it never came to step {steps}");
        sleep(Duration::from_millis(1));
    }
}

/// Steps after which a training is killed, and which fraction of a step later.
fn moments() -> Vec<(u64, f64)> {
    let mut random = stream(14, 0, "moments of kills");
    let mut moments: Vec<(u64, f64)> =
        (0..KILLS).map(|_| (random.random_range(0..STEPS - REST), random.random())).collect();
    moments.sort_by_key(|(steps, _)| *steps);
    moments
}

#[test]
fn a_training_that_is_killed_at_ten_random_moments_ends_in_the_same_bits() {
    let folder = workplace();
    let began = Instant::now();
    train(folder.path(), "whole", &[]);
    let step = began.elapsed() / STEPS as u32;
    let run = folder.path().join("killed");
    for (steps, fraction) in moments() {
        let mut child = begin(folder.path(), "killed");
        wait(&mut child, &run, steps);
        sleep(step.mul_f64(fraction));
        child.kill().unwrap();
        assert!(!child.wait().unwrap().success(), "it ended before it was killed after step {steps}");
    }
    works(folder.path(), &["train", "killed", "--resume", "--device", "cpu"]);
    assert_eq!(saved_steps(&run), Some(STEPS));
    assert!(remains(&run) == remains(&folder.path().join("whole")), "{:?}", names(&run));
}

#[cfg(unix)]
fn tell(child: &Child, signal: &str) {
    let told = Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status();
    assert!(told.unwrap().success());
}

/// Whether children of this process hear a hang-up: what `nohup` starts hands its deafness on.
#[cfg(unix)]
fn hears_a_hang_up() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).map(str::trim);
    mask.is_none_or(|mask| u64::from_str_radix(mask, 16).unwrap() & 1 == 0)
}

#[cfg(unix)]
#[test]
fn a_training_that_is_told_to_end_saves_says_how_to_go_on_and_ends_in_the_same_bits() {
    let folder = workplace();
    train(folder.path(), "whole", &[]);
    let run = folder.path().join("told");
    let signals = ["TERM", "INT", "HUP"].into_iter().filter(|signal| *signal != "HUP" || hears_a_hang_up());
    for signal in signals {
        // It must have come further than the one before, lest it is told before it listens.
        let before = saved_steps(&run).unwrap_or(0);
        let mut child = begin(folder.path(), "told");
        wait(&mut child, &run, before + 6);
        tell(&child, signal);
        let end = child.wait_with_output().unwrap();
        let said = text(&end.stdout);
        let saved = saved_steps(&run).unwrap();
        assert!(end.status.success() && saved < STEPS, "{signal}: {said}");
        assert!(said.contains(&format!("stopped at step {saved};")) && said.contains("--resume"), "{signal}: {said}");
        assert!(!names(&run).iter().any(|name| name.contains("unfinished") || name == "train.lock"), "{signal}");
    }
    works(folder.path(), &["train", "told", "--resume", "--device", "cpu"]);
    assert!(remains(&run) == remains(&folder.path().join("whole")), "{:?}", names(&run));
}

#[cfg(target_os = "linux")]
#[test]
fn a_training_under_nohup_goes_on_when_its_terminal_is_gone() {
    let folder = workplace();
    let script = format!(
        "trap '' HUP; exec {} train small.toml --device cpu --plain --out run",
        vitro_tests::command::program().display()
    );
    let mut child =
        Command::new("sh").args(["-c", &script]).current_dir(folder.path()).stdout(Stdio::piped()).spawn().unwrap();
    wait(&mut child, &folder.path().join("run"), 2);
    tell(&child, "HUP");
    let said = text(&child.wait_with_output().unwrap().stdout);
    assert!(said.contains(&format!("trained {STEPS} steps")), "{said}");
}
