//! Each type: to its end, and back from its soak.

use sunset_local::NewInstance;
use sunset_workflows::decommission::{Desk, Process, desk};

fn rested(desk: Desk, resource_type: &str, id: &str) -> Process {
    desk.development(resource_type, id);
    let process = desk.process(resource_type, id);
    process.approve();
    process.until_token("soaking", "soak");
    process
}

fn taken_back(desk: Desk, process: Process) {
    let reason = serde_json::json!({"reason": "somebody misses it"});
    process.obeys("grace", "end_soak", &reason);
    let ended = process.ended().failed_as("rolled_back", "Sunset.RolledBack");
    assert!(!desk.notices_about(&ended.process.id).is_empty());
}

#[test]
fn a_volume_is_snapshotted_detached_watched_and_deleted() {
    let desk = desk();
    let instance = desk.instance("volumes-holder");
    let volume = desk.stack.make_volume(11, &[("Name", "data")]).unwrap();
    desk.stack.attach_volume(&volume, &instance, "/dev/sdh").unwrap();

    let process = rested(desk, "EBSVolume", &volume);
    assert_eq!(desk.stack.volume(&volume).unwrap().unwrap().attached_to, None);
    let ended = process.ended().succeeded_as("completed");

    assert_eq!(desk.stack.volume(&volume).unwrap(), None);
    let snapshots = desk.stack.snapshots().unwrap();
    let backup = snapshots.iter().find(|snapshot| snapshot.volume_id == volume).unwrap();
    assert_eq!((backup.size_gib, backup.tags.get("sunset:process")), (11, Some(&ended.process.id)), "{backup:?}");
    assert!(ended.report()["way_back"].to_string().contains(&backup.id));
}

#[test]
fn a_volume_comes_back_to_its_instance_and_device() {
    let desk = desk();
    let instance = desk.instance("volumes-owner");
    let volume = desk.stack.instance(&instance).unwrap().unwrap().volume_ids["/dev/sdf"].clone();
    let process = rested(desk, "EBSVolume", &volume);
    taken_back(desk, process);
    let attached = desk.stack.volume(&volume).unwrap().unwrap().attached_to;
    assert_eq!(attached, Some((instance, "/dev/sdf".to_owned())));
}

#[test]
fn a_snapshot_is_recorded_watched_and_deleted() {
    let desk = desk();
    let volume = desk.stack.make_volume(3, &[]).unwrap();
    let snapshot = desk.stack.make_snapshot(&volume, &[("Name", "old")]).unwrap();
    let there = |id: &str| desk.stack.snapshots().unwrap().iter().any(|it| it.id == id);
    let process = rested(desk, "EBSSnapshot", &snapshot);
    assert!(there(&snapshot));
    process.ended().succeeded_as("completed");
    assert!(!there(&snapshot));
}

#[test]
fn a_snapshot_stays_when_somebody_misses_it() {
    let desk = desk();
    let volume = desk.stack.make_volume(3, &[]).unwrap();
    let snapshot = desk.stack.make_snapshot(&volume, &[("Name", "missed")]).unwrap();
    let seen = || desk.stack.snapshots().unwrap().into_iter().find(|it| it.id == snapshot).unwrap();
    let before = seen();
    let process = rested(desk, "EBSSnapshot", &snapshot);
    taken_back(desk, process);
    assert_eq!(seen(), before);
}

#[test]
fn an_image_is_disabled_watched_and_deregistered_with_its_snapshots() {
    let desk = desk();
    let source = desk.instance("image-source");
    let image = desk.stack.make_image(&source, "to-go", &[]).unwrap();
    let snapshots = desk.stack.image("to-go").unwrap().unwrap().snapshot_ids;
    assert_eq!(snapshots.len(), 2);

    let process = rested(desk, "AMI", &image);
    assert_eq!(desk.stack.image("to-go").unwrap().unwrap().state, "disabled");
    process.ended().succeeded_as("completed");

    assert_eq!(desk.stack.image("to-go").unwrap(), None);
    let left = desk.stack.snapshots().unwrap();
    assert!(!left.iter().any(|it| snapshots.contains(&it.id)), "{left:?}");
}

#[test]
fn an_image_comes_back_with_its_launch_permissions() {
    let desk = desk();
    let source = desk.instance("shared-image-source");
    let image = desk.stack.make_image(&source, "shared", &[]).unwrap();
    let partner = [("ImageId", image.as_str()), ("LaunchPermission.Add.1.UserId", "999999999999")];
    desk.stack.ec2("ModifyImageAttribute", &partner).unwrap();
    let process = rested(desk, "AMI", &image);
    assert!(desk.stack.launch_permissions(&image).unwrap().is_empty(), "disabled, it is shared with nobody");
    taken_back(desk, process);
    assert_eq!(desk.stack.image("shared").unwrap().unwrap().state, "available");
    assert_eq!(desk.stack.launch_permissions(&image).unwrap(), ["999999999999"]);
}

#[test]
fn an_address_is_disassociated_watched_and_released() {
    let desk = desk();
    let instance = desk.instance("address-holder");
    let address = desk.stack.make_address(&[("Name", "vip")]).unwrap();
    desk.stack.associate_address(&address, &instance).unwrap();
    let process = rested(desk, "ElasticIP", &address);
    assert_eq!(desk.stack.address(&address).unwrap().unwrap().network_interface_id, None);
    process.ended().succeeded_as("completed");
    assert_eq!(desk.stack.address(&address).unwrap(), None);
}

#[test]
fn an_address_comes_back_to_its_interface() {
    let desk = desk();
    let instance = desk.instance("address-owner");
    let address = desk.stack.make_address(&[("Name", "vip")]).unwrap();
    desk.stack.associate_address(&address, &instance).unwrap();
    let before = desk.stack.address(&address).unwrap().unwrap();
    let process = rested(desk, "ElasticIP", &address);
    taken_back(desk, process);
    assert_eq!(desk.stack.address(&address).unwrap().unwrap(), before);
}

/// An instance in two groups, of which the first is to go.
fn grouped(desk: Desk, name: &str) -> (String, String) {
    let groups = [name.to_owned(), format!("{name}-other")].map(|it| desk.stack.make_security_group(&it, &[]).unwrap());
    let new = groups.iter().fold(NewInstance::of(&desk.base_image()), |new, group| new.security_group(group));
    (desk.stack.make_instance(new).unwrap(), groups[0].clone())
}

#[test]
fn a_security_group_is_detached_watched_and_deleted() {
    let desk = desk();
    let (instance, group) = grouped(desk, "group-to-go");
    let process = rested(desk, "SecurityGroup", &group);
    assert!(desk.stack.security_group(&group).unwrap().unwrap().member_ids.is_empty());
    process.ended().succeeded_as("completed");
    assert_eq!(desk.stack.security_group(&group).unwrap(), None);
    assert_eq!(desk.stack.instance(&instance).unwrap().unwrap().security_group_ids.len(), 1);
}

#[test]
fn a_security_group_comes_back_to_its_interfaces() {
    let desk = desk();
    let (instance, group) = grouped(desk, "group-to-stay");
    let before = desk.stack.instance(&instance).unwrap().unwrap().security_group_ids;
    let process = rested(desk, "SecurityGroup", &group);
    taken_back(desk, process);
    assert_eq!(desk.stack.instance(&instance).unwrap().unwrap().security_group_ids, before);
    assert_eq!(desk.stack.security_group(&group).unwrap().unwrap().member_ids.len(), 1);
}
