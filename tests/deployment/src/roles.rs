//! The roles, as the statements that they hold with given parameters.

use crate::strings;
use crate::template::Deployed;
use serde_json::Value;
use std::collections::BTreeSet;

/// One statement of a role's policies.
#[derive(Debug)]
pub struct Statement {
    /// Its name.
    pub sid: String,
    /// Whether it denies.
    pub denies: bool,
    /// What it is about.
    pub actions: Vec<String>,
    /// On what.
    pub resources: Vec<String>,
    /// When.
    pub condition: Value,
}

/// Every statement of a role, or of a managed policy of the stack's own, as IAM would read it.
#[must_use]
pub fn raw_statements(stack: &Deployed, role: &str) -> Vec<Value> {
    let properties = stack.properties(role);
    if let Some(document) = properties.get("PolicyDocument") {
        return document["Statement"].as_array().expect("a policy has statements").clone();
    }
    assert!(properties.get("ManagedPolicyArns").is_none(), "{role}: what a managed policy holds, AWS may change");
    let policies = properties["Policies"].as_array().unwrap_or_else(|| panic!("{role} has no policies"));
    policies
        .iter()
        .flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array().expect("a policy has statements"))
        .cloned()
        .collect()
}

/// Every statement of a role.
#[must_use]
pub fn statements(stack: &Deployed, role: &str) -> Vec<Statement> {
    let read = |statement: &Value| {
        for word in ["NotAction", "NotResource", "Principal"] {
            assert!(statement.get(word).is_none(), "{role}: {word} says what it does not mean");
        }
        Statement {
            sid: statement["Sid"].as_str().expect("every statement has a Sid").to_owned(),
            denies: statement["Effect"] == "Deny",
            actions: strings(&statement["Action"]),
            resources: strings(&statement["Resource"]),
            condition: statement["Condition"].clone(),
        }
    };
    raw_statements(stack, role).iter().map(read).collect()
}

/// What the role is allowed, wherever and whenever.
#[must_use]
pub fn allowed(stack: &Deployed, role: &str) -> BTreeSet<String> {
    statements(stack, role)
        .into_iter()
        .filter(|statement| !statement.denies)
        .flat_map(|statement| statement.actions)
        .collect()
}

/// The characters of a role's policies, as IAM counts them: without white space.
#[must_use]
pub fn size(stack: &Deployed, role: &str) -> usize {
    let policies = stack.properties(role)["Policies"].as_array().expect("a role has policies");
    policies
        .iter()
        .map(|policy| policy["PolicyDocument"].to_string().chars().filter(|c| !c.is_whitespace()).count())
        .sum()
}

/// Whether an action changes something in EC2.
#[must_use]
pub fn changes_ec2(action: &str) -> bool {
    let reads = ["Describe", "Get", "List", "Search"];
    action.strip_prefix("ec2:").is_some_and(|call| !reads.iter().any(|read| call.starts_with(read)))
}
