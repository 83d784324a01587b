//! What is a person's own: a topic that tells nobody else, and the links that come with its notices.

use std::sync::PoisonError;
use std::thread::sleep;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustix::rand::{GetRandomFlags, getrandom};
use serde_json::json;

use crate::deploy::STACK_NAME;
use crate::error::{Error, Result, plain};
use crate::stack::Stack;
use crate::wire::http::text;

/// What the names of approvers' topics begin with, as the template has it.
const TOPIC_PREFIX: &str = "sunset-approver-";
/// How `policy/approvers.yaml` names a topic.
const CHANNEL: &str = "sns:";
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// What is asked stands in the ledger before anybody is told.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a link key is.
const KEY_BYTES: usize = 32;

impl Stack {
    /// Lets links be signed: with a new key, where there is none yet.
    pub(crate) fn make_link_keys(&self) -> Result<()> {
        let mut secret = [0; KEY_BYTES];
        let filled =
            getrandom(&mut secret, GetRandomFlags::empty()).map_err(|e| plain(format!("no random bytes: {e}")))?;
        if filled != KEY_BYTES {
            return Err(plain(format!("{filled} random bytes instead of {KEY_BYTES}")));
        }
        let keys = json!({"schema": 1, "keys": [{"id": "local", "secret": URL_SAFE_NO_PAD.encode(secret)}]});
        match self.put_secure_parameter(&link_keys_parameter(), &keys.to_string()) {
            Err(error) if error.code() == Some("ParameterAlreadyExists") => Ok(()),
            made => made,
        }
    }

    /// Lets everybody be told whom the policy of approvers gives a topic.
    pub(crate) fn make_approvers_topics(&self, approvers: &str) -> Result<()> {
        channels(approvers).into_iter().try_for_each(|topic| self.make_topic(topic).map(|_| ()))
    }

    /// Everything that was sent to a person alone so far, oldest first.
    ///
    /// # Errors
    /// When the person has no topic, or what SQS answers.
    pub fn personal_notices(&self, person: &str) -> Result<Vec<String>> {
        let answer = self.sqs("GetQueueUrl", &json!({"QueueName": format!("{TOPIC_PREFIX}{person}-notices")}))?;
        // Notices are read once: whoever reads another's keeps it for them.
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let own = heard.entry(person.to_owned()).or_default();
        own.extend(self.notices_of(&text("GetQueueUrl", &answer, "QueueUrl")?)?);
        Ok(own.clone())
    }

    /// The newest of a person's own notices that speaks of something, such as a process by its id: waits until there is one.
    ///
    /// # Errors
    /// When there is none in time.
    pub fn personal_notice(&self, person: &str, of: &str) -> Result<String> {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            let newest = self.personal_notices(person)?.into_iter().rev().find(|notice| notice.contains(of));
            if let Some(notice) = newest {
                return Ok(notice);
            }
            sleep(LOOK_AGAIN);
        }
        let detail = format!("; logs are in {}", self.folder().display());
        Err(Error::TooLate { what: format!("a notice of {of} to {person}"), seconds: PATIENCE.as_secs(), detail })
    }

    /// The personal links in a notice, as this machine reaches them: to what it speaks of, and to everything that waits for the
    /// person.
    #[must_use]
    pub fn links_in(&self, notice: &str) -> Vec<String> {
        let words = notice.split_whitespace().filter(|word| word.starts_with("https://") && word.contains("?l="));
        words.filter_map(|word| self.here(word)).collect()
    }

    /// A person's own link to a process, as this machine reaches it, out of the newest notice of it: waits until there is one.
    ///
    /// # Errors
    /// When no notice comes in time, or when it has no link.
    pub fn personal_link(&self, person: &str, process_id: &str) -> Result<String> {
        let notice = self.personal_notice(person, process_id)?;
        self.links_in(&notice).into_iter().next().ok_or_else(|| plain(format!("no link is in the notice: {notice}")))
    }
}

/// Where the keys of links lie.
pub(crate) fn link_keys_parameter() -> String {
    format!("/{STACK_NAME}/approval-link-keys")
}

/// The topics that a policy names.
fn channels(approvers: &str) -> Vec<&str> {
    let end = |it: char| !(it.is_ascii_alphanumeric() || it == '-' || it == '_');
    let named = approvers
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .flat_map(|line| line.match_indices(CHANNEL).filter_map(move |(at, found)| line.get(at + found.len()..)));
    named.filter_map(|rest| rest.split(end).next()).filter(|topic| !topic.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::APPROVERS;

    #[test]
    fn the_topics_of_a_policy_are_found() {
        let policy = "people:\n  ada: { identities: [user/ada], channels: [\"sns:sunset-approver-ada\"] }\n  # sns:nobody\n  \
                      lin:\n    channels: [sns:sunset-approver-lin]\n";
        assert_eq!(channels(policy), ["sunset-approver-ada", "sunset-approver-lin"]);
        assert!(channels("people: {}").is_empty());
    }

    #[test]
    fn everybody_who_is_asked_here_has_a_topic() {
        assert_eq!(channels(APPROVERS).len(), 3, "{APPROVERS}");
    }
}
