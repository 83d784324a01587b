//! What the loopback AWS holds: one account in one region, built by a test and changed by the calls it serves.

mod address;
mod auto_scaling;
mod backup;
mod big;
mod calendar;
mod fleet;
mod image;
mod instance;
mod launch_template;
mod load_balancing;
mod network_interface;
mod parameter;
mod recycle_bin;
mod reference;
mod security_group;
mod settling;
mod snapshot;
mod spot;
mod volume;

use std::collections::{BTreeMap, BTreeSet};

pub use address::{Address, Association};
pub use auto_scaling::{Group, GroupOverride, LaunchConfiguration};
pub use backup::Spoilt;
pub use big::Size;
pub use calendar::Calendar;
pub use fleet::Fleet;
pub use image::{BlockDevice, Ebs, Image, LaunchPermission};
pub use instance::Instance;
pub(crate) use instance::state_code;
pub use launch_template::{LaunchTemplate, TemplateRef, TemplateVersion};
pub use load_balancing::{LoadBalancer, Target, TargetGroup};
pub use network_interface::{InterfaceAttachment, NetworkInterface};
pub use parameter::Parameter;
pub use recycle_bin::{Binned, BinnedImage, BinnedSnapshot};
pub use reference::ImageReference;
pub use security_group::{Peer, Rule, SecurityGroup};
pub use settling::{Paces, Settling};
pub use snapshot::{Lock, Snapshot};
pub use spot::{SpotFleet, SpotRequest};
pub(crate) use volume::attachments;
pub use volume::{Attachment, Volume};

/// One account in one region.
#[derive(Debug, Clone)]
pub struct Account {
    /// The account's twelve digits.
    pub id: String,
    /// The region, as it appears in ARNs.
    pub region: String,
    /// Registered images, the disabled ones and those of other owners too.
    pub images: BTreeMap<String, Image>,
    /// Snapshots, those of other owners too.
    pub snapshots: BTreeMap<String, Snapshot>,
    /// Instances, the terminated ones too.
    pub instances: BTreeMap<String, Instance>,
    /// Volumes.
    pub volumes: BTreeMap<String, Volume>,
    /// Network interfaces.
    pub network_interfaces: BTreeMap<String, NetworkInterface>,
    /// Elastic IP addresses by allocation id.
    pub addresses: BTreeMap<String, Address>,
    /// Security groups by id.
    pub security_groups: BTreeMap<String, SecurityGroup>,
    /// Target groups by name.
    pub target_groups: BTreeMap<String, TargetGroup>,
    /// Load balancers by name.
    pub load_balancers: BTreeMap<String, LoadBalancer>,
    /// Launch templates by id.
    pub launch_templates: BTreeMap<String, LaunchTemplate>,
    /// Auto Scaling groups by name.
    pub groups: BTreeMap<String, Group>,
    /// Launch configurations by name.
    pub launch_configurations: BTreeMap<String, LaunchConfiguration>,
    /// Spot instance requests.
    pub spot_requests: BTreeMap<String, SpotRequest>,
    /// Spot fleet requests.
    pub spot_fleets: BTreeMap<String, SpotFleet>,
    /// EC2 fleets.
    pub fleets: BTreeMap<String, Fleet>,
    /// SSM parameters by name.
    pub parameters: BTreeMap<String, Parameter>,
    /// SSM Change Calendars by name.
    pub calendars: BTreeMap<String, Calendar>,
    /// References that only `DescribeImageReferences` knows.
    pub references: Vec<ImageReference>,
    /// Images that were deregistered, as they were.
    pub deregistered: BTreeMap<String, Image>,
    /// Deregistered images that `DescribeImages` still shows, and for how many calls more.
    pub lingering: BTreeMap<String, (Image, usize)>,
    /// For how many `DescribeImages` calls a deregistered image still shows.
    pub linger_calls: usize,
    /// Whether a deregistered image is unknown at once, rather than known to be gone.
    pub forgets_deregistered: bool,
    /// Images in the Recycle Bin.
    pub image_bin: BTreeMap<String, BinnedImage>,
    /// Snapshots in the Recycle Bin.
    pub snapshot_bin: BTreeMap<String, BinnedSnapshot>,
    /// The days a retention rule keeps deregistered images, if there is one.
    pub image_bin_days: Option<i64>,
    /// The days a retention rule keeps deleted snapshots, if there is one.
    pub snapshot_bin_days: Option<i64>,
    /// How long things take, in describe calls.
    pub paces: Paces,
    /// Whether a terminated instance is unknown at once, rather than listed as `terminated`.
    pub forgets_terminated: bool,
    /// The volumes and instances whose backups come out wrong, and how.
    pub spoilt: BTreeMap<String, Spoilt>,
    /// Addresses that this account released, by IP.
    pub released_ips: BTreeSet<String>,
    /// Addresses that somebody else has, by IP.
    pub taken_ips: BTreeSet<String>,
    /// Actions that the caller may not make, by name.
    pub denied: BTreeSet<String>,
    /// How many things were given an id here.
    made: u64,
}

