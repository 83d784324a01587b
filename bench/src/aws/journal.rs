//! What was asked of the services, in order, and what AWS would charge for it.

/// One call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The prefix of the service's IAM actions.
    pub service: &'static str,
    /// The action.
    pub action: String,
    /// Whether it was refused: a condition that did not hold is no failure.
    pub refused: Option<String>,
}

/// What was asked of the services.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    /// Every call, in order of arrival.
    pub calls: Vec<Call>,
    /// DynamoDB's read request units.
    pub read_units: u64,
    /// DynamoDB's write request units.
    pub write_units: u64,
    /// Bytes that were put into S3.
    pub put_bytes: u64,
}

impl Journal {
    pub(super) fn record(&mut self, service: &'static str, action: &str, refused: Option<&str>) {
        self.calls.push(Call { service, action: action.to_owned(), refused: refused.map(str::to_owned) });
    }
}
