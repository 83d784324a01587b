//! Who stands in for whom, and when.

#[cfg(test)]
mod tests;

use crate::approval::approvers::InvalidPolicy;
use crate::approval::approvers::people::People;
use crate::policy_file::Node;
use crate::time::Timestamp;

/// All delegations. On no day does anybody delegate to two people, or to somebody who delegates too: there are no chains.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Delegations(Vec<Delegation>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Delegation {
    from: String,
    to: String,
    begins: Timestamp,
    ends: Timestamp,
}

impl Delegation {
    fn meets(&self, other: &Self) -> bool {
        self.begins < other.ends && other.begins < self.ends
    }
}

impl Delegations {
    /// Who stands in for this person at a moment.
    pub(super) fn stand_in(&self, person: &str, at: Timestamp) -> Option<&str> {
        let runs = |one: &&Delegation| one.from == person && one.begins <= at && at < one.ends;
        self.0.iter().find(runs).map(|one| one.to.as_str())
    }

    /// Reads `delegations`.
    pub(super) fn read(node: Node, known: &People) -> Result<Self, InvalidPolicy> {
        let mut read: Vec<(Delegation, Node, Node)> = Vec::new();
        for item in node.list("a list of { from, to, first_day, last_day }")? {
            let mut fields = item.fields()?;
            let from = fields.required("from", "a name under people")?;
            let to = fields.required("to", "a name under people")?;
            let first = fields.required("first_day", DAY)?;
            let last = fields.required("last_day", DAY)?;
            fields.finish()?;
            let (begins, last_begins) = (day(&first)?, day(&last)?);
            if last_begins < begins {
                return Err(last.wrong("the first day or a later one"));
            }
            let one =
                Delegation { from: name(&from, known)?, to: name(&to, known)?, begins, ends: last_begins.plus_days(1) };
            if one.from == one.to {
                return Err(to.wrong("somebody else"));
            }
            read.push((one, from, to));
        }
        for (at, (one, from, to)) in read.iter().enumerate() {
            for (other_at, (other, ..)) in read.iter().enumerate().filter(|(_, (other, ..))| one.meets(other)) {
                if other_at < at && other.from == one.from {
                    let found =
                        format!("{}, for whom delegations[{other_at}] has somebody on some of these days", one.from);
                    return Err(from.refused(found, "a name that one delegation at a time is for"));
                }
                if other.from == one.to {
                    let found = format!("{}, who is away on some of these days: delegations[{other_at}]", one.to);
                    return Err(to.refused(found, "somebody who is there"));
                }
            }
        }
        Ok(Self(read.into_iter().map(|(one, ..)| one).collect()))
    }
}

const DAY: &str = "a day such as 2026-12-01, in UTC";

/// When a day begins.
fn day(node: &Node) -> Result<Timestamp, InvalidPolicy> {
    Timestamp::parse(&format!("{}T00:00:00Z", node.text(DAY)?)).map_err(|_| node.wrong(DAY))
}

fn name(node: &Node, known: &People) -> Result<String, InvalidPolicy> {
    let name = node.text("a name under people")?;
    if known.contains_key(name) { Ok(name.to_owned()) } else { Err(node.wrong("a name under people")) }
}
