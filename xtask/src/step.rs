//! Running commands so that a person watching knows what happens, how long it should take and how long it took.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, IsTerminal, Read, Write, stdout};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Announces a piece of work with its expected time, does it, and says how long it took.
///
/// # Errors
/// Whatever the work returns.
pub fn timed<T>(what: &str, expected: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("==> {what} ({expected})");
    let start = Instant::now();
    let result = work();
    let outcome = if result.is_ok() { "done" } else { "failed" };
    println!("    {outcome} after {}", duration(start.elapsed()));
    result
}

/// Runs a command with its output on the terminal.
///
/// # Errors
/// The program cannot be started, or it ends with a failure; the message repeats the command.
pub fn run(command: &mut Command) -> Result<()> {
    let line = shown(command);
    let status = command.status().with_context(|| format!("cannot start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// What a program prints, when it can be started and succeeds.
pub fn output(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs a command, passes its output through line by line, and returns whether it succeeded with every line it printed.
///
/// # Errors
/// The program cannot be started.
pub fn relay(command: &mut Command) -> Result<(bool, Vec<String>)> {
    let line = shown(command);
    if stdout().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{line}`"))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let lines = thread::scope(|scope| {
        let err = scope.spawn(move || err.map(pass_through).unwrap_or_default());
        let mut lines = out.map(pass_through).unwrap_or_default();
        lines.extend(err.join().unwrap_or_default());
        lines
    });
    let status = child.wait().with_context(|| format!("cannot wait for `{line}`"))?;
    Ok((status.success(), lines))
}

/// Copies a stream to the terminal, line by line, and keeps the lines without colour codes.
fn pass_through(stream: impl Read) -> Vec<String> {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    let mut line = Vec::new();
    while matches!(reader.read_until(b'\n', &mut line), Ok(length) if length > 0) {
        // A closed terminal must not stop the tests.
        let _ = stdout().lock().write_all(&line);
        lines.push(plain(&String::from_utf8_lossy(&line)));
        line.clear();
    }
    lines
}

/// The line without terminal colour codes and the line end.
fn plain(line: &str) -> String {
    let mut kept = String::with_capacity(line.len());
    let mut chars = line.trim_end().chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            // A colour code ends at its first letter.
            let _ = chars.by_ref().find(char::is_ascii_alphabetic);
        } else {
            kept.push(c);
        }
    }
    kept
}

/// The command as one would type it.
pub fn shown(command: &Command) -> String {
    let program = command.get_program().to_string_lossy().into_owned();
    command.get_args().fold(program, |line, arg| line + " " + &arg.to_string_lossy())
}

/// A duration for people: `0.4 s`, `42 s`, `3 min 05 s`.
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        _ => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_codes_are_left_out() {
        assert_eq!(plain("\u{1b}[32;1m Summary\u{1b}[0m 3 passed\r\n"), " Summary 3 passed");
    }

    #[test]
    fn durations_read_like_words() {
        assert_eq!(duration(Duration::from_millis(420)), "0.4 s");
        assert_eq!(duration(Duration::from_secs(42)), "42 s");
        assert_eq!(duration(Duration::from_secs(185)), "3 min 05 s");
    }
}