impl Account {
    /// An empty account in us-east-1.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            region: "us-east-1".to_owned(),
            images: BTreeMap::new(),
            snapshots: BTreeMap::new(),
            instances: BTreeMap::new(),
            volumes: BTreeMap::new(),
            network_interfaces: BTreeMap::new(),
            addresses: BTreeMap::new(),
            security_groups: BTreeMap::new(),
            target_groups: BTreeMap::new(),
            load_balancers: BTreeMap::new(),
            launch_templates: BTreeMap::new(),
            groups: BTreeMap::new(),
            launch_configurations: BTreeMap::new(),
            spot_requests: BTreeMap::new(),
            spot_fleets: BTreeMap::new(),
            fleets: BTreeMap::new(),
            parameters: BTreeMap::new(),
            calendars: BTreeMap::new(),
            references: Vec::new(),
            deregistered: BTreeMap::new(),
            lingering: BTreeMap::new(),
            linger_calls: 0,
            forgets_deregistered: false,
            image_bin: BTreeMap::new(),
            snapshot_bin: BTreeMap::new(),
            image_bin_days: None,
            snapshot_bin_days: None,
            paces: Paces::default(),
            forgets_terminated: false,
            spoilt: BTreeMap::new(),
            released_ips: BTreeSet::new(),
            taken_ips: BTreeSet::new(),
            denied: BTreeSet::new(),
            made: 0,
        }
    }

    /// In another region.
    #[must_use]
    pub fn in_region(mut self, region: &str) -> Self {
        region.clone_into(&mut self.region);
        self
    }

    /// Adds an image, and a default snapshot for each one it names that is not here yet.
    #[must_use]
    pub fn image(mut self, image: Image) -> Self {
        self.add_image(image);
        self
    }

    /// Adds a snapshot, or replaces the default one that an image brought.
    #[must_use]
    pub fn snapshot(mut self, snapshot: Snapshot) -> Self {
        self.add_snapshot(snapshot);
        self
    }

    /// Takes a snapshot away, as if someone had deleted it.
    #[must_use]
    pub fn without_snapshot(mut self, id: &str) -> Self {
        self.snapshots.remove(id);
        self
    }

    /// Adds a launch template.
    #[must_use]
    pub fn launch_template(mut self, template: LaunchTemplate) -> Self {
        self.launch_templates.insert(template.id.clone(), template);
        self
    }

    /// Adds an Auto Scaling group.
    #[must_use]
    pub fn group(mut self, group: Group) -> Self {
        self.groups.insert(group.name.clone(), group);
        self
    }

    /// Adds a launch configuration.
    #[must_use]
    pub fn launch_configuration(mut self, configuration: LaunchConfiguration) -> Self {
        self.launch_configurations.insert(configuration.name.clone(), configuration);
        self
    }

    /// Adds a Spot instance request.
    #[must_use]
    pub fn spot_request(mut self, request: SpotRequest) -> Self {
        self.spot_requests.insert(request.id.clone(), request);
        self
    }

    /// Adds a Spot fleet request.
    #[must_use]
    pub fn spot_fleet(mut self, fleet: SpotFleet) -> Self {
        self.spot_fleets.insert(fleet.id.clone(), fleet);
        self
    }

    /// Adds an EC2 fleet.
    #[must_use]
    pub fn fleet(mut self, fleet: Fleet) -> Self {
        self.fleets.insert(fleet.id.clone(), fleet);
        self
    }

    /// Adds an SSM parameter.
    #[must_use]
    pub fn parameter(mut self, parameter: Parameter) -> Self {
        self.parameters.insert(parameter.name.clone(), parameter);
        self
    }

    /// Adds an SSM Change Calendar.
    #[must_use]
    pub fn calendar(mut self, calendar: Calendar) -> Self {
        self.calendars.insert(calendar.name.clone(), calendar);
        self
    }

    /// Adds a reference that only `DescribeImageReferences` knows, such as an Image Builder recipe.
    #[must_use]
    pub fn reference(mut self, reference: ImageReference) -> Self {
        self.references.push(reference);
        self
    }

    /// The caller may not make this call.
    #[must_use]
    pub fn denies(mut self, action: &str) -> Self {
        self.denied.insert(action.to_owned());
        self
    }

    /// A retention rule keeps deregistered images for so many days.
    #[must_use]
    pub fn bins_images(mut self, days: i64) -> Self {
        self.image_bin_days = Some(days);
        self
    }

    /// A retention rule keeps deleted snapshots for so many days.
    #[must_use]
    pub fn bins_snapshots(mut self, days: i64) -> Self {
        self.snapshot_bin_days = Some(days);
        self
    }

    /// A deregistered image still shows in this many `DescribeImages` calls.
    #[must_use]
    pub fn deregistered_images_linger(mut self, calls: usize) -> Self {
        self.linger_calls = calls;
        self
    }

    /// A deregistered image is `InvalidAMIID.NotFound` at once, not `InvalidAMIID.Unavailable`.
    #[must_use]
    pub fn forgets_deregistered_images(mut self) -> Self {
        self.forgets_deregistered = true;
        self
    }

    /// Adds an image in place, for use while the account is served.
    pub fn add_image(&mut self, mut image: Image) {
        let owner = image.owner_id.get_or_insert_with(|| self.id.clone()).clone();
        for snapshot_id in image.snapshot_ids() {
            if !self.snapshots.contains_key(snapshot_id) {
                let mut snapshot = Snapshot::new(snapshot_id).started_at(image.created);
                snapshot.owner_id = Some(owner.clone());
                self.snapshots.insert(snapshot_id.to_owned(), snapshot);
            }
        }
        self.images.insert(image.id.clone(), image);
    }

    /// Adds a snapshot in place, for use while the account is served.
    pub fn add_snapshot(&mut self, mut snapshot: Snapshot) {
        snapshot.owner_id.get_or_insert_with(|| self.id.clone());
        self.snapshots.insert(snapshot.id.clone(), snapshot);
    }

    /// Whether the image is registered, disabled or not.
    #[must_use]
    pub fn has_image(&self, id: &str) -> bool {
        self.images.contains_key(id)
    }

    /// Whether the snapshot exists outside the Recycle Bin.
    #[must_use]
    pub fn has_snapshot(&self, id: &str) -> bool {
        self.snapshots.contains_key(id)
    }

    /// The state of an image, `available` or `disabled` for most; nothing when it is gone.
    #[must_use]
    pub fn image_state(&self, id: &str) -> Option<&str> {
        self.images.get(id).map(|image| image.state.as_str())
    }

    /// The registered images that hold a snapshot, the disabled ones too.
    pub fn holders_of<'a>(&'a self, snapshot_id: &'a str) -> impl Iterator<Item = &'a Image> {
        self.images.values().filter(move |image| image.snapshot_ids().any(|id| id == snapshot_id))
    }

    pub(crate) fn is_denied(&self, service: &str, action: &str) -> bool {
        self.denied.contains(action)
            || (!self.denied.is_empty() && self.denied.contains(&format!("{service}:{action}")))
    }

    /// The zone that is meant: the region's first when none is said.
    pub(crate) fn zone(&self, said: Option<&str>) -> String {
        said.map_or_else(|| format!("{}a", self.region), str::to_owned)
    }

    /// An id that nothing has, such as `snap-…`.
    pub(crate) fn fresh_id(&mut self, kind: &str) -> String {
        self.made += 1;
        format!("{kind}-0f{:015x}", self.made)
    }

    /// A public address that nothing has.
    pub(crate) fn fresh_ip(&mut self) -> String {
        loop {
            self.made += 1;
            let ip = format!("198.18.{}.{}", self.made / 256 % 256, self.made % 256);
            let held = self.network_interfaces.values().any(|interface| interface.public_ip.as_ref() == Some(&ip));
            if !held && self.address_with_ip(&ip).is_none() && !self.taken_ips.contains(&ip) {
                return ip;
            }
        }
    }

    pub(crate) fn owns(&self, owner: Option<&str>) -> bool {
        owner.is_none_or(|owner| owner == self.id)
    }
}
