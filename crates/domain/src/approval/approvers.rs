//! Who may approve: `policy/approvers.yaml`, and whom a process has to ask (C29, C51, C52).

mod asking;
mod delegations;
mod groups;
mod initiator;
mod levels;
mod people;
mod percents;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub use self::asking::CannotAsk;
use self::delegations::Delegations;
use self::groups::Group;
pub use self::initiator::{means, same_name};
use self::people::People;
use crate::approval::identity::Identity;
use crate::approval::text::readable;
pub use crate::policy_file::InvalidPolicy;
use crate::policy_file::Node;
use crate::risk::level::Level;
use crate::risk::roles::ROLES;

/// The policy file, beside each function that reads it.
pub const PATH: &str = "policy/approvers.yaml";

/// The version of the policy file that this release reads.
pub const APPROVERS_SCHEMA: u32 = 1;

/// What stands before an owner's name where a role's would stand.
pub const OWNER_PREFIX: &str = "owner:";

/// When those who have not answered are reminded, in percent of the time that they have.
const REMINDERS_PERCENT: [u32; 2] = [50, 90];

/// The levels at which a personal link is enough to decide, where the file names none.
const LINKS_MAY_DECIDE: [Level; 2] = [Level::Low, Level::Medium];

/// The policy file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approvers {
    people: People,
    roles: BTreeMap<&'static str, Group>,
    owners: BTreeMap<String, Group>,
    delegations: Delegations,
    deadline_hours: BTreeMap<Level, u32>,
    reminders_percent: Vec<u32>,
    links_may_decide: BTreeSet<Level>,
}

/// Roles with nobody in them: a process that might need them must not begin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nobody is in {} in {PATH}: name people under people, and put them there", .roles.join(", "))]
pub struct EmptyRoles {
    /// `roles.cto` and so on.
    pub roles: Vec<String>,
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
        let people = people::read(root.required("people", "a map of names to identities")?)?;
        let roles = roles(root.required("roles", "a map of the six roles to people")?, &people)?;
        let owners = root.take("owners").map(|node| owners(node, &people)).transpose()?;
        let delegations = root.take("delegations").map(|node| Delegations::read(node, &people)).transpose()?;
        let deadline_hours = root.take("deadline_hours").map(levels::hours).transpose()?;
        let reminders = root.take("reminders_percent").map(percents::list).transpose()?;
        let links = root.take("links_may_decide").map(levels::set).transpose()?;
        root.finish()?;
        Ok(Self {
            people,
            roles,
            owners: owners.unwrap_or_default(),
            delegations: delegations.unwrap_or_default(),
            deadline_hours: deadline_hours.unwrap_or_default(),
            reminders_percent: reminders.unwrap_or_else(|| REMINDERS_PERCENT.to_vec()),
            links_may_decide: links.unwrap_or_else(|| LINKS_MAY_DECIDE.into()),
        })
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

    /// Whether the file names this person.
    #[must_use]
    pub fn knows(&self, person: &str) -> bool {
        self.people.contains_key(person)
    }

    /// The person behind an identity.
    #[must_use]
    pub fn person_of(&self, identity: &Identity) -> Option<&str> {
        let (name, _) = self.people.iter().find(|(_, person)| person.identities.contains(identity))?;
        Some(name)
    }

    /// Everything that AWS may know a person as; nothing where the file does not name the person.
    #[must_use]
    pub fn identities(&self, person: &str) -> &[Identity] {
        self.people.get(person).map_or(&[], |person| &person.identities)
    }

    /// The name of the SNS topic that reaches this person and nobody else.
    #[must_use]
    pub fn topic(&self, person: &str) -> Option<&str> {
        self.people.get(person)?.topic.as_deref()
    }

    /// Whether a person is in any role.
    #[must_use]
    pub fn has_a_role(&self, person: &str) -> bool {
        self.roles.values().any(|group| group.people.iter().any(|name| name == person))
    }

    /// Whether a personal link is enough to decide at this level of risk. Where it is not, a signed request is needed.
    #[must_use]
    pub fn links_may_decide(&self, level: Level) -> bool {
        self.links_may_decide.contains(&level)
    }
}

fn roles(node: Node, people: &People) -> Result<BTreeMap<&'static str, Group>, InvalidPolicy> {
    let mut roles = BTreeMap::new();
    for (name, node) in node.entries("a map of roles")? {
        let Some(known) = ROLES.into_iter().find(|known| *known == name) else {
            return Err(node.refused("no role", format!("one of {}", ROLES.join(", "))));
        };
        roles.insert(known, Group::of_role(node, people)?);
    }
    Ok(roles)
}

fn owners(node: Node, people: &People) -> Result<BTreeMap<String, Group>, InvalidPolicy> {
    let mut owners: BTreeMap<String, Group> = BTreeMap::new();
    for (name, node) in node.entries("a map of owners' names to people")? {
        let owner =
            readable(&name, 256).ok_or_else(|| node.refused("no name", "a name of 1 to 256 printable characters"))?;
        if let Some(other) = owners.keys().find(|known| same_name(known, &owner)) {
            let expected = "a name of its own: upper and lower case are the same";
            return Err(node.refused(format!("the same as {other:?}"), expected));
        }
        owners.insert(owner, Group::of_owner(node, people)?);
    }
    Ok(owners)
}
