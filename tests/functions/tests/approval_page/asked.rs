//! Processes that ask people, each in a world of its own.

use std::rc::Rc;

use serde_json::{Value, json};
use sunset_domain::approval::link::{Link, LinkKeys};
use sunset_domain::approval::page::decide::confirm_end;
use sunset_domain::process::record::ProcessRecord;
use sunset_functions_tests::page::{Form, Shown, Visit, now, sign};
use sunset_functions_tests::{ACCOUNT, Functions, LINK_KEYS, Person, Policy, Process, State, World};
use sunset_wire::{Account, Image, Instance, SecurityGroup, Volume};
use tokio::sync::OnceCell;

/// What people are asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// A volume that is attached to nothing, at medium risk.
    Volume,
    /// An instance that runs in production.
    Production,
    /// A security group that the rule approved: people may object.
    ByRule,
}

/// A process that waits for people.
#[derive(Debug)]
pub struct Asked {
    /// Its world.
    pub world: Rc<World>,
    /// The functions, the page among them.
    pub functions: Rc<Functions>,
    /// Its id.
    pub id: String,
}

impl Question {
    /// Its type and id.
    pub fn resource(self) -> (&'static str, &'static str) {
        match self {
            Self::Volume => ("EBSVolume", "vol-0spare"),
            Self::Production => ("EC2Instance", "i-0web"),
            Self::ByRule => ("SecurityGroup", "sg-0idle"),
        }
    }

    fn account(self) -> Account {
        let account = Account::new(ACCOUNT);
        match self {
            Self::Volume => account.volume(Volume::new("vol-0spare").gib(20)),
            Self::Production => account
                .instance(Instance::new("i-0web", "ami-0base").tag("Name", "web"))
                .image(Image::new("ami-0base").named("base").snapshots(["snap-0base"]))
                .volume(Volume::new("vol-0root").root_of("i-0web")),
            Self::ByRule => account.security_group(SecurityGroup::new("sg-0idle", "idle")),
        }
    }

    /// The state in which it waits for people.
    fn waits_at(self) -> State {
        if self == Self::ByRule { State::NoticeOver } else { State::TallyVotes }
    }

    /// A world in which nobody has been asked yet.
    pub async fn world(self) -> World {
        let policy = Policy::brisk().with("APPROVAL_SECONDS", 3600).with("NOTICE_SECONDS", 3600);
        let world = World::under(policy, self.account()).await;
        let environment = if self == Self::Production { "production" } else { "development" };
        let (resource_type, resource_id) = self.resource();
        let data = json!({"environment": environment, "project": "web", "owner": "team-web"});
        let item = json!({"ResourceId": resource_id, "ResourceType": resource_type, "TrackingData": data});
        world.tracking.put(item).await;
        world
    }

    /// Plays a process in a world until it waits for people.
    pub async fn asks<'w>(self, world: &'w World, functions: &'w Functions) -> Process<'w> {
        let mut process = Process::live(world, functions, self.resource()).await.that_nobody_answers();
        process.until(self.waits_at()).await;
        process
    }

    /// A process that has asked, in a world of its own.
    pub async fn asked(self) -> Asked {
        let (world, id) = self.copy().await;
        Asked::within(world, &id)
    }

    /// The same, with another policy file from now on.
    pub async fn asked_before(self, approvers: &str) -> Asked {
        let (world, id) = self.copy().await;
        Asked::within(world.with_approvers(approvers), &id)
    }

    /// A process is played once, and copied.
    async fn copy(self) -> (World, String) {
        static PLAYED: [OnceCell<(World, String)>; 3] = [const { OnceCell::const_new() }; 3];
        let play = || async {
            let world = self.world().await;
            let functions = world.functions();
            let id = self.asks(&world, &functions).await.id().to_owned();
            drop(functions);
            (world, id)
        };
        let (world, id) = PLAYED[self as usize].get_or_init(play).await;
        (world.copy().await, id.clone())
    }
}

