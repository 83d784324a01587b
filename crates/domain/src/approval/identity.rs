//! Who sent a request, as AWS says: never as the request itself says (C52).
//!
//! Lambda fills in `requestContext.authorizer.iam` after it has checked the signature of a request to a Function URL with
//! `AuthType: AWS_IAM`. Whoever may invoke the function directly can send an event with any content there, so approvers
//! must not have that right: see the policy in the template.

use std::fmt;

use serde_json::Value;

use crate::approval::text::one_line;
use crate::ids::AccountId;

/// Who AWS says it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Identity {
    /// An IAM user, with its path: `user/ops/ada`.
    User(Box<str>),
    /// A session of IAM Identity Center, which names the person that signed in: `sso/ada@example.com`.
    Sso(Box<str>),
    /// Any other role: its sessions choose their own names, so that all of them are one person together: `role/deploy`.
    Role(Box<str>),
}

/// Why a request is nobody's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAPerson {
    /// Nobody signed it, or it did not come through the Function URL.
    #[error("the request names no caller: requestContext.authorizer.iam is missing; sign it (SigV4, service lambda)")]
    Unsigned,
    /// The caller has no ARN.
    #[error("the request names no caller: requestContext.authorizer.iam.userArn is missing")]
    NoArn,
    /// Two fields of the same request name different accounts.
    #[error("the request is of account {account_id}, and its caller is {arn}")]
    Contradiction {
        /// `accountId`.
        account_id: String,
        /// `userArn`.
        arn: String,
    },
    /// The caller belongs to another account.
    #[error("{arn} belongs to account {found}; callers must belong to {expected}")]
    OtherAccount {
        /// The caller.
        arn: String,
        /// Its account.
        found: String,
        /// The stack's account.
        expected: AccountId,
    },
    /// The account's root user, who can be anybody.
    #[error("the root user is no person: sign in as an IAM user or through IAM Identity Center")]
    Root,
    /// A federated user, whose name whoever made the session chose.
    #[error(
        "{arn} is a federated user, whose name anybody may choose: sign in as an IAM user or through IAM Identity Center"
    )]
    Federated {
        /// The caller.
        arn: String,
    },
    /// Nothing that this release knows.
    #[error("{arn} is neither an IAM user nor a role's session")]
    UnknownKind {
        /// The caller.
        arn: String,
    },
}

/// A text that is no identity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not {EXPECTED}")]
pub struct InvalidIdentity {
    /// What was found.
    pub found: String,
}

/// What an identity looks like in the policy file.
pub const EXPECTED: &str =
    "user/<IAM user>, sso/<user name in IAM Identity Center> or role/<role name without its path>";

const RESERVED: &str = "AWSReservedSSO_";

/// What IAM allows in the names of users, roles and sessions.
fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b))
}

/// A name with the path before it, as ARNs have it.
fn is_path_and_name(text: &str) -> bool {
    text.len() <= 512 + 64
        && text.rsplit_once('/').is_none_or(|(path, _)| {
            path.split('/').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_graphic()))
        })
        && text.rsplit('/').next().is_some_and(is_name)
}

/// Whether a role is one of those that IAM Identity Center makes for a permission set.
fn is_permission_set(role: &str) -> bool {
    role.strip_prefix(RESERVED).and_then(|rest| rest.rsplit_once('_')).is_some_and(|(set, suffix)| {
        !set.is_empty()
            && suffix.len() == 16
            && suffix.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    })
}

impl Identity {
    /// Reads an identity as the policy file writes it.
    ///
    /// # Errors
    /// [`InvalidIdentity`], also for a role of IAM Identity Center, whose sessions are people of their own.
    pub fn parse(text: &str) -> Result<Self, InvalidIdentity> {
        let identity = match text.split_once('/') {
            Some(("user", name)) if is_path_and_name(name) => Some(Self::User(name.into())),
            Some(("sso", session)) if is_name(session) => Some(Self::Sso(session.into())),
            Some(("role", role)) if is_name(role) && !role.starts_with(RESERVED) => Some(Self::Role(role.into())),
            _ => None,
        };
        identity.ok_or_else(|| InvalidIdentity { found: one_line(text, 80) })
    }

    /// Reads who sent an event of the Function URL.
    ///
    /// # Errors
    /// [`NotAPerson`].
    pub fn from_request(event: &Value, account_id: &AccountId) -> Result<Self, NotAPerson> {
        let iam = event.pointer("/requestContext/authorizer/iam").filter(|iam| iam.is_object());
        let iam = iam.ok_or(NotAPerson::Unsigned)?;
        let text = |field: &str| iam.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
        let arn = text("userArn").ok_or(NotAPerson::NoArn)?;
        let account = text("accountId").unwrap_or_default();
        if arn.split(':').nth(4) != Some(account) {
            return Err(NotAPerson::Contradiction { account_id: one_line(account, 80), arn: one_line(arn, 200) });
        }
        Self::from_arn(arn, account_id)
    }

    /// Reads an ARN of a caller.
    ///
    /// # Errors
    /// [`NotAPerson`].
    pub fn from_arn(arn: &str, account_id: &AccountId) -> Result<Self, NotAPerson> {
        let shown = || one_line(arn, 200);
        let unknown = || NotAPerson::UnknownKind { arn: shown() };
        let mut parts = arn.splitn(6, ':');
        let mut next = || parts.next().unwrap_or_default();
        let (scheme, partition, service, region, account, name) = (next(), next(), next(), next(), next(), next());
        if scheme != "arn" || !partition.starts_with("aws") || !region.is_empty() {
            return Err(unknown());
        }
        if account != account_id.as_str() {
            let found = one_line(account, 80);
            return Err(NotAPerson::OtherAccount { arn: shown(), found, expected: account_id.clone() });
        }
        match (service, name.split_once('/')) {
            ("iam", None) if name == "root" => Err(NotAPerson::Root),
            ("iam", Some(("user", user))) if is_path_and_name(user) => Ok(Self::User(user.into())),
            ("sts", Some(("federated-user", _))) => Err(NotAPerson::Federated { arn: shown() }),
            ("sts", Some(("assumed-role", session))) => match session.split_once('/') {
                Some((role, session)) if is_name(role) && is_name(session) => {
                    Ok(if is_permission_set(role) { Self::Sso(session.into()) } else { Self::Role(role.into()) })
                }
                _ => Err(unknown()),
            },
            _ => Err(unknown()),
        }
    }

    /// What people call it: without its kind and path.
    #[must_use]
    pub fn short_name(&self) -> &str {
        let (Self::User(name) | Self::Sso(name) | Self::Role(name)) = self;
        name.rsplit('/').next().unwrap_or(name)
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(name) => write!(f, "user/{name}"),
            Self::Sso(session) => write!(f, "sso/{session}"),
            Self::Role(role) => write!(f, "role/{role}"),
        }
    }
}

#[cfg(test)]
mod tests;
