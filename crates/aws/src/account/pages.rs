//! Reading in pages, until the last one.

use std::collections::BTreeSet;

use sunset_domain::coverage::Coverage;

use crate::error::{AwsError, AwsErrorKind};

/// The turns of one reading in pages.
///
/// Only a missing token ends it: an empty page with a token goes on. A token that comes again is an error, because
/// the reading would never end, and what it had not seen yet would be missing.
#[derive(Debug)]
pub(crate) struct Pages {
    operation: &'static str,
    next: Option<String>,
    seen: BTreeSet<String>,
    over: bool,
}

impl Pages {
    pub(crate) fn of(operation: &'static str) -> Self {
        Self { operation, next: None, seen: BTreeSet::new(), over: false }
    }

    /// The token that asks for the next page (none for the first), until there are no more.
    pub(crate) fn turn(&self) -> Option<Option<String>> {
        (!self.over).then(|| self.next.clone())
    }

    /// Takes the token that a page ended with.
    pub(crate) fn turned(&mut self, token: Option<String>) -> Result<(), AwsError> {
        let Some(token) = token.filter(|token| !token.is_empty()) else {
            self.over = true;
            return Ok(());
        };
        if !self.seen.insert(token.clone()) {
            return Err(AwsError::refused(self.operation, "the same page token came twice"));
        }
        self.next = Some(token);
        Ok(())
    }
}

/// What was read, and how the reading ended.
pub(crate) type Read<T> = (Vec<T>, Result<(), AwsError>);

/// Asks for one page after the other, and gives what they held even where the last one is missing.
pub(crate) async fn read_all<T>(
    operation: &'static str,
    ask: impl AsyncFn(Option<String>) -> Result<(Vec<T>, Option<String>), AwsError>,
) -> Read<T> {
    let mut all = Vec::new();
    let mut pages = Pages::of(operation);
    while let Some(token) = pages.turn() {
        let turned = match ask(token).await {
            Ok((page, token)) => {
                all.extend(page);
                pages.turned(token)
            }
            Err(error) => Err(error),
        };
        if let Err(error) = turned {
            return (all, Err(error));
        }
    }
    (all, Ok(()))
}

/// How a reading went that ended in an error before it held anything.
#[must_use]
pub fn failure(error: AwsError) -> Coverage {
    coverage(0, Err(error))
}

/// How a reading went that held so many things.
pub(crate) fn coverage(items: usize, outcome: Result<(), AwsError>) -> Coverage {
    let items = u64::try_from(items).unwrap_or(u64::MAX);
    match outcome {
        Ok(()) => Coverage::Complete { items },
        Err(error) if error.kind == AwsErrorKind::Denied => Coverage::Denied { detail: error.to_string() },
        Err(error) if items > 0 => Coverage::Truncated { items, detail: error.to_string() },
        Err(error) => Coverage::Failed { detail: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_comes_again_is_an_error_and_not_an_endless_loop() {
        let mut pages = Pages::of("DescribeImages");
        assert_eq!(pages.turn(), Some(None));
        pages.turned(Some("a".into())).unwrap();
        pages.turned(Some("b".into())).unwrap();
        assert_eq!(pages.turn(), Some(Some("b".into())));
        let error = pages.turned(Some("a".into())).unwrap_err();
        assert_eq!(coverage(7, Err(error.clone())), Coverage::Truncated { items: 7, detail: error.to_string() });
    }

    #[test]
    fn an_empty_token_is_no_token() {
        let mut pages = Pages::of("DescribeImages");
        pages.turned(Some(String::new())).unwrap();
        assert_eq!(pages.turn(), None);
    }
}
