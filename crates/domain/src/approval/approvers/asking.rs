//! Whom a process asks, until when, and how many must agree.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::approval::approvers::groups::{Further, Group};
use crate::approval::approvers::{Approvers, OWNER_PREFIX, PATH, same_name};
use crate::approval::text::one_line;
use crate::approval::vote::{Escalation, Required, Round};
use crate::ids::PlanHash;
use crate::process::record::ProcessRecord;
use crate::risk::assessment::{Assessment, RequiredRole};
use crate::risk::level::Level;
use crate::risk::roles::{INFRASTRUCTURE_MANAGER, ROLES};
use crate::time::Timestamp;

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
        without(*.without_initiator, .away)
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
        /// Who is away, and is stood in for by somebody who is in the role already.
        away: Vec<String>,
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

fn without(initiator: bool, away: &[String]) -> String {
    let mut reasons = Vec::new();
    if initiator {
        reasons.push("the initiator never approves".to_owned());
    }
    if !away.is_empty() {
        reasons.push(format!("whoever stands in for {} is in it already", away.join(", ")));
    }
    if reasons.is_empty() { String::new() } else { format!(", because {}", reasons.join(" and ")) }
}

/// A role that is asked, and who is asked for it later.
struct Asked<'a> {
    required: Required,
    chain: &'a [Further],
}

/// Who answers for a list of people at a moment.
#[derive(Default)]
struct Present {
    people: Vec<String>,
    standing_in: BTreeMap<String, String>,
    away: Vec<String>,
}

