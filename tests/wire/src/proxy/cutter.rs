use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::runtime::Killer;

/// What happens at the call that is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// It never reaches the upstream.
    Before,
    /// It reaches the upstream, and its answer goes nowhere.
    After,
    /// It reaches the upstream twice, and the second answer comes back. Nothing is killed.
    Twice,
}

type Act = Arc<dyn Fn() + Send + Sync>;

/// Counts the mutating calls of every proxy that shares it, and cuts at one of them. A clone counts with its original.
#[derive(Clone, Default)]
pub struct Cutter(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    plan: Option<(usize, Cut)>,
    act: Option<Act>,
    journal: Vec<String>,
    reached: bool,
}

impl Cutter {
    /// Only counts.
    #[must_use]
    pub fn never() -> Self {
        Self::default()
    }

    /// Cuts at the nth mutating call, the first being 0.
    #[must_use]
    pub fn at(n: usize, cut: Cut) -> Self {
        let cutter = Self::default();
        cutter.lock().plan = Some((n, cut));
        cutter
    }

    /// When it cuts, before the connection is closed, it does this.
    pub fn when_cut(&self, act: impl Fn() + Send + Sync + 'static) {
        self.lock().act = Some(Arc::new(act));
    }

    /// When it cuts, it kills this process.
    pub fn kills(&self, killer: Killer) {
        self.when_cut(move || killer.kill());
    }

    /// Whether the call to be cut was reached.
    #[must_use]
    pub fn reached(&self) -> bool {
        self.lock().reached
    }

    /// The mutating calls so far, the cut one too, such as `ec2:DeregisterImage` or `dynamodb:PutItem`.
    #[must_use]
    pub fn journal(&self) -> Vec<String> {
        self.lock().journal.clone()
    }

    /// Counts a mutating call, and says whether it is the one to cut.
    pub(super) fn count(&self, mutation: String) -> Option<Cut> {
        let mut state = self.lock();
        let index = state.journal.len();
        state.journal.push(mutation);
        let cut = state.plan.and_then(|(n, cut)| (n == index).then_some(cut));
        state.reached |= cut.is_some();
        cut
    }

    pub(super) fn act(&self) {
        let act = self.lock().act.clone();
        if let Some(act) = act {
            act();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no panic while the count is held")
    }
}

impl fmt::Debug for Cutter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        formatter
            .debug_struct("Cutter")
            .field("plan", &state.plan)
            .field("journal", &state.journal)
            .field("reached", &state.reached)
            .finish_non_exhaustive()
    }
}
