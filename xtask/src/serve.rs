//! A small static web server for the built page: files of one folder, on this machine only.
//!
//! It answers GET and HEAD with the right types (a browser compiles WebAssembly while it downloads only for
//! `application/wasm`), byte ranges, and nothing outside the folder. It adds nothing to the pages it serves. For tests it can be as
//! slow as a telephone line, pack what it sends, and be out of reach.

mod line;
mod request;

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use line::Back;
pub use line::Line;
use request::{NotSatisfiable, WASM, is_packed, locate, mime, parse_range};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, UNIX_EPOCH};

/// The strictest security policy under which the page works, images and bundles of other sites included. `index.html` has the same.
pub const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' https: http: data: blob:; \
    img-src 'self' data: blob:; worker-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'";

/// How a server differs from a plain one: what a page meets on the servers of other people.
#[derive(Clone, Debug, Default)]
pub struct Manner {
    /// The folder's place below the address, such as `a/b`; empty for the address itself.
    pub below: &'static str,
    /// The media type of WebAssembly, where it is another one.
    pub wasm: Option<&'static str>,
    /// Headers that come with every file.
    pub headers: Vec<(&'static str, String)>,
    /// A page that comes with status 200 in place of every missing file, as hosts of single-page applications do.
    pub missing: Option<&'static str>,
    /// How long the bundles of models take to arrive.
    pub delay: Duration,
    /// Files that are not those of the folder, by path.
    pub files: Vec<(&'static str, Vec<u8>)>,
    /// The line to the visitor, where it is slow.
    pub line: Option<Line>,
    /// Whether files are sent packed by gzip to who takes them so.
    pub packed: bool,
}

impl Manner {
    /// With [`POLICY`] on every file.
    pub fn strict() -> Self {
        Self { headers: vec![("Content-Security-Policy", POLICY.to_owned())], ..Self::default() }
    }
}

/// A running server. It serves until the process ends.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    accepting: thread::JoinHandle<()>,
    served: Arc<Served>,
}

/// What the connections of a server share.
#[derive(Debug)]
struct Served {
    folder: PathBuf,
    manner: Manner,
    /// Whether anybody is answered.
    reachable: AtomicBool,
    /// When the line is free again.
    free: Mutex<Instant>,
    /// Requests so far.
    requests: AtomicUsize,
}

impl Server {
    /// Serves `folder` on 127.0.0.1. Port 0 takes any free port.
    ///
    /// # Errors
    /// The folder does not exist, or the port is taken.
    pub fn start(folder: &Path, port: u16) -> Result<Self> {
        Self::with(folder, port, Manner::default())
    }

    /// Serves `folder` in a manner of its own.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn with(folder: &Path, port: u16, manner: Manner) -> Result<Self> {
        let folder = folder.canonicalize().with_context(|| format!("cannot serve {}", folder.display()))?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .with_context(|| format!("cannot listen on port {port}: choose another one with --port"))?;
        let address = listener.local_addr()?;
        let (reachable, free) = (AtomicBool::new(true), Mutex::new(Instant::now()));
        let served = Arc::new(Served { folder, manner, reachable, free, requests: AtomicUsize::new(0) });
        let shared = Arc::clone(&served);
        let accepting = thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let served = Arc::clone(&shared);
                // A visitor who leaves in the middle of a file is nobody's error.
                thread::spawn(move || answer(&stream, &served).ok());
            }
        });
        Ok(Self { address, accepting, served })
    }

    /// Whether anybody is answered from now on. Out of reach, it closes every connection, also in the middle of a file.
    pub fn set_reachable(&self, reachable: bool) {
        self.served.reachable.store(reachable, Ordering::SeqCst);
    }

    /// How many requests came so far.
    pub fn requests(&self) -> usize {
        self.served.requests.load(Ordering::SeqCst)
    }

    /// The address of the page, such as `http://127.0.0.1:8080/`.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Serves until the process is ended.
    pub fn wait(self) {
        let _ = self.accepting.join();
    }
}

