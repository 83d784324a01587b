//! What goes wrong on purpose.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use super::journal::Call;
use crate::account::Account;

/// One thing that goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Throttled as the service says it: EC2 `RequestLimitExceeded` (503), Auto Scaling and load balancing `Throttling`, SSM `ThrottlingException` (400).
    Throttled,
    /// `Throttling` (400).
    Throttling,
    /// `InternalError` (500).
    InternalError,
    /// `Unavailable` (503).
    Unavailable,
    /// This error.
    Error {
        /// The HTTP status.
        status: u16,
        /// The code.
        code: String,
        /// The message.
        message: String,
    },
    /// The connection is closed without an answer, and nothing was done.
    CloseBefore,
    /// The connection is closed without an answer, and it was done.
    CloseAfter,
    /// The call is served later.
    Delay(Duration),
    /// It was done, and the connection breaks in the middle of the answer.
    Truncated,
}

impl Fault {
    /// An error with this status, code and message.
    #[must_use]
    pub fn error(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Error { status, code: code.into(), message: message.into() }
    }
}

/// Which calls of an action a fault strikes. Calls are counted from 1, per action (`*` counts all), retries too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// The nth.
    Nth(usize),
    /// The first so many.
    First(usize),
    /// Every one after the first so many.
    After(usize),
    /// Every kth.
    EachKth(usize),
    /// Every one.
    Every,
    /// Every one with a parameter of this value, such as an image id.
    Naming(String),
}

impl When {
    fn strikes(&self, nth: usize, call: &Call) -> bool {
        match self {
            Self::Nth(n) => nth == *n,
            Self::First(n) => nth <= *n,
            Self::After(n) => nth > *n,
            Self::EachKth(k) => nth.is_multiple_of(*k),
            Self::Every => true,
            Self::Naming(value) => call.names(value),
        }
    }
}

type Change = Box<dyn FnOnce(&mut Account) + Send>;

struct Rule {
    action: String,
    when: When,
    fault: Fault,
}

struct Hook {
    action: String,
    nth: usize,
    change: Change,
}

#[derive(Default)]
struct Plan {
    counts: HashMap<String, usize>,
    rules: Vec<Rule>,
    hooks: Vec<Hook>,
}

/// What goes wrong, and what changes just before a call is served.
#[derive(Default)]
pub struct Faults(Mutex<Plan>);

/// What one call meets.
pub(super) struct Met {
    pub(super) faults: Vec<Fault>,
    pub(super) changes: Vec<Change>,
}

impl Faults {
    /// This action (`*`: any) goes wrong so, on these calls.
    pub fn add(&self, action: &str, when: When, fault: Fault) {
        self.lock().rules.push(Rule { action: action.to_owned(), when, fault });
    }

    /// Just before the nth call of this action (`*`: of any) is served, the account changes so.
    pub fn on(&self, action: &str, nth: usize, change: impl FnOnce(&mut Account) + Send + 'static) {
        self.lock().hooks.push(Hook { action: action.to_owned(), nth, change: Box::new(change) });
    }

    /// Nothing goes wrong any more, and the counting starts anew.
    pub fn clear(&self) {
        *self.lock() = Plan::default();
    }

    pub(super) fn restart(&self) {
        self.lock().counts.clear();
    }

    pub(super) fn meet(&self, call: &Call) -> Met {
        let mut plan = self.lock();
        let mut count = |name: &str| {
            let count = plan.counts.entry(name.to_owned()).or_default();
            *count += 1;
            *count
        };
        let (of_action, of_all) = (count(&call.action), count("*"));
        let nth = |action: &str| match action {
            "*" => Some(of_all),
            action => (action == call.action).then_some(of_action),
        };
        let faults = plan
            .rules
            .iter()
            .filter(|rule| nth(&rule.action).is_some_and(|nth| rule.when.strikes(nth, call)))
            .map(|rule| rule.fault.clone())
            .collect();
        let due = plan.hooks.extract_if(.., |hook| nth(&hook.action) == Some(hook.nth));
        Met { faults, changes: due.map(|hook| hook.change).collect() }
    }

    fn lock(&self) -> MutexGuard<'_, Plan> {
        self.0.lock().expect("no panic while the faults are held")
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plan = self.lock();
        let rules = plan.rules.iter().map(|rule| (&rule.action, &rule.when, &rule.fault));
        let hooks = plan.hooks.iter().map(|hook| (&hook.action, hook.nth));
        formatter
            .debug_struct("Faults")
            .field("rules", &rules.collect::<Vec<_>>())
            .field("hooks", &hooks.collect::<Vec<_>>())
            .finish()
    }
}
