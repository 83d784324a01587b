//! A plan as approvers read it.

use crate::risk::assessment::CostLine;
use crate::runbook::action::{Action, Effect};
use crate::runbook::duration::{about, in_words};
use crate::runbook::markdown::{escaped, list, row};
use crate::runbook::plan_document::{Plan, Savings};
use crate::runbook::step::Step;

impl Plan {
    /// The plan as Markdown: what will happen step by step, what can be undone and until when, what is lost, what it
    /// saves, what the checker found, and the checklist.
    #[must_use]
    pub fn markdown(&self) -> String {
        let change = &self.change;
        let mut text = format!("# Plan {} of {}\n\n", self.number, escaped(&change.id));
        text.push_str(&format!(
            "{}, for {}. Why: {}\n\n",
            escaped(&change.description),
            escaped(&change.requester),
            escaped(&change.justification)
        ));
        text.push_str(&format!(
            "Plan hash `{}`, made {} from assessment {}. An approval is for this hash and no other.\n",
            self.hash, self.made_at, self.assessment
        ));
        self.steps(&mut text);
        self.way_back(&mut text);
        section(&mut text, "What is lost although it can be taken back", &list(&change.rollback.losses));
        section(&mut text, "Once it is gone", &list(&change.rollback.recovery));
        section(&mut text, "Savings", &savings(&self.savings));
        section(&mut text, "What the checker found", &list(self.findings.iter().map(ToString::to_string)));
        self.change_request(&mut text);
        self.checklist(&mut text);
        text
    }

    fn steps(&self, text: &mut String) {
        let mut table = String::from(
            "| | step | what happens | can be taken back | done when | at most |\n|---|---|---|---|---|---|\n",
        );
        for (at, step) in self.runbook.steps.iter().enumerate() {
            table.push_str(&row(&[
                &at.saturating_add(1).to_string(),
                step.id.as_str(),
                &step.description,
                &way_back(step),
                &step.verification,
                &in_words(step.timeout_seconds.into()),
            ]));
        }
        let implementation = &self.change.implementation;
        table.push_str(&format!(
            "\nIt begins {}, and takes {}, the soak included.\n",
            escaped(&implementation.start),
            about(implementation.estimated_seconds)
        ));
        section(text, "What will happen", &table);
    }

    fn way_back(&self, text: &mut String) {
        let rollback = &self.change.rollback;
        let steps: String =
            if rollback.steps.is_empty() { "Nothing has to be taken back.\n".into() } else { list(&rollback.steps) };
        let body = format!(
            "Everything can be taken back {}. The way back takes {}:\n\n{steps}\nIt begins when\n\n{}",
            escaped(&rollback.until),
            about(rollback.estimated_seconds),
            list(&rollback.triggers)
        );
        section(text, "What can be undone, and until when", &body);
    }

    fn change_request(&self, text: &mut String) {
        let change = &self.change;
        let approvals: Vec<String> =
            change.approvals.iter().map(|role| format!("{}: {}", role.role, role.because)).collect();
        let mut table = String::from("| | |\n|---|---|\n");
        for (name, value) in [
            ("id", change.id.clone()),
            ("requester", change.requester.clone()),
            ("date", change.date.to_string()),
            ("environment", change.environment.clone()),
            ("systems", change.impact.systems.join("; ")),
            ("users", change.impact.users.join("; ")),
            ("risk", change.impact.risk.join("; ")),
            ("testing", change.testing.join("; ")),
            ("approvals", if approvals.is_empty() { "by rule".into() } else { approvals.join("; ") }),
        ] {
            table.push_str(&row(&[name, &value]));
        }
        section(text, "Change request", &table);
    }

    fn checklist(&self, text: &mut String) {
        let mut table = String::from("| | item | state | evidence |\n|---|---|---|---|\n");
        for item in &self.checklist {
            table.push_str(&row(&[item.group.as_str(), &item.text, item.state.as_str(), &item.evidence]));
        }
        section(text, "Checklist", &table);
    }
}

fn section(text: &mut String, title: &str, body: &str) {
    let body = if body.is_empty() { "Nothing.\n" } else { body };
    text.push_str(&format!("\n## {title}\n\n{body}"));
}

fn way_back(step: &Step) -> String {
    match (&step.rollback, step.effect) {
        (Some(rollback), _) => format!("yes, by {}", rollback.action),
        (None, Effect::Irreversible) => "NO".into(),
        (None, _) if step.action == Action::Soak => "nothing to take back".into(),
        (None, _) => "it only adds".into(),
    }
}

/// `$1.23`, `-$0.40`.
fn dollars(micro_dollars: i64) -> String {
    let sign = if micro_dollars < 0 { "-" } else { "" };
    let amount = micro_dollars.unsigned_abs();
    format!("{sign}${}.{:02}", amount / 1_000_000, amount % 1_000_000 / 10_000)
}

fn savings(savings: &Savings) -> String {
    let mut text = String::from("| what | a month |\n|---|---|\n");
    let price = |line: &CostLine, sign: i64| {
        line.micro_dollars_a_month.map_or_else(
            || "no price known".to_owned(),
            |amount| dollars(i64::try_from(amount).unwrap_or(i64::MAX).saturating_mul(sign)),
        )
    };
    for line in &savings.cost.saved {
        text.push_str(&row(&[&line.what, &price(line, 1)]));
    }
    for line in &savings.cost.backups {
        text.push_str(&row(&[&format!("{} (for {} days)", line.what, savings.backups_kept_days), &price(line, -1)]));
    }
    text.push_str(&row(&[
        "saved, net of backups as long as they are kept",
        &dollars(savings.net_micro_dollars_a_month),
    ]));
    if savings.backups_micro_dollars_a_month > 0 {
        let saved = i64::try_from(savings.saved_micro_dollars_a_month).unwrap_or(i64::MAX);
        text.push_str(&row(&["saved once the backups are deleted", &dollars(saved)]));
    }
    text.push_str("\nAn estimate at the public prices of us-east-1, not a bill.");
    text.push_str(if savings.complete { "\n" } else { " What has no known price is left out.\n" });
    text
}
