//! The protocol itself: numbered calls, their answers, and the events that arrive in between.

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, ChildStdout};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

/// No single call takes longer, the first start of Chromium on a busy machine included. Work of minutes is polled for.
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Debug)]
pub(super) struct Connection {
    input: Option<ChildStdin>,
    messages: Receiver<Value>,
    last_call: u64,
    events: Vec<Value>,
}

impl Connection {
    pub(super) fn new(input: ChildStdin, output: ChildStdout) -> Self {
        let (sender, messages) = mpsc::channel();
        thread::spawn(move || {
            // The thread ends when Chromium closes its end or nobody listens any more.
            for message in BufReader::new(output).split(0).map_while(Result::ok) {
                let Ok(message) = serde_json::from_slice(&message) else { continue };
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        Self { input: Some(input), messages, last_call: 0, events: Vec::new() }
    }

    /// Calls a method and waits for its result. `session` is the page it concerns, `None` the browser.
    pub(super) fn call(&mut self, session: Option<&str>, method: &str, params: &Value) -> Result<Value> {
        self.last_call += 1;
        let mut message = json!({ "id": self.last_call, "method": method, "params": params });
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let mut bytes = serde_json::to_vec(&message)?;
        bytes.push(0);
        let input = self.input.as_mut().context("Chromium is closed")?;
        input
            .write_all(&bytes)
            .and_then(|()| input.flush())
            .with_context(|| format!("Chromium ended before {method}"))?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut answer = self.next(deadline).with_context(|| format!("no answer to {method}"))?;
            if answer["id"] != self.last_call {
                self.events.push(answer);
                continue;
            }
            if let Some(error) = answer.get("error") {
                bail!("{method}: {error}");
            }
            return Ok(answer["result"].take());
        }
    }

    /// Waits for an event of a page and drops it.
    pub(super) fn wait_for(&mut self, session: &str, method: &str) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        let wanted = |event: &Value| event["method"] == method && event["sessionId"] == session;
        loop {
            if let Some(index) = self.events.iter().position(wanted) {
                self.events.remove(index);
                return Ok(());
            }
            let event = self.next(deadline).with_context(|| format!("{method} did not happen"))?;
            self.events.push(event);
        }
    }

    /// The events of a page so far that have this name.
    pub(super) fn events<'a>(&'a self, session: &'a str, method: &'a str) -> impl Iterator<Item = &'a Value> {
        self.events.iter().filter(move |event| event["method"] == method && event["sessionId"] == session)
    }

    /// Asks Chromium to end and closes the pipe.
    pub(super) fn close(&mut self) {
        if let Some(mut input) = self.input.take() {
            let _ = input.write_all(b"{\"id\":0,\"method\":\"Browser.close\"}\0");
        }
    }

    fn next(&self, deadline: Instant) -> Result<Value> {
        let left = deadline.saturating_duration_since(Instant::now());
        match self.messages.recv_timeout(left) {
            Ok(message) => Ok(message),
            Err(mpsc::RecvTimeoutError::Timeout) => bail!("Chromium said nothing for {} seconds", PATIENCE.as_secs()),
            Err(mpsc::RecvTimeoutError::Disconnected) => bail!("Chromium ended"),
        }
    }
}
