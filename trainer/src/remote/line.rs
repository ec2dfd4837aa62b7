//! A line to a worker: a relay of this process between the engine's client and the worker's socket.
//!
//! The engine connects to the relay, which passes every byte on. That gives what the engine does not offer: bytes are
//! counted where they are real, a worker that is too late is cut off, and what waits for it wakes up with an error.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};

use crate::fault::{self, Fault};
use crate::places::{Lost, Traffic};

/// Bytes that are passed on at a time.
const CHUNK: usize = 1 << 16;

/// The line to one worker, however many devices it lends.
#[derive(Debug)]
pub struct Line {
    worker: String,
    port: u16,
    patience: Duration,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    sent: AtomicU64,
    received: AtomicU64,
    /// Something of it has ended, by whatever side.
    ended: AtomicBool,
    /// We ended it, since the worker was late.
    cut: AtomicBool,
    sockets: Mutex<Vec<TcpStream>>,
}

impl Line {
    /// Calls `worker`, `HOST:PORT`, which has `limit` to take the call and later `patience` for every shard.
    pub fn open(worker: &str, limit: Duration, patience: Duration) -> Result<Self> {
        let (address, first) = call(worker, limit)?;
        let relay = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("cannot listen on this machine's loopback")?;
        let port = relay.local_addr()?.port();
        let state = Arc::new(State::default());
        let passed_on = state.clone();
        thread::spawn(move || {
            let mut first = Some(first);
            for client in relay.incoming().flatten() {
                let next = first.take().map_or_else(|| TcpStream::connect_timeout(&address, limit), Ok);
                // Without its other end the client's socket closes, and the engine says why it cannot connect.
                if let Ok(worker) = next {
                    let _ = passed_on.join(&client, &worker);
                }
            }
        });
        Ok(Self { worker: worker.to_owned(), port, patience, state })
    }

    /// Where the engine finds it.
    pub fn url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.port)
    }

    /// Bytes so far.
    pub fn traffic(&self) -> Traffic {
        let State { sent, received, .. } = &*self.state;
        Traffic { sent: sent.load(Ordering::Relaxed), received: received.load(Ordering::Relaxed) }
    }

    /// Whether the worker was cut off because it was late.
    pub fn was_cut(&self) -> bool {
        self.state.cut.load(Ordering::SeqCst)
    }

    /// Runs `work`, and cuts the line if it has not ended within `limit`.
    pub fn within<T>(&self, limit: Duration, work: impl FnOnce() -> T) -> T {
        let (done, waits) = mpsc::channel::<()>();
        let state = self.state.clone();
        thread::spawn(move || {
            if waits.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                state.cut();
            }
        });
        let result = work();
        drop(done);
        result
    }

    /// Runs `work` on a device of the worker, which has its usual time for it. What panics because the line has ended, or
    /// because the worker failed, is an error.
    pub fn watched<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let error = match self.within(self.patience, || fault::caught(work)) {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        let reason = if self.was_cut() {
            format!("it did not answer within {} seconds", self.patience.as_secs_f64())
        } else if self.state.ended.load(Ordering::SeqCst) {
            "the connection ended".to_owned()
        } else if let Some(fault) = error.downcast_ref::<Fault>() {
            fault.message().to_owned()
        } else {
            return Err(error);
        };
        Err(Lost { worker: self.worker.clone(), reason }.into())
    }
}

/// The first address of `worker` that takes the call.
fn call(worker: &str, limit: Duration) -> Result<(SocketAddr, TcpStream)> {
    let addresses = worker
        .to_socket_addrs()
        .with_context(|| format!("--workers-at {worker} is no address; write HOST:PORT, such as 10.0.0.2:7000"))?;
    let mut refused = None;
    for address in addresses {
        match TcpStream::connect_timeout(&address, limit) {
            Ok(stream) => return Ok((address, stream)),
            Err(error) => refused = Some(error),
        }
    }
    let reason = refused.map_or_else(|| "it has no address".to_owned(), |error| error.to_string());
    Err(anyhow!("nobody answers at {worker} ({reason}); start `vitro worker --listen …` there first"))
}

