//! Devices of other machines, through the engine's own remote backend: `vitro worker` lends them, `--workers-at` takes them.
//!
//! The tape, the loss and the steps of the optimiser are here; the worker runs the operations of its shard. Its address
//! and a token let a client in. The engine keeps no deadline of its own (burn-remote 0.22.1, `client/service.rs`: the
//! handshake and every read wait without end) and panics where a connection is gone, so every connection goes through a
//! [`Line`], which can end it, and work on it is caught.

mod line;
mod serve;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use burn::remote::{ConnectError, RemoteHost};
use burn::tensor::Device;

use crate::disk;
use crate::places::Place;
pub use line::Line;
pub use serve::serve;

/// Where a token comes from when no file is named.
pub const TOKEN: &str = "VITRO_TOKEN";

/// Characters of a token, at least.
const SHORTEST: usize = 16;

/// How long a worker may take to let somebody in.
const TO_CONNECT: Duration = Duration::from_secs(10);

/// The word that lets a client in: what `file` holds, or else the variable.
pub fn token(file: Option<&Path>) -> Result<String> {
    let text = match file {
        Some(file) => disk::read_text(file)?,
        None => std::env::var(TOKEN).ok().with_context(|| {
            format!(
                "nobody is let in without a token; write one with `openssl rand -hex 16 > token` and name it with \
                 --token-file, or set {TOKEN}"
            )
        })?,
    };
    let token = text.trim().to_owned();
    ensure!(
        token.chars().count() >= SHORTEST,
        "the token is shorter than {SHORTEST} characters; `openssl rand -hex 16 > token` makes one"
    );
    Ok(token)
}

/// The devices of the workers at `addresses`, in that order. `patience` is how long one may take for a shard.
pub fn connect(addresses: &[String], token: &str, patience: Duration) -> Result<Vec<Place>> {
    let mut places = Vec::new();
    for address in addresses {
        places.extend(devices(address, token, patience)?);
    }
    Ok(places)
}

fn devices(address: &str, token: &str, patience: Duration) -> Result<Vec<Place>> {
    let line = Arc::new(Line::open(address, TO_CONNECT.min(patience), patience)?);
    let host = RemoteHost::websocket(&line.url()).with_credential(token);
    let limit = TO_CONNECT.min(patience);
    // The first device connects, which tells how many there are.
    let count = line.within(limit, || host.devices());
    let count = count.map_err(|error| refusal(address, &error, &line, limit))?.into_vec().len();
    let connect = |index: usize| {
        let opened = line.within(limit, || Device::remote_options(&host).device_index(index).init());
        let device = opened.map_err(|error| refusal(address, &error, &line, limit))?;
        Ok(Place::beyond(line.clone(), device))
    };
    (0..count).map(connect).collect()
}

/// Why a worker did not let us in, and what to do.
fn refusal(address: &str, error: &ConnectError, line: &Line, limit: Duration) -> anyhow::Error {
    if line.was_cut() {
        let seconds = limit.as_secs_f64();
        return anyhow!(
            "{address} took the call but did not answer within {seconds} seconds; is it a `vitro worker`, and awake?"
        );
    }
    match error {
        ConnectError::Unauthorized => anyhow!(
            "the worker at {address} refused the token; use the one that it was started with (--token-file or {TOKEN})"
        ),
        ConnectError::IncompatibleProtocol { .. } => {
            anyhow!("the worker at {address} is of another version ({error}); build both from the same source")
        }
        error => anyhow!("there is no `vitro worker` at {address}: {error}"),
    }
}

/// The same worker twice would give one device two shards under one name.
pub fn check(addresses: &[String]) -> Result<()> {
    for (index, address) in addresses.iter().enumerate() {
        if addresses[..index].contains(address) {
            bail!("--workers-at names {address} twice; start it with `--devices cpu,cpu` for two shards");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_token_is_long_enough_and_loses_its_line_end() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        fs::write(&file, "0123456789abcdef\n").unwrap();
        assert_eq!(token(Some(&file)).unwrap(), "0123456789abcdef");
        fs::write(&file, "0123456789abcde\n").unwrap();
        assert!(token(Some(&file)).unwrap_err().to_string().contains("shorter than 16"));
    }

    #[test]
    fn a_worker_named_twice_is_refused() {
        let refused = check(&["a:1".into(), "b:1".into(), "a:1".into()]).unwrap_err().to_string();
        assert!(refused.contains("a:1 twice"), "{refused}");
        check(&["a:1".into(), "a:2".into()]).unwrap();
    }

    #[test]
    fn whoever_takes_the_call_and_stays_silent_is_given_up_in_time() {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = silent.local_addr().unwrap().to_string();
        let began = std::time::Instant::now();
        let refused = devices(&address, "0123456789abcdef", Duration::from_millis(300)).unwrap_err().to_string();
        assert!(refused.contains("did not answer within 0.3 seconds"), "{refused}");
        assert!(began.elapsed() < Duration::from_secs(30));
    }
}
