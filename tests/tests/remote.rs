//! Devices of other machines: `vitro worker` lends them, `--workers-at` takes them. Here both are this machine.
//!
//! Every worker is a process of its own at a port that the system chose, and ends with its test.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use safetensors::SafeTensors;
use serde_json::Value;
use tempfile::TempDir;
use vitro_tests::command::{command, refusal, refused, text, works};

const RECIPE: &str = r#"
[data]
image_size = 32
train_size = 48
test_size = 20
[model]
preset = "fan_nano_p4_32"
patch_size = 8
width = 16
depth = 1
heads = 2
class_depth = 1
mlp_ratio = 1
[method]
tap = 2
adl = 1.0
[train]
epochs = 3
batch = 16
"#;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// Steps of an epoch.
const STEPS: u64 = 3;

/// More than anybody waits for a line here.
const PATIENCE: Duration = Duration::from_secs(300);

fn workplace() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("small.toml"), RECIPE).unwrap();
    fs::write(folder.path().join("token"), format!("{TOKEN}\n")).unwrap();
    folder
}

/// A process that ends with its owner.
struct Guarded(Child);

impl Drop for Guarded {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Worker {
    process: Guarded,
    address: String,
}

impl Worker {
    fn start(folder: &Path) -> Self {
        let arguments = ["worker", "--listen", "127.0.0.1:0", "--token-file", "token", "--device", "cpu"];
        let mut started = command(folder, &arguments);
        let mut process = Guarded(started.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
        let mut lines = BufReader::new(process.0.stdout.take().unwrap()).lines();
        let said = lines.next().expect("a worker says where it is").unwrap();
        // What it logs is read, or the pipe would be full one day.
        std::thread::spawn(move || lines.for_each(drop));
        let address = said.split_once(" at ").and_then(|(_, rest)| rest.split_once(';')).expect(&said).0.to_owned();
        Self { process, address }
    }

    #[cfg(unix)]
    fn fall_asleep(&self) {
        let told = std::process::Command::new("kill").args(["-STOP", &self.process.0.id().to_string()]).status();
        assert!(told.unwrap().success());
    }
}

fn train(folder: &Path, out: &str, more: &[&str]) -> String {
    works(folder, &[&["train", "small.toml", "--device", "cpu", "--plain", "--out", out], more].concat())
}

fn lines(run: &Path) -> Vec<Value> {
    let text = fs::read_to_string(run.join("metrics.jsonl")).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// What the checkpoint says of where the training was.
fn state(run: &Path) -> Value {
    let bytes = fs::read(run.join("checkpoint.safetensors")).unwrap();
    let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
    serde_json::from_str(&header.metadata().as_ref().unwrap()["state"]).unwrap()
}

/// Starts a training that goes on until something happens to its workers, and lets it begin.
fn endless(folder: &Path, at: &str, more: &[&str]) -> (Vec<String>, Guarded) {
    let fixed = ["train", "small.toml", "--device", "cpu", "--plain", "--out", "run", "--set", "epochs=100000"];
    let arguments = [&fixed[..], &["--token-file", "token", "--workers-at", at], more].concat();
    let mut started = command(folder, &arguments);
    // A way to what the engine said would be more than a sentence.
    started.env_remove("RUST_BACKTRACE");
    let mut child = Guarded(started.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap());
    let deadline = Instant::now() + PATIENCE;
    while lines(&folder.join("run")).len() < 5 {
        assert!(Instant::now() < deadline && child.0.try_wait().unwrap().is_none(), "no second epoch");
        std::thread::sleep(Duration::from_millis(5));
    }
    (arguments.iter().map(|argument| (*argument).to_owned()).collect(), child)
}

/// How it ended: exit code 2 and one line, which is returned.
fn end(arguments: &[String], mut child: Guarded) -> String {
    let deadline = Instant::now() + PATIENCE;
    while child.0.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "the training does not end");
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut said = Vec::new();
    std::io::Read::read_to_end(&mut child.0.stderr.take().unwrap(), &mut said).unwrap();
    let status = child.0.wait().unwrap();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    refusal(&arguments, &std::process::Output { status, stdout: Vec::new(), stderr: said })
}

/// Not bit by bit: here our own operations compute, on a worker those of the engine, which sum in another order. The first
/// step, before which nothing was updated, shows that difference alone; AdamW divides by the gradient's own size, which makes
/// more of it where a gradient is next to nothing.
#[test]
fn two_workers_give_the_loss_curve_of_one_process() {
    let folder = workplace();
    let (first, second) = (Worker::start(folder.path()), Worker::start(folder.path()));
    let at = format!("{},{}", first.address, second.address);
    train(folder.path(), "here", &["--devices", "cpu,cpu"]);
    let said = train(folder.path(), "there", &["--workers-at", &at, "--token-file", "token"]);
    assert!(said.contains("on cpu (flex) + remote, 2 workers"), "{said}");
    let (here, there) = (lines(&folder.path().join("here")), lines(&folder.path().join("there")));
    assert_eq!((here.len(), there.len()), (12, 12));
    for (index, (here, there)) in here.iter().zip(&there).enumerate() {
        let allowed = if index == 0 { 1e-5 } else { 1e-3 };
        assert_eq!((&here["epoch"], &here["step"]), (&there["epoch"], &there["step"]));
        for field in ["train_loss", "test_loss"] {
            let [here, there] = [here, there].map(|line| line[field].as_f64());
            match (here, there) {
                (Some(here), Some(there)) => {
                    assert!((here - there).abs() < allowed * here.abs().max(1.0), "{field} {index}: {here} {there}");
                }
                (here, there) => assert_eq!(here, there),
            }
        }
    }

    // What travelled: there, the weights at least; back, the gradients.
    assert!(traffic(&said).iter().all(|told| *told > weights(&folder.path().join("there"), 2)), "{said}");
}

/// A step of two batches, in which half of the branches are dropped. Other masks would be seen in the first loss.
#[test]
fn two_workers_share_several_batches_a_step_and_drop_what_one_process_drops() {
    let folder = workplace();
    let (first, second) = (Worker::start(folder.path()), Worker::start(folder.path()));
    let at = format!("{},{}", first.address, second.address);
    let changes = ["batch=8", "accumulation=2", "model.drop_path=0.5", "model.depth=2", "epochs=1"];
    let changes: Vec<&str> = changes.iter().flat_map(|change| ["--set", *change]).collect();
    train(folder.path(), "here", &[&["--devices", "cpu,cpu"][..], &changes].concat());
    let shared = ["--workers-at", &at, "--token-file", "token"];
    let said = train(folder.path(), "there", &[&shared[..], &changes].concat());
    let (here, there) = (lines(&folder.path().join("here")), lines(&folder.path().join("there")));
    assert_eq!((here.len(), there.len()), (4, 4));
    let [here, there] = [here, there].map(|lines| lines[0]["train_loss"].as_f64().unwrap());
    assert!((here - there).abs() < 1e-4, "{here} {there}");

    // The gradients came back for each of the two batches.
    assert!(traffic(&said)[1] > weights(&folder.path().join("there"), 2 * 2), "{said}");
}

/// MiB of a step, there and back, as a training told them.
fn traffic(said: &str) -> [f64; 2] {
    let told = said.lines().find(|line| line.contains("MiB sent")).expect(said);
    let numbers: Vec<f64> = told.split(' ').filter_map(|word| word.parse().ok()).collect();
    numbers.try_into().expect(told)
}

/// MiB that `copies` of the weights of a run take at least, when two digits are told.
fn weights(run: &Path, copies: u32) -> f64 {
    let facts: Value = serde_json::from_slice(&fs::read(run.join("run.json")).unwrap()).unwrap();
    f64::from(copies) * 4.0 * facts["params"].as_f64().unwrap() / f64::from(1 << 20) - 0.01
}

#[test]
fn a_worker_that_dies_ends_in_a_checkpoint_from_which_the_other_goes_on() {
    let folder = workplace();
    let (stays, dies) = (Worker::start(folder.path()), Worker::start(folder.path()));
    let address = dies.address.clone();
    let (arguments, child) = endless(folder.path(), &format!("{},{address}", stays.address), &[]);
    drop(dies);
    let said = end(&arguments, child);
    assert!(said.contains(&format!("the worker at {address} was lost")) && said.contains("--resume"), "{said}");
    let run = folder.path().join("run");
    let lost = state(&run);
    assert!(said.contains(&format!("step {} is saved", lost["step"])), "{said}");

    // To the end of the epoch after the one that broke off, on the worker that is left.
    let epochs = lost["epoch"].as_u64().unwrap() + 2;
    let change = format!("epochs={epochs}");
    let resume = ["train", "run", "--resume", "--device", "cpu", "--plain", "--set", &change];
    let said =
        works(folder.path(), &[&resume[..], &["--workers-at", &stays.address, "--token-file", "token"]].concat());
    assert!(said.contains("1 share a batch from here on, instead of 2"), "{said}");
    let now = state(&run);
    assert_eq!((now["epoch"].as_u64(), now["step"].as_u64()), (Some(epochs), Some(epochs * STEPS)));
    let steps: Vec<u64> =
        lines(&run).iter().filter(|line| line["tenths"].is_u64()).map(|line| line["step"].as_u64().unwrap()).collect();
    assert_eq!(steps, (1..=epochs * STEPS).collect::<Vec<_>>());
}

#[cfg(unix)]
#[test]
fn a_worker_that_stops_answering_is_given_up_and_what_was_learned_is_kept() {
    let folder = workplace();
    let (stays, sleeps) = (Worker::start(folder.path()), Worker::start(folder.path()));
    let at = format!("{},{}", stays.address, sleeps.address);
    let (arguments, child) = endless(folder.path(), &at, &["--answer-within", "20"]);
    sleeps.fall_asleep();
    let said = end(&arguments, child);
    let lost = format!("the worker at {} was lost: it did not answer within 20 seconds", sleeps.address);
    assert!(said.contains(&lost) && said.contains("--resume"), "{said}");
    assert!(state(&folder.path().join("run"))["step"].as_u64().unwrap() >= STEPS);
}

#[test]
fn whoever_never_answers_is_given_up_before_anything_begins() {
    let folder = workplace();
    // It takes calls, since it listens, and that is all.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let train = ["train", "small.toml", "--device", "cpu", "--out", "run", "--token-file", "token"];
    let began = Instant::now();
    let said = refused(folder.path(), &[&train[..], &["--workers-at", &address, "--answer-within", "2"]].concat());
    assert!(said.contains(&address) && said.contains("did not answer within 2 seconds"), "{said}");
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());

