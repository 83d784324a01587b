//! The people behind a role or an owner: how many of them must agree, and who is asked when they do not answer.

use std::collections::BTreeMap;

use crate::approval::approvers::people::People;
use crate::approval::approvers::{InvalidPolicy, levels, percents};
use crate::policy_file::Node;
use crate::risk::level::Level;

/// The people behind a role or an owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    /// By name.
    pub(super) people: Vec<String>,
    /// How many of them must agree.
    pub(super) quorum: Quorum,
    /// Who is asked beside them when they have not decided, in order.
    pub(super) escalation: Vec<Further>,
}

/// How many of a group's people must agree, by the risk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Quorum(BTreeMap<Level, u32>);

/// People who are asked later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Further {
    /// When, in percent of the time until the deadline.
    pub(super) at_percent: u32,
    /// By name.
    pub(super) people: Vec<String>,
}

const NAMES: &str = "a list of names under people";
const SOME_NAMES: &str = "a list of at least one name under people";

impl Group {
    /// Reads the people of a role, which may be nobody yet.
    pub(super) fn of_role(node: Node, known: &People) -> Result<Self, InvalidPolicy> {
        Self::read(node, known, names)
    }

    /// Reads the people of an owner, who must be somebody.
    pub(super) fn of_owner(node: Node, known: &People) -> Result<Self, InvalidPolicy> {
        Self::read(node, known, some_names)
    }

    fn read(
        node: Node,
        known: &People,
        names: fn(Node, &People) -> Result<Vec<String>, InvalidPolicy>,
    ) -> Result<Self, InvalidPolicy> {
        let mut fields = node.fields()?;
        let list = fields.required("people", NAMES)?;
        let quorum = fields.take("quorum");
        let escalation = fields.take("escalation");
        fields.finish()?;
        let people = names(list, known)?;
        let quorum = quorum.map(|node| Quorum::read(node, people.len())).transpose()?;
        let escalation = escalation.map(|node| chain(node, known)).transpose()?;
        Ok(Self { people, quorum: quorum.unwrap_or_default(), escalation: escalation.unwrap_or_default() })
    }
}

impl Quorum {
    /// How many must agree at this level.
    pub(super) fn at(&self, level: Level) -> u32 {
        self.0.get(&level).copied().unwrap_or(1)
    }

    fn read(node: Node, people: usize) -> Result<Self, InvalidPolicy> {
        let count = |node: &Node| {
            let quorum = node.count()?;
            let fits = people == 0 || usize::try_from(quorum).is_ok_and(|quorum| quorum <= people);
            if fits { Ok(quorum) } else { Err(node.wrong(format!("at most {people}, the number of its people"))) }
        };
        if !node.is_map() {
            let quorum = count(&node)?;
            return Ok(Self(levels::ALL.into_iter().map(|level| (level, quorum)).collect()));
        }
        let whole = node.clone();
        let mut quorum = Self::default();
        for (level, node) in levels::map(node)? {
            quorum.0.insert(level, count(&node)?);
        }
        // Whoever writes two for high and forgets critical would have one there.
        for (lower, higher) in levels::ALL.into_iter().zip(levels::ALL.into_iter().skip(1)) {
            let (before, after) = (quorum.at(lower), quorum.at(higher));
            if after < before {
                let found = format!("{before} at {lower} and {after} at {higher}");
                return Err(whole.refused(found, "no less at a higher level; a level that is not named has 1"));
            }
        }
        Ok(quorum)
    }
}

/// Reads a list of people, each once.
fn names(list: Node, known: &People) -> Result<Vec<String>, InvalidPolicy> {
    let mut people: Vec<String> = Vec::new();
    for item in list.list(NAMES)? {
        let name = item.text("a name under people")?;
        if !known.contains_key(name) {
            return Err(item.wrong("a name under people"));
        }
        if people.iter().any(|other| other == name) {
            return Err(item.refused(format!("{name} again"), "another name, or left out"));
        }
        people.push(name.to_owned());
    }
    Ok(people)
}

fn some_names(list: Node, known: &People) -> Result<Vec<String>, InvalidPolicy> {
    let nobody = list.refused("empty", SOME_NAMES);
    let people = names(list, known)?;
    if people.is_empty() { Err(nobody) } else { Ok(people) }
}

fn chain(node: Node, known: &People) -> Result<Vec<Further>, InvalidPolicy> {
    let mut chain: Vec<Further> = Vec::new();
    for item in node.list("a list of { at_percent, people }")? {
        let mut fields = item.fields()?;
        let at = fields.required("at_percent", percents::EXPECTED)?;
        let people = fields.required("people", SOME_NAMES)?;
        fields.finish()?;
        let at_percent = percents::after(&at, chain.last().map(|before| before.at_percent))?;
        chain.push(Further { at_percent, people: some_names(people, known)? });
    }
    Ok(chain)
}
