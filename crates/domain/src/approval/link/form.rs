//! The token that a form carries: who sends a form has been shown the page of the same link, not long ago. Another site
//! can make a browser send a form, and cannot read the page that the token stands on.

use crate::approval::link::keys::LinkKeys;
use crate::approval::link::token::Parts;
use crate::time::Timestamp;

/// How long a form can be sent after it was shown, in seconds.
pub const FORM_SECONDS: i64 = 43_200;

const LONGEST: usize = 256;
const DOMAIN: &str = "sunset form v1";

/// Names the moment first: it has no line break, so that no two pairs are one text.
fn signed(head: &str, token: &str) -> String {
    format!("{head}\n{token}")
}

impl LinkKeys {
    /// The token of a form on the page of a link.
    #[must_use]
    pub fn form_token(&self, token: &str, now: Timestamp) -> String {
        let head = Parts::of_content(&self.signing.id, &now.unix_seconds().to_string());
        let signature = self.signing.signature(DOMAIN, &signed(&head, token));
        format!("{head}.{signature}")
    }

    /// Whether a form was shown on the page of this link, at most [`FORM_SECONDS`] ago.
    #[must_use]
    pub fn check_form(&self, token: &str, form_token: &str, now: Timestamp) -> bool {
        let Some(parts) = Parts::of(form_token, LONGEST) else { return false };
        let Some(key) = self.key(parts.key_id, now) else { return false };
        if !key.signed(DOMAIN, &signed(parts.signed, token), &parts.signature) {
            return false;
        }
        let Ok(shown_at) = parts.content.parse::<i64>() else { return false };
        (0..=FORM_SECONDS).contains(&now.seconds_since(Timestamp::from_unix_seconds(shown_at)))
    }
}
