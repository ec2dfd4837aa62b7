//! One request over HTTP: the file or a part of it, or why there is none.
//!
//! Redirects are followed here and not by the client library, so that it can be seen what each host is told: the token goes to
//! the scheme, host and port that were asked for, and nowhere else.

use std::io::{self, Read};
use std::time::Duration;

use ureq::http::{HeaderMap, Response};
use ureq::{Body, Error, Timeout};

/// Hosts that may send each other's visitors on.
const MOST_REDIRECTS: usize = 10;

/// What is asked for.
pub(super) struct Request<'a> {
    pub(super) address: &'a str,
    /// How many bytes are here already.
    pub(super) from: u64,
    /// The mark of the file that they are of.
    pub(super) mark: Option<&'a str>,
    pub(super) token: Option<&'a str>,
    pub(super) patience: Duration,
}

/// What a host answered.
pub(super) struct Answer {
    pub(super) status: u16,
    /// Size of the whole file, where the host says it.
    pub(super) total: Option<u64>,
    /// Where the part begins that follows.
    pub(super) from: u64,
    /// What tells this file from a later one at the same address.
    pub(super) mark: Option<String>,
    body: Box<dyn Read>,
    patience: Duration,
}

/// Why a file does not come.
#[derive(Debug)]
pub(super) enum Trouble {
    /// There is no way to the host.
    Unreachable(String),
    /// Another try may go better.
    Passing(String),
    /// No other try will.
    Lasting(String),
}

/// Asks.
pub(super) fn ask(request: &Request<'_>) -> Result<Answer, Trouble> {
    let mut address = request.address.to_owned();
    for _ in 0..MOST_REDIRECTS {
        let token = request.token.filter(|_| origin(&address) == origin(request.address));
        let response = get(&address, token, request).map_err(|error| match trouble(error, request.patience) {
            Trouble::Lasting(reason) => Trouble::Lasting(format!("{address} cannot be asked: {reason}")),
            other => other,
        })?;
        if !response.status().is_redirection() {
            return Ok(Answer::of(response, request.patience));
        }
        let to = text(response.headers(), "location");
        let to = to.ok_or_else(|| Trouble::Lasting(format!("{address} sends on to nowhere; name another host")))?;
        let next = resolved(&address, &to);
        if origin(&address).starts_with("https:") && !next.starts_with("https:") {
            return Err(Trouble::Lasting(format!(
                "{address} sends on to {next}, which anybody on the way could change"
            )));
        }
        address = next;
    }
    Err(Trouble::Lasting(format!("{} sends on and on; name another host", request.address)))
}

fn get(address: &str, token: Option<&str>, request: &Request<'_>) -> Result<Response<Body>, Error> {
    let patience = Some(request.patience);
    let mut config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_resolve(patience)
        .timeout_connect(patience)
        .timeout_per_read(patience)
        .timeout_per_write(patience)
        .user_agent(concat!("vitro/", env!("CARGO_PKG_VERSION")));
    if is_this_machine(address) {
        // No proxy leads back here.
        config = config.proxy(None);
    }
    let mut get = config.build().new_agent().get(address).header("Accept-Encoding", "identity");
    if request.from > 0 {
        get = get.header("Range", format!("bytes={}-", request.from));
        if let Some(mark) = request.mark {
            get = get.header("If-Range", mark);
        }
    }
    if let Some(token) = token {
        get = get.header("Authorization", format!("Bearer {token}"));
    }
    get.call()
}

impl Answer {
    fn of(response: Response<Body>, patience: Duration) -> Self {
        let headers = response.headers();
        let length = text(headers, "content-length").and_then(|length| length.parse::<u64>().ok());
        let range = text(headers, "content-range").and_then(|range| parsed(&range));
        let (from, total) = match range {
            Some((from, total)) => (from, total),
            None => (0, length),
        };
        // A weak mark says that two files mean the same, not that they are the same bytes.
        let mark = text(headers, "etag").filter(|tag| tag.starts_with('"')).or_else(|| text(headers, "last-modified"));
        let status = response.status().as_u16();
        Self { status, total, from, mark, body: Box::new(response.into_body().into_reader()), patience }
    }

