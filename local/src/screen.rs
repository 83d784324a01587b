//! The terminal: its width, whether it wants colour, and steps that say what is happening and how long it took.
#![allow(clippy::print_stdout, reason = "what a person reads while the driver works goes to standard output")]

use std::io::{IsTerminal, Write, stdout};
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::process::tail;

const NARROWEST: usize = 60;
/// Where nobody looks at a terminal, lines are as wide as a reader likes them.
const WIDTH_OF_A_FILE: usize = 120;
const TICK: Duration = Duration::from_millis(200);
/// A step that is done by then needs no line that it began.
const SOON: Duration = Duration::from_secs(2);
const HEARTBEAT: Duration = Duration::from_secs(30);

/// Where the driver writes for people.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    width: usize,
    terminal: bool,
    colour: bool,
}

/// How a piece of text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// As it is.
    Plain,
    /// A heading.
    Bold,
    /// Less important.
    Dim,
    /// Good, or kept.
    Green,
    /// A warning, or a step that can be taken back.
    Yellow,
    /// Bad, or gone.
    Red,
}

impl Screen {
    /// Standard output, as it is. `NO_COLOR` is honoured.
    #[must_use]
    pub fn stdout() -> Self {
        let terminal = stdout().is_terminal();
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let columns = std::env::var("COLUMNS").ok().and_then(|value| value.parse().ok());
        let measured = rustix::termios::tcgetwinsize(stdout()).ok().map(|size| usize::from(size.ws_col));
        let width = measured.filter(|width| *width > 0).or(columns).unwrap_or(WIDTH_OF_A_FILE);
        Self { width: width.max(NARROWEST), terminal, colour: terminal && !dumb && !set("NO_COLOR") }
    }

    #[cfg(test)]
    pub(crate) fn plain(width: usize) -> Self {
        Self { width, terminal: false, colour: false }
    }

    /// How many columns a line has.
    #[must_use]
    pub fn width(self) -> usize {
        self.width
    }

    /// Text that looks like this, where colour is wanted.
    #[must_use]
    pub fn paint(self, look: Look, text: &str) -> String {
        let code = match look {
            Look::Plain => return text.to_owned(),
            Look::Bold => "1",
            Look::Dim => "2",
            Look::Green => "32",
            Look::Yellow => "33",
            Look::Red => "31",
        };
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// A line.
    pub fn say(self, line: &str) {
        println!("{line}");
    }

    /// A heading, with an empty line above it.
    pub fn heading(self, text: &str) {
        println!("\n{}", self.paint(Look::Bold, text));
    }

    /// Paragraphs, wrapped to the terminal.
    pub fn explain(self, text: &str) {
        for line in wrap(text, self.width.min(100)) {
            println!("{}", self.paint(Look::Dim, &line));
        }
    }

    /// Does something, says what, and how long it took. `log` is where it writes meanwhile.
    ///
    /// # Errors
    /// What the work answers.
    pub fn step<T, E>(self, what: &str, log: Option<&Path>, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let start = Instant::now();
        let result = thread::scope(|scope| {
            let (done, waiting) = channel::<()>();
            if self.terminal {
                scope.spawn(move || {
                    while waiting.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                        self.redraw(what, log, start.elapsed());
                    }
                });
            } else {
                scope.spawn(move || {
                    if waiting.recv_timeout(SOON) == Err(RecvTimeoutError::Timeout) {
                        println!("  … {what}");
                    }
                    while waiting.recv_timeout(HEARTBEAT) == Err(RecvTimeoutError::Timeout) {
                        println!("    {} so far: {}", elapsed(start.elapsed()), last_words(log, 90));
                    }
                });
            }
            let result = work();
            drop(done);
            result
        });
        let (mark, look) = if result.is_ok() { ("✓", Look::Green) } else { ("✗", Look::Red) };
        let erase = if self.terminal { "\r\x1b[K" } else { "" };
        let took = elapsed(start.elapsed());
        println!("{erase}  {} {what} {}", self.paint(look, mark), self.paint(Look::Dim, &took));
        result
    }

    fn redraw(self, what: &str, log: Option<&Path>, so_far: Duration) {
        let front = format!("  … {what} {} ", elapsed(so_far));
        let room = self.width.saturating_sub(front.chars().count() + 1);
        let words = if room > 20 { last_words(log, room) } else { String::new() };
        print!("\r\x1b[K{front}{}", self.paint(Look::Dim, &words));
        // A terminal that does not take a progress line will not take the result either, and that is where it is noticed.
        stdout().flush().ok();
    }
}

fn last_words(log: Option<&Path>, room: usize) -> String {
    let line = log.map(|log| tail(log, 1)).unwrap_or_default();
    let printable: String = line.chars().filter(|c| !c.is_control()).collect();
    printable.trim().chars().take(room).collect()
}

/// `0.4 s`, `12 s`, `3 min 20 s`.
#[must_use]
pub fn elapsed(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        10..120 => format!("{seconds} s"),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// Breaks text into lines of at most this many characters, at spaces where it can.
#[must_use]
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let mut word: Vec<char> = word.chars().collect();
            let needed = line.chars().count() + usize::from(!line.is_empty()) + word.len();
            if needed > width && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            while word.len() > width {
                lines.push(word.drain(..width).collect());
            }
            if !line.is_empty() && !word.is_empty() {
                line.push(' ');
            }
            line.extend(word);
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_breaks_at_spaces_and_long_words_anywhere() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("ami-0123456789", 5), ["ami-0", "12345", "6789"]);
        assert_eq!(wrap("x ami-0123456789", 5), ["x", "ami-0", "12345", "6789"]);
        assert_eq!(wrap("", 5), [""]);
        assert_eq!(wrap("a\nb", 5), ["a", "b"]);
    }

    #[test]
    fn a_time_reads_well_whatever_its_length() {
        assert_eq!(elapsed(Duration::from_millis(440)), "0.4 s");
        assert_eq!(elapsed(Duration::from_secs(61)), "61 s");
        assert_eq!(elapsed(Duration::from_secs(200)), "3 min 20 s");
    }
}
