//! People who vote: callers with keys of their own, as AWS knows them, at the URL of the function `approve`.

use std::fmt;

use serde_json::Value;
use time::OffsetDateTime;
use ureq::http::Method;

use crate::error::{Result, missing};
use crate::stack::Stack;
use crate::wire::http::Endpoint;
use crate::wire::query::{IAM, STS, Service, anywhere, call, fields, parsed};
use crate::wire::signature::{Credentials, Scope, Unsigned, signed};

/// The template's output that names the URL.
const APPROVE_URL: &str = "ApproveUrl";
const TRUST: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}"#;

/// Somebody who calls `approve`.
#[derive(Clone)]
pub struct Person {
    name: String,
    credentials: Option<Credentials>,
    aws: Endpoint,
    host: String,
}

/// What `approve` answered somebody.
#[derive(Clone, Debug, PartialEq)]
pub struct Replied {
    /// The HTTP status.
    pub status: u16,
    /// The body; null when it is no JSON.
    pub body: Value,
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Stack {
    /// The IAM user of this name, with a key of their own: `user/<name>` in the policy of approvers.
    ///
    /// # Errors
    /// What IAM answers.
    pub fn person(&self, name: &str) -> Result<Person> {
        let user = fields(&[("UserName", name)]);
        match call(self.aws(), IAM, "CreateUser", &user) {
            Err(error) if error.code() != Some("EntityAlreadyExists") => return Err(error),
            _ => {}
        }
        self.caller(name, IAM, "CreateAccessKey", &[("UserName", name)])
    }

    /// A session of the identity centre: `sso/<session>` in the policy of approvers.
    ///
    /// # Errors
    /// What IAM and STS answer.
    pub fn identity_centre_session(&self, session: &str) -> Result<Person> {
        self.session("AWSReservedSSO_Approver_0123456789abcdef", session)
    }

    /// A session of a role: whoever assumed it, `approve` sees the role.
    ///
    /// # Errors
    /// What IAM and STS answer.
    pub fn session(&self, role: &str, session: &str) -> Result<Person> {
        let made = fields(&[("RoleName", role), ("AssumeRolePolicyDocument", TRUST)]);
        match call(self.aws(), IAM, "CreateRole", &made) {
            Err(error) if error.code() != Some("EntityAlreadyExists") => return Err(error),
            _ => {}
        }
        let arn = format!("arn:aws:iam::{}:role/{role}", crate::emulators::ACCOUNT);
        self.caller(session, STS, "AssumeRole", &[("RoleArn", &arn), ("RoleSessionName", session)])
    }

    /// The account's root user.
    ///
    /// # Errors
    /// When nothing is deployed.
    pub fn root(&self) -> Result<Person> {
        let key = || "test".to_owned();
        self.caller_with(
            "root",
            Some(Credentials { access_key_id: key(), secret_access_key: key(), session_token: None }),
        )
    }

    /// Somebody who signs nothing.
    ///
    /// # Errors
    /// When nothing is deployed.
    pub fn stranger(&self) -> Result<Person> {
        self.caller_with("stranger", None)
    }

    fn caller(&self, name: &str, service: Service, action: &str, pairs: &[(&str, &str)]) -> Result<Person> {
        let xml = call(self.aws(), service, action, &fields(pairs))?;
        let document = parsed(action, &xml)?;
        let found = |field: &str| anywhere(document.root(), field);
        let credentials = Credentials {
            access_key_id: found("AccessKeyId").ok_or_else(|| missing(action, "AccessKeyId"))?,
            secret_access_key: found("SecretAccessKey").ok_or_else(|| missing(action, "SecretAccessKey"))?,
            session_token: found("SessionToken"),
        };
        self.caller_with(name, Some(credentials))
    }

    fn caller_with(&self, name: &str, credentials: Option<Credentials>) -> Result<Person> {
        Ok(Person { name: name.to_owned(), credentials, aws: self.aws().clone(), host: self.approve_host()? })
    }

    /// The URL of `approve` as this machine reaches it: the deployed one ends in `on.aws`.
    ///
    /// # Errors
    /// When nothing is deployed.
    pub fn approve_url(&self) -> Result<String> {
        Ok(format!("http://{}/", self.approve_host()?))
    }

    fn approve_host(&self) -> Result<String> {
        self.host_here(APPROVE_URL)
    }
}

impl Person {
    /// Their name: the user's, or the session's.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Their access key and secret, for a program that signs by itself.
    #[must_use]
    pub fn keys(&self) -> Option<(&str, &str)> {
        self.credentials.as_ref().map(|it| (it.access_key_id.as_str(), it.secret_access_key.as_str()))
    }

    /// The same caller, who has the secret of another.
    #[must_use]
    pub fn with_a_wrong_secret(mut self) -> Self {
        if let Some(credentials) = &mut self.credentials {
            credentials.secret_access_key.push('x');
        }
        self
    }

    /// What an approver sees of a process.
    ///
    /// # Errors
    /// When nobody answers.
    pub fn look(&self, process_id: &str) -> Result<Replied> {
        self.send(&Method::GET, &[("process_id", process_id)], &[])
    }

    /// Sends a request: a vote, the end of a soak, a resolution or a release.
    ///
    /// # Errors
    /// When nobody answers.
    pub fn post(&self, request: &Value) -> Result<Replied> {
        self.post_bytes(request.to_string().as_bytes())
    }

    /// Sends whatever it is.
    ///
    /// # Errors
    /// When nobody answers.
    pub fn post_bytes(&self, body: &[u8]) -> Result<Replied> {
        self.send(&Method::POST, &[], body)
    }

    fn send(&self, method: &Method, query: &[(&str, &str)], body: &[u8]) -> Result<Replied> {
        let request = Unsigned { method: method.as_str(), host: &self.host, path: "/", query, body };
        let scope = Scope { region: self.aws.region(), service: "lambda" };
        let proof = match &self.credentials {
            Some(credentials) => signed(&request, credentials, scope, OffsetDateTime::now_utc())?,
            None => vec![("host", self.host.clone())],
        };
        let mut headers: Vec<(&str, &str)> = proof.iter().map(|(name, value)| (*name, value.as_str())).collect();
        headers.push(("content-type", "application/json"));
        let pairs: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let path = if pairs.is_empty() { "/".to_owned() } else { format!("/?{}", pairs.join("&")) };
        let answer = self.aws.send_as_it_is("approve", (method.clone(), &path), &headers, body)?;
        Ok(Replied { status: answer.status, body: serde_json::from_slice(&answer.body).unwrap_or_default() })
    }
}
