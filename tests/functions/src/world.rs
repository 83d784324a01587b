//! An account, its ledger, and everything between them and the functions.

use sunset_wire::{Account, Cutter, Ec2};

use crate::calls::Calls;
use crate::functions::{Endpoints, Functions};
use crate::ledger::Ledger;
use crate::ministack::{MiniStack, ministack};
use crate::recorder::Recorder;

/// The account that is cleaned.
pub const ACCOUNT: &str = "123456789012";

/// The deployed policy, as the functions' environment has it.
#[derive(Debug, Clone)]
pub struct Policy(Vec<(String, String)>);

impl Policy {
    /// A stack that may be live and removes what is older than 100 hours at once: no grace, none kept for being new.
    #[must_use]
    pub fn quick() -> Self {
        Self(Vec::new())
            .with("ALLOW_LIVE", true)
            .with("VALID_HOURS", 100)
            .with("GRACE_DAYS", 0)
            .with("KEEP_NEWEST", 0)
            .with("MAX_SHARE", 1)
    }

    /// The product's own defaults, by which a stack is not live either.
    #[must_use]
    pub fn defaults() -> Self {
        Self(Vec::new())
    }

    /// With `SUNSET_<name>` set.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        let name = format!("SUNSET_{name}");
        self.0.retain(|(other, _)| *other != name);
        self.0.push((name, value.to_string()));
        self
    }
}

/// One account in one region, with a ledger of its own.
#[derive(Debug)]
pub struct World {
    /// Its EC2, Auto Scaling and SSM.
    pub ec2: Ec2,
    /// Its ledger.
    pub ledger: Ledger,
    /// Every call that reached AWS.
    pub calls: Calls,
    aws: &'static MiniStack,
    policy: Policy,
    ec2_recorder: Recorder,
    aws_recorder: Recorder,
}

impl World {
    /// An account under [`Policy::quick`].
    pub async fn of(account: Account) -> Self {
        Self::under(Policy::quick(), account).await
    }

    /// An account under a policy.
    pub async fn under(policy: Policy, account: Account) -> Self {
        let aws = ministack().await;
        let (ec2, calls) = (Ec2::start(account).await, Calls::default());
        Self {
            ledger: aws.new_ledger().await,
            ec2_recorder: Recorder::start(&calls, &ec2.url()),
            aws_recorder: Recorder::start(&calls, aws.url()),
            ec2,
            calls,
            aws,
            policy,
        }
    }

    /// What stands for the rest of AWS.
    #[must_use]
    pub fn aws(&self) -> &'static MiniStack {
        self.aws
    }

    /// The functions of this world.
    #[must_use]
    pub fn functions(&self) -> Functions {
        self.deployed(&self.policy, None)
    }

    /// The functions of this world under another policy.
    #[must_use]
    pub fn functions_under(&self, policy: &Policy) -> Functions {
        self.deployed(policy, None)
    }

    /// The functions of this world, with this between them and AWS.
    #[must_use]
    pub fn functions_cut_by(&self, cutter: &Cutter) -> Functions {
        self.deployed(&self.policy, Some(cutter))
    }

    fn deployed(&self, policy: &Policy, cutter: Option<&Cutter>) -> Functions {
        let mut environment = policy.0.clone();
        for (name, value) in [
            ("SUNSET_TABLE", self.ledger.table()),
            ("SUNSET_BUCKET", self.aws.bucket()),
            ("SUNSET_TOPIC_ARN", self.aws.topic_arn()),
            ("SUNSET_ACCOUNT_ID", ACCOUNT),
        ] {
            environment.push((name.to_owned(), value.to_owned()));
        }
        let endpoints = Endpoints { ec2: self.ec2_recorder.url(), everything_else: self.aws_recorder.url() };
        Functions::new(environment, endpoints, &self.calls, cutter)
    }

    /// Whether an image is registered, disabled or not.
    #[must_use]
    pub fn has_image(&self, id: &str) -> bool {
        self.ec2.account().has_image(id)
    }

    /// Whether a snapshot is there.
    #[must_use]
    pub fn has_snapshot(&self, id: &str) -> bool {
        self.ec2.account().has_snapshot(id)
    }

    /// An image's state; nothing when it is gone.
    #[must_use]
    pub fn image_state(&self, id: &str) -> Option<String> {
        self.ec2.account().image_state(id).map(str::to_owned)
    }
}
