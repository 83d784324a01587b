//! One resource of every type, in an account where it can be retired.

use serde_json::json;
use sunset_functions_tests::{ACCOUNT, Policy, World};
use sunset_wire::{Account, Address, Image, Instance, NetworkInterface, Peer, SecurityGroup, Snapshot, Volume};

use crate::picture::Picture;

/// An account that an image is shared with.
pub const PARTNER: &str = "999999999999";
/// The key of what is encrypted.
const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/0123abcd";

/// A resource and what is to become of it.
#[derive(Debug, Clone, Copy)]
pub struct Story {
    /// Its type and id.
    pub resource: (&'static str, &'static str),
    account: fn() -> Account,
    /// What its end makes of a picture of the account.
    pub ends: fn(&mut Picture),
    /// How many backups are made of it.
    pub backups: usize,
    /// The call that takes the reversible step, and the one that takes it back; a snapshot has none.
    pub reversible: Option<(&'static str, &'static str)>,
    /// The call that ends it.
    pub irreversible: &'static str,
}

impl Story {
    /// An account with the resource.
    pub fn account(&self) -> Account {
        (self.account)()
    }

    /// A world in which its team has written it down.
    pub async fn world(&self) -> World {
        self.world_with(self.account()).await
    }

    /// The same with another account.
    pub async fn world_with(&self, account: Account) -> World {
        self.world_under(Policy::brisk(), account).await
    }

    /// The same under another policy.
    pub async fn world_under(&self, policy: Policy, account: Account) -> World {
        let world = World::under(policy, account).await;
        track(&world, self.resource, "development").await;
        world
    }
}

/// A team wrote a resource down.
pub async fn track(world: &World, (resource_type, resource_id): (&str, &str), environment: &str) {
    let data = json!({"environment": environment, "project": "web", "owner": "team-web"});
    let item = json!({"ResourceId": resource_id, "ResourceType": resource_type, "TrackingData": data});
    world.tracking.put(item).await;
}

/// A team wrote down who needs a resource.
pub async fn depends(world: &World, (_, resource_id): (&str, &str), dependent: &str, how: &str) {
    let dependents = json!([{"resource_id": dependent, "resource_type": "service", "dependency_type": how}]);
    world.dependencies.put(json!({"ResourceId": resource_id, "Dependents": dependents})).await;
}

/// Every driver.
pub const ALL: [Story; 6] = [INSTANCE, VOLUME, SNAPSHOT, IMAGE, ADDRESS, SECURITY_GROUP];

/// An instance that runs, with a volume that goes with it and one that stays. Everything takes its time.
pub const INSTANCE: Story = Story {
    resource: ("EC2Instance", "i-0web"),
    account: || {
        Account::new(ACCOUNT)
            .instance(Instance::new("i-0web", "ami-0base").tag("Name", "web"))
            .image(Image::new("ami-0base").named("base").snapshots(["snap-0base"]))
            .volume(Volume::new("vol-0root").root_of("i-0web").encrypted_with(KEY))
            .volume(Volume::new("vol-0data").gib(20).attached_to("i-0web", "/dev/sdf").tag("team", "web"))
            .network_interface(NetworkInterface::primary_of("i-0web").public_ip("203.0.113.1"))
            .instances_stop_after(1)
            .images_complete_after(1)
            .instances_terminate_after(1)
            .instances_start_after(1)
    },
    ends: |picture| {
        for id in ["i-0web", "vol-0root", "eni-0web"] {
            picture.remove(id);
        }
        picture.get_mut("vol-0data").unwrap()["attachments"] = json!([]);
    },
    backups: 1,
    reversible: Some(("StopInstances", "StartInstances")),
    irreversible: "TerminateInstances",
};

/// A volume of an instance that stands still.
pub const VOLUME: Story = Story {
    resource: ("EBSVolume", "vol-0data"),
    account: || {
        Account::new(ACCOUNT)
            .instance(Instance::new("i-0web", "ami-0base").stopped())
            .volume(Volume::new("vol-0root").root_of("i-0web"))
            .volume(Volume::new("vol-0data").gib(20).attached_to("i-0web", "/dev/sdf").encrypted_with(KEY))
            .volumes_detach_after(1)
            .snapshots_complete_after(1)
            .volumes_attach_after(1)
    },
    ends: |picture| {
        picture.remove("vol-0data");
    },
    backups: 1,
    reversible: Some(("DetachVolume", "AttachVolume")),
    irreversible: "DeleteVolume",
};

