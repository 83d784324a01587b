//! The people who may approve, and how their answers arrive at `approve`'s Function URL.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::error::BenchError;
use crate::stage::ACCOUNT_ID;

/// Those who are asked, one after the other.
pub const PEOPLE: [&str; 4] = ["ada", "grace", "lin", "kay"];

const APPROVERS: &str = r#"schema: 1
people:
  ada: { identities: ["user/ada", "sso/ada@example.com"] }
  grace: { identities: ["user/grace", "sso/grace@example.com"] }
  lin: { identities: ["user/lin", "sso/lin@example.com"] }
  kay: { identities: ["user/kay", "sso/kay@example.com"] }
roles:
  infrastructure-manager: { people: [ada, grace], quorum: 1 }
  security-team: { people: [grace, kay], quorum: 1 }
  cto: { people: [kay, ada], quorum: 1 }
  compliance-officer: { people: [ada, lin], quorum: 1 }
  production-manager: { people: [kay, lin], quorum: 1 }
  data-protection-officer: { people: [lin, grace], quorum: 1 }
owners:
  team-web: { people: [ada, kay] }
"#;

/// A function's folder with the policy files in it.
#[derive(Debug)]
pub struct TaskRoot(PathBuf);

impl TaskRoot {
    /// Writes it.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(directory: &Path) -> Result<Self, BenchError> {
        let root = Self(directory.join("task-root"));
        let policy = root.0.join("policy");
        std::fs::create_dir_all(&policy).map_err(BenchError::file(&policy))?;
        let path = policy.join("approvers.yaml");
        std::fs::write(&path, APPROVERS).map_err(BenchError::file(&path))?;
        Ok(root)
    }

    /// The variable by which a function finds it.
    #[must_use]
    pub fn variable(&self) -> (String, String) {
        ("LAMBDA_TASK_ROOT".into(), self.0.display().to_string())
    }
}

/// A person's vote for a plan, as Lambda hands it on.
#[must_use]
pub fn vote(person: &str, process_id: &str, plan_hash: &Value) -> Value {
    let host = "abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-east-1.on.aws";
    let session = format!("AROAEXAMPLEEXAMPLE01:{person}@example.com");
    let role = "AWSReservedSSO_Approver_0123456789abcdef";
    let body = json!({
        "schema": 1,
        "action": "vote",
        "process_id": process_id,
        "plan_hash": plan_hash,
        "answer": "approve",
    });
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/",
        "rawQueryString": "",
        "headers": {
            "content-type": "application/json",
            "host": host,
            "x-amz-date": "20261120T101500Z",
            "x-forwarded-for": "203.0.113.7",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
            "user-agent": "curl/8.14.1",
        },
        "requestContext": {
            "accountId": ACCOUNT_ID,
            "apiId": "abcdefghijklmnopqrstuvwxyz012345",
            "authentication": null,
            "authorizer": {
                "iam": {
                    "accessKey": "ASIAEXAMPLEEXAMPLE01",
                    "accountId": ACCOUNT_ID,
                    "callerId": session,
                    "cognitoIdentity": null,
                    "principalOrgId": null,
                    "userArn": format!("arn:aws:sts::{ACCOUNT_ID}:assumed-role/{role}/{person}@example.com"),
                    "userId": session,
                },
            },
            "domainName": host,
            "domainPrefix": "abcdefghijklmnopqrstuvwxyz012345",
            "http": {
                "method": "POST",
                "path": "/",
                "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.7",
                "userAgent": "curl/8.14.1",
            },
            "requestId": "6f2a1c3e-8b0d-4b7e-9c55-1f0e2d3c4b5a",
            "routeKey": "$default",
            "stage": "$default",
            "time": "20/Nov/2026:10:15:00 +0000",
            "timeEpoch": 1_795_169_700_000_u64,
        },
        "body": body.to_string(),
        "isBase64Encoded": false,
    })
}
