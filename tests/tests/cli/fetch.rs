//! Downloads, from a server in this process: what comes is proven, what is cut goes on, what fails says so in a sentence.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use tempfile::TempDir;
use vitro_cli::fetch::{Advice, Outcome, Settings, Wanted, download};
use vitro_tests::command::{command, refusal, text};
use vitro_tests::server::{Server, Turn, nobody};

use crate::workplace::names;

const SETTINGS: Settings = Settings { patience: Duration::from_millis(500), pause: Duration::from_millis(1), tries: 3 };

/// Long enough that it comes in several pieces.
fn file() -> Vec<u8> {
    (0..300_000_u32).map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The file of which everything is published.
fn published(address: &str, folder: &Path) -> Wanted {
    Wanted { bytes: Some(file().len() as u64), sha256: Some(sha256(&file())), ..unpublished(address, folder) }
}

/// A file of which nothing is known.
fn unpublished(address: &str, folder: &Path) -> Wanted {
    Wanted {
        address: format!("{address}/set.tgz"),
        target: folder.join("set.tgz"),
        bytes: None,
        sha256: None,
        token: None,
        check: |_| Ok(()),
        again: false,
        advice: Advice { mirror: "VITRO_MIRROR", refused: "ask somebody", missing: "look elsewhere" },
    }
}

fn came(folder: &Path) {
    assert!(fs::read(folder.join("set.tgz")).unwrap() == file(), "the file has other bytes");
    assert_eq!(names(folder), ["set.tgz"]);
}

fn sentence(wanted: &Wanted) -> String {
    format!("{:#}", download(wanted, &SETTINGS).unwrap_err())
}

fn part(folder: &Path) -> u64 {
    fs::metadata(folder.join("set.tgz.part")).unwrap().len()
}

#[test]
fn a_file_comes_whole_and_is_not_asked_for_again() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(&file(), &[Turn::Whole]);
    let wanted = published(&server.address(), folder.path());
    assert_eq!(download(&wanted, &SETTINGS).unwrap(), Outcome::Came);
    came(folder.path());
    assert_eq!(download(&wanted, &SETTINGS).unwrap(), Outcome::WasThere);
    assert_eq!(server.requests().len(), 1);
    assert_eq!(server.requests()[0].path, "/set.tgz");
    assert!(!server.requests()[0].headers.contains_key("range"));
    download(&Wanted { again: true, ..wanted }, &SETTINGS).unwrap();
    came(folder.path());
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn what_is_cut_goes_on_from_there_at_once_and_after_a_new_start() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(&file(), &[Turn::Cut(100_000), Turn::Cut(50_000), Turn::Whole]);
    // A single try, as if the program had been ended then.
    let once = Settings { tries: 1, ..SETTINGS };
    let said = format!("{:#}", download(&unpublished(&server.address(), folder.path()), &once).unwrap_err());
    assert!(said.contains("ended early") && said.contains("goes on from there"), "{said}");
    let first = part(folder.path());
    assert!(first > 0 && first <= 100_000, "{first}");

    assert_eq!(download(&unpublished(&server.address(), folder.path()), &SETTINGS).unwrap(), Outcome::Came);
    came(folder.path());
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    assert_eq!(requests[1].headers["range"], format!("bytes={first}-"));
    assert!(requests[1].headers["if-range"].starts_with('"'));
    let from = requests[2].headers["range"].trim_start_matches("bytes=").trim_end_matches('-');
    assert!((first + 1..=first + 50_000).contains(&from.parse().unwrap()), "{from} after {first}");
}

#[test]
fn a_server_without_parts_begins_anew() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(&file(), &[Turn::Cut(100_000), Turn::WithoutParts]);
    download(&published(&server.address(), folder.path()), &SETTINGS).unwrap();
    came(folder.path());
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_server_that_says_nothing_of_its_file_is_believed_where_a_hash_is_published() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(&file(), &[Turn::Unsaid]);
    download(&published(&server.address(), folder.path()), &SETTINGS).unwrap();
    came(folder.path());
}

#[test]
fn a_file_that_changed_meanwhile_is_not_put_together_from_two() {
    let folder = TempDir::new().unwrap();
    let other: Vec<u8> = file().iter().map(|byte| byte ^ 1).collect();
    let before = Server::start(&other, &[Turn::Cut(100_000)]);
    let once = Settings { tries: 1, ..SETTINGS };
    download(&unpublished(&before.address(), folder.path()), &once).unwrap_err();
    assert!(part(folder.path()) > 0);
    let now = Server::start(&file(), &[Turn::Whole]);
    download(&unpublished(&now.address(), folder.path()), &SETTINGS).unwrap();
    assert!(now.requests()[0].headers.contains_key("if-range"));
    came(folder.path());
}

