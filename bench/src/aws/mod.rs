//! The services beside EC2 that the functions call, on loopback: DynamoDB, S3, SNS and Step Functions, as far as they are used.
//!
//! Each service has a port of its own, as on AWS it has a host of its own: connections are not shared between them.
//! What the loopback EC2 serves for others (Auto Scaling, Elastic Load Balancing, Systems Manager) is reached through
//! ports of their own too.

mod certificate;
mod dynamodb;
mod forward;
mod journal;
mod s3;
mod serve;
mod sfn;
mod sns;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use dynamodb::{Items, Key, Table, Tables, bytes};
pub use journal::Journal;
pub use s3::Objects;
pub use sns::Notice;

use crate::error::BenchError;

/// A running set of services.
#[derive(Debug)]
pub struct Aws {
    shared: Arc<Shared>,
    endpoints: Vec<(&'static str, String)>,
    ca_pem: Option<String>,
    /// Ends the servers when dropped.
    _thread: serve::Running,
}

/// What the services hold, and what was asked of them.
#[derive(Debug, Default)]
pub struct Shared {
    state: Mutex<State>,
    journal: Mutex<Journal>,
}

/// What the services hold.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// DynamoDB's tables.
    pub tables: Tables,
    /// S3's objects.
    pub objects: Objects,
    /// What SNS was given, in order of arrival.
    pub notices: Vec<Notice>,
    /// How often a state that waits was woken.
    pub wakes: usize,
}

/// Whether to serve over TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Plain HTTP.
    Http,
    /// TLS, with a certificate from an authority of the server's own.
    Https,
}

impl Aws {
    /// Starts the services. Calls for Auto Scaling, Elastic Load Balancing and Systems Manager go on to `ec2`.
    ///
    /// # Errors
    /// No free port, or no certificate.
    pub fn start(scheme: Scheme, ec2: &str) -> Result<Self, BenchError> {
        let tls = match scheme {
            Scheme::Http => None,
            Scheme::Https => Some(certificate::issue().map_err(|error| BenchError::server(&error))?),
        };
        let (acceptor, ca_pem) = tls.map_or((None, None), |tls| (Some(tls.acceptor), Some(tls.ca_pem)));
        let shared = Arc::new(Shared::default());
        let behind: SocketAddr = ec2
            .rsplit('/')
            .next()
            .and_then(|address| address.parse().ok())
            .ok_or_else(|| BenchError::server(&format!("{ec2} names no address")))?;
        let mut servers = serve::Servers::new();
        let mut endpoints = vec![("EC2", ec2.to_owned())];
        let name = if acceptor.is_some() { "https" } else { "http" };
        for service in [Service::DynamoDb, Service::S3, Service::Sns, Service::Sfn] {
            let port = servers.serve(service, Arc::clone(&shared), acceptor.clone())?;
            endpoints.push((service.variable(), format!("{name}://127.0.0.1:{port}")));
        }
        for variable in ["AUTO_SCALING", "ELASTIC_LOAD_BALANCING_V2", "SSM"] {
            let port = servers.forward(behind)?;
            endpoints.push((variable, format!("{name}://127.0.0.1:{port}")));
        }
        Ok(Self { shared, endpoints, ca_pem, _thread: servers.run()? })
    }

    /// The endpoints, as variables of a function's environment.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        self.endpoints.iter().map(|(service, url)| (format!("AWS_ENDPOINT_URL_{service}"), url.clone())).collect()
    }

    /// The certificate authority to trust, when served over TLS.
    #[must_use]
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }

    /// What the services hold, to look at or to change. No call is served while this is held.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }

    /// What was asked of the services since it was last taken.
    #[must_use]
    pub fn take_journal(&self) -> Journal {
        std::mem::take(&mut *self.shared.journal())
    }
}

impl Shared {
    // Whoever panics while it holds these ends the bench's run with that panic; nothing else can be wrong with them.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A service beside EC2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// DynamoDB.
    DynamoDb,
    /// S3.
    S3,
    /// SNS.
    Sns,
    /// Step Functions.
    Sfn,
}

impl Service {
    /// Its name in variables such as `AWS_ENDPOINT_URL_S3`.
    fn variable(self) -> &'static str {
        match self {
            Self::DynamoDb => "DYNAMODB",
            Self::S3 => "S3",
            Self::Sns => "SNS",
            Self::Sfn => "SFN",
        }
    }

    /// The prefix of its IAM actions.
    fn prefix(self) -> &'static str {
        match self {
            Self::DynamoDb => "dynamodb",
            Self::S3 => "s3",
            Self::Sns => "sns",
            Self::Sfn => "states",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;

    use super::*;

    fn ask(aws: &Aws, service: &str, request: &str) -> String {
        let environment = aws.environment();
        let variable = format!("AWS_ENDPOINT_URL_{service}");
        let (_, url) = environment.iter().find(|(name, _)| *name == variable).unwrap();
        let mut stream = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn an_object_is_put_and_got_and_every_call_is_counted() {
        let aws = Aws::start(Scheme::Http, "http://127.0.0.1:1").unwrap();
        let put = "PUT /bucket/key HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello";
        assert!(ask(&aws, "S3", put).starts_with("HTTP/1.1 200"));
        let get = |key: &str| format!("GET /bucket/{key} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        assert!(ask(&aws, "S3", &get("key")).ends_with("hello"));
        assert!(ask(&aws, "S3", &get("other")).starts_with("HTTP/1.1 404"));
        let journal = aws.take_journal();
        let actions: Vec<&str> = journal.calls.iter().map(|call| call.action.as_str()).collect();
        assert_eq!(actions, ["PutObject", "GetObject", "GetObject"]);
        assert_eq!(journal.put_bytes, 5);
    }

    #[test]
    fn auto_scaling_is_answered_by_whoever_stands_behind() {
        let behind = Aws::start(Scheme::Http, "http://127.0.0.1:1").unwrap();
        let environment = behind.environment();
        let (_, sns) = environment.iter().find(|(name, _)| name == "AWS_ENDPOINT_URL_SNS").unwrap();
        let aws = Aws::start(Scheme::Http, sns).unwrap();
        let publish = "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 14\r\n\r\nAction=Publish";
        assert!(ask(&aws, "AUTO_SCALING", publish).contains("MessageId"));
        assert_eq!(behind.take_journal().calls.len(), 1);
        assert_eq!(aws.take_journal().calls.len(), 0);
    }
}
