//! Other programs, where one is needed: each is started, watched and distrusted.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use wait_timeout::ChildExt;

/// Bytes of a program's complaints that are kept; the first line is what is shown.
const MOST_COMPLAINTS: u64 = 4 * 1024;

/// Why a program gave no answer.
#[derive(Debug)]
pub(crate) enum Problem {
    /// It could not be started, often for it is not installed.
    NotStarted(std::io::Error),
    /// It, or what it prints, did not end in time.
    TooSlow,
    /// It printed more than was asked for.
    TooMuch,
    /// It ended with a failure, and complained so.
    Failed(String),
}

/// Runs a program on `input`, and returns what it printed: at most `most_bytes` of it, and within `timeout`.
///
/// # Errors
/// It could not be started, failed, took longer, or printed more; then it is killed.
pub(crate) fn run(command: &mut Command, input: Vec<u8>, most_bytes: u64, timeout: Duration) -> Result<Vec<u8>, Problem> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(Problem::NotStarted)?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that stops reading is no fault of ours: its exit status tells.
        std::thread::spawn(move || stdin.write_all(&input));
    }
    let output = collect(child.stdout.take(), most_bytes);
    let complaints = collect(child.stderr.take(), MOST_COMPLAINTS);
    let ended = wait(&mut child, &output, most_bytes, timeout);
    let _ = child.kill();
    let (printed, has_succeeded) = ended?;
    if has_succeeded {
        return Ok(printed);
    }
    let complaints = complaints.recv_timeout(Duration::from_secs(1)).unwrap_or_default();
    Err(Problem::Failed(String::from_utf8_lossy(&complaints).into_owned()))
}

/// Waits for what the program prints and for its end, and returns whether it succeeded.
fn wait(child: &mut Child, output: &Receiver<Vec<u8>>, most_bytes: u64, timeout: Duration) -> Result<(Vec<u8>, bool), Problem> {
    let started = Instant::now();
    let printed = output.recv_timeout(timeout).map_err(|_| Problem::TooSlow)?;
    if printed.len() as u64 > most_bytes {
        return Err(Problem::TooMuch);
    }
    match child.wait_timeout(timeout.saturating_sub(started.elapsed())) {
        Ok(Some(status)) => Ok((printed, status.success())),
        Ok(None) | Err(_) => Err(Problem::TooSlow),
    }
}

/// Reads a stream to its end, or one byte further than it may be long.
fn collect(stream: Option<impl Read + Send + 'static>, most: u64) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(stream) = stream {
            let _ = stream.take(most.saturating_add(1)).read_to_end(&mut bytes);
        }
        let _ = sender.send(bytes);
    });
    receiver
}
