//! A web server for tests of downloads: one thread, one connection after the other, and a script of how each is treated.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How a connection is treated.
#[derive(Clone, Debug)]
pub enum Turn {
    /// The file, or the part of it that is asked for.
    Whole,
    /// The same, but the connection ends after so many bytes.
    Cut(usize),
    /// The whole file, whatever part is asked for.
    WithoutParts,
    /// The whole file without a word about its size or its mark; it ends where the connection does.
    Unsaid,
    /// Bytes that are not those of the file, as many.
    Wrong,
    /// To another address.
    Redirect(String),
    /// A status, and nothing else.
    Status(u16),
    /// The file in pieces of so many bytes, each after a pause.
    Slow(usize, Duration),
    /// So many bytes of the file, and then nothing more, though the connection stays.
    Stalled(usize),
    /// Not a word.
    Silent,
}

/// What was asked.
#[derive(Clone, Debug)]
pub struct Request {
    /// Path of the address.
    pub path: String,
    /// Headers, by their names in small letters.
    pub headers: BTreeMap<String, String>,
}

/// The server. It stops when it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// A connection that is neither ended nor answered ends at last.
const PATIENCE: Duration = Duration::from_secs(60);

impl Server {
    /// Serves `file` under every path. The last of `turns` is that of all further connections.
    ///
    /// # Panics
    ///
    /// Without a free port, and without turns.
    pub fn start(file: &[u8], turns: &[Turn]) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (requests, stopped) = (Arc::<Mutex<Vec<Request>>>::default(), Arc::<AtomicBool>::default());
        let script =
            Script { file: file.to_vec(), turns: turns.to_vec(), requests: requests.clone(), stopped: stopped.clone() };
        assert!(!turns.is_empty(), "a server needs a script");
        let thread = thread::spawn(move || script.play(&listener));
        Self { address, requests, stopped, thread: Some(thread) }
    }

    /// Its address, without a slash at the end.
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it was asked so far.
    ///
    /// # Panics
    ///
    /// If its thread did.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("requests").clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        // Wakes the thread where it waits for a connection.
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// An address where nobody listens.
///
/// # Panics
///
/// Without a free port.
pub fn nobody() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    format!("http://{}", listener.local_addr().expect("an address"))
}

struct Script {
    file: Vec<u8>,
    turns: Vec<Turn>,
    requests: Arc<Mutex<Vec<Request>>>,
    stopped: Arc<AtomicBool>,
}

impl Script {
    fn play(&self, listener: &TcpListener) {
        let mut turns = self.turns.iter();
        let mut turn = turns.next();
        while let Ok((stream, _)) = listener.accept() {
            if self.stopped.load(Ordering::Relaxed) {
                return;
            }
            // A client may leave at any time.
            if let Some(turn) = turn {
                let _ = self.answer(stream, turn);
            }
            turn = turns.next().or(turn);
        }
    }

    fn answer(&self, mut stream: TcpStream, turn: &Turn) -> std::io::Result<()> {
        let request = read(&stream)?;
        if let Ok(mut requests) = self.requests.lock() {
            requests.push(request.clone());
        }
        let file = &self.file;
        match turn {
            Turn::Whole => self.part(&mut stream, &request, file.len()),
            Turn::Cut(bytes) => self.part(&mut stream, &request, *bytes),
            Turn::WithoutParts => {
                head(&mut stream, 200, &[("Content-Length", &file.len().to_string())])?;
                stream.write_all(file)
            }
            Turn::Unsaid => {
                head(&mut stream, 200, &[])?;
                stream.write_all(file)
            }
            Turn::Wrong => {
                head(&mut stream, 200, &[("Content-Length", &file.len().to_string())])?;
                stream.write_all(&file.iter().map(|byte| !byte).collect::<Vec<_>>())
            }
            Turn::Redirect(to) => head(&mut stream, 302, &[("Location", to), ("Content-Length", "0")]),
            Turn::Status(status) => head(&mut stream, *status, &[("Content-Length", "0")]),
            Turn::Slow(piece, pause) => {
                head(&mut stream, 200, &[("Content-Length", &file.len().to_string())])?;
                for piece in file.chunks(*piece) {
                    thread::sleep(*pause);
                    stream.write_all(piece)?;
                }
                Ok(())
            }
            Turn::Stalled(bytes) => {
                self.part(&mut stream, &request, *bytes)?;
                self.wait();
                Ok(())
            }
            Turn::Silent => {
                self.wait();
                Ok(())
            }
        }
    }

    /// What is asked for, and of that the first bytes.
    fn part(&self, stream: &mut TcpStream, request: &Request, most: usize) -> std::io::Result<()> {
        let (file, mark) = (self.file.as_slice(), self.mark());
        let asked = request.headers.get("range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-'));
        let is_same = request.headers.get("if-range").is_none_or(|known| *known == mark);
        let from = asked.filter(|_| is_same).and_then(|from| from.parse::<usize>().ok());
        let rest = match from {
            Some(from) if from >= file.len() => {
                let range = format!("bytes */{}", file.len());
                return head(stream, 416, &[("Content-Range", &range), ("Content-Length", "0")]);
            }
            Some(from) => {
                let range = format!("bytes {from}-{}/{}", file.len() - 1, file.len());
                let length = (file.len() - from).to_string();
                head(stream, 206, &[("Content-Range", &range), ("Content-Length", &length), ("ETag", &mark)])?;
                &file[from..]
            }
            None => {
                head(stream, 200, &[("Content-Length", &file.len().to_string()), ("ETag", &mark)])?;
                file
            }
        };
        stream.write_all(&rest[..most.min(rest.len())])
    }

    /// Another file has another mark.
    fn mark(&self) -> String {
        let sum = self.file.iter().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(*byte)));
        format!("\"{}-{sum:08x}\"", self.file.len())
    }

    fn wait(&self) {
        let start = Instant::now();
        while !self.stopped.load(Ordering::Relaxed) && start.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(5));
        }
    }
}

fn read(stream: &TcpStream) -> std::io::Result<Request> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = BTreeMap::new();
    for line in lines {
        let line = line?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    Ok(Request { path, headers })
}

fn head(stream: &mut TcpStream, status: u16, headers: &[(&str, &str)]) -> std::io::Result<()> {
    let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    write!(stream, "HTTP/1.1 {status} so\r\n{lines}Connection: close\r\n\r\n")
}