#[test]
fn wrong_bytes_are_refused_by_their_hash_and_removed() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(&file(), &[Turn::Wrong]);
    let said = sentence(&published(&server.address(), folder.path()));
    assert!(said.contains(&sha256(&file())) && said.contains("VITRO_MIRROR"), "{said}");
    assert!(names(folder.path()).is_empty(), "{:?}", names(folder.path()));
    // The beginning of another file, left by somebody, is found out by the hash in the end; the next go is clean.
    fs::write(folder.path().join("set.tgz.part"), [7; 1000]).unwrap();
    let server = Server::start(&file(), &[Turn::Whole]);
    assert!(sentence(&published(&server.address(), folder.path())).contains("SHA-256"));
    download(&published(&server.address(), folder.path()), &SETTINGS).unwrap();
    came(folder.path());
}

#[test]
fn a_file_of_another_size_is_refused_before_it_comes() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(&file(), &[Turn::Whole]);
    let wanted = Wanted { bytes: Some(7), ..published(&server.address(), folder.path()) };
    assert!(sentence(&wanted).contains("300000 bytes instead of 7"));
    assert!(names(folder.path()).is_empty());
    let server = Server::start(&file(), &[Turn::Unsaid]);
    let wanted = Wanted { bytes: Some(7), ..published(&server.address(), folder.path()) };
    assert!(sentence(&wanted).contains("more than 7 bytes"));
    assert!(names(folder.path()).is_empty());
}

#[test]
fn another_file_in_the_place_is_left_alone() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("set.tgz"), "mine").unwrap();
    let server = Server::start(&file(), &[Turn::Whole]);
    let said = sentence(&published(&server.address(), folder.path()));
    assert!(said.contains("in the way") && said.contains("4 bytes instead of 300000"), "{said}");
    assert_eq!(fs::read(folder.path().join("set.tgz")).unwrap(), b"mine");
    assert!(server.requests().is_empty());
}

#[test]
fn a_token_is_for_the_host_that_was_asked_and_for_no_other() {
    let folder = TempDir::new().unwrap();
    let elsewhere = Server::start(&file(), &[Turn::Whole]);
    let to = format!("{}/there", elsewhere.address());
    let server = Server::start(&file(), &[Turn::Redirect("/here".to_owned()), Turn::Redirect(to)]);
    let wanted = Wanted { token: Some("secret".to_owned()), ..published(&server.address(), folder.path()) };
    download(&wanted, &SETTINGS).unwrap();
    came(folder.path());
    let asked = server.requests();
    assert_eq!(asked.iter().map(|request| request.path.as_str()).collect::<Vec<_>>(), ["/set.tgz", "/here"]);
    assert!(asked.iter().all(|request| request.headers["authorization"] == "Bearer secret"), "{asked:?}");
    let sent_on = elsewhere.requests();
    assert_eq!((sent_on.len(), sent_on[0].path.as_str()), (1, "/there"));
    assert!(!sent_on[0].headers.contains_key("authorization"), "{sent_on:?}");
}

#[test]
fn servers_that_send_on_and_on_are_left() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(&file(), &[Turn::Redirect("/again".to_owned())]);
    assert!(sentence(&published(&server.address(), folder.path())).contains("on and on"));
    assert!(names(folder.path()).is_empty());
}

#[test]
fn a_server_out_of_order_is_asked_again_and_one_without_the_file_is_not() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(&file(), &[Turn::Status(500), Turn::Status(429), Turn::Whole]);
    download(&published(&server.address(), folder.path()), &SETTINGS).unwrap();
    came(folder.path());
    fs::remove_file(folder.path().join("set.tgz")).unwrap();

    for (status, advice) in [(404, "look elsewhere"), (403, "ask somebody")] {
        let server = Server::start(&file(), &[Turn::Status(status)]);
        let said = sentence(&published(&server.address(), folder.path()));
        assert!(said.contains(&status.to_string()) && said.contains(advice), "{said}");
        assert_eq!(server.requests().len(), 1);
    }
    let server = Server::start(&file(), &[Turn::Status(503)]);
    let said = sentence(&published(&server.address(), folder.path()));
    assert!(said.contains("status 503") && said.contains("VITRO_MIRROR"), "{said}");
    assert_eq!(server.requests().len(), SETTINGS.tries as usize);
    assert!(names(folder.path()).is_empty(), "{:?}", names(folder.path()));
}

#[test]
fn a_slow_server_is_waited_for_and_a_silent_one_is_not() {
    let folder = TempDir::new().unwrap();
    // In all longer than the patience, which is for each piece.
    let server = Server::start(&file(), &[Turn::Slow(30_000, Duration::from_millis(80))]);
    let start = Instant::now();
    download(&published(&server.address(), folder.path()), &SETTINGS).unwrap();
    assert!(start.elapsed() > SETTINGS.patience);
    came(folder.path());
    fs::remove_file(folder.path().join("set.tgz")).unwrap();

    let server = Server::start(&file(), &[Turn::Silent]);
    let start = Instant::now();
    let said = sentence(&published(&server.address(), folder.path()));
    assert!(said.contains("nothing came for 0.5 s"), "{said}");
    assert!(start.elapsed() < Duration::from_secs(30));
    assert!(names(folder.path()).is_empty());

    let server = Server::start(&file(), &[Turn::Stalled(100_000)]);
    let once = Settings { tries: 1, ..SETTINGS };
    let said = format!("{:#}", download(&published(&server.address(), folder.path()), &once).unwrap_err());
    assert!(said.contains("nothing came") && said.contains("goes on from there"), "{said}");
    assert!(part(folder.path()) > 0);
}

