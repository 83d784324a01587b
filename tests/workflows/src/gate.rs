//! A call that waits until the test lets it go on.

use std::convert::Infallible;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use sunset_wire::Ec2;

/// Below the functions' own patience with one attempt of a call.
const HELD_AT_MOST: Duration = Duration::from_secs(15);
const REACHED_WITHIN: Duration = Duration::from_secs(60);

/// Holds a call of EC2, and every call after it. Dropped, it lets them go on.
#[derive(Debug)]
pub struct Gate {
    reached: Receiver<()>,
    held: Sender<Infallible>,
}

impl Gate {
    /// Holds the nth call of this action from now on.
    #[must_use]
    pub fn before(ec2: &Ec2, action: &str, nth: usize) -> Self {
        let (arrived, reached) = channel();
        let (held, opened) = channel();
        ec2.faults().on(action, nth, move |_| {
            // Nobody may be waiting for the arrival, and the gate opens by being dropped: neither is a failure.
            arrived.send(()).ok();
            opened.recv_timeout(HELD_AT_MOST).ok();
        });
        Self { reached, held }
    }

    /// Waits until the call has come.
    pub fn reached(&self) {
        self.reached.recv_timeout(REACHED_WITHIN).expect("the call that the gate holds");
    }

    /// Lets the calls go on.
    pub fn open(self) {
        drop(self.held);
    }
}
