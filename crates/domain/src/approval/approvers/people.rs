//! The people of the policy file: who AWS says they are, and where a notice reaches each of them.

use std::collections::BTreeMap;

use crate::approval::approvers::{InvalidPolicy, same_name};
use crate::approval::identity::{self, Identity};
use crate::policy_file::Node;

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Person {
    /// Everything that AWS may know the person as.
    pub(super) identities: Vec<Identity>,
    /// The name of the SNS topic that reaches this person and nobody else.
    pub(super) topic: Option<String>,
}

/// All of them, by the policy file's name.
pub(super) type People = BTreeMap<String, Person>;

const CHANNEL: &str = "sns:<topic>, the topic of 1 to 256 letters, digits, - and _";

/// Reads `people`.
pub(super) fn read(node: Node) -> Result<People, InvalidPolicy> {
    let mut people = People::new();
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
        let channels = fields.take("channels");
        fields.finish()?;
        let identities = identities(list, &name, &people)?;
        let topic = match channels {
            Some(node) => topic(node, &people)?,
            None => None,
        };
        people.insert(name, Person { identities, topic });
    }
    Ok(people)
}

/// A person's name: it is part of keys and notices.
fn is_person_name(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._@-".contains(&b))
}

fn identities(list: Node, name: &str, people: &People) -> Result<Vec<Identity>, InvalidPolicy> {
    let missing = list.refused("empty", "a list of at least one identity");
    let mut identities: Vec<Identity> = Vec::new();
    for item in list.list("a list of identities")? {
        let identity = Identity::parse(item.text(identity::EXPECTED)?).map_err(|_| item.wrong(identity::EXPECTED))?;
        let same = |known: &Identity| same_name(&known.to_string(), &identity.to_string());
        let whose = people.iter().find(|(_, known)| known.identities.iter().any(same)).map(|(other, _)| other.as_str());
        if let Some(other) = whose.or_else(|| identities.iter().any(same).then_some(name)) {
            return Err(item.refused(format!("{identity}, which is {other} already"), "one person's, once"));
        }
        identities.push(identity);
    }
    if identities.is_empty() { Err(missing) } else { Ok(identities) }
}

/// A person's channel. Two people never share one: a personal link must reach one person.
fn topic(node: Node, people: &People) -> Result<Option<String>, InvalidPolicy> {
    let mut found = None;
    for item in node.list("a list of at most one channel")? {
        let topic = item.text(CHANNEL)?.strip_prefix("sns:").filter(|topic| is_topic_name(topic));
        let topic = topic.ok_or_else(|| item.wrong(CHANNEL))?;
        if found.is_some() {
            return Err(item.refused("a second channel", "left out: a person has one"));
        }
        let whose = people.iter().find(|(_, known)| known.topic.as_deref() == Some(topic));
        if let Some((other, _)) = whose {
            let expected = "a topic of the person's own, which personal links are sent to";
            return Err(item.refused(format!("sns:{topic}, which is {other}'s already"), expected));
        }
        found = Some(topic.to_owned());
    }
    Ok(found)
}

fn is_topic_name(text: &str) -> bool {
    (1..=256).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}
