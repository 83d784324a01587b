//! The stack that processes run on side by side: each scenario has resources of its own.

use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::{Value, json};
use sunset_local::{ALWAYS_OPEN, Execution, Finished, Item, NewInstance, Options, Seed, SeedImage, Stack, image_id};

use crate::decommission::process::{Process, live};
use crate::notices::checked;

/// Who may approve: any of four people in any role, and two of them for the data. Kay has no topic of her own, and Joan is asked
/// only when the owner's people let a quarter of their time pass.
pub const APPROVERS: &str = "\
schema: 1
people:
  ada: { identities: [user/ada, sso/ada@example.com], channels: ['sns:sunset-approver-ada'] }
  grace: { identities: [user/grace, sso/grace@example.com], channels: ['sns:sunset-approver-grace'] }
  lin: { identities: [user/lin], channels: ['sns:sunset-approver-lin'] }
  kay: { identities: [user/kay, role/on-call] }
  joan: { identities: [user/joan], channels: ['sns:sunset-approver-joan'] }
roles:
  infrastructure-manager: { people: [ada, grace, lin, kay], quorum: 1 }
  security-team: { people: [ada, grace, lin, kay], quorum: 1 }
  cto: { people: [ada, grace, lin, kay], quorum: 1 }
  compliance-officer: { people: [ada, grace, lin, kay], quorum: 1 }
  production-manager: { people: [ada, grace, lin, kay], quorum: 1 }
  data-protection-officer: { people: [ada, grace, lin, kay], quorum: 2 }
owners:
  team-web: { people: [ada, grace], escalation: [{ at_percent: 25, people: [joan] }] }
reminders_percent: [50, 80]
";

/// The terms of every stack: soaks of seconds, and nobody waits for what EC2 shows at once.
pub const TERMS: [(&str, &str); 6] = [
    ("SoakSeconds", "4"),
    ("ApprovalSeconds", "600"),
    ("NoticeSeconds", "1"),
    ("HoldSeconds", "600"),
    ("BackupRetentionDays", "7"),
    ("SettleSeconds", "0"),
];

const POLICY: [(&str, &str); 4] =
    [("AllowLive", "true"), ("ScheduleState", "DISABLED"), ("GraceDays", "0"), ("KeepNewest", "0")];

/// What every instance is made of.
const BASE: &str = "base";

struct Shared {
    stack: Stack,
    /// Notices are read once: whoever reads another's keeps it for them.
    heard: Mutex<Vec<String>>,
}

/// The stack, its account and its people.
#[derive(Clone, Copy)]
pub struct Desk {
    shared: &'static Shared,
    /// The stack.
    pub stack: &'static Stack,
}

/// The desk: a stack whose EC2 is moto, which changes things.
#[must_use]
pub fn desk() -> Desk {
    static SHARED: OnceLock<Result<Shared, String>> = OnceLock::new();
    of(&SHARED, "workflows-decommission", ALWAYS_OPEN)
}

/// A desk like it with a stack of its own, for the one scenario that deploys this `policy/windows.yaml`.
#[must_use]
pub fn desk_with_windows(windows: &str) -> Desk {
    static SHARED: OnceLock<Result<Shared, String>> = OnceLock::new();
    of(&SHARED, "workflows-windows", windows)
}

fn of(once: &'static OnceLock<Result<Shared, String>>, name: &str, windows: &str) -> Desk {
    let started = once.get_or_init(|| start(name, windows).map_err(|error| error.to_string()));
    let shared = started.as_ref().unwrap_or_else(|error| panic!("{name}: {error}"));
    Desk { shared, stack: &shared.stack }
}

fn start(name: &str, windows: &str) -> sunset_local::Result<Shared> {
    let seed = Seed::new(vec![SeedImage::new(BASE, 30)]);
    let options = Options::new(name).seed(seed).wait_scale(0.01).approvers(APPROVERS).windows(windows);
    let mut stack = Stack::up(options)?;
    stack.deploy(&POLICY.into_iter().chain(TERMS).collect::<Vec<_>>())?;
    Ok(Shared { stack, heard: Mutex::default() })
}

impl Desk {
    /// An instance of a team's development environment, with a volume of 20 GiB beside its root.
    #[must_use]
    pub fn instance(self, name: &str) -> String {
        let new = NewInstance::of(&image_id(BASE)).volume("/dev/sdf", 20).tag("Name", name);
        let id = self.stack.make_instance(new).expect("an instance");
        self.development("EC2Instance", &id);
        id
    }

    /// The same, which stands stopped: a link may decide about it.
    #[must_use]
    pub fn stopped_instance(self, name: &str) -> String {
        let id = self.instance(name);
        self.stack.ec2("StopInstances", &[("InstanceId.1", &id)]).expect("the instance stops");
        id
    }

    /// A volume of a team's development environment that nothing uses: a link may decide about it.
    #[must_use]
    pub fn volume(self, name: &str) -> String {
        let id = self.stack.make_volume(8, &[("Name", name)]).expect("a volume");
        self.development("EBSVolume", &id);
        id
    }

    /// A security group of a team's development environment that nothing uses: the rule approves that it goes.
    #[must_use]
    pub fn security_group(self, name: &str) -> String {
        let id = self.stack.make_security_group(name, &[("Name", name)]).expect("a security group");
        self.development("SecurityGroup", &id);
        id
    }

    /// The image that instances are made of.
    #[must_use]
    pub fn base_image(self) -> String {
        image_id(BASE)
    }

    /// Writes a resource down as one of team-web's in development.
    pub fn development(self, resource_type: &str, id: &str) {
        let data = json!({"environment": "development", "project": "shop", "owner": "team-web"});
        self.stack.put_tracking(resource_type, id, &data).expect("the tracking item is written");
    }

    /// Starts a live process.
    #[must_use]
    pub fn process(self, resource_type: &str, id: &str) -> Process {
        self.process_with(resource_type, id, &json!({}))
    }

    /// Starts a live process with these fields in its input.
    #[must_use]
    pub fn process_with(self, resource_type: &str, id: &str, fields: &Value) -> Process {
        Process::start(self.stack, &live(resource_type, id, fields))
    }

    /// How an execution ends that is started for a resource, live.
    #[must_use]
    pub fn process_answer(self, resource_type: &str, id: &str) -> Finished {
        let execution = self.stack.start_decommission(&live(resource_type, id, &json!({}))).expect("an execution");
        self.stack.wait(&execution).expect("the end of the execution")
    }

    /// Waits until an execution's process asks people, or until the execution is over.
    pub fn until_it_is_asked_or_over(self, execution: Execution) -> Result<Process, Finished> {
        let asked = |record: &Item| record["status"] == "awaiting_approval";
        match self.stack.until_process(&execution, "asking", asked) {
            Ok(_) => Ok(Process::of(self.stack, execution)),
            Err(_) => Err(self.stack.wait(&execution).expect("the end of the execution")),
        }
    }

    /// Every notice so far about a process; none of them holds a token of it.
    #[must_use]
    pub fn notices_about(self, process_id: &str) -> Vec<String> {
        let mut heard = self.shared.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.extend(checked(self.stack.notices().expect("the notices")));
        let notices: Vec<String> = heard.iter().filter(|notice| notice.contains(process_id)).cloned().collect();
        for token in self.stack.process_items(process_id, "TOKEN#").expect("the ledger") {
            let token = token["task_token"].as_str().expect("a token");
            assert!(!notices.iter().any(|notice| notice.contains(token)), "{notices:?}");
        }
        notices
    }
}
