//! An account to start from: images of any age, and what uses them.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use crate::emulators::ACCOUNT;
use crate::error::{Result, missing, plain};
use crate::stack::Stack;
use crate::wire::query::{AUTO_SCALING, EC2, Service, anywhere, call, fields, parsed};

/// What an account holds.
#[derive(Clone, Debug, Default)]
pub struct Seed {
    images: Vec<SeedImage>,
}

/// One image of the account, and what uses it.
#[derive(Clone, Debug)]
pub struct SeedImage {
    name: String,
    age: Duration,
    owner: String,
    tags: BTreeMap<String, String>,
    public: bool,
    shared_with: Vec<String>,
    uses: Vec<Use>,
}

/// Something that an image is used by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Use {
    /// A running instance.
    RunningInstance,
    /// A stopped instance.
    StoppedInstance,
    /// The default and latest version of a launch template.
    Template,
    /// An old version of a launch template, pinned only by an override in a mixed-instances group; the template's default and
    /// latest version launch this other image.
    PinnedByOverride {
        /// The name of the image that the template's newest version launches.
        newest: String,
    },
    /// A launch configuration that nothing is attached to.
    LaunchConfiguration,
    /// The value of this SSM parameter.
    Parameter(String),
    /// An open Spot request.
    SpotRequest,
}

impl SeedImage {
    /// An image of the account itself.
    #[must_use]
    pub fn new(name: &str, days_old: i64) -> Self {
        Self {
            name: name.to_owned(),
            age: Duration::days(days_old),
            owner: ACCOUNT.to_owned(),
            tags: BTreeMap::new(),
            public: false,
            shared_with: Vec::new(),
            uses: Vec::new(),
        }
    }

    /// With this tag.
    #[must_use]
    pub fn tag(mut self, key: &str, value: &str) -> Self {
        self.tags.insert(key.to_owned(), value.to_owned());
        self
    }

    /// Owned by another account.
    #[must_use]
    pub fn owner(mut self, account: &str) -> Self {
        account.clone_into(&mut self.owner);
        self
    }

    /// Launchable by everybody.
    #[must_use]
    pub fn public(mut self) -> Self {
        self.public = true;
        self
    }

    /// Launchable by this account.
    #[must_use]
    pub fn shared_with(mut self, account: &str) -> Self {
        self.shared_with.push(account.to_owned());
        self
    }

    /// Used by this.
    #[must_use]
    pub fn used_by(mut self, by: Use) -> Self {
        self.uses.push(by);
        self
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its id, which follows from its name.
    #[must_use]
    pub fn id(&self) -> String {
        image_id(&self.name)
    }

    fn as_moto_reads_it(&self, now: OffsetDateTime) -> Result<Value> {
        let created = (now - self.age)
            .replace_millisecond(0)
            .and_then(|it| it.replace_nanosecond(0))
            .map_err(|e| plain(e.to_string()))?
            .format(&Rfc3339)
            .map_err(|e| plain(e.to_string()))?
            .replace('Z', ".000Z");
        Ok(json!({
            "ami_id": self.id(),
            "name": self.name,
            "description": "",
            "owner_id": self.owner,
            "creation_date": created,
            "public": self.public,
            "tags": self.tags,
            "state": "available",
            "architecture": "x86_64",
            "virtualization_type": "hvm",
            "hypervisor": "xen",
            "image_type": "machine",
            "image_location": format!("{}/{}", self.owner, self.name),
            "root_device_type": "ebs",
            "root_device_name": "/dev/xvda",
        }))
    }
}

/// The id of the seeded image of this name.
#[must_use]
pub fn image_id(name: &str) -> String {
    // FNV-1a: stable between runs, so that a reader finds the same image again.
    let hash = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("ami-0{hash:016x}")
}

impl Seed {
    /// An account with these images.
    #[must_use]
    pub fn new(images: Vec<SeedImage>) -> Self {
        Self { images }
    }

    /// The images, in order.
    #[must_use]
    pub fn images(&self) -> &[SeedImage] {
        &self.images
    }

    /// What moto loads at its start. Dates are relative to `now`.
    pub(crate) fn as_moto_reads_it(&self, now: OffsetDateTime) -> Result<Value> {
        self.images.iter().map(|image| image.as_moto_reads_it(now)).collect()
    }

