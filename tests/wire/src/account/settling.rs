/// A state that a thing is on its way to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settling {
    /// The state that it comes to.
    pub to: String,
    /// In how many describe calls more it is not there yet.
    pub calls: usize,
}

/// In how many describe calls a state on the way to another one shows. A call counts when it names the thing, or
/// names nothing, whatever its filters; `usize::MAX` is as good as for ever.
#[derive(Debug, Clone, Default)]
pub struct Paces {
    /// An instance is `stopping`.
    pub stopping: usize,
    /// An instance is `pending`.
    pub starting: usize,
    /// An instance is `shutting-down`.
    pub terminating: usize,
    /// A volume's attachment is `attaching`.
    pub attaching: usize,
    /// A volume's attachment is `detaching`.
    pub detaching: usize,
    /// A snapshot is `pending`.
    pub snapshots: usize,
    /// An image is `pending`.
    pub images: usize,
}

impl Settling {
    pub(crate) fn new(to: &str, calls: usize) -> Self {
        Self { to: to.to_owned(), calls }
    }

    /// Counts a describe call, and says whether the state is reached with it.
    pub(crate) fn is_over(&mut self) -> bool {
        let over = self.calls == 0;
        self.calls = self.calls.saturating_sub(1);
        over
    }
}