    /// The next bytes; none at the end.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Trouble> {
        loop {
            match self.body.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(read) => return Ok(read),
                // However it ended, the host was there.
                Err(error) => {
                    return Err(match trouble(Error::from(error), self.patience) {
                        Trouble::Unreachable(reason) | Trouble::Passing(reason) | Trouble::Lasting(reason) => {
                            Trouble::Passing(reason)
                        }
                    });
                }
            }
        }
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// `bytes 100-199/200`: where the part begins, and the size of the whole.
fn parsed(range: &str) -> Option<(u64, Option<u64>)> {
    let (part, total) = range.trim().strip_prefix("bytes")?.trim().split_once('/')?;
    let (from, _) = part.split_once('-')?;
    Some((from.trim().parse().ok()?, total.trim().parse().ok()))
}

/// Scheme, host and port of an address.
fn origin(address: &str) -> String {
    let start = address.find("://").map_or(0, |at| at + 3);
    let end = address[start..].find(['/', '?', '#']).map_or(address.len(), |at| start + at);
    address[..end].to_ascii_lowercase()
}

/// Scheme, host and port without the scheme.
pub(super) fn host(address: &str) -> String {
    let origin = origin(address);
    origin.split_once("://").map_or(origin.clone(), |(_, host)| host.to_owned())
}

fn is_this_machine(address: &str) -> bool {
    let host = host(address);
    ["localhost", "127.", "[::1]"].iter().any(|here| host.starts_with(here))
}

/// The address that a host sends on to, which may be written from its root or from the file that was asked for.
fn resolved(from: &str, to: &str) -> String {
    let origin = origin(from);
    if to.contains("://") {
        to.to_owned()
    } else if to.starts_with("//") {
        format!("{}:{to}", origin.split_once("://").map_or("https", |(scheme, _)| scheme))
    } else if to.starts_with('/') {
        format!("{origin}{to}")
    } else {
        let path = from[origin.len()..].split(['?', '#']).next().unwrap_or_default();
        let folder = path.rfind('/').map_or("/", |slash| &path[..=slash]);
        format!("{origin}{folder}{to}")
    }
}

fn trouble(error: Error, patience: Duration) -> Trouble {
    let seconds = patience.as_secs_f64();
    match error {
        Error::HostNotFound => Trouble::Unreachable("nobody knows its name".to_owned()),
        Error::ConnectionFailed => Trouble::Unreachable("no connection".to_owned()),
        Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
            Trouble::Unreachable(format!("no connection within {seconds} s"))
        }
        Error::Timeout(_) => Trouble::Passing(format!("nothing came for {seconds} s")),
        Error::Protocol(error) => Trouble::Passing(error.to_string()),
        Error::BodyStalled => Trouble::Passing("the connection ended early".to_owned()),
        Error::Io(error) => match error.kind() {
            io::ErrorKind::UnexpectedEof => Trouble::Passing("the connection ended early".to_owned()),
            io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
                Trouble::Passing("the connection was cut".to_owned())
            }
            io::ErrorKind::TimedOut => Trouble::Passing(format!("nothing came for {seconds} s")),
            _ => Trouble::Unreachable(error.to_string()),
        },
        other => Trouble::Lasting(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        assert_eq!(origin("https://Hub.example/a/b?c"), "https://hub.example");
        assert_eq!(origin("http://127.0.0.1:80"), "http://127.0.0.1:80");
        assert_ne!(origin("http://127.0.0.1:80/a"), origin("http://127.0.0.1:81/a"));
        assert_ne!(origin("https://hub.example/a"), origin("https://hub.example.evil/a"));
        assert!(is_this_machine("http://127.0.0.1:8000/x") && !is_this_machine("https://hub.example/127.0.0.1"));
    }

    #[test]
    fn the_next_address_counts_from_the_one_before() {
        let from = "https://hub.example/a/b?c=/d";
        for (to, expected) in [
            ("http://else.example/x", "http://else.example/x"),
            ("//else.example/x", "https://else.example/x"),
            ("/x", "https://hub.example/x"),
            ("x", "https://hub.example/a/x"),
        ] {
            assert_eq!(resolved(from, to), expected);
        }
        assert_eq!(resolved("https://hub.example", "x"), "https://hub.example/x");
    }

    #[test]
    fn a_range_says_where_it_begins_and_may_say_of_how_many() {
        assert_eq!(parsed("bytes 100-199/200"), Some((100, Some(200))));
        assert_eq!(parsed("bytes 0-9/*"), Some((0, None)));
        for none in ["bytes */200", "items 0-9/10", ""] {
            assert_eq!(parsed(none), None, "{none}");
        }
    }
}