impl Asked {
    /// A process that waits in this world.
    pub fn within(world: World, id: &str) -> Self {
        let functions = Rc::new(world.functions());
        Self { world: Rc::new(world), functions, id: id.to_owned() }
    }

    /// Its partition.
    pub fn pk(&self) -> String {
        format!("PROC#{}", self.id)
    }

    /// Its record as it is stored.
    pub async fn stored(&self) -> Value {
        self.world.ledger.item(&self.pk(), "META").await.unwrap()
    }

    /// Its record.
    pub async fn record(&self) -> ProcessRecord {
        serde_json::from_value(self.stored().await).unwrap()
    }

    /// What the personal link of somebody stands for: to decide, or to object to what the rule approved.
    pub async fn link(&self, person: Person) -> Link {
        let record = self.record().await;
        match (&record.round, &record.notice) {
            (Some(round), _) => {
                let (number, plan) = (round.number, &round.plan_hash);
                Link::decide(person.name(), &record.process_id, number, plan, round.deadline)
            }
            (None, Some(notice)) => {
                let plan = record.approved_plan_hash.as_ref().unwrap();
                Link::opt_out(person.name(), &record.process_id, plan, notice.until)
            }
            (None, None) => panic!("nobody is asked: {record:?}"),
        }
    }

    /// The token of that link.
    pub async fn token(&self, person: Person) -> String {
        sign(&self.link(person).await)
    }

    /// The token of a link that shows the process to somebody.
    pub async fn timeline(&self, person: Person) -> String {
        sign(&Link::timeline(person.name(), &self.record().await.process_id, now().plus_days(7)))
    }

    /// Those who are asked in its round, each once.
    pub async fn people(&self) -> Vec<Person> {
        let round = self.record().await.round.unwrap();
        let mut names: Vec<String> = round.required.into_iter().flat_map(|role| role.people).collect();
        names.sort_unstable();
        names.dedup();
        names.iter().map(|name| Person::named(name)).collect()
    }

    /// A visit to the page.
    pub async fn visit(&self, visit: Visit) -> Shown {
        self.functions.visit(visit).await
    }

    /// The form of a link's page, filled in as it should be.
    pub async fn form(&self, token: &str, answer: &str) -> Form {
        let shown = self.visit(Visit::get(token)).await;
        let form_token = shown.form_token().unwrap_or_else(|| panic!("there is no form: {}", shown.html));
        self.filled_in(form_token, answer).await
    }

    /// The same of a link whose page shows no form.
    pub async fn unseen_form(&self, token: &str, answer: &str) -> Form {
        let keys = LinkKeys::parse(LINK_KEYS).unwrap();
        self.filled_in(&keys.form_token(token, now()), answer).await
    }

    async fn filled_in(&self, form_token: &str, answer: &str) -> Form {
        let record = self.record().await;
        let reason = if answer == "reject" { "it is still needed" } else { "" };
        Form::default()
            .with("form_token", form_token)
            .with("confirm", confirm_end(&record.resource))
            .with("reason", reason)
            .with("answer", answer)
    }

    /// Somebody answers by their link, as they should.
    pub async fn answers(&self, person: Person, answer: &str) -> Shown {
        let token = self.token(person).await;
        let form = self.form(&token, answer).await;
        self.visit(Visit::post(&token, &form)).await
    }

    /// The votes and objections that are stored.
    pub async fn votes(&self) -> Vec<Value> {
        let mut items = self.world.ledger.partition(&self.pk()).await;
        items.retain(|item| item["sk"].as_str().unwrap().starts_with("VOTE#"));
        items
    }

    /// Its audit trail, in order.
    pub async fn trail(&self) -> Vec<Value> {
        let mut events = self.world.audit.items().await;
        events.retain(|event| event["process_id"] == self.id);
        events.sort_by_key(|event| event["seq"].as_u64());
        events
    }
}
