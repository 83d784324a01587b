//! What is refused: counted, written down, and told in a page that says no more than it must.

use serde_json::Value;
use sunset_aws::ledger::LedgerError;
use sunset_domain::approval::link::{Link, Token};
use sunset_domain::approval::page::attempt::{Attempt, seq};
use sunset_domain::approval::page::rate::{Counter, retry_after_seconds};
use sunset_domain::approval::page::refused::{Kind, Refused};
use sunset_function::metrics;
use sunset_page::{Page, Refusal, refused, respond};

use crate::settings::PageContext;

/// How often an attempt is numbered anew because another one had its number.
const TRIES: u64 = 3;

/// A request that is refused, as far as it is known.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The address that it came from.
    pub source: &'a str,
    /// Its link; only where its signature was verified.
    pub token: Option<&'a Token>,
    /// What that stands for.
    pub link: Option<&'a Link>,
    /// Whether only headers are asked for.
    pub head: bool,
    /// The methods that would have been right.
    pub allow: Option<&'static str>,
}

/// Refuses a request. Who was refused too often hears only that.
pub async fn refuse(context: &PageContext, asked: Asked<'_>, why: Refused) -> Value {
    let why = note(context, asked, why).await;
    respond(&told(&why, asked.allow, retry_after_seconds(context.now())), asked.head)
}

/// Counts a refusal and writes it down; the refusal that is told.
pub async fn note(context: &PageContext, asked: Asked<'_>, why: Refused) -> Refused {
    let kind = why.kind.as_str();
    let person = asked.link.map_or("", |link| link.person.as_str());
    tracing::warn!(kind, status = why.status, source = asked.source, person, why = %why, "refused");
    metrics::emit_for(&context.stack, context.now(), &[("ApprovalPageRefused", 1)]);
    if matches!(why.kind, Kind::Unavailable | Kind::Unknown) {
        return why;
    }
    match write(context, asked, &why).await {
        Ok(true) => why,
        Ok(false) => Refused::rate(),
        // It stays refused: only its record is missing, and that is in the log.
        Err(error) => {
            tracing::error!(kind, source = asked.source, %error, "a refusal could not be written down");
            why
        }
    }
}

/// Whether the refusal is told as it is; `false` where there were too many before it.
async fn write(context: &PageContext, asked: Asked<'_>, why: &Refused) -> Result<bool, LedgerError> {
    let now = context.now();
    let own = asked.token.map_or(Counter::Source(asked.source), |token| Counter::Link(token.as_str()));
    let own_key = own.key(now);
    if !own.allows(context.processes.refused(&own_key).await?) {
        return Ok(false);
    }
    let all_key = Counter::All.key(now);
    if !Counter::All.allows(context.processes.refused(&all_key).await?) {
        tracing::error!(source = asked.source, "more was refused than the audit takes");
        return Ok(true);
    }
    let attempt = Attempt::of(why, asked.source, asked.link, now);
    let keys = [own_key, all_key];
    for again in 0..TRIES {
        let place = seq(context.nanos()).saturating_add(again);
        match context.processes.record_attempt(&attempt, place, &keys).await {
            Err(LedgerError::Conflict { .. }) => {}
            other => return other.map(|()| true),
        }
    }
    Err(LedgerError::Conflict { key: format!("the attempts of {now}") })
}

/// Whether requests with this link are still answered one by one.
pub async fn allows(context: &PageContext, token: &Token) -> Result<bool, LedgerError> {
    let own = Counter::Link(token.as_str());
    Ok(own.allows(context.processes.refused(&own.key(context.now())).await?))
}

/// The page that tells it.
pub fn told(why: &Refused, allow: Option<&str>, retry_after_seconds: u32) -> Page {
    let title = match why.kind {
        Kind::Expired | Kind::TooLate => "Too late",
        Kind::Decided => "It is decided already",
        Kind::NotByLink => "Not by this link",
        Kind::Form | Kind::Origin => "Open the link again",
        Kind::Rate => "Too many requests",
        Kind::Unavailable => "Not now",
        Kind::Unknown => "Open the link again",
        Kind::Confirm | Kind::Reason | Kind::Body | Kind::Method => "Your answer was not taken",
        Kind::Malformed if why.status == 400 => "This request cannot be read",
        Kind::Malformed | Kind::Forged | Kind::UnknownKey | Kind::Used | Kind::Foreign | Kind::ChangedPlan => {
            "This link does not work"
        }
    };
    let message = sentence(&why.message);
    let retry_after_seconds = match why.kind {
        Kind::Rate => Some(retry_after_seconds),
        Kind::Unavailable | Kind::Unknown => Some(60),
        _ => None,
    };
    let changed_nothing = why.kind != Kind::Unknown;
    refused(&Refusal { status: why.status, title, message: &message, changed_nothing, retry_after_seconds, allow })
}

/// Errors are fragments; a page speaks in sentences.
pub fn sentence(fragment: &str) -> String {
    let mut chars = fragment.chars();
    let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    let end = if fragment.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", chars.as_str())
}