    drop(silent);
    let said = refused(folder.path(), &[&train[..], &["--workers-at", &address]].concat());
    assert!(said.contains("nobody answers at") && said.contains("vitro worker"), "{said}");
    assert!(!folder.path().join("run").exists());
}

#[test]
fn nobody_is_let_in_with_another_token_or_with_none() {
    let folder = workplace();
    let worker = Worker::start(folder.path());
    let at = ["--workers-at", &worker.address];
    let train = ["train", "small.toml", "--device", "cpu", "--out", "run"];
    fs::write(folder.path().join("other"), TOKEN.replace('0', "1")).unwrap();
    let said = refused(folder.path(), &[&train[..], &at, &["--token-file", "other"]].concat());
    assert!(said.contains("refused the token") && said.contains(&worker.address), "{said}");
    let arguments = [&train[..], &at].concat();
    let none = command(folder.path(), &arguments).env_remove("VITRO_TOKEN").output().unwrap();
    assert!(refusal(&arguments, &none).contains("--token-file"));
    assert!(!folder.path().join("run").exists());

    // Nor does a worker begin without one.
    let arguments = ["worker", "--listen", "127.0.0.1:0", "--device", "cpu"];
    let none = command(folder.path(), &arguments).env_remove("VITRO_TOKEN").output().unwrap();
    assert!(refusal(&arguments, &none).contains("openssl rand"));
    fs::write(folder.path().join("short"), "secret").unwrap();
    assert!(refused(folder.path(), &[&arguments[..], &["--token-file", "short"]].concat()).contains("16 characters"));
}

#[test]
fn an_evaluation_on_workers_says_what_one_here_says() {
    let folder = workplace();
    let (first, second) = (Worker::start(folder.path()), Worker::start(folder.path()));
    let at = format!("{},{}", first.address, second.address);
    train(folder.path(), "run", &["--set", "epochs=1"]);
    let eval = ["eval", "run", "--device", "cpu", "--only", "fog", "--severity", "3", "--attack", "fgsm", "--json"];
    let here: Value = serde_json::from_str(&works(folder.path(), &eval)).unwrap();
    let arguments = [&eval[..], &["--workers-at", &at]].concat();
    let there = command(folder.path(), &arguments).env("VITRO_TOKEN", TOKEN).output().unwrap();
    assert!(there.status.success(), "{}", text(&there.stderr));
    let there: Value = serde_json::from_slice(&there.stdout).unwrap();
    assert_eq!(there["device"], "cpu (flex) + remote");
    let number = |report: &Value, pointer: &str| report.pointer(pointer).and_then(Value::as_f64).expect(pointer);
    let numbers = ["/clean_top1", "/nll", "/nll_corrupted", "/per_cell/0/top1", "/attacks/0/top1"];
    for pointer in numbers {
        // Sums in another order, as above: no answer changes.
        let (here, there) = (number(&here, pointer), number(&there, pointer));
        assert!((here - there).abs() < 1e-3, "{pointer}: {here} {there}");
    }
}

#[test]
fn a_row_of_the_bench_tells_what_travelled() {
    let folder = workplace();
    let worker = Worker::start(folder.path());
    let bench = ["bench", "vit_nano_p8_64", "--json", "--device", "cpu", "--batch", "4", "--runs", "2"];
    let asked = ["--work", "forward,train", "--input", "noise", "--token-file", "token", "--workers-at"];
    let report = works(folder.path(), &[&bench[..], &asked, &[&worker.address]].concat());
    let report: Value = serde_json::from_str(&report).unwrap();
    let [forward, train] = &report["rows"].as_array().unwrap()[..] else { panic!("{report}") };
    assert!(forward["sent_mib"].is_null() && train["workers"] == 1, "{report}");
    // 4 images of 64 × 64 pixels are a fifth of a mebibyte, the weights of this preset more than two.
    for field in ["sent_mib", "received_mib"] {
        assert!(train[field].as_f64().unwrap() > 2.0, "{report}");
    }
}
