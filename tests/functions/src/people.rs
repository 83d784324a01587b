//! The people of the policy file, and how their requests arrive at the Function URL.

use serde_json::{Value, json};

use crate::world::ACCOUNT;

/// Everybody whom the policy file of these tests names, and one whom it does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Person {
    /// An IAM user.
    Ada,
    /// Somebody of IAM Identity Center.
    Grace,
    /// A role, whose sessions are one person together.
    Lin,
    /// An IAM user.
    Kay,
    /// An IAM user whom nobody knows.
    Mallory,
}

/// Who may approve, unless a world says otherwise: every role has somebody, and no role one person only. Everybody has a
/// topic of their own.
pub const APPROVERS: &str = r#"schema: 1
people:
  ada: { identities: ["user/ada"], channels: ["sns:sunset-approver-ada"] }
  grace: { identities: ["sso/grace@example.com"], channels: ["sns:sunset-approver-grace"] }
  lin: { identities: ["role/ops"], channels: ["sns:sunset-approver-lin"] }
  kay: { identities: ["user/kay"], channels: ["sns:sunset-approver-kay"] }
roles:
  infrastructure-manager: { people: [ada, grace], quorum: 1 }
  security-team: { people: [grace, kay], quorum: 1 }
  cto: { people: [kay, ada], quorum: 1 }
  compliance-officer: { people: [ada, lin], quorum: 1 }
  production-manager: { people: [kay, lin], quorum: 1 }
  data-protection-officer: { people: [lin, grace], quorum: 1 }
owners:
  team-web: { people: [lin] }
"#;

impl Person {
    /// Those whom the policy file names.
    pub const KNOWN: [Self; 4] = [Self::Ada, Self::Grace, Self::Lin, Self::Kay];

    /// The name in the policy file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ada => "ada",
            Self::Grace => "grace",
            Self::Lin => "lin",
            Self::Kay => "kay",
            Self::Mallory => "mallory",
        }
    }

    /// The person of this name.
    ///
    /// # Panics
    /// When nobody has it.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let all = Self::KNOWN.into_iter().chain([Self::Mallory]);
        all.into_iter().find(|person| person.name() == name).unwrap_or_else(|| panic!("nobody is named {name}"))
    }

    /// The name of the topic that reaches them alone.
    #[must_use]
    pub fn topic(self) -> String {
        format!("sunset-approver-{}", self.name())
    }

    /// The ARN that AWS says has sent a request of theirs.
    #[must_use]
    pub fn arn(self) -> String {
        match self {
            Self::Grace => format!(
                "arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_Approvers_0123456789abcdef/grace@example.com"
            ),
            Self::Lin => format!("arn:aws:sts::{ACCOUNT}:assumed-role/ops/a-session"),
            user => format!("arn:aws:iam::{ACCOUNT}:user/{}", user.name()),
        }
    }

    /// A POST of theirs as Lambda hands it on.
    #[must_use]
    pub fn posts(self, body: &Value) -> Value {
        let mut event = self.request("POST");
        event["headers"]["content-type"] = "application/json".into();
        event["body"] = body.to_string().into();
        event
    }

    /// A GET of theirs as Lambda hands it on.
    #[must_use]
    pub fn gets(self, process_id: &str) -> Value {
        let mut event = self.request("GET");
        event["rawQueryString"] = format!("process_id={process_id}").into();
        event["queryStringParameters"] = json!({"process_id": process_id});
        event
    }

    fn request(self, method: &str) -> Value {
        json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": "/",
            "rawQueryString": "",
            "headers": {"accept": "*/*", "host": "0123456789abcdef.lambda-url.us-east-1.on.aws", "user-agent": "curl/8.5.0"},
            "requestContext": {
                "accountId": ACCOUNT,
                "apiId": "0123456789abcdef",
                "authorizer": {
                    "iam": {
                        "accessKey": "AKIAIOSFODNN7EXAMPLE",
                        "accountId": ACCOUNT,
                        "callerId": "AIDAEXAMPLE",
                        "cognitoIdentity": null,
                        "principalOrgId": "o-a1b2c3d4e5",
                        "userArn": self.arn(),
                        "userId": "AIDAEXAMPLE",
                    },
                },
                "domainName": "0123456789abcdef.lambda-url.us-east-1.on.aws",
                "domainPrefix": "0123456789abcdef",
                "http": {
                    "method": method,
                    "path": "/",
                    "protocol": "HTTP/1.1",
                    "sourceIp": "203.0.113.24",
                    "userAgent": "curl/8.5.0",
                },
                "requestId": "3f1c9a52-8f0e-4b1d-9a7c-5d2e6b7f8a90",
                "routeKey": "$default",
                "stage": "$default",
                "time": "20/Nov/2026:09:05:00 +0000",
                "timeEpoch": 1_795_165_500_123_u64,
            },
            "isBase64Encoded": false,
        })
    }
}