impl Approvers {
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
        let level = assessment.level;
        let mut asked: Vec<Asked<'_>> = Vec::new();
        for role in &assessment.roles {
            match asked.iter_mut().map(|known| &mut known.required).find(|known| known.role == role.role) {
                Some(known) if known.because.contains(&role.because) => {}
                Some(known) => known.because = format!("{}; {}", known.because, role.because),
                None => asked.push(self.asked(role, level, &record.initiator, now)?),
            }
        }
        let seconds = self.seconds_to_decide(level, record.terms.approval_seconds);
        let moment = |percent: u32| now.plus_seconds(percent_of(percent, seconds));
        let reminders = self.reminders_percent.iter().map(|percent| moment(*percent)).filter(|at| *at > now).collect();
        let mut escalations: Vec<Escalation> =
            asked.iter().flat_map(|asked| self.escalations(asked, &record.initiator, moment)).collect();
        escalations.sort_by_key(|escalation| escalation.at);
        let required: Vec<Required> = asked.into_iter().map(|asked| asked.required).collect();
        Ok(Round {
            number,
            plan_hash: plan_hash.clone(),
            minimum_approvers: minimum_approvers(&required, record.initiator_verified)?,
            required,
            requested_at: now,
            deadline: now.plus_seconds(seconds),
            risk_level: Some(level),
            reminders,
            escalations,
            reminded: 0,
            escalated: 0,
        })
    }

    /// Who is told personally of what the rule approved, and may object by a link: the owner's people, else the
    /// infrastructure managers, or who stands in for them. Somebody, where [`Approvers::check_roles`] passes.
    #[must_use]
    pub fn concerned(&self, record: &ProcessRecord, now: Timestamp) -> Vec<String> {
        let owner = record.resource_owner.as_deref().and_then(|owner| self.owner(owner)).map(|(_, group)| group);
        let group = owner.or_else(|| self.roles.get(INFRASTRUCTURE_MANAGER));
        group.map(|group| self.present(&group.people, now, |_| false).people).unwrap_or_default()
    }

    /// What people have at a level: never more than the process's own terms.
    fn seconds_to_decide(&self, level: Level, terms: u32) -> u32 {
        let policy = self.deadline_hours.get(&level).map(|hours| hours.saturating_mul(3600));
        policy.map_or(terms, |policy| policy.min(terms))
    }

    fn owner(&self, owner: &str) -> Option<(&str, &Group)> {
        self.owners.iter().find(|(name, _)| same_name(name, owner)).map(|(name, group)| (name.as_str(), group))
    }

    fn asked(
        &self,
        asked: &RequiredRole,
        level: Level,
        initiator: &str,
        now: Timestamp,
    ) -> Result<Asked<'_>, CannotAsk> {
        let role = one_line(&asked.role, 300);
        let (group, field) = match asked.role.strip_prefix(OWNER_PREFIX) {
            Some(owner) => {
                let (name, group) =
                    self.owner(owner).ok_or_else(|| CannotAsk::UnknownOwner { owner: one_line(owner, 256) })?;
                (Some(group), format!("owners.{name}"))
            }
            None if ROLES.contains(&asked.role.as_str()) => {
                (self.roles.get(asked.role.as_str()), format!("roles.{}", asked.role))
            }
            None => return Err(CannotAsk::UnknownRole { role }),
        };
        let (all, quorum, chain) = group.map_or((&[][..], 1, &[][..]), |group| {
            (group.people.as_slice(), group.quorum.at(level), group.escalation.as_slice())
        });
        let is_initiator = |person: &str| self.is(person, initiator);
        let Present { people, standing_in, away } = self.present(all, now, is_initiator);
        let left = u32::try_from(people.len()).unwrap_or(u32::MAX);
        if left < quorum {
            let without_initiator = all.iter().any(|person| is_initiator(person));
            return Err(CannotAsk::TooFewInRole { role, field, asked: quorum, left, without_initiator, away });
        }
        Ok(Asked {
            required: Required { role, people, quorum, because: one_line(&asked.because, 500), standing_in },
            chain,
        })
    }

    /// Who is asked later for a role, each once: neither who is asked for it already, nor whom somebody stands in for.
    fn escalations(&self, asked: &Asked<'_>, initiator: &str, moment: impl Fn(u32) -> Timestamp) -> Vec<Escalation> {
        let role = &asked.required;
        let mut heard: Vec<String> = role.people.iter().chain(role.standing_in.values()).cloned().collect();
        let mut escalations = Vec::new();
        for further in asked.chain {
            let at = moment(further.at_percent);
            let left: Vec<String> = further.people.iter().filter(|person| !heard.contains(person)).cloned().collect();
            let Present { mut people, mut standing_in, .. } =
                self.present(&left, at, |person| self.is(person, initiator));
            people.retain(|person| !heard.contains(person));
            standing_in.retain(|person, _| people.contains(person));
            heard.extend(people.iter().chain(standing_in.values()).cloned());
            if !people.is_empty() {
                escalations.push(Escalation { at, role: role.role.clone(), people, standing_in });
            }
        }
        escalations
    }

    /// Who answers for these people at a moment. Nobody stands in for who is left out, and who is left out stands in for
    /// nobody: the initiator's delegate would be the initiator's voice (C52).
    fn present(&self, people: &[String], at: Timestamp, is_left_out: impl Fn(&str) -> bool) -> Present {
        let mut present = Present::default();
        for person in people.iter().filter(|person| !is_left_out(person)) {
            match self.delegations.stand_in(person, at).filter(|delegate| !is_left_out(delegate)) {
                None => present.people.push(person.clone()),
                Some(delegate) if people.iter().chain(&present.people).any(|name| name == delegate) => {
                    present.away.push(person.clone());
                }
                Some(delegate) => {
                    present.people.push(delegate.to_owned());
                    present.standing_in.insert(delegate.to_owned(), person.clone());
                }
            }
        }
        present
    }
}

/// How many different people must approve, one more where nobody can prove who started the process.
fn minimum_approvers(required: &[Required], initiator_verified: bool) -> Result<u32, CannotAsk> {
    let highest = required.iter().map(|role| role.quorum).max().unwrap_or_default();
    let needed = highest.max(1).saturating_add(u32::from(!initiator_verified));
    let mut people: Vec<&String> = required.iter().flat_map(|role| &role.people).collect();
    people.sort_unstable();
    people.dedup();
    let available = u32::try_from(people.len()).unwrap_or(u32::MAX);
    if available < needed {
        let roles = required.iter().map(|role| role.role.as_str()).collect::<Vec<_>>().join(", ");
        return Err(CannotAsk::TooFewPeople { needed, available, roles, unverified: !initiator_verified });
    }
    Ok(needed)
}

/// Rounded down.
fn percent_of(percent: u32, seconds: u32) -> u32 {
    u32::try_from(u64::from(seconds) * u64::from(percent) / 100).unwrap_or(seconds)
}
