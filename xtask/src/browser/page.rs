//! One open page: evaluate JavaScript, wait for a condition, press a key, read what it complained about.

use super::connection::Connection;
use anyhow::{Result, bail};
use serde_json::{Value, json};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// A page of a [`Browser`](super::Browser).
#[derive(Debug)]
pub struct Page<'a> {
    connection: &'a mut Connection,
    session: String,
}

/// What a page holds in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Burden {
    /// Nodes of its documents, whether they are in sight or not.
    pub nodes: u64,
    /// Functions that hear of events.
    pub listeners: u64,
    /// JavaScript objects, bytes.
    pub heap: u64,
}

impl<'a> Page<'a> {
    pub(super) fn open(connection: &'a mut Connection, url: &str, script: &str) -> Result<Self> {
        let mut page = Self::blank(connection)?;
        if !script.is_empty() {
            page.call("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": script }))?;
        }
        page.navigate(url)?;
        Ok(page)
    }

    pub(super) fn blank(connection: &'a mut Connection) -> Result<Self> {
        let target = connection.call(None, "Target.createTarget", &json!({ "url": "about:blank" }))?;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = connection.call(None, "Target.attachToTarget", &attach)?;
        let session = attached["sessionId"].as_str().unwrap_or_default().to_owned();
        let mut page = Self { connection, session };
        for domain in ["Page.enable", "Runtime.enable", "Log.enable"] {
            page.call(domain, &json!({}))?;
        }
        Ok(page)
    }

    pub(super) fn switch_scripts_off(&mut self) -> Result<()> {
        self.call("Emulation.setScriptExecutionDisabled", &json!({ "value": true })).map(drop)
    }

    /// Ends the browser's graphics process, as a driver's update or a sleeping machine would.
    ///
    /// # Errors
    /// The browser does not answer.
    pub fn lose_graphics(&mut self) -> Result<()> {
        self.connection.call(None, "Browser.crashGpuProcess", &json!({})).map(drop)
    }

    /// Goes to another address and waits until its `load` event.
    ///
    /// # Errors
    /// The address cannot be loaded.
    pub fn navigate(&mut self, url: &str) -> Result<()> {
        let answer = self.call("Page.navigate", &json!({ "url": url }))?;
        if let Some(error) = answer["errorText"].as_str() {
            bail!("{url} does not load: {error}");
        }
        self.connection.wait_for(&self.session, "Page.loadEventFired")
    }

    /// The value of a JavaScript expression; a promise is awaited. What JSON cannot hold becomes null.
    ///
    /// # Errors
    /// The expression throws, or the page does not answer.
    pub fn evaluate(&mut self, expression: &str) -> Result<Value> {
        let params =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true });
        let mut answer = self.call("Runtime.evaluate", &params)?;
        if let Some(details) = answer.get("exceptionDetails") {
            bail!("the page threw {}", exception_text(details));
        }
        Ok(answer["result"]["value"].take())
    }

    /// Polls an expression until it is truthy and returns its value.
    ///
    /// # Errors
    /// The time is over; the message has the last value and what the page's console says.
    pub fn wait_until(&mut self, expression: &str, patience: Duration) -> Result<Value> {
        let deadline = Instant::now() + patience;
        loop {
            let value = self.evaluate(expression)?;
            if truthy(&value) {
                return Ok(value);
            }
            if Instant::now() > deadline {
                bail!("`{expression}` is still {value} after {} s.{}", patience.as_secs(), self.console());
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Presses and releases a key that types one character, such as `4`.
    ///
    /// # Errors
    /// The page does not answer.
    pub fn press(&mut self, key: char) -> Result<()> {
        let (text, code) = (key.to_string(), u32::from(key.to_ascii_uppercase()));
        for kind in ["keyDown", "keyUp"] {
            let mut params = json!({ "type": kind, "key": text, "windowsVirtualKeyCode": code });
            if kind == "keyDown" {
                params["text"] = text.as_str().into();
            }
            self.call("Input.dispatchKeyEvent", &params)?;
        }
        Ok(())
    }

    /// Presses and releases a key that types nothing, by its name in a `KeyboardEvent`, such as `ArrowLeft`.
    ///
    /// # Errors
    /// The page does not answer.
    pub fn press_named(&mut self, key: &str) -> Result<()> {
        // What the browser itself does with a key goes by its number.
        let number = if key == "Escape" { 27 } else { 0 };
        for kind in ["rawKeyDown", "keyUp"] {
            let params = json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": number });
            self.call("Input.dispatchKeyEvent", &params)?;
        }
        Ok(())
    }

    /// Lets go of files or folders of this machine in the middle of the page, as a visitor's mouse would.
    ///
    /// # Errors
    /// The page does not answer.
    pub fn drop_files(&mut self, paths: &[&Path]) -> Result<()> {
        let files: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
        let data = json!({ "items": [], "files": files, "dragOperationsMask": 1 });
        for kind in ["dragEnter", "dragOver", "drop"] {
            self.call("Input.dispatchDragEvent", &json!({ "type": kind, "x": 200, "y": 200, "data": data }))?;
        }
        Ok(())
    }

    /// Runs the page's scripts as a processor that is so many times slower would.
    ///
    /// # Errors
    /// The page does not answer.
    pub fn slow_down(&mut self, times: f64) -> Result<()> {
        self.call("Emulation.setCPUThrottlingRate", &json!({ "rate": times })).map(drop)
    }

    /// What the page holds in memory, after a collection of what nobody holds any more.
    ///
    /// # Errors
    /// The page does not answer.
    pub fn burden(&mut self) -> Result<Burden> {
        for _ in 0..3 {
            self.call("HeapProfiler.collectGarbage", &json!({}))?;
        }
        let counters = self.call("Memory.getDOMCounters", &json!({}))?;
        let heap = self.call("Runtime.getHeapUsage", &json!({}))?;
        let number = |value: &Value| value.as_f64().unwrap_or_default() as u64;
        Ok(Burden {
            nodes: number(&counters["nodes"]),
            listeners: number(&counters["jsEventListeners"]),
            heap: number(&heap["usedSize"]),
        })
    }

    /// What the pages' processes hold in memory, bytes, workers and engines included; nothing where the system does not tell.
    ///
    /// # Errors
    /// The browser does not answer.
    pub fn resident(&mut self) -> Result<Option<u64>> {
        let found = self.connection.call(None, "SystemInfo.getProcessInfo", &json!({}))?;
        let processes = found["processInfo"].as_array().into_iter().flatten();
        let pages = processes.filter(|process| process["type"] == "renderer");
        let resident = pages.map(|process| {
            let status = fs::read_to_string(format!("/proc/{}/status", process["id"])).ok()?;
            let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
            line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
        });
        Ok(resident.sum())
    }

    /// Answers media queries as another device would, such as `("forced-colors", "active")`.
    ///
    /// # Errors
    /// The page does not answer.
    pub fn emulate(&mut self, features: &[(&str, &str)]) -> Result<()> {
        let features: Vec<_> = features.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        self.call("Emulation.setEmulatedMedia", &json!({ "features": features })).map(drop)
    }

    /// Gives the window other sides, in CSS pixels.
    ///
    /// # Errors
    /// The page does not answer.
    pub fn resize(&mut self, width: u32, height: u32) -> Result<()> {
        let sides = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", &sides).map(drop)
    }

    /// An image of the window as base64 of a PNG file.
    ///
    /// # Errors
    /// The page does not answer.
    pub fn screenshot(&mut self) -> Result<String> {
        let answer = self.call("Page.captureScreenshot", &json!({ "format": "png" }))?;
        Ok(answer["data"].as_str().unwrap_or_default().to_owned())
    }

    /// What was not caught or was logged as an error, one per line after a heading; empty when all is well.
    pub fn console(&self) -> String {
        let mut lines = String::new();
        let events = |method| self.connection.events(&self.session, method);
        for event in events("Runtime.exceptionThrown") {
            let _ = write!(lines, "\n  {}", exception_text(&event["params"]["exceptionDetails"]));
        }
        for event in events("Runtime.consoleAPICalled").filter(|event| event["params"]["type"] == "error") {
            let said = event["params"]["args"].as_array().into_iter().flatten();
            let said: Vec<_> =
                said.map(|arg| arg["value"].as_str().or(arg["description"].as_str()).unwrap_or("…")).collect();
            let _ = write!(lines, "\n  {}", said.join(" "));
        }
        for event in events("Log.entryAdded").filter(|event| event["params"]["entry"]["level"] == "error") {
            let entry = &event["params"]["entry"];
            let [text, url] = ["text", "url"].map(|field| entry[field].as_str().unwrap_or_default());
            // Chromium asks every site for an icon; a page without one is not in error.
            if url.ends_with("/favicon.ico") {
                continue;
            }
            let _ = write!(lines, "\n  {text} {url}");
        }
        if lines.is_empty() { lines } else { format!(" The page's console says:{lines}") }
    }

    fn call(&mut self, method: &str, params: &Value) -> Result<Value> {
        self.connection.call(Some(&self.session), method, params)
    }
}

fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

/// The error with its stack where there is one, the message otherwise.
fn exception_text(details: &Value) -> &str {
    let thrown = &details["exception"];
    thrown["description"].as_str().or(thrown["value"].as_str()).or(details["text"].as_str()).unwrap_or("an error")
}
