//! What EC2 refuses and keeps, and moto by itself does not. Needs the installed tools.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

use sunset_local::{NewInstance, Options, Seed, SeedImage, Stack, image_id};

fn tags(name: &str) -> [(&str, &str); 1] {
    [("Name", name)]
}

#[test]
fn an_image_of_an_instance_has_a_snapshot_of_each_of_its_volumes() {
    let stack = Stack::up(Options::new("test-backup").seed(Seed::new(vec![SeedImage::new("base", 10)]))).unwrap();
    let new = NewInstance::of(&image_id("base")).volume("/dev/sdf", 20).tag("Name", "legacy");
    let instance = stack.make_instance(new).unwrap();
    let volumes = stack.instance(&instance).unwrap().unwrap().volume_ids;
    assert_eq!(volumes.keys().collect::<Vec<_>>(), ["/dev/sdf", "/dev/xvda"]);

    stack.make_image(&instance, "backup", &tags("backup")).unwrap();

    let image = stack.image("backup").unwrap().unwrap();
    let snapshots = stack.snapshots().unwrap();
    let mut backups: Vec<_> = snapshots.iter().filter(|it| image.snapshot_ids.contains(&it.id)).collect();
    backups.sort_by_key(|it| it.size_gib);
    assert_eq!(backups.iter().map(|it| it.size_gib).collect::<Vec<_>>(), [8, 20]);
    assert_eq!(backups[1].volume_id, volumes["/dev/sdf"]);
    let again = stack.make_image(&instance, "backup", &[]).unwrap_err();
    assert_eq!(again.code(), Some("InvalidAMIName.Duplicate"));

    stack.ec2("TerminateInstances", &[("InstanceId.1", &instance)]).unwrap();
    stack.ec2("TerminateInstances", &[("InstanceId.1", &instance)]).unwrap();
    let gone = stack.instance(&instance).unwrap().unwrap();
    assert_eq!((gone.state.as_str(), gone.network_interface_ids.len()), ("terminated", 0));
    assert_eq!(stack.volume(&volumes["/dev/xvda"]).unwrap(), None, "it goes with the instance");
    assert_eq!(stack.volume(&volumes["/dev/sdf"]).unwrap().unwrap().attached_to, None, "it stays");
    let started = stack.ec2("StartInstances", &[("InstanceId.1", &instance)]).unwrap_err();
    assert_eq!(started.code(), Some("IncorrectInstanceState"));
}

#[test]
fn what_is_in_use_is_kept_as_ec2_keeps_it() {
    let stack = Stack::up(Options::new("test-in-use").seed(Seed::new(vec![SeedImage::new("base", 10)]))).unwrap();
    let code = |answer: sunset_local::Result<String>| answer.unwrap_err().code().unwrap_or_default().to_owned();
    let legacy = stack.make_security_group("legacy", &tags("legacy")).unwrap();
    let other = stack.make_security_group("other", &[]).unwrap();
    let instance = stack.make_instance(NewInstance::of(&image_id("base")).security_group(&legacy)).unwrap();
    let interface = stack.instance(&instance).unwrap().unwrap().network_interface_ids.remove(0);

    assert_eq!(stack.security_group(&legacy).unwrap().unwrap().member_ids.iter().collect::<Vec<_>>(), [&interface]);
    assert_eq!(code(stack.ec2("DeleteSecurityGroup", &[("GroupId", &legacy)])), "DependencyViolation");
    let groups = [("NetworkInterfaceId", interface.as_str()), ("SecurityGroupId.1", &other)];
    stack.ec2("ModifyNetworkInterfaceAttribute", &groups).unwrap();
    assert!(stack.security_group(&legacy).unwrap().unwrap().member_ids.is_empty());
    assert_eq!(stack.instance(&instance).unwrap().unwrap().security_group_ids.iter().collect::<Vec<_>>(), [&other]);
    stack.allow(&legacy, &other, 443).unwrap();
    assert_eq!(code(stack.ec2("DeleteSecurityGroup", &[("GroupId", &legacy)])), "DependencyViolation");

    let address = stack.make_address(&tags("vip")).unwrap();
    stack.associate_address(&address, &instance).unwrap();
    let ip = stack.address(&address).unwrap().unwrap().public_ip;
    assert_eq!(code(stack.ec2("ReleaseAddress", &[("AllocationId", &address)])), "InvalidIPAddress.InUse");
    stack.ec2("StopInstances", &[("InstanceId.1", &instance)]).unwrap();
    assert_eq!(stack.instance(&instance).unwrap().unwrap().public_ip, Some(ip), "an Elastic IP stays");

    let volume = stack.make_volume(5, &tags("data")).unwrap();
    stack.attach_volume(&volume, &instance, "/dev/sdg").unwrap();
    let attached = stack.volume(&volume).unwrap().unwrap().attached_to;
    assert_eq!(attached, Some((instance.clone(), "/dev/sdg".to_owned())));
    let again = stack.attach_volume(&volume, &instance, "/dev/sdh").unwrap_err();
    assert_eq!(again.code(), Some("VolumeInUse"));
    stack.ec2("TerminateInstances", &[("InstanceId.1", &instance)]).unwrap();
    assert_eq!(stack.address(&address).unwrap().unwrap().network_interface_id, None);
    stack.ec2("ReleaseAddress", &[("AllocationId", &address)]).unwrap();
    assert_eq!(stack.address(&address).unwrap(), None);
}
