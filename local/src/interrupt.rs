//! Ctrl-C and SIGTERM: whatever was started is ended before the driver is.

use std::process::exit;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::error::{Result, plain};
use crate::process::end_everything;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// From here on a signal ends what was started, and then the driver.
///
/// # Errors
/// When the system does not let signals be handled.
pub fn end_everything_on_a_signal() -> Result<()> {
    let mut signals =
        Signals::new([SIGINT, SIGTERM, SIGHUP]).map_err(|e| plain(format!("signals cannot be handled: {e}")))?;
    thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            INTERRUPTED.store(true, Ordering::SeqCst);
            eprintln!("\nended by a signal; stopping what was started");
            let left = end_everything();
            if !left.is_empty() {
                eprintln!("these process groups would not end: {left:?}");
            }
            exit(128 + signal);
        }
    });
    Ok(())
}

/// Whether a signal is ending the driver: what fails from then on fails because of that, and nobody wants to read it.
#[must_use]
pub fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}
