//! What people ask the Function URL for about a process.

use serde_json::Value;

use super::Process;
use crate::functions::Function;
use crate::people::Person;

impl Process<'_> {
    /// Sends a person's request to the Function URL, again where the function crashed: the status and the body of its
    /// answer.
    ///
    /// # Panics
    /// When it is not answered as HTTP.
    pub async fn posts(&self, person: Person, body: &Value) -> (u64, Value) {
        let mut tries = 0;
        let answer = loop {
            match self.functions.invoke(Function::Approve, person.posts(body)).await {
                Err(error) if error.error_type == "Runtime.ExitError" && tries < 3 => tries += 1,
                answer => break answer.unwrap_or_else(|error| panic!("{error}: {}", self.story())),
            }
        };
        let text = answer["body"].as_str().unwrap_or_else(|| panic!("no body: {answer}"));
        (answer["statusCode"].as_u64().expect("an HTTP status"), serde_json::from_str(text).expect("a body of JSON"))
    }

    /// A person's vote for the plan that is asked about.
    pub async fn votes(&self, person: Person, answer: &str) -> (u64, Value) {
        let hash = self.record().await["round"]["plan_hash"].clone();
        self.posts(person, &self.vote(&hash, answer)).await
    }

    /// A vote as people send it.
    #[must_use]
    pub fn vote(&self, plan_hash: &Value, answer: &str) -> Value {
        let mut body = self.event("vote");
        body["plan_hash"] = plan_hash.clone();
        body["answer"] = answer.into();
        if answer == "reject" {
            body["reason"] = "it is still needed".into();
        }
        body
    }

    /// A person ends the soak.
    pub async fn ends_the_soak(&self, person: Person) -> (u64, Value) {
        let mut body = self.event("end_soak");
        body["reason"] = "it is missed".into();
        self.posts(person, &body).await
    }

    /// A person decides about a held process.
    pub async fn resolves(&self, person: Person, choice: &str) -> (u64, Value) {
        let mut body = self.event("resolve");
        body["choice"] = choice.into();
        body["reason"] = "looked at it".into();
        self.posts(person, &body).await
    }

    /// A person breaks the glass.
    pub async fn releases(&self, person: Person, confirm: &str) -> (u64, Value) {
        let mut body = self.event("release");
        body["confirm"] = confirm.into();
        body["reason"] = "nobody works on it any more".into();
        self.posts(person, &body).await
    }

    /// A person objects to what the rule approved.
    pub async fn objects(&self, person: Person) -> (u64, Value) {
        let mut body = self.event("opt_out");
        body["reason"] = "it is not idle".into();
        self.posts(person, &body).await
    }
}
