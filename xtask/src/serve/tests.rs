//! What a browser is answered, asked as a browser asks.

use super::*;
use std::fs;

/// A served folder that goes when the test ends.
struct Site(Server, #[expect(dead_code, reason = "its end removes the folder")] tempfile::TempDir);

impl Site {
    fn new() -> Self {
        Self::with(Manner::default())
    }

    fn with(manner: Manner) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::create_dir_all(path("site/sub dir")).unwrap();
        fs::write(path("secret.txt"), "secret").unwrap();
        fs::write(path("site/index.html"), "<p>hello</p>").unwrap();
        fs::write(path("site/engine.wasm"), "0123456789").unwrap();
        fs::write(path("site/sub dir/a.js"), "export {}").unwrap();
        Self(Server::with(&path("site"), 0, manner).unwrap(), folder)
    }

    fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.0.address).unwrap();
        stream.write_all(format!("{request}\r\n\r\n").as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }
}

#[test]
fn files_come_with_their_types() {
    let site = Site::new();
    let page = site.ask("GET /?severity=4 HTTP/1.1");
    assert!(page.starts_with("HTTP/1.1 200 OK") && page.ends_with("<p>hello</p>"), "{page}");
    assert!(site.ask("GET /engine.wasm HTTP/1.1").contains("Content-Type: application/wasm\r\n"));
    assert!(site.ask("GET /sub%20dir/a.js HTTP/1.1").contains("Content-Type: text/javascript"));
    assert!(site.ask("GET /none HTTP/1.1").starts_with("HTTP/1.1 404"));
    assert!(site.ask("POST / HTTP/1.1").starts_with("HTTP/1.1 405"));
}

#[test]
fn a_server_of_another_manner_does_what_it_says() {
    let site = Site::with(Manner {
        below: "a/b",
        wasm: Some("text/plain"),
        headers: vec![("X-Policy", "none".to_owned())],
        missing: Some("<p>app</p>"),
        files: vec![("own.js", b"export {}".to_vec())],
        ..Manner::default()
    });
    let wasm = site.ask("GET /a/b/engine.wasm HTTP/1.1");
    assert!(wasm.contains("Content-Type: text/plain\r\n") && wasm.contains("X-Policy: none\r\n"), "{wasm}");
    assert!(site.ask("GET /a/b/?x=1 HTTP/1.1").ends_with("<p>hello</p>"));
    for missing in ["/engine.wasm", "/a/b/none.jpg"] {
        let answer = site.ask(&format!("GET {missing} HTTP/1.1"));
        assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("<p>app</p>"), "{answer}");
    }
    let own = site.ask("GET /a/b/own.js?v=1 HTTP/1.1");
    assert!(own.contains("text/javascript") && own.ends_with("export {}"), "{own}");
}

#[test]
fn files_are_packed_for_who_takes_them_so_and_no_others() {
    let site = Site::with(Manner { packed: true, ..Manner::default() });
    let packed = site.ask("GET /index.html HTTP/1.1\r\nAccept-Encoding: gzip, br");
    assert!(packed.contains("Content-Encoding: gzip\r\n") && !packed.contains("hello"), "{packed}");
    assert!(site.ask("GET /index.html HTTP/1.1").ends_with("<p>hello</p>"));
}

#[test]
fn a_slow_line_takes_its_time_and_all_requests_share_it() {
    let line = Line { rate: 4000.0, latency: Duration::from_millis(50) };
    let site = Site::with(Manner { line: Some(line), ..Manner::default() });
    let start = Instant::now();
    let answers = thread::scope(|scope| {
        [(); 2].map(|()| scope.spawn(|| site.ask("GET / HTTP/1.1"))).map(|asked| asked.join().unwrap())
    });
    let bytes: usize = answers.iter().map(String::len).sum();
    let least = line.latency.as_secs_f64() + bytes as f64 / line.rate;
    let took = start.elapsed().as_secs_f64();
    assert!(took >= least * 0.95 && took < least + 2.0, "{bytes} bytes took {took} s");
}

#[test]
fn a_server_out_of_reach_says_nothing_until_it_is_back() {
    let site = Site::new();
    site.0.set_reachable(false);
    assert_eq!(site.ask("GET / HTTP/1.1"), "");
    site.0.set_reachable(true);
    assert!(site.ask("GET / HTTP/1.1").ends_with("<p>hello</p>"));
}

#[test]
fn the_page_has_the_policy_that_the_server_sends() {
    let page = fs::read_to_string(crate::workspace::root().join("index.html")).unwrap();
    assert!(page.contains(&format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">")), "{POLICY}");
}

#[test]
fn a_head_request_gets_no_body() {
    let answer = Site::new().ask("HEAD /engine.wasm HTTP/1.1");
    assert!(answer.contains("Content-Length: 10\r\n") && answer.ends_with("\r\n\r\n"), "{answer}");
}

#[test]
fn an_unchanged_file_is_not_sent_again() {
    let site = Site::new();
    let first = site.ask("GET /engine.wasm HTTP/1.1");
    let tag = first.lines().find_map(|line| line.strip_prefix("ETag: ")).unwrap();
    let second = site.ask(&format!("GET /engine.wasm HTTP/1.1\r\nIf-None-Match: {tag}"));
    assert!(second.starts_with("HTTP/1.1 304") && second.ends_with("\r\n\r\n"), "{second}");
}

#[test]
fn a_range_gets_its_bytes() {
    let site = Site::new();
    let answer = site.ask("GET /engine.wasm HTTP/1.1\r\nRange: bytes=2-4");
    assert!(answer.starts_with("HTTP/1.1 206") && answer.ends_with("\r\n\r\n234"), "{answer}");
    assert!(answer.contains("Content-Range: bytes 2-4/10\r\n"), "{answer}");
    assert!(site.ask("GET /engine.wasm HTTP/1.1\r\nrange: bytes=-3").ends_with("\r\n\r\n789"));
    assert!(site.ask("GET /engine.wasm HTTP/1.1\r\nRange: bytes=10-").starts_with("HTTP/1.1 416"));
}

#[test]
fn nothing_outside_the_folder_is_served() {
    let site = Site::new();
    for path in
        ["/../secret.txt", "/%2e%2e/secret.txt", "/..%5csecret.txt", "/sub%20dir/../../secret.txt", "//etc/passwd"]
    {
        let answer = site.ask(&format!("GET {path} HTTP/1.1"));
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
    }
}
