//! A stack: the emulators, the deployed template, and what a test or a demo asks them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde_json::Value;
use time::OffsetDateTime;
use ureq::http::Method;

use crate::deploy::Deployment;
use crate::emulators::{ACCOUNT, Elsewhere, Emulator, Life, REGION, start_ministack, start_moto, url};
use crate::error::{Result, at, plain};
use crate::personal::link_keys_parameter;
use crate::place::Place;
use crate::seed::Seed;
use crate::state::State;
use crate::tools::{Tool, install};
use crate::wire::http::{Endpoint, text};
use crate::wire::query::{EC2, anywhere, call, child, fields, items, parsed, tags};

/// How a stack is started.
#[derive(Clone, Debug)]
pub struct Options {
    name: String,
    seed: Seed,
    wait_scale: f64,
    ec2_url: Option<String>,
    ssm_url: Option<String>,
    policy: Policy,
    stays: bool,
}

/// A window that never closes. The one that is shipped is closed by night: no test or demo waits for Monday.
pub const ALWAYS_OPEN: &str = "\
schema: 1
time_zone: UTC
windows:
  - { name: always, days: [mon, tue, wed, thu, fri, sat, sun], from: \"00:00\", to: \"24:00\" }
";

/// What a stack deploys instead of what lies in `policy/`.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub(crate) approvers: Option<String>,
    pub(crate) windows: String,
}

impl Options {
    /// A stack of this name, with an empty account. Logs and state lie in `.sunset/run/<name>`.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            seed: Seed::default(),
            wait_scale: 1.0,
            ec2_url: None,
            ssm_url: None,
            policy: Policy { approvers: None, windows: ALWAYS_OPEN.to_owned() },
            stays: false,
        }
    }

    /// With these images and users of images.
    #[must_use]
    pub fn seed(mut self, seed: Seed) -> Self {
        self.seed = seed;
        self
    }

    /// Scales the waits and retry intervals of the state machines; 0.01 makes retries quick.
    #[must_use]
    pub fn wait_scale(mut self, scale: f64) -> Self {
        self.wait_scale = scale;
        self
    }

    /// The functions find EC2, Auto Scaling and Elastic Load Balancing here, and no moto is started.
    #[must_use]
    pub fn ec2_url(mut self, url: &str) -> Self {
        self.ec2_url = Some(url.to_owned());
        self
    }

    /// The functions find SSM here instead of in MiniStack.
    #[must_use]
    pub fn ssm_url(mut self, url: &str) -> Self {
        self.ssm_url = Some(url.to_owned());
        self
    }

    /// Deploys with this `policy/approvers.yaml` instead of the one that was built. Every topic that it names is made.
    #[must_use]
    pub fn approvers(mut self, yaml: &str) -> Self {
        self.policy.approvers = Some(yaml.to_owned());
        self
    }

    /// Deploys with this `policy/windows.yaml`; without it, with one that is always open.
    #[must_use]
    pub fn windows(mut self, yaml: &str) -> Self {
        self.policy.windows = yaml.to_owned();
        self
    }

    /// Stays when the driver ends, until `down`.
    #[must_use]
    pub fn stays(mut self) -> Self {
        self.stays = true;
        self
    }
}

/// A running stack. Dropped, it ends, unless it was started to stay.
#[derive(Debug)]
pub struct Stack {
    place: Place,
    name: String,
    life: Life,
    moto: Option<Emulator>,
    ministack: Option<Emulator>,
    aws: Endpoint,
    ec2: Endpoint,
    ssm: Endpoint,
    /// Where the functions find SSM, when MiniStack does not answer for it.
    ssm_url: Option<String>,
    pub(crate) policy: Option<Policy>,
    pub(crate) deployment: Option<Deployment>,
    pub(crate) notices_url: Option<String>,
    /// What each person was sent alone.
    pub(crate) heard: Mutex<BTreeMap<String, Vec<String>>>,
}

/// An image as the emulator describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `available`, `disabled` and so on.
    pub state: String,
    /// When it was made, in RFC 3339.
    pub created: String,
    /// Whether everybody may launch it.
    pub public: bool,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its snapshots.
    pub snapshot_ids: Vec<String>,
}