/// What is sent back before the bytes of the file.
#[derive(Debug, Default, PartialEq, Eq)]
struct Head {
    status: &'static str,
    headers: Vec<(&'static str, String)>,
}

/// Reads one request, answers it and closes the connection.
fn answer(stream: &TcpStream, served: &Served) -> Result<()> {
    let Served { folder, manner, .. } = served;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    // No request of a browser is longer; whatever is, is cut.
    let mut reader = BufReader::new(stream.take(64 * 1024));
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let (mut range, mut known, mut unpacks) = (None, None, false);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        match line.split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("range") => range = Some(value.trim().to_owned()),
            Some((name, value)) if name.eq_ignore_ascii_case("if-none-match") => known = Some(value.trim().to_owned()),
            Some((name, value)) if name.eq_ignore_ascii_case("accept-encoding") => unpacks = value.contains("gzip"),
            _ => {}
        }
    }
    served.requests.fetch_add(1, Ordering::SeqCst);
    if !served.reachable.load(Ordering::SeqCst) {
        return Ok(());
    }
    thread::sleep(manner.line.map_or(Duration::ZERO, |line| line.latency));
    let stream = &mut Back { stream, served };
    let mut words = request.split_whitespace();
    let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or("/"));
    if !matches!(method, "GET" | "HEAD") {
        return refuse(stream, "405 Method Not Allowed");
    }
    let target = target.strip_prefix('/').unwrap_or(target).strip_prefix(manner.below).unwrap_or("/missing");
    let asked = target.split(['?', '#']).next().unwrap_or("").trim_start_matches('/');
    if let Some((name, bytes)) = manner.files.iter().find(|(name, _)| *name == asked) {
        return send(stream, method, mime(Path::new(name)), bytes, &manner.headers);
    }
    let Some((path, mut file)) = locate(folder, target).and_then(|path| Some((path.clone(), File::open(path).ok()?)))
    else {
        return match manner.missing {
            Some(page) => send(stream, method, "text/html; charset=utf-8", page.as_bytes(), &manner.headers),
            None => refuse(stream, "404 Not Found"),
        };
    };
    if path.extension().is_some_and(|ending| ending == "safetensors") {
        thread::sleep(manner.delay);
    }
    let (size, tag) = (file.metadata()?.len(), tag(&file)?);
    if known.as_deref() == Some(tag.as_str()) {
        return send_head(stream, &Head { status: "304 Not Modified", headers: vec![("ETag", tag)] });
    }
    if manner.packed && unpacks && is_packed(&path) {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        std::io::copy(&mut file, &mut packed)?;
        let mut headers =
            vec![("Content-Encoding", "gzip".to_owned()), ("ETag", tag), ("Cache-Control", "no-cache".to_owned())];
        headers.extend(manner.headers.iter().cloned());
        return send(stream, method, mime(&path), &packed.finish()?, &headers);
    }
    let (status, start, length) = match range.as_deref().and_then(|range| parse_range(range, size)) {
        Some(Ok((start, length))) => ("206 Partial Content", start, length),
        Some(Err(NotSatisfiable)) => return refuse(stream, "416 Range Not Satisfiable"),
        None => ("200 OK", 0, size),
    };
    let mut headers = vec![
        ("Content-Type", manner.wasm.filter(|_| mime(&path) == WASM).unwrap_or(mime(&path)).to_owned()),
        ("Content-Length", length.to_string()),
        ("Accept-Ranges", "bytes".to_owned()),
        ("ETag", tag),
        // Ask each time: the next build must be seen at the next reload.
        ("Cache-Control", "no-cache".to_owned()),
    ];
    headers.extend(manner.headers.iter().cloned());
    if status.starts_with("206") {
        headers.push(("Content-Range", format!("bytes {start}-{}/{size}", start + length - 1)));
    }
    send_head(stream, &Head { status, headers })?;
    if method == "GET" {
        file.seek(SeekFrom::Start(start))?;
        std::io::copy(&mut file.take(length), stream)?;
    }
    Ok(())
}

/// Changes whenever the file does.
fn tag(file: &File) -> Result<String> {
    let metadata = file.metadata()?;
    let written = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(format!("\"{:x}-{:x}\"", written.as_nanos(), metadata.len()))
}

/// Sends bytes that are not a file of the folder.
fn send(
    stream: &mut impl Write,
    method: &str,
    mime: &str,
    bytes: &[u8],
    headers: &[(&'static str, String)],
) -> Result<()> {
    let mut all = vec![("Content-Type", mime.to_owned()), ("Content-Length", bytes.len().to_string())];
    all.extend(headers.iter().cloned());
    send_head(stream, &Head { status: "200 OK", headers: all })?;
    if method == "GET" {
        stream.write_all(bytes)?;
    }
    Ok(())
}

fn refuse(stream: &mut impl Write, status: &'static str) -> Result<()> {
    let body = format!("{status}\n");
    let headers = vec![("Content-Type", "text/plain".to_owned()), ("Content-Length", body.len().to_string())];
    send_head(stream, &Head { status, headers })?;
    stream.write_all(body.as_bytes())?;
    Ok(())
}

fn send_head(stream: &mut impl Write, head: &Head) -> Result<()> {
    let mut text = format!("HTTP/1.1 {}\r\nConnection: close\r\n", head.status);
    for (name, value) in &head.headers {
        text += &format!("{name}: {value}\r\n");
    }
    stream.write_all((text + "\r\n").as_bytes())?;
    Ok(())
}

#[cfg(test)]
mod tests;
