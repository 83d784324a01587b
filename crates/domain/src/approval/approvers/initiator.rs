//! Who started a process, however that is written (C52).

#[cfg(test)]
mod tests;

use crate::approval::approvers::Approvers;
use crate::approval::identity::Identity;

impl Approvers {
    /// Whether `initiator`, a text that anybody may have written, means this person. In doubt it does: whoever starts a
    /// process must not approve it under another spelling (C52).
    pub(super) fn is(&self, person: &str, initiator: &str) -> bool {
        same_name(person, initiator) || self.identities(person).iter().any(|identity| means(initiator, identity))
    }
}

/// Whether a text that anybody may have written means this identity: in any spelling, with or without its kind and path,
/// or as the end of an ARN.
#[must_use]
pub fn means(text: &str, identity: &Identity) -> bool {
    let text = text.trim().to_lowercase();
    let whole = identity.to_string().to_lowercase();
    let short = identity.short_name().to_lowercase();
    let last = text.rsplit(['/', ':']).next().unwrap_or_default();
    // An ARN of a role's session ends with the session's name, and has the role before it.
    let of_role = matches!(identity, Identity::Role(_)) && text.contains(&format!("assumed-role/{short}/"));
    text == whole || last == short || of_role
}

/// Whether two names are one: upper and lower case are the same, and so is space around them.
#[must_use]
pub fn same_name(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}