/// A snapshot as the emulator describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Its id.
    pub id: String,
    /// Its description.
    pub description: String,
    /// The volume that it was made of.
    pub volume_id: String,
    /// The volume's size.
    pub size_gib: u64,
    /// `completed` and so on.
    pub state: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

impl Stack {
    /// Installs the emulators if need be, starts them on free ports and fills the account.
    ///
    /// # Errors
    /// When a tool cannot be installed, an emulator does not start, or a stack of this name is in use.
    pub fn up(options: Options) -> Result<Self> {
        let place = Place::here()?;
        install(&place, &[Tool::Emulators])?;
        let run = fresh_run(&place, &options.name)?;
        let life = if options.stays { Life::UntilDown } else { Life::WithTheDriver };

        let moto = match options.ec2_url {
            Some(_) => None,
            None => Some(start_moto(&place, &run, life, &written_seed(&run, &options.seed)?, None)?),
        };
        let mut stack = Self {
            ec2: Endpoint::new(
                &moto.as_ref().map_or_else(|| options.ec2_url.unwrap_or_default(), |it| url(it.port)),
                REGION,
            ),
            aws: Endpoint::new("", REGION),
            ssm: Endpoint::new("", REGION),
            name: options.name,
            moto,
            ministack: None,
            ssm_url: options.ssm_url,
            policy: Some(options.policy),
            deployment: None,
            notices_url: None,
            heard: Mutex::default(),
            life,
            place,
        };
        let elsewhere = Elsewhere { ec2: stack.ec2.url().to_owned(), ssm: stack.ssm_url.clone() };
        let ministack = start_ministack(&stack.place, &run, life, &elsewhere, options.wait_scale)?;
        stack.aws = Endpoint::new(&url(ministack.port), REGION);
        stack.ssm = stack.ssm_url.as_deref().map_or_else(|| stack.aws.clone(), |url| Endpoint::new(url, REGION));
        stack.ministack = Some(ministack);
        stack.state().write(&stack.place, &stack.name)?;
        if stack.moto.is_some() {
            options.seed.apply(&stack)?;
        }
        Ok(stack)
    }

    /// A stack that runs already.
    ///
    /// # Errors
    /// When no stack of this name runs.
    pub fn attach(name: &str) -> Result<Self> {
        let place = Place::here()?;
        let state = State::read(&place, name)?
            .filter(|state| !state.living(&place).is_empty())
            .ok_or_else(|| plain(format!("no stack named {name} runs here: start one with `make up`")))?;
        let aws = Endpoint::new(&state.aws_url, &state.region);
        let mut stack = Self {
            ec2: Endpoint::new(&state.ec2_url, &state.region),
            ssm: state.ssm_url.as_deref().map_or_else(|| aws.clone(), |url| Endpoint::new(url, &state.region)),
            ssm_url: state.ssm_url,
            aws,
            name: name.to_owned(),
            life: Life::UntilDown,
            moto: None,
            ministack: None,
            policy: None,
            deployment: None,
            notices_url: None,
            heard: Mutex::default(),
            place,
        };
        stack.find_deployment()?;
        Ok(stack)
    }

    /// Another account, in the same deployment: EC2 forgets everything and starts from this. The ledger and the bucket are
    /// emptied, so that no run remembers the account before.
    ///
    /// # Errors
    /// When EC2 is not moto's, or does not come back.
    pub fn reseed(&mut self, seed: &Seed) -> Result<()> {
        let Some(mut moto) = self.moto.take() else {
            return Err(plain("only a stack that started its own EC2 can be seeded again"));
        };
        moto.group.end()?;
        let run = self.place.run(&self.name);
        let file = written_seed(&run, seed)?;
        self.moto = Some(start_moto(&self.place, &run, self.life, &file, Some(moto.port))?);
        self.state().write(&self.place, &self.name)?;
        self.forget_parameters()?;
        if self.deployment.is_some() {
            self.forget_everything_stored()?;
        }
        seed.apply(self)
    }

    fn state(&self) -> State {
        State {
            aws_url: self.aws.url().to_owned(),
            ec2_url: self.ec2.url().to_owned(),
            ssm_url: self.ssm_url.clone(),
            account: ACCOUNT.to_owned(),
            region: REGION.to_owned(),
            process_groups: self.moto.iter().chain(&self.ministack).map(|it| it.group.id()).collect(),
            driver: (self.life == Life::WithTheDriver).then(std::process::id),
        }
    }

