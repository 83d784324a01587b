//! What each state of the machine does, and where it leads.

use std::time::Duration;

use serde_json::{Value, json};
use sunset_wire::FunctionError;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Approvers, Process, State};
use crate::functions::Function;
use crate::people::Person;
use crate::retry::DECOMMISSION;

/// The longest that anybody really waits: for what the ledger's own clock decides.
const LONGEST: Duration = Duration::from_secs(3);

/// What a state leads to.
#[derive(Debug)]
pub(super) enum Next {
    /// Another state.
    To(State),
    /// The same one again, after a wait.
    Again,
}

/// Sleeps as long as the machine is told to, where that is short; what is long is left to the caller.
async fn rest(seconds: &Value) {
    let seconds = Duration::from_secs(seconds.as_u64().unwrap_or_default());
    if seconds < LONGEST {
        tokio::time::sleep(seconds).await;
    }
}

impl Process<'_> {
    pub(super) async fn play(&mut self) -> Next {
        match self.state {
            State::Admit => self.admit().await,
            State::AssessResource => self.assess().await,
            State::DraftPlan => self.draft().await,
            State::AutoApprove => self.approve_by_rule().await,
            State::NoticePeriod => self.notice_period().await,
            State::NoticeOver => self.notice_over().await,
            State::RequestApproval | State::RequestHighRiskApproval => self.request().await,
            State::WaitForApproval => self.wait_for_approval().await,
            State::TallyVotes => self.tally().await,
            State::RemindApprovers => self.asks_again("remind").await,
            State::EscalateApproval => self.asks_again("escalate").await,
            State::PlanDecommissioning => self.confirm().await,
            State::ExecuteReversible => self.reversible().await,
            State::SoakPeriod => self.soak().await,
            State::ChangeWindow => self.window().await,
            State::WaitForWindow => self.wait_for_window().await,
            State::Reassess => self.reassess().await,
            State::ExecuteIrreversible => self.irreversible().await,
            State::ValidateDecommissioning => self.check().await,
            State::HoldForPerson => self.hold().await,
            State::Resolution => self.resolution().await,
            State::HandleDecommissioningFailure => self.roll_back().await,
            State::Report => self.report().await,
            end => Next::To(end),
        }
    }

    /// Runs a Task state, with its retries but without their waits.
    async fn task(&mut self, function: Function, event: Value) -> Result<String, FunctionError> {
        let mut retries = DECOMMISSION.retries(&format!("{:?}", self.state));
        loop {
            if self.delivers_twice {
                // Whatever becomes of the second delivery, the machine takes the answer of one of them.
                self.functions.invoke(function, event.clone()).await.ok();
            }
            match self.functions.invoke(function, event.clone()).await {
                Ok(answer) => {
                    let verdict = ["verdict", "decision", "state", "choice", "status"];
                    let verdict = verdict.iter().find_map(|name| answer[*name].as_str()).unwrap_or_default().to_owned();
                    self.answer = answer;
                    return Ok(verdict);
                }
                Err(error) if retries.take(&error.error_type) => {}
                Err(error) => {
                    self.error = json!({"Error": error.error_type, "Cause": error.message});
                    return Err(error);
                }
            }
        }
    }

    /// Runs a Task state that waits for its token, and gives the token out.
    async fn hands_out_a_token(&mut self, action: &str) -> Result<String, FunctionError> {
        let token = self.world.tokens.issue();
        let mut event = self.event(action);
        event["task_token"] = token.as_str().into();
        self.task(Function::Approve, event).await?;
        Ok(token)
    }

    /// The error that the machine makes of an answer that leads nowhere.
    fn fails_with_the_answer(&mut self) {
        let cause = self.answer["reason"].as_str().unwrap_or("the step did not come to its end");
        self.error = json!({"Error": "Sunset.ProcessFailed", "Cause": cause});
    }

    async fn admit(&mut self) -> Next {
        let event = json!({
            "schema": 1,
            "action": "admit",
            "execution": self.execution.as_event(),
            "input": self.input,
        });
        let verdict = match self.task(Function::Assess, event).await {
            Ok(verdict) => verdict,
            Err(_) => return Next::To(State::ProcessFailed),
        };
        self.id = self.answer["process_id"].as_str().map(str::to_owned);
        self.is_live = self.answer["mode"] == "live";
        Next::To(if verdict == "duplicate" { State::AlreadyUnderWay } else { State::AssessResource })
    }

    async fn assess(&mut self) -> Next {
        match self.task(Function::Assess, self.event("assess")).await.as_deref() {
            Ok("blocked") => Next::To(State::Report),
            Ok(_) => Next::To(State::DraftPlan),
            Err(_) => Next::To(State::HandleDecommissioningFailure),
        }
    }

    async fn draft(&mut self) -> Next {
        let verdict = self.task(Function::Plan, self.event("draft")).await;
        Next::To(match (verdict.as_deref(), self.answer["risk_level"].as_str()) {
            (Err(_), _) => State::HandleDecommissioningFailure,
            (Ok("blocked"), _) => State::Report,
            _ if !self.is_live => State::ExecuteReversible,
            (_, Some("low")) => State::AutoApprove,
            (_, Some("medium")) => State::RequestApproval,
            _ => State::RequestHighRiskApproval,
        })
    }

    async fn approve_by_rule(&mut self) -> Next {
        Next::To(match self.task(Function::Approve, self.event("auto")).await.as_deref() {
            Ok("approved") => State::NoticePeriod,
            Ok(_) => State::RequestApproval,
            Err(_) => State::HandleDecommissioningFailure,
        })
    }

    async fn notice_period(&mut self) -> Next {
        let seconds = self.answer["notice_seconds"].clone();
        let token = match self.hands_out_a_token("await_notice").await {
            Ok(token) => token,
            Err(_) => return Next::To(State::HandleDecommissioningFailure),
        };
        if !self.world.tokens.is_woken(&token) {
            rest(&seconds).await;
            self.world.tokens.time_out(&token);
        }
        Next::To(State::NoticeOver)
    }

    async fn notice_over(&mut self) -> Next {
        Next::To(match self.task(Function::Approve, self.event("notice_over")).await.as_deref() {
            Ok("over") => State::PlanDecommissioning,
            Ok("opted_out") => State::Report,
            Ok("waiting") => {
                rest(&self.answer["wait_seconds"]).await;
                return Next::Again;
            }
            Ok(_) => {
                self.fails_with_the_answer();
                State::HandleDecommissioningFailure
            }
            Err(_) => State::HandleDecommissioningFailure,
        })
    }

    async fn request(&mut self) -> Next {
        if self.task(Function::Approve, self.event("request")).await.is_err() {
            return Next::To(State::HandleDecommissioningFailure);
        }
        Next::To(State::WaitForApproval)
    }

    async fn wait_for_approval(&mut self) -> Next {
        let seconds = self.answer["wait_seconds"].clone();
        let token = match self.hands_out_a_token("await").await {
            Ok(token) => token,
            Err(_) => return Next::To(State::HandleDecommissioningFailure),
        };
        if self.approvers == Approvers::Agree {
            self.everybody_agrees(&token).await;
        }
        if !self.world.tokens.is_woken(&token) {
            // The state waits for two more, so that it never looks too early.
            rest(&seconds).await;
            self.world.tokens.time_out(&token);
        }
        Next::To(State::TallyVotes)
    }

    /// The actions that the tally says are due. What fails is tried again a little later.
    async fn asks_again(&mut self, action: &str) -> Next {
        match self.task(Function::Approve, self.event(action)).await {
            Ok(_) => Next::To(State::WaitForApproval),
            Err(_) => Next::To(State::TallyVotes),
        }
    }

    async fn everybody_agrees(&self, token: &str) {
        let record = self.record().await;
        let mut asked: Vec<&str> = record["round"]["required"]
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(|role| role["people"].as_array().into_iter().flatten())
            .filter_map(Value::as_str)
            .collect();
        asked.sort_unstable();
        asked.dedup();
        for name in asked {
            if self.world.tokens.is_woken(token) {
                return;
            }
            let (status, body) = self.votes(Person::named(name), "approve").await;
            assert_eq!(status, 200, "{name} could not approve: {body}\n{}", self.story());
        }
    }

    async fn tally(&mut self) -> Next {
        Next::To(match self.task(Function::Approve, self.event("tally")).await.as_deref() {
            Ok("approved") => State::PlanDecommissioning,
            Ok("rejected" | "expired") => State::Report,
            Ok("waiting") => match self.answer["due"].as_str() {
                Some("escalate") => State::EscalateApproval,
                Some("remind") => State::RemindApprovers,
                _ => State::WaitForApproval,
            },
            Ok(_) => {
                self.fails_with_the_answer();
                State::HandleDecommissioningFailure
            }
            Err(_) => State::HandleDecommissioningFailure,
        })
    }

    async fn confirm(&mut self) -> Next {
        Next::To(match self.task(Function::Plan, self.event("confirm")).await.as_deref() {
            Ok("confirmed") => State::ExecuteReversible,
            Ok("changed") => State::RequestHighRiskApproval,
            Ok(_) => State::Report,
            Err(_) => State::HandleDecommissioningFailure,
        })
    }

    async fn reversible(&mut self) -> Next {
        match self.task(Function::Execute, self.event("reversible")).await.as_deref() {
            Ok("waiting") => Next::Again,
            Ok("done") if !self.is_live => Next::To(State::ExecuteIrreversible),
            Ok("done") => Next::To(State::SoakPeriod),
            Ok(_) => {
                self.fails_with_the_answer();
                Next::To(State::HandleDecommissioningFailure)
            }
            Err(_) => Next::To(State::HandleDecommissioningFailure),
        }
    }

    async fn soak(&mut self) -> Next {
        let token = match self.hands_out_a_token("soak").await {
            Ok(token) => token,
            Err(_) => return Next::To(State::HandleDecommissioningFailure),
        };
        self.wait_until("/soak_until").await;
        let woken = self.world.tokens.time_out(&token);
        Next::To(if woken { State::HandleDecommissioningFailure } else { State::ChangeWindow })
    }

    async fn window(&mut self) -> Next {
        let Ok(state) = self.task(Function::Execute, self.event("window")).await else {
            return Next::To(State::HandleDecommissioningFailure);
        };
        Next::To(match (state.as_str(), self.answer["next"].as_str()) {
            ("open", Some("reassess")) => State::Reassess,
            ("open", Some("execute")) => State::ExecuteIrreversible,
            ("closed" | "waiting", _) => State::WaitForWindow,
            _ => {
                self.fails_with_the_answer();
                State::HandleDecommissioningFailure
            }
        })
    }

    async fn wait_for_window(&mut self) -> Next {
        let seconds = self.answer["wait_seconds"].clone();
        let token = match self.hands_out_a_token("await_window").await {
            Ok(token) => token,
            Err(_) => return Next::To(State::HandleDecommissioningFailure),
        };
        if !self.world.tokens.is_woken(&token) {
            rest(&seconds).await;
            self.world.tokens.time_out(&token);
        }
        Next::To(State::ChangeWindow)
    }

    async fn reassess(&mut self) -> Next {
        match self.task(Function::Assess, self.event("reassess")).await.as_deref() {
            Ok("proceed") => Next::To(State::ExecuteIrreversible),
            Ok("waiting") => {
                self.wait_until("/soak_until").await;
                Next::Again
            }
            Ok(_) => {
                self.fails_with_the_answer();
                Next::To(State::HandleDecommissioningFailure)
            }
            Err(_) => Next::To(State::HandleDecommissioningFailure),
        }
    }

    async fn irreversible(&mut self) -> Next {
        match self.task(Function::Execute, self.event("irreversible")).await.as_deref() {
            Ok("waiting") => Next::Again,
            Ok("done") => Next::To(State::ValidateDecommissioning),
            Ok("closed") => Next::To(State::ChangeWindow),
            Ok("roll_back") => {
                self.fails_with_the_answer();
                Next::To(State::HandleDecommissioningFailure)
            }
            Ok(_) => {
                self.fails_with_the_answer();
                Next::To(State::HandleDecommissioningFailure)
            }
            Err(_) => Next::To(State::HandleDecommissioningFailure),
        }
    }

    async fn check(&mut self) -> Next {
        match self.task(Function::Validate, self.event("check")).await.as_deref() {
            Ok("waiting") => Next::Again,
            Ok("done") => Next::To(State::Report),
            Ok(_) => {
                self.fails_with_the_answer();
                Next::To(State::HandleDecommissioningFailure)
            }
            Err(_) => Next::To(State::HandleDecommissioningFailure),
        }
    }

    async fn hold(&mut self) -> Next {
        let token = self.world.tokens.issue();
        let mut event = self.event("hold");
        event["task_token"] = token.as_str().into();
        event["error"] = self.error.clone();
        // Asked or not, the state after it reads what a person wrote.
        self.task(Function::Approve, event).await.ok();
        Next::To(State::Resolution)
    }

    async fn resolution(&mut self) -> Next {
        Next::To(match self.task(Function::Approve, self.event("resolution")).await.as_deref() {
            Ok("retry") => State::ExecuteIrreversible,
            Ok("accept") => State::Report,
            Ok("recover") => State::HandleDecommissioningFailure,
            Ok(_) => State::HoldForPerson,
            Err(_) => State::Resolution,
        })
    }

    async fn roll_back(&mut self) -> Next {
        let mut event = self.event("rollback");
        event["error"] = self.error.clone();
        match self.task(Function::Execute, event).await.as_deref() {
            Ok("waiting") => Next::Again,
            Ok("held") => Next::To(State::HoldForPerson),
            _ => Next::To(State::Report),
        }
    }

    async fn report(&mut self) -> Next {
        if self.task(Function::Validate, self.event("report")).await.is_err() {
            return Next::To(State::ProcessFailed);
        }
        Next::To(match self.answer["status"].as_str() {
            Some("completed") => State::ProcessCompleted,
            Some("rejected" | "cancelled") => State::ProcessRejected,
            Some("expired") => State::ProcessExpired,
            Some("blocked") => State::ProcessBlocked,
            Some("rolled_back") => State::ProcessRolledBack,
            Some("rollback_failed") => State::RollbackFailed,
            _ => State::ProcessFailed,
        })
    }

    /// Sleeps until a time of the record has come, where that is soon; what is far is left to the caller.
    async fn wait_until(&self, pointer: &str) {
        let record = self.record().await;
        let Some(text) = record.pointer(pointer).and_then(Value::as_str) else { return };
        let until = OffsetDateTime::parse(text, &Rfc3339).expect("a time of RFC 3339");
        let left = Duration::try_from(until - OffsetDateTime::now_utc()).unwrap_or_default();
        if left < LONGEST {
            tokio::time::sleep(left).await;
        }
    }
}
