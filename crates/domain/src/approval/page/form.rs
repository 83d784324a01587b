//! The form of the approval page, as it was filled in.

use serde_json::Value;

use crate::approval::link::Token;
use crate::approval::page::body::{self, Pair};
use crate::approval::page::refused::{Kind, Refused};
use crate::approval::text::readable;
use crate::approval::vote::Answer;

/// The longest reason, in characters.
pub const LONGEST_REASON: usize = 1000;

/// An answer as it was typed: what is wrong with its texts is said beside their fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// The token of the form.
    pub form_token: Token,
    /// The end of the resource's id, typed again.
    pub confirm: String,
    /// Which button was pressed.
    pub answer: Answer,
    /// Why; nothing where nothing was typed.
    pub reason: Option<String>,
}

impl Form {
    /// Reads the body of an event.
    pub(super) fn parse(event: &Value) -> Result<Self, Refused> {
        let broken =
            || Refused::new(400, Kind::Body, "the form does not have the fields of this page's: open the link again");
        let (mut form_token, mut confirm, mut answer, mut reason) = (None, None, None, None);
        for Pair { name, value } in body::fields(event)? {
            let field = match name.as_str() {
                "form_token" => &mut form_token,
                "confirm" => &mut confirm,
                "answer" => &mut answer,
                "reason" => &mut reason,
                _ => return Err(broken()),
            };
            if field.replace(value).is_some() {
                return Err(broken());
            }
        }
        let answer = match answer.as_deref() {
            Some("approve") => Answer::Approve,
            Some("reject") => Answer::Reject,
            _ => return Err(broken()),
        };
        Ok(Self {
            form_token: Token::new(&form_token.ok_or_else(broken)?),
            confirm: confirm.ok_or_else(broken)?,
            answer,
            reason: reason.filter(|reason| !reason.trim().is_empty()),
        })
    }

    /// The reason on one line, where it is one that people can read.
    pub(super) fn checked_reason(&self) -> Result<Option<String>, Refused> {
        let Some(typed) = &self.reason else {
            let missing = || Err(Refused::new(422, Kind::Reason, "a rejection needs a reason: others must know why"));
            return if self.answer == Answer::Reject { missing() } else { Ok(None) };
        };
        // Line breaks are the keyboard's, not the text's.
        let line = typed.replace("\r\n", " ").replace(['\n', '\r', '\t'], " ");
        let expected = format!("the reason must be 1 to {LONGEST_REASON} characters that show as themselves");
        readable(&line, LONGEST_REASON).map(Some).ok_or_else(|| Refused::new(422, Kind::Reason, expected))
    }
}