/// A snapshot on which nothing stands.
pub const SNAPSHOT: Story = Story {
    resource: ("EBSSnapshot", "snap-0old"),
    account: || Account::new(ACCOUNT).snapshot(Snapshot::new("snap-0old").tag("Name", "old")),
    ends: |picture| {
        picture.remove("snap-0old");
    },
    backups: 0,
    reversible: None,
    irreversible: "DeleteSnapshot",
};

/// An image that is shared, with two snapshots.
pub const IMAGE: Story = Story {
    resource: ("AMI", "ami-0old"),
    account: || {
        Account::new(ACCOUNT)
            .image(Image::new("ami-0old").named("old").shared_with(PARTNER).snapshots(["snap-0a", "snap-0b"]))
            .image(Image::new("ami-0other").named("other").snapshots(["snap-0other"]))
    },
    ends: |picture| {
        for id in ["ami-0old", "snap-0a", "snap-0b"] {
            picture.remove(id);
        }
    },
    backups: 0,
    reversible: Some(("DisableImage", "EnableImage")),
    irreversible: "DeregisterImage",
};

/// An address that an instance is reached by.
pub const ADDRESS: Story = Story {
    resource: ("ElasticIP", "eipalloc-0web"),
    account: || {
        Account::new(ACCOUNT)
            .instance(Instance::new("i-0web", "ami-0base"))
            .volume(Volume::new("vol-0root").root_of("i-0web"))
            .network_interface(NetworkInterface::primary_of("i-0web"))
            .address(Address::new("eipalloc-0web").ip("198.51.100.7").associated_with("eni-0web"))
    },
    ends: |picture| {
        picture.remove("eipalloc-0web");
    },
    backups: 0,
    reversible: Some(("DisassociateAddress", "AssociateAddress")),
    irreversible: "ReleaseAddress",
};

/// A security group in which two network interfaces stand.
pub const SECURITY_GROUP: Story = Story {
    resource: ("SecurityGroup", "sg-0web"),
    account: || {
        let member = |id: &str| NetworkInterface::new(id).member_of("sg-0web").member_of("sg-0base");
        Account::new(ACCOUNT)
            .security_group(SecurityGroup::new("sg-0web", "web").lets_in(443, Peer::cidr("0.0.0.0/0")))
            .security_group(SecurityGroup::new("sg-0base", "base"))
            .network_interface(member("eni-0one"))
            .network_interface(member("eni-0two"))
    },
    ends: |picture| {
        picture.remove("sg-0web");
        for interface in ["eni-0one", "eni-0two"] {
            picture.get_mut(interface).unwrap()["groups"].as_array_mut().unwrap().retain(|group| group != "sg-0web");
        }
    },
    backups: 0,
    reversible: Some(("ModifyNetworkInterfaceAttribute", "ModifyNetworkInterfaceAttribute")),
    irreversible: "DeleteSecurityGroup",
};

/// A security group in which nothing stands: the rule approves what asks so little.
pub const UNUSED_GROUP: Story = Story {
    resource: ("SecurityGroup", "sg-0idle"),
    account: || Account::new(ACCOUNT).security_group(SecurityGroup::new("sg-0idle", "idle")),
    ends: |picture| {
        picture.remove("sg-0idle");
    },
    backups: 0,
    reversible: None,
    irreversible: "DeleteSecurityGroup",
};

/// A volume that is attached to nothing: people are asked, but few.
pub const SPARE_VOLUME: Story = Story {
    resource: ("EBSVolume", "vol-0spare"),
    account: || Account::new(ACCOUNT).volume(Volume::new("vol-0spare").gib(20).encrypted_with(KEY)),
    ends: |picture| {
        picture.remove("vol-0spare");
    },
    backups: 1,
    reversible: None,
    irreversible: "DeleteVolume",
};
