//! Which roles have to agree, and why (C29, C51).

use crate::risk::assessment::RequiredRole;
use crate::risk::business::Business;
use crate::risk::counted::Counted;
use crate::risk::level::Level;

/// The six roles of C29, beside `owner:<name>`.
pub const ROLES: [&str; 6] = [
    INFRASTRUCTURE_MANAGER,
    "security-team",
    "cto",
    "compliance-officer",
    "production-manager",
    "data-protection-officer",
];
pub(crate) const INFRASTRUCTURE_MANAGER: &str = "infrastructure-manager";

/// The role of an owner.
#[must_use]
pub fn of_owner(owner: &str) -> String {
    format!("owner:{owner}")
}

/// The roles that have to agree under profile `v2`: never none (C51).
#[must_use]
pub fn roles(business: &Business, counted: &Counted) -> Vec<RequiredRole> {
    let mut roles: Vec<RequiredRole> = Vec::new();
    let mut ask = |role: &str, because: String| roles.push(RequiredRole { role: role.into(), because });
    let owner = &business.impact.owner;
    if owner != "unknown" {
        ask(&of_owner(owner), "it is theirs".into());
    }
    let level = counted.level();
    if level >= Level::High {
        for role in [INFRASTRUCTURE_MANAGER, "security-team"] {
            ask(role, format!("its risk is {level}"));
        }
    }
    if level >= Level::Critical {
        for role in ["cto", "compliance-officer"] {
            ask(role, format!("its risk is {level}"));
        }
    }
    if business.environment.may_be_production() {
        ask("production-manager", business.environment.reason.clone());
    }
    if counted.technical.data_loss_risk {
        ask("data-protection-officer", "data goes with it".into());
    } else if let Some(by) = business.sensitive_by.first() {
        ask("data-protection-officer", format!("its data may be sensitive: {by}"));
    }
    or_somebody(roles)
}

/// Nobody to ask would mean nobody who agrees (C51).
pub(super) fn or_somebody(mut roles: Vec<RequiredRole>) -> Vec<RequiredRole> {
    if roles.is_empty() {
        roles.push(RequiredRole {
            role: INFRASTRUCTURE_MANAGER.into(),
            because: "its owner is unknown, and somebody has to agree".into(),
        });
    }
    roles
}

#[cfg(test)]
mod tests;
