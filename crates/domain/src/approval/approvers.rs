//! Who may approve: `policy/approvers.yaml`, and whom a process has to ask (C29, C51, C52).

mod node;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use node::InvalidPolicy;

use crate::approval::identity::{self, Identity};
use crate::approval::text::{one_line, readable};
use crate::approval::vote::{Required, Round};
use crate::ids::PlanHash;
use crate::process::record::ProcessRecord;
use crate::risk::assessment::{Assessment, RequiredRole};
use crate::risk::roles::ROLES;
use crate::time::Timestamp;
use node::Node;

/// The policy file, beside each function that reads it.
pub const PATH: &str = "policy/approvers.yaml";

/// The version of the policy file that this release reads.
pub const APPROVERS_SCHEMA: u32 = 1;

/// What stands before an owner's name where a role's would stand.
pub const OWNER_PREFIX: &str = "owner:";

/// The people behind a role or an owner.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Group {
    people: Vec<String>,
    quorum: u32,
}

/// The policy file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approvers {
    people: BTreeMap<String, Vec<Identity>>,
    roles: BTreeMap<&'static str, Group>,
    owners: BTreeMap<String, Group>,
}

/// Roles with nobody in them: a process that might need them must not begin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nobody is in {} in {PATH}: name people under people, and put them there", .roles.join(", "))]
pub struct EmptyRoles {
    /// `roles.cto` and so on.
    pub roles: Vec<String>,
}

/// Why nobody can be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotAsk {
    /// The assessment names no role: nobody to ask would mean nobody who agrees (C51).
    #[error("the assessment names nobody to ask")]
    Nobody,
    /// The assessment names a role that does not exist.
    #[error("the role {role} does not exist; the roles are {}, and {OWNER_PREFIX}<name>", ROLES.join(", "))]
    UnknownRole {
        /// Which.
        role: String,
    },
    /// Nobody knows who the owner is.
    #[error("the owner {owner:?} is not in {PATH}: put the name under owners, with its people")]
    UnknownOwner {
        /// Which.
        owner: String,
    },
    /// A role has fewer people than must agree.
    #[error(
        "{asked} of {role} must approve and only {left} can{}: put more people into {field} in {PATH}",
        if *.without_initiator { ", because the initiator never approves" } else { "" }
    )]
    TooFewInRole {
        /// The role.
        role: String,
        /// Where the file has it.
        field: String,
        /// How many must agree.
        asked: u32,
        /// How many there are.
        left: u32,
        /// Whether the initiator was taken out.
        without_initiator: bool,
    },
    /// All roles together have fewer people than must agree.
    #[error(
        "{needed} different people must approve{} and only {available} can be asked: put more people into {roles} in {PATH}",
        if *.unverified { ", one more because nobody can prove who started the process," } else { "" }
    )]
    TooFewPeople {
        /// How many must agree.
        needed: u32,
        /// How many there are.
        available: u32,
        /// The roles that are asked.
        roles: String,
        /// Whether the initiator is not proved.
        unverified: bool,
    },
}

impl Approvers {
    /// Reads the policy file.
    ///
    /// # Errors
    /// [`InvalidPolicy`] names the line, the field, what was found and what would be right.
    pub fn parse(yaml: &str) -> Result<Self, InvalidPolicy> {
        let mut root = Node::document(yaml)?;
        let schema = root.required("schema", "1")?;
        if schema.count().ok() != Some(APPROVERS_SCHEMA) {
            return Err(schema.wrong("1"));
        }
        let people = people(root.required("people", "a map of names to identities")?)?;
        let mut roles = BTreeMap::new();
        for (name, node) in root.required("roles", "a map of the six roles to people")?.entries("a map of roles")? {
            let Some(known) = ROLES.into_iter().find(|known| *known == name) else {
                return Err(node.refused("no role", format!("one of {}", ROLES.join(", "))));
            };
            roles.insert(known, group(node, &people, true)?);
        }
        let mut owners: BTreeMap<String, Group> = BTreeMap::new();
        if let Some(node) = root.take("owners") {
            for (name, node) in node.entries("a map of owners' names to people")? {
                let owner = readable(&name, 256)
                    .ok_or_else(|| node.refused("no name", "a name of 1 to 256 printable characters"))?;
                if let Some(other) = owners.keys().find(|known| same_name(known, &owner)) {
                    let expected = "a name of its own: upper and lower case are the same";
                    return Err(node.refused(format!("the same as {other:?}"), expected));
                }
                owners.insert(owner, group(node, &people, false)?);
            }
        }
        root.finish()?;
        Ok(Self { people, roles, owners })
    }