    /// The clone it runs in.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its logs and state.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.place.run(&self.name)
    }

    /// Where everything but EC2, Auto Scaling and Elastic Load Balancing answers.
    #[must_use]
    pub fn aws_url(&self) -> &str {
        self.aws.url()
    }

    /// Where EC2, Auto Scaling and Elastic Load Balancing answer.
    #[must_use]
    pub fn ec2_url(&self) -> &str {
        self.ec2.url()
    }

    pub(crate) fn aws(&self) -> &Endpoint {
        &self.aws
    }

    pub(crate) fn ec2_endpoint(&self) -> &Endpoint {
        &self.ec2
    }

    /// Calls an EC2 action with these form fields; the answer is EC2's XML.
    ///
    /// # Errors
    /// What EC2 answers.
    pub fn ec2(&self, action: &str, pairs: &[(&str, &str)]) -> Result<String> {
        call(&self.ec2, EC2, action, &fields(pairs))
    }

    /// Every image of the account, disabled ones included, by name.
    ///
    /// # Errors
    /// What EC2 answers.
    pub fn images(&self) -> Result<Vec<Image>> {
        let action = "DescribeImages";
        let xml =
            self.ec2(action, &[("Owner.1", "self"), ("IncludeDisabled", "true"), ("IncludeDeprecated", "true")])?;
        let document = parsed(action, &xml)?;
        let mut images: Vec<Image> = items(document.root(), "imagesSet")
            .map(|item| Image {
                id: child(item, "imageId").unwrap_or_default(),
                name: child(item, "name").unwrap_or_default(),
                state: child(item, "imageState").unwrap_or_default(),
                created: child(item, "creationDate").unwrap_or_default(),
                public: child(item, "isPublic").as_deref() == Some("true"),
                tags: tags(item),
                snapshot_ids: items(item, "blockDeviceMapping")
                    .filter_map(|mapping| anywhere(mapping, "snapshotId"))
                    .collect(),
            })
            .collect();
        images.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(images)
    }

    /// The image of this name, if there is one.
    ///
    /// # Errors
    /// What EC2 answers.
    pub fn image(&self, name: &str) -> Result<Option<Image>> {
        Ok(self.images()?.into_iter().find(|image| image.name == name))
    }

    /// The accounts that may launch an image, `all` for everybody.
    ///
    /// # Errors
    /// What EC2 answers.
    pub fn launch_permissions(&self, image_id: &str) -> Result<Vec<String>> {
        let action = "DescribeImageAttribute";
        let xml = self.ec2(action, &[("ImageId", image_id), ("Attribute", "launchPermission")])?;
        let document = parsed(action, &xml)?;
        Ok(items(document.root(), "launchPermission")
            .filter_map(|item| child(item, "userId").or_else(|| child(item, "group")))
            .collect())
    }

    /// Every snapshot of the account.
    ///
    /// # Errors
    /// What EC2 answers.
    pub fn snapshots(&self) -> Result<Vec<Snapshot>> {
        let action = "DescribeSnapshots";
        let xml = self.ec2(action, &[("Owner.1", "self")])?;
        let document = parsed(action, &xml)?;
        // The filter by owner is ours: moto answers with everybody's.
        Ok(items(document.root(), "snapshotSet")
            .filter(|item| child(*item, "ownerId").as_deref() == Some(ACCOUNT))
            .map(|item| Snapshot {
                id: child(item, "snapshotId").unwrap_or_default(),
                description: child(item, "description").unwrap_or_default(),
                volume_id: child(item, "volumeId").unwrap_or_default(),
                size_gib: child(item, "volumeSize").and_then(|it| it.parse().ok()).unwrap_or_default(),
                state: child(item, "status").unwrap_or_default(),
                tags: tags(item),
            })
            .collect())
    }

    /// Writes an SSM parameter of type String.
    ///
    /// # Errors
    /// What SSM answers.
    pub fn put_parameter(&self, name: &str, value: &str) -> Result<()> {
        let body = serde_json::json!({"Name": name, "Value": value, "Type": "String", "Overwrite": true});
        self.ssm.json("ssm", "AmazonSSM.PutParameter", &body).map(|_| ())
    }

    /// Writes an SSM parameter of type SecureString that is not there yet.
    pub(crate) fn put_secure_parameter(&self, name: &str, value: &str) -> Result<()> {
        let body = serde_json::json!({"Name": name, "Value": value, "Type": "SecureString"});
        self.ssm.json("ssm", "AmazonSSM.PutParameter", &body).map(|_| ())
    }

    /// Whether parameters can be written: SSM is the emulator's own.
    pub(crate) fn has_ssm(&self) -> bool {
        self.ssm_url.is_none()
    }

    fn forget_parameters(&self) -> Result<()> {
        let mut next = Value::Null;
        loop {
            let mut body = serde_json::json!({"MaxResults": 50});
            if let (Some(token), Some(fields)) = (next.as_str(), body.as_object_mut()) {
                fields.insert("NextToken".to_owned(), token.into());
            }
            let page = self.ssm.json("ssm", "AmazonSSM.DescribeParameters", &body)?;
            for parameter in page.get("Parameters").and_then(Value::as_array).into_iter().flatten() {
                let name = text("DescribeParameters", parameter, "Name")?;
                // AWS's own public parameters cannot be deleted, and nobody here wrote them. The keys of links are the deployment's.
                if !name.starts_with("/aws/") && name != link_keys_parameter() {
                    self.ssm.json("ssm", "AmazonSSM.DeleteParameter", &serde_json::json!({"Name": name}))?;
                }
            }
            next = page.get("NextToken").cloned().unwrap_or_default();
            if next.is_null() {
                return Ok(());
            }
        }
    }

    /// Changes a setting of the running MiniStack, such as `stepfunctions._SFN_WAIT_SCALE`.
    ///
    /// # Errors
    /// What MiniStack answers.
    pub fn configure(&self, setting: &str, value: Value) -> Result<()> {
        let body = serde_json::json!({ setting: value }).to_string();
        let headers = [("content-type", "application/json")];
        let answer =
            self.aws.send("configure", "sts", (Method::POST, "/_ministack/config"), &headers, body.as_bytes())?;
        if answer.status == 200 { Ok(()) } else { Err(answer.error("configure")) }
    }

    /// Ends the stack and waits until every process of it is gone.
    ///
    /// # Errors
    /// When a process would not end.
    pub fn down(mut self) -> Result<()> {
        self.end()
    }

    /// Lets the stack stay when this value and the driver end; `down` ends it.
    pub fn leave(mut self) {
        for emulator in [self.moto.take(), self.ministack.take()].into_iter().flatten() {
            emulator.group.leave();
        }
    }

    fn end(&mut self) -> Result<()> {
        let emulators = [self.ministack.take(), self.moto.take()];
        if emulators.iter().all(Option::is_none) {
            return Ok(());
        }
        for mut emulator in emulators.into_iter().flatten() {
            emulator.group.end()?;
        }
        State::forget(&self.place, &self.name)
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            eprintln!("{error}");
        }
    }
}

/// An empty folder for this run, when no other driver uses it.
fn fresh_run(place: &Place, name: &str) -> Result<PathBuf> {
    let run = place.run(name);
    if let Some(state) = State::read(place, name)? {
        if !state.living(place).is_empty() {
            match state.driver {
                Some(driver) if state.has_a_living_driver() => {
                    return Err(plain(format!("a stack named {name} runs here already, driven by process {driver}")));
                }
                Some(_) => {}
                None => return Err(plain(format!("a stack named {name} runs here already: `make down` ends it"))),
            }
        }
        state.end(place)?;
    }
    if run.exists() {
        fs::remove_dir_all(&run).map_err(at(&run))?;
    }
    fs::create_dir_all(run.join("tmp")).map_err(at(&run))?;
    Ok(run)
}

fn written_seed(run: &Path, seed: &Seed) -> Result<PathBuf> {
    let file = run.join("images.json");
    let images = seed.as_moto_reads_it(OffsetDateTime::now_utc())?;
    fs::write(&file, images.to_string()).map_err(at(&file))?;
    Ok(file)
}
