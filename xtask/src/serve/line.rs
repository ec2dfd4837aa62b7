//! The way back to a visitor: as slow as the server's line, and cut where the server is out of reach.

use super::Served;
use std::io::Write;
use std::net::TcpStream;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

/// A slow line, which all requests share.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// Bytes per second.
    pub rate: f64,
    /// The time from a request to the first byte of its answer.
    pub latency: Duration,
}

/// The way back to a visitor, as fast as the server's line.
pub(super) struct Back<'a> {
    pub(super) stream: &'a TcpStream,
    pub(super) served: &'a Served,
}

impl Write for Back<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        /// So many bytes take their turn together.
        const PACKET: usize = 4096;
        let bytes = &bytes[..bytes.len().min(PACKET)];
        if let Some(line) = self.served.manner.line {
            let sent = {
                let mut free = self.served.free.lock().unwrap_or_else(PoisonError::into_inner);
                *free = (*free).max(Instant::now()) + Duration::from_secs_f64(bytes.len() as f64 / line.rate);
                *free
            };
            thread::sleep(sent.saturating_duration_since(Instant::now()));
        }
        if !self.served.reachable.load(Ordering::SeqCst) {
            return Err(std::io::ErrorKind::ConnectionReset.into());
        }
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.stream.flush()
    }
}
