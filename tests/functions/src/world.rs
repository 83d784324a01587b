//! An account, its ledger, and everything between them and the functions.

use sunset_wire::{Account, Cutter, Ec2, Parameter};

use crate::calls::Calls;
use crate::denied::Denied;
use crate::functions::{Endpoints, Function, Functions};
use crate::ledger::Ledger;
use crate::links::{LINK_KEYS, LINK_KEYS_PARAMETER, PAGE_URL};
use crate::ministack::{MiniStack, ministack};
use crate::outages::Outages;
use crate::people::APPROVERS;
use crate::recorder::{Front, Recorder};
use crate::table::Table;
use crate::task_root::TaskRoot;
use crate::tokens::Tokens;
use crate::topics::Topics;

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

    /// A stack that may be live, whose processes soak for a second and are approved within ten minutes; to what the rule
    /// approves people can object for a second. A call whose answer was lost shows at once.
    #[must_use]
    pub fn brisk() -> Self {
        Self(Vec::new())
            .with("ALLOW_LIVE", true)
            .with("SETTLE_SECONDS", 0)
            .with("SOAK_SECONDS", 1)
            .with("APPROVAL_SECONDS", 600)
            .with("NOTICE_SECONDS", 1)
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
    /// Its EC2, Auto Scaling, Elastic Load Balancing and SSM.
    pub ec2: Ec2,
    /// Its ledger.
    pub ledger: Ledger,
    /// The audit trails of its processes.
    pub audit: Table,
    /// What a team wrote down of its resources.
    pub tracking: Table,
    /// What a team wrote down of who depends on what.
    pub dependencies: Table,
    /// Every call that reached AWS.
    pub calls: Calls,
    /// The task tokens of the states that wait.
    pub tokens: Tokens,
    /// The tables that nobody may use.
    pub denied: Denied,
    /// The topics that take nothing.
    pub topics: Topics,
    /// The calls of DynamoDB that fail.
    pub outages: Outages,
    aws: &'static MiniStack,
    policy: Policy,
    task_root: TaskRoot,
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
        let account = account.parameter(Parameter::new(LINK_KEYS_PARAMETER, LINK_KEYS).secure());
        Self::behind(Front::default(), policy, account, TaskRoot::with(APPROVERS)).await
    }

    async fn behind(front: Front, policy: Policy, account: Account, task_root: TaskRoot) -> Self {
        let aws = ministack().await;
        let ec2 = Ec2::start(account).await;
        Self {
            ledger: aws.new_ledger().await,
            audit: aws.new_table("audit", &[("process_id", "S"), ("seq", "N")]).await,
            tracking: aws.new_table("tracking", &[("ResourceId", "S"), ("ResourceType", "S")]).await,
            dependencies: aws.new_table("dependencies", &[("ResourceId", "S")]).await,
            ec2_recorder: Recorder::start(&front, &ec2.url()),
            aws_recorder: Recorder::start(&front, aws.url()),
            ec2,
            calls: front.calls,
            tokens: front.tokens,
            denied: front.denied,
            topics: front.topics,
            outages: front.outages,
            aws,
            policy,
            task_root,
        }
    }

    /// The same, with this `policy/approvers.yaml` beside the functions.
    #[must_use]
    pub fn with_approvers(self, yaml: &str) -> Self {
        self.task_root.write_approvers(yaml);
        self
    }

    /// The same, with this `policy/windows.yaml` beside the functions.
    #[must_use]
    pub fn with_windows(self, yaml: &str) -> Self {
        self.set_windows(yaml);
        self
    }

    /// This `policy/windows.yaml` is beside the functions that start from now on.
    pub fn set_windows(&self, yaml: &str) {
        self.task_root.write_windows(yaml);
    }

    /// Another world that is as this one is now, and goes its own way from here.
    pub async fn copy(&self) -> Self {
        let front = Front { calls: Calls::after(self.calls.all()), tokens: self.tokens.copy(), ..Front::default() };
        let account = self.ec2.account().clone();
        let copy = Self::behind(front, self.policy.clone(), account, self.task_root.copy()).await;
        for (from, to) in [
            (&*self.ledger, &*copy.ledger),
            (&self.audit, &copy.audit),
            (&self.tracking, &copy.tracking),
            (&self.dependencies, &copy.dependencies),
        ] {
            to.copy_from(from).await;
        }
        copy
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
        self.deployed(&self.policy, Some((cutter, &Function::ALL)))
    }

    /// The functions of this world, with this between some of them and AWS.
    #[must_use]
    pub fn functions_with_some_cut_by(&self, cutter: &Cutter, functions: &[Function]) -> Functions {
        self.deployed(&self.policy, Some((cutter, functions)))
    }

    fn deployed(&self, policy: &Policy, cut: Option<(&Cutter, &[Function])>) -> Functions {
        let task_root = self.task_root.path().to_str().expect("a path in UTF-8");
        let mut environment: Vec<(String, String)> = [
            ("SUNSET_TABLE", self.ledger.name()),
            ("SUNSET_AUDIT_TABLE", self.audit.name()),
            ("SUNSET_TRACKING_TABLE", self.tracking.name()),
            ("SUNSET_DEPENDENCIES_TABLE", self.dependencies.name()),
            ("SUNSET_BUCKET", self.aws.bucket()),
            ("SUNSET_TOPIC_ARN", self.aws.topic_arn()),
            ("SUNSET_ACCOUNT_ID", ACCOUNT),
            ("SUNSET_PAGE_URL", PAGE_URL),
            ("SUNSET_LINK_KEYS_PARAMETER", LINK_KEYS_PARAMETER),
            ("LAMBDA_TASK_ROOT", task_root),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        // The policy has the last word: a test may point a function at a table that is not there.
        environment.extend(policy.0.iter().cloned());
        let endpoints = Endpoints { ec2: self.ec2_recorder.url(), everything_else: self.aws_recorder.url() };
        Functions::new(environment, endpoints, &self.calls, cut)
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