    /// What can only be said to the running emulators: who uses and who may launch an image.
    pub(crate) fn apply(&self, stack: &Stack) -> Result<()> {
        for image in &self.images {
            for account in &image.shared_with {
                stack.ec2(
                    "ModifyImageAttribute",
                    &[("ImageId", &image.id()), ("LaunchPermission.Add.1.UserId", account)],
                )?;
            }
            for by in &image.uses {
                by.make(stack, image)?;
            }
        }
        Ok(())
    }
}

impl Use {
    fn make(&self, stack: &Stack, image: &SeedImage) -> Result<()> {
        let id = image.id();
        match self {
            Self::RunningInstance => run_instance(stack, &id).map(|_| ()),
            Self::StoppedInstance => {
                let instance = run_instance(stack, &id)?;
                stack.ec2("StopInstances", &[("InstanceId.1", &instance)]).map(|_| ())
            }
            Self::Template => make_template(stack, &image.name, &id).map(|_| ()),
            Self::PinnedByOverride { newest } => pin_by_override(stack, &image.name, &id, &image_id(newest)),
            Self::LaunchConfiguration => scale(
                stack,
                "CreateLaunchConfiguration",
                &[
                    ("LaunchConfigurationName", &format!("{}-configuration", image.name)),
                    ("ImageId", &id),
                    ("InstanceType", "t3.micro"),
                ],
            ),
            Self::Parameter(name) => stack.put_parameter(name, &id),
            Self::SpotRequest => stack
                .ec2(
                    "RequestSpotInstances",
                    &[
                        ("SpotPrice", "0.01"),
                        ("LaunchSpecification.ImageId", &id),
                        ("LaunchSpecification.InstanceType", "t3.micro"),
                    ],
                )
                .map(|_| ()),
        }
    }
}

fn run_instance(stack: &Stack, image: &str) -> Result<String> {
    answered(
        stack,
        EC2,
        ("RunInstances", "instanceId"),
        &[("ImageId", image), ("MinCount", "1"), ("MaxCount", "1"), ("InstanceType", "t3.micro")],
    )
}

fn make_template(stack: &Stack, name: &str, image: &str) -> Result<String> {
    answered(
        stack,
        EC2,
        ("CreateLaunchTemplate", "launchTemplateId"),
        &[
            ("LaunchTemplateName", name),
            ("LaunchTemplateData.ImageId", image),
            ("LaunchTemplateData.InstanceType", "t3.micro"),
        ],
    )
}

/// Version 1 launches the image, version 2 (latest and default) another, and only a group's override still says 1.
fn pin_by_override(stack: &Stack, name: &str, image: &str, newest: &str) -> Result<()> {
    let template = make_template(stack, name, image)?;
    stack.ec2(
        "CreateLaunchTemplateVersion",
        &[
            ("LaunchTemplateId", &template),
            ("LaunchTemplateData.ImageId", newest),
            ("LaunchTemplateData.InstanceType", "t3.micro"),
        ],
    )?;
    stack.ec2("ModifyLaunchTemplate", &[("LaunchTemplateId", &template), ("SetDefaultVersion", "2")])?;
    let policy = "MixedInstancesPolicy.LaunchTemplate";
    scale(
        stack,
        "CreateAutoScalingGroup",
        &[
            ("AutoScalingGroupName", &format!("{name}-group")),
            ("MinSize", "0"),
            ("MaxSize", "4"),
            ("DesiredCapacity", "0"),
            ("AvailabilityZones.member.1", "us-east-1a"),
            (&format!("{policy}.LaunchTemplateSpecification.LaunchTemplateId"), &template),
            (&format!("{policy}.LaunchTemplateSpecification.Version"), "$Latest"),
            (&format!("{policy}.Overrides.member.1.InstanceType"), "t3.small"),
            (&format!("{policy}.Overrides.member.1.LaunchTemplateSpecification.LaunchTemplateId"), &template),
            (&format!("{policy}.Overrides.member.1.LaunchTemplateSpecification.Version"), "1"),
        ],
    )
}

fn scale(stack: &Stack, action: &str, pairs: &[(&str, &str)]) -> Result<()> {
    call(stack.ec2_endpoint(), AUTO_SCALING, action, &fields(pairs)).map(|_| ())
}

fn answered(stack: &Stack, service: Service, (action, wanted): (&str, &str), pairs: &[(&str, &str)]) -> Result<String> {
    let xml = call(stack.ec2_endpoint(), service, action, &fields(pairs))?;
    let document = parsed(action, &xml)?;
    anywhere(document.root(), wanted).ok_or_else(|| missing(action, wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_counted_back_from_now() {
        let now = OffsetDateTime::parse("2026-11-20T09:30:15.5Z", &Rfc3339).unwrap();
        let image = SeedImage::new("web-1", 90).as_moto_reads_it(now).unwrap();
        assert_eq!(image["creation_date"], "2026-08-22T09:30:15.000Z");
    }

    #[test]
    fn an_image_keeps_its_id_from_run_to_run() {
        assert_eq!(image_id("web-1"), SeedImage::new("web-1", 1).id());
        assert_ne!(image_id("web-1"), image_id("web-2"));
        assert_eq!(image_id("web-1").len(), "ami-0123456789abcdef0".len());
    }
}