    /// Whether every role has somebody: asked before a process begins, not when it is half way.
    ///
    /// # Errors
    /// [`EmptyRoles`].
    pub fn check_roles(&self) -> Result<(), EmptyRoles> {
        let empty = |role: &&str| self.roles.get(*role).is_none_or(|group| group.people.is_empty());
        let roles: Vec<String> = ROLES.iter().copied().filter(empty).map(|role| format!("roles.{role}")).collect();
        if roles.is_empty() { Ok(()) } else { Err(EmptyRoles { roles }) }
    }

    /// The person behind an identity.
    #[must_use]
    pub fn person_of(&self, identity: &Identity) -> Option<&str> {
        let (name, _) = self.people.iter().find(|(_, identities)| identities.contains(identity))?;
        Some(name)
    }

    /// Whether a person is in any role.
    #[must_use]
    pub fn has_a_role(&self, person: &str) -> bool {
        self.roles.values().any(|group| group.people.iter().any(|name| name == person))
    }

    /// Whom to ask, until when, and how many must agree.
    ///
    /// # Errors
    /// [`CannotAsk`] where no answers could ever approve: nothing is asked that nobody can decide.
    pub fn round(
        &self,
        number: u32,
        plan_hash: &PlanHash,
        assessment: &Assessment,
        record: &ProcessRecord,
        now: Timestamp,
    ) -> Result<Round, CannotAsk> {
        if assessment.roles.is_empty() {
            return Err(CannotAsk::Nobody);
        }
        let mut required: Vec<Required> = Vec::new();
        for asked in &assessment.roles {
            match required.iter_mut().find(|known| known.role == asked.role) {
                Some(known) if known.because.contains(&asked.because) => {}
                Some(known) => known.because = format!("{}; {}", known.because, asked.because),
                None => required.push(self.required(asked, &record.initiator)?),
            }
        }
        let unverified = !record.initiator_verified;
        let highest = required.iter().map(|role| role.quorum).max().unwrap_or_default();
        let minimum_approvers = highest.max(1).saturating_add(u32::from(unverified));
        let mut people: Vec<&String> = required.iter().flat_map(|role| &role.people).collect();
        people.sort_unstable();
        people.dedup();
        let available = u32::try_from(people.len()).unwrap_or(u32::MAX);
        if available < minimum_approvers {
            let roles = required.iter().map(|role| role.role.as_str()).collect::<Vec<_>>().join(", ");
            return Err(CannotAsk::TooFewPeople { needed: minimum_approvers, available, roles, unverified });
        }
        Ok(Round {
            number,
            plan_hash: plan_hash.clone(),
            required,
            minimum_approvers,
            requested_at: now,
            deadline: now.plus_seconds(record.terms.approval_seconds),
        })
    }

    fn required(&self, asked: &RequiredRole, initiator: &str) -> Result<Required, CannotAsk> {
        let role = one_line(&asked.role, 300);
        let (group, field) = match asked.role.strip_prefix(OWNER_PREFIX) {
            Some(owner) => {
                let known = self.owners.iter().find(|(name, _)| same_name(name, owner));
                let (name, group) = known.ok_or_else(|| CannotAsk::UnknownOwner { owner: one_line(owner, 256) })?;
                (Some(group), format!("owners.{name}"))
            }
            None if ROLES.contains(&asked.role.as_str()) => {
                (self.roles.get(asked.role.as_str()), format!("roles.{}", asked.role))
            }
            None => return Err(CannotAsk::UnknownRole { role }),
        };
        let (all, quorum) = group.map_or((&[][..], 1), |group| (group.people.as_slice(), group.quorum));
        let people: Vec<String> = all.iter().filter(|person| !self.is(person, initiator)).cloned().collect();
        let left = u32::try_from(people.len()).unwrap_or(u32::MAX);
        if left < quorum {
            let without_initiator = people.len() < all.len();
            return Err(CannotAsk::TooFewInRole { role, field, asked: quorum, left, without_initiator });
        }
        Ok(Required { role, people, quorum, because: one_line(&asked.because, 500) })
    }