#[test]
fn without_a_network_a_sentence_says_what_to_do() {
    let folder = TempDir::new().unwrap();
    let start = Instant::now();
    let said = sentence(&published(&nobody(), folder.path()));
    assert!(said.contains("cannot reach 127.0.0.1") && said.contains("VITRO_MIRROR"), "{said}");
    assert!(start.elapsed() < Duration::from_secs(10));
    assert!(names(folder.path()).is_empty());
}

/// `vitro ARGUMENTS`, with variables.
fn refused_with(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> String {
    let output = command(folder, arguments).envs(variables.iter().copied()).output().unwrap();
    refusal(arguments, &output)
}

#[test]
fn datasets_are_asked_for_by_name_and_elsewhere_where_a_variable_says_so() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(&file(), &[Turn::Whole]);
    let get = ["data", "get", "cifar10", "--to", "sets"];
    // Not what was published: nothing stays of it.
    let said = refused_with(folder.path(), &[("VITRO_MIRROR", &format!("{}/a/", server.address()))], &get);
    assert!(said.contains("300000 bytes instead of 170052171"), "{said}");
    assert_eq!(server.requests()[0].path, "/a/cifar-10-binary.tar.gz");
    assert!(names(&folder.path().join("sets")).is_empty());
    let said = refused_with(folder.path(), &[("VITRO_MIRROR", &nobody())], &["data", "get", "imagenette"]);
    assert!(said.contains("cannot reach") && said.contains("VITRO_MIRROR"), "{said}");
    assert!(refused_with(folder.path(), &[("VITRO_MIRROR", "mirror")], &get).contains("https://"));
    assert!(refused_with(folder.path(), &[], &["data", "get", "cifar-10"]).contains("`cifar10`"));
}

/// The command in a folder with a hub, its own cache and a token.
fn with_hub(folder: &Path, hub: &str, arguments: &[&str]) -> std::process::Output {
    let mut command = command(folder, arguments);
    command.env("HF_ENDPOINT", hub).env("HF_TOKEN", "secret").env("VITRO_CACHE", folder.join("kept"));
    command.output().unwrap()
}

#[test]
fn a_bundle_of_the_hub_is_pulled_once_and_then_opened_by_its_name() {
    let folder = TempDir::new().unwrap();
    let bundle = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../zoo/vit.safetensors")).unwrap();
    let server = Server::start(&bundle, &[Turn::Whole]);
    let name = "hf:someone/models/small/vit.safetensors@v1/2";
    let export = ["export", name, "-o", "copy.safetensors"];
    let hub = server.address();
    let said = refusal(&export, &with_hub(folder.path(), &hub, &export));
    assert!(said.contains(&format!("vitro pull {name}")), "{said}");
    assert!(server.requests().is_empty());

    let output = with_hub(folder.path(), &hub, &["pull", name]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("wherever a bundle is named"), "{}", text(&output.stdout));
    let asked = &server.requests()[0];
    assert_eq!(asked.path, "/someone/models/resolve/v1%2F2/small/vit.safetensors");
    assert_eq!(asked.headers["authorization"], "Bearer secret");

    // From here on nobody is asked.
    let output = with_hub(folder.path(), &nobody(), &export);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(folder.path().join("copy.safetensors").is_file());
    assert!(with_hub(folder.path(), &nobody(), &["pull", name]).status.success());
    let again = ["pull", name, "--again"];
    assert!(refusal(&again, &with_hub(folder.path(), &nobody(), &again)).contains("HF_ENDPOINT"));
    assert!(with_hub(folder.path(), &hub, &again).status.success());
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn what_is_no_whole_safetensors_file_is_not_kept() {
    let folder = TempDir::new().unwrap();
    let pull = ["pull", "hf:someone/models/vit.safetensors"];
    let bundle = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../zoo/vit.safetensors")).unwrap();
    let page = b"<!doctype html><title>Sign in</title>".to_vec();
    for file in [page, bundle[..bundle.len() - 1].to_vec(), Vec::new()] {
        let server = Server::start(&file, &[Turn::Whole]);
        let said = refusal(&pull, &with_hub(folder.path(), &server.address(), &pull));
        assert!(said.contains("no whole safetensors file") && said.contains("HF_ENDPOINT"), "{said}");
        assert!(names(&folder.path().join("kept/hub/someone/models/main")).is_empty());
    }
    for (status, advice) in [(401, "HF_TOKEN"), (404, "revision")] {
        let server = Server::start(b"", &[Turn::Status(status)]);
        let said = refusal(&pull, &with_hub(folder.path(), &server.address(), &pull));
        assert!(said.contains(advice), "{said}");
    }
    let wrong = ["pull", "vit.safetensors"];
    assert!(refusal(&wrong, &with_hub(folder.path(), &nobody(), &wrong)).contains("hf:USER/REPO/FILE"));
}
