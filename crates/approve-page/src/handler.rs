//! One request.

use std::time::Duration;

use serde_json::Value;
use sunset_domain::approval::page::refused::Refused;
use sunset_domain::approval::page::request::{PageRequest, source};
use sunset_page::{home, respond};

use crate::refusal::{Asked, refuse, told};
use crate::settings::PageContext;
use crate::{answer, read};

/// The longest that a person waits, well within the function's timeout.
const LONGEST: Duration = Duration::from_secs(12);

/// Answers a request: whatever is wrong with it, or with AWS, the answer is a page.
pub async fn handle(context: &PageContext, event: &Value) -> Value {
    if let Ok(answer) = tokio::time::timeout(LONGEST, in_time(context, event)).await {
        return answer;
    }
    tracing::error!("AWS did not answer in time");
    let why = if method(event) == Some("POST") { Refused::unknown() } else { Refused::unavailable() };
    respond(&told(&why, None, 0), method(event) == Some("HEAD"))
}

async fn in_time(context: &PageContext, event: &Value) -> Value {
    let source = source(event);
    match PageRequest::parse(event) {
        Ok(PageRequest::Home { head }) => respond(&home(), head),
        Ok(PageRequest::Read { token, head, done }) => read::read(context, &source, &token, head, done).await,
        Ok(PageRequest::Answer { token, form }) => answer::answer(context, &source, &token, &form).await,
        Err(bad) => {
            let head = method(event) == Some("HEAD");
            // Browsers and crawlers ask for icons and robots.txt by themselves: that is no attempt at anything.
            if bad.token.is_none() && bad.refused.status == 404 {
                return respond(&told(&bad.refused, None, 0), head);
            }
            let asked = Asked { source: &source, token: None, link: None, head, allow: bad.allow };
            refuse(context, asked, bad.refused).await
        }
    }
}

fn method(event: &Value) -> Option<&str> {
    event.pointer("/requestContext/http/method").and_then(Value::as_str)
}