    /// Whether `initiator`, a text that anybody may have written, means this person. In doubt it does: whoever starts a
    /// process must not approve it under another spelling (C52).
    fn is(&self, person: &str, initiator: &str) -> bool {
        let identities = self.people.get(person).map(Vec::as_slice).unwrap_or_default();
        same_name(person, initiator) || identities.iter().any(|identity| means(initiator, identity))
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

/// A person's name: it is part of keys and notices.
fn is_person_name(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._@-".contains(&b))
}

fn people(node: Node) -> Result<BTreeMap<String, Vec<Identity>>, InvalidPolicy> {
    let mut people: BTreeMap<String, Vec<Identity>> = BTreeMap::new();
    for (name, node) in node.entries("a map of names to identities")? {
        if !is_person_name(&name) {
            return Err(node.refused("no name", "1 to 64 letters, digits and . _ @ -"));
        }
        if let Some(other) = people.keys().find(|known| same_name(known, &name)) {
            let expected = "a name of its own: upper and lower case are the same";
            return Err(node.refused(format!("the same as {other}"), expected));
        }
        let mut fields = node.fields()?;
        let list = fields.required("identities", "a list of at least one identity")?;
        fields.finish()?;
        let missing = list.refused("empty", "a list of at least one identity");
        let mut identities: Vec<Identity> = Vec::new();
        for item in list.list("a list of identities")? {
            let identity =
                Identity::parse(item.text(identity::EXPECTED)?).map_err(|_| item.wrong(identity::EXPECTED))?;
            let same = |known: &Identity| same_name(&known.to_string(), &identity.to_string());
            let whose = people.iter().find(|(_, known)| known.iter().any(same)).map(|(other, _)| other.as_str());
            if let Some(other) = whose.or_else(|| identities.iter().any(same).then_some(name.as_str())) {
                return Err(item.refused(format!("{identity}, which is {other} already"), "one person's, once"));
            }
            identities.push(identity);
        }
        if identities.is_empty() {
            return Err(missing);
        }
        people.insert(name, identities);
    }
    Ok(people)
}

/// Reads the people of a role, which may be nobody yet, or of an owner, who must be somebody.
fn group(node: Node, known: &BTreeMap<String, Vec<Identity>>, may_be_empty: bool) -> Result<Group, InvalidPolicy> {
    let mut fields = node.fields()?;
    let list = fields.required("people", "a list of names under people")?;
    let quorum = fields.take("quorum");
    fields.finish()?;
    let nobody = list.refused("empty", "a list of at least one name under people");
    let mut people: Vec<String> = Vec::new();
    for item in list.list("a list of names under people")? {
        let name = item.text("a name under people")?;
        if !known.contains_key(name) {
            return Err(item.wrong("a name under people"));
        }
        if people.iter().any(|other| other == name) {
            return Err(item.refused(format!("{name} again"), "another name, or left out"));
        }
        people.push(name.to_owned());
    }
    if people.is_empty() && !may_be_empty {
        return Err(nobody);
    }
    let Some(node) = quorum else { return Ok(Group { people, quorum: 1 }) };
    let quorum = node.count()?;
    if !people.is_empty() && usize::try_from(quorum).is_ok_and(|quorum| quorum > people.len()) {
        return Err(node.wrong(format!("at most {}, the number of its people", people.len())));
    }
    Ok(Group { people, quorum })
}