impl State {
    /// Passes on between two sockets, both ways, until one ends.
    fn join(self: &Arc<Self>, client: &TcpStream, worker: &TcpStream) -> std::io::Result<()> {
        for socket in [client, worker] {
            socket.set_nodelay(true)?;
            self.sockets.lock().unwrap_or_else(PoisonError::into_inner).push(socket.try_clone()?);
        }
        // Whoever was late before the engine had even connected stays cut off.
        if self.cut.load(Ordering::SeqCst) {
            self.cut();
        }
        let pass = |from: &TcpStream, to: &TcpStream, counter: fn(&Self) -> &AtomicU64| -> std::io::Result<()> {
            let (from, to, state) = (from.try_clone()?, to.try_clone()?, self.clone());
            thread::spawn(move || state.pass(from, to, counter(&state)));
            Ok(())
        };
        pass(client, worker, |state| &state.sent)?;
        pass(worker, client, |state| &state.received)
    }

    fn pass(&self, mut from: TcpStream, mut to: TcpStream, counter: &AtomicU64) {
        let mut chunk = vec![0; CHUNK];
        let end = loop {
            match from.read(&mut chunk) {
                // What was said before the end still arrives, such as a refusal.
                Ok(0) => break Shutdown::Write,
                Ok(length) => {
                    counter.fetch_add(length as u64, Ordering::Relaxed);
                    if to.write_all(&chunk[..length]).is_err() {
                        break Shutdown::Both;
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => break Shutdown::Both,
            }
        };
        // First the reason, then what makes the engine look for it.
        self.ended.store(true, Ordering::SeqCst);
        let _ = to.shutdown(end);
        if end == Shutdown::Both {
            let _ = from.shutdown(end);
        }
    }

    fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
        self.ended.store(true, Ordering::SeqCst);
        for socket in self.sockets.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    fn through(line: &Line) -> TcpStream {
        TcpStream::connect((Ipv4Addr::LOCALHOST, line.port)).unwrap()
    }

    #[test]
    fn bytes_pass_both_ways_and_are_counted() {
        let worker = TcpListener::bind("127.0.0.1:0").unwrap();
        let line = Line::open(&worker.local_addr().unwrap().to_string(), LIMIT, LIMIT).unwrap();
        let (mut here, (mut there, _)) = (through(&line), worker.accept().unwrap());
        here.write_all(b"question").unwrap();
        let mut heard = [0; 8];
        there.read_exact(&mut heard).unwrap();
        there.write_all(b"yes").unwrap();
        let mut answer = [0; 3];
        here.read_exact(&mut answer).unwrap();
        assert_eq!((&heard, &answer), (b"question", b"yes"));
        assert_eq!(line.traffic(), Traffic { sent: 8, received: 3 });
    }

    #[test]
    fn work_that_waits_for_a_silent_worker_wakes_up_as_a_lost_one() {
        let worker = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = worker.local_addr().unwrap().to_string();
        let line = Line::open(&address, LIMIT, Duration::from_millis(200)).unwrap();
        let (mut here, _there) = (through(&line), worker.accept().unwrap());
        let work = || -> Result<()> {
            let _ = here.read(&mut [0; 1]);
            panic!("gone")
        };
        let error = line.watched(work).unwrap_err();
        let lost = error.downcast_ref::<Lost>().unwrap();
        assert_eq!(lost.to_string(), format!("the worker at {address} was lost: it did not answer within 0.2 seconds"));
    }

    #[test]
    fn an_error_of_the_work_itself_stays_what_it_is() {
        let worker = TcpListener::bind("127.0.0.1:0").unwrap();
        let line = Line::open(&worker.local_addr().unwrap().to_string(), LIMIT, LIMIT).unwrap();
        let error = line.watched(|| Err::<(), _>(anyhow!("an image is damaged"))).unwrap_err();
        assert!(error.downcast_ref::<Lost>().is_none() && error.to_string() == "an image is damaged");
    }

    #[test]
    fn nobody_at_an_address_is_told_with_what_to_do() {
        let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let refused = Line::open(&gone, LIMIT, LIMIT).unwrap_err().to_string();
        assert!(refused.contains(&gone) && refused.contains("vitro worker"), "{refused}");
        assert!(Line::open("nowhere", LIMIT, LIMIT).unwrap_err().to_string().contains("HOST:PORT"));
    }
}
