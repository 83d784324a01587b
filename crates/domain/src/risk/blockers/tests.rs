use super::*;
use crate::ids::ImageId;
use crate::process::resource::ResourceType;
use crate::process::terms::Terms;
use crate::risk::assess::assess;
use crate::risk::fixtures::*;

const OWN: &str = "01KAG3V7Q4M2ZD9X5T8R6W0B1C";

fn codes(seen: Observation) -> Vec<String> {
    seen.assessed().blocked.into_iter().map(|blocker| blocker.code).collect()
}

fn codes_for_own(seen: Observation) -> Vec<String> {
    let own = ProcessId::parse(OWN).unwrap();
    let assessment = assess(seen, &Terms::default(), &account(), Some(&own), 1, now());
    assessment.blocked.into_iter().map(|blocker| blocker.code).collect()
}

fn root(state: Option<&str>) -> crate::process::observation::Attachment {
    crate::process::observation::Attachment { is_root: true, ..attachment("i-1", state) }
}

#[test]
fn a_quiet_resource_of_each_type_is_free() {
    for resource_type in ResourceType::ALL {
        assert_eq!(codes(observation(resource_type)), [""; 0], "{resource_type}");
    }
}

#[test]
fn what_does_not_exist_or_is_terminated_is_said_to_be_so_and_nothing_else() {
    let mut gone = observation(ResourceType::Instance);
    gone.coverages.remove(&Source::TargetGroups);
    let mut terminated = gone.clone().with(instance(|it| it.state = "terminated".into()));
    terminated.found.as_mut().unwrap().tags.insert("sunset:keep", "");
    gone.found = None;
    assert_eq!(codes(gone), ["not_found"]);
    assert_eq!(codes(terminated), ["state"]);
}

#[test]
fn what_could_not_be_read_is_not_said_to_be_gone() {
    let mut unread = observation(ResourceType::Volume).failing(Source::Resource);
    unread.found = None;
    assert_eq!(codes(unread), ["unread"]);
}

#[test]
fn another_accounts_resource_and_one_of_unknown_owner_are_not_touched() {
    let owned_by = |resource_type, owner: Option<&str>| {
        let mut seen = observation(resource_type);
        seen.found.as_mut().unwrap().owner_id = owner.map(|id| AccountId::parse(id).unwrap());
        codes(seen)
    };
    for resource_type in ResourceType::ALL {
        assert_eq!(owned_by(resource_type, Some("999999999999")), ["not_owned"], "{resource_type}");
    }
    for named in [ResourceType::Instance, ResourceType::Snapshot, ResourceType::Image, ResourceType::SecurityGroup] {
        assert_eq!(owned_by(named, None), ["not_owned"], "{named}");
    }
    // Of these EC2 shows an account only its own.
    for unnamed in [ResourceType::Volume, ResourceType::Address] {
        assert_eq!(owned_by(unnamed, None), [""; 0], "{unnamed}");
    }
}

#[test]
fn the_keep_tag_holds_whatever_its_value_says() {
    for (key, value) in [("sunset:keep", ""), ("Sunset:Keep", "false"), ("sunset:keep", "no")] {
        assert_eq!(codes_for_own(observation(ResourceType::Volume).tagged(key, value)), ["opted_out"]);
    }
}

#[test]
fn what_another_process_made_or_holds_stays_and_ones_own_tags_do_not_matter() {
    let held = |process: &str, until: Option<&str>| {
        let seen = observation(ResourceType::Snapshot).tagged("sunset:process", process);
        until.into_iter().fold(seen, |seen, until| seen.tagged("sunset:keep-until", until))
    };
    let other = "01KAG3V7Q4M2ZD9X5T8R6W0B1D";
    assert_eq!(codes_for_own(held(OWN, None)), [""; 0]);
    assert_eq!(codes_for_own(held(OWN, Some("2999-01-01T00:00:00Z"))), [""; 0]);
    assert_eq!(codes(held(OWN, None)), ["kept_by_process"]);
    assert_eq!(codes_for_own(held(other, None)), ["kept_by_process"]);
    assert_eq!(codes_for_own(held(other, Some("2999-01-01T00:00:00Z"))), ["kept_by_process"]);
    assert_eq!(codes_for_own(held(other, Some("some day"))), ["kept_by_process"]);
    assert_eq!(codes_for_own(held(other, Some("2020-01-01T00:00:00Z"))), [""; 0]);
    let until_only = observation(ResourceType::Snapshot).tagged("sunset:keep-until", "2999-01-01T00:00:00Z");
    assert_eq!(codes_for_own(until_only), ["kept_by_process"]);
}

#[test]
fn a_manager_blocks_and_names_itself_and_what_to_change_instead() {
    let assessment =
        observation(ResourceType::SecurityGroup).tagged("aws:cloudformation:stack-name", "shop").assessed();
    assert_eq!(
        assessment.blocked,
        [blocker(
            "managed_by",
            "managed by CloudFormation, shop: take it out of the template of stack shop and update the stack, or delete \
             the stack"
                .into()
        )]
    );
    assert_eq!(assessment.managed_by.len(), 1);
}

#[test]
fn what_ec2_protects_is_blocked_and_said_once() {
    let mut seen = observation(ResourceType::SecurityGroup).with(security_group(|it| it.group_name = "default".into()));
    assert_eq!(codes(seen.clone()), ["default_group"]);
    seen.protections = vec![blocker("default_group", "EC2 says so".into()), blocker("other", "too".into())];
    assert_eq!(codes(seen), ["default_group", "other"]);
}

#[rstest::rstest]
#[case("running", &[])]
#[case("stopping", &[])]
#[case("stopped", &[])]
#[case("pending", &["state"])]
#[case("shutting-down", &["state"])]
#[case("strange", &["state"])]
fn an_instance_must_be_running_or_stopped(#[case] state: &str, #[case] expected: &[&str]) {
    assert_eq!(codes(observation(ResourceType::Instance).with(instance(|it| it.state = state.into()))), expected);
}

#[test]
fn an_instance_that_cannot_be_stopped_and_started_again_is_not_taken() {
    let seen = || observation(ResourceType::Instance);
    for root in [Some("instance-store"), None] {
        let rooted = seen().with(instance(|it| it.root_device_type = root.map(str::to_owned)));
        assert_eq!(codes(rooted), ["instance_store"]);
    }
    for lifecycle in ["spot", "scheduled", "capacity-block"] {
        assert_eq!(codes(seen().with(instance(|it| it.lifecycle = Some(lifecycle.into())))), ["lifecycle"]);
    }
}

#[test]
fn a_volume_must_be_one_that_can_be_detached() {
    let with = |attachments: Vec<crate::process::observation::Attachment>| {
        codes(observation(ResourceType::Volume).with(volume(|it| {
            it.state = "in-use".into();
            it.attachments = attachments;
        })))
    };
    assert_eq!(with(vec![attachment("i-1", Some("running")), attachment("i-2", Some("running"))]), [""; 0]);
    for state in ["busy", "attaching", "detaching"] {
        let mut stuck = attachment("i-2", Some("running"));
        stuck.state = state.into();
        assert_eq!(with(vec![attachment("i-1", Some("running")), stuck]), ["attachment"], "{state}");
    }
    assert_eq!(with(vec![root(Some("stopped"))]), [""; 0]);
    assert_eq!(with(vec![root(Some("running"))]), ["root_volume"]);
    assert_eq!(with(vec![root(None)]), ["root_volume"]);
    for state in ["creating", "deleting", "error"] {
        let seen = observation(ResourceType::Volume).with(volume(|it| it.state = state.into()));
        assert_eq!(codes(seen), ["state"], "{state}");
    }
}

#[test]
fn a_snapshot_stays_under_the_images_that_stand_on_it() {
    let seen = observation(ResourceType::Snapshot).with(snapshot(|it| {
        it.image_ids = [ImageId::parse("ami-1").unwrap(), ImageId::parse("ami-2").unwrap()].into();
    }));
    let blocked = seen.assessed().blocked;
    assert_eq!(blocked[0].detail, "registered images stand on it: retire ami-1, ami-2 first, which takes it along");
    let pending = observation(ResourceType::Snapshot).with(snapshot(|it| it.state = "pending".into()));
    assert_eq!(codes(pending), ["state"]);
}

#[test]
fn an_image_that_is_pending_public_or_in_s3_stays() {
    let with = |change: fn(&mut Image)| codes(observation(ResourceType::Image).with(image(change)));
    assert_eq!(with(|it| it.state = "disabled".into()), [""; 0]);
    assert_eq!(with(|it| it.state = "pending".into()), ["state"]);
    assert_eq!(with(|it| it.launch_permissions = vec![LaunchPermission::Everybody]), ["public"]);
    assert_eq!(with(|it| it.block_devices[0].snapshot_id = None), ["instance_store"]);
}

#[test]
fn an_address_that_a_service_holds_stays() {
    let held = |kind: &str, dependency| {
        let mut holder = dependent(kind, "x-1", dependency);
        holder.source = Source::NetworkInterfaces;
        codes(observation(ResourceType::Address).with_dependents([holder]))
    };
    assert_eq!(held("nat_gateway", Dependency::Critical), ["service_managed"]);
    assert_eq!(held("load_balancer", Dependency::Critical), ["service_managed"]);
    assert_eq!(held("network_interface", Dependency::Critical), ["service_managed"]);
    assert_eq!(held("network_interface", Dependency::Required), [""; 0]);
    let with = |association| codes(observation(ResourceType::Address).with(address(|it| it.association = association)));
    assert_eq!(with(Some(association())), [""; 0]);
    let nowhere =
        crate::process::observation::Association { instance_id: None, network_interface_id: None, ..association() };
    assert_eq!(with(Some(nowhere)), ["service_managed"]);
}

#[test]
fn a_group_that_other_groups_rules_name_stays_and_its_own_rules_do_not_matter() {
    let named_by = |id: &str| {
        let mut other = dependent("security_group", id, Dependency::Critical);
        other.source = Source::SecurityGroups;
        codes(observation(ResourceType::SecurityGroup).with_dependents([other]))
    };
    assert_eq!(named_by("sg-9"), ["referenced_by_rules"]);
    assert_eq!(named_by(ResourceType::SecurityGroup.id_example()), [""; 0]);
}

#[test]
fn a_member_that_cannot_leave_the_group_holds_it() {
    let own = ResourceType::SecurityGroup.id_example();
    let with =
        |member| codes(observation(ResourceType::SecurityGroup).with(security_group(|it| it.members = vec![member])));
    assert_eq!(with(member("eni-1", &[own, "sg-2"])), [""; 0]);
    assert_eq!(with(member("eni-1", &[own])), ["only_group_of_member"]);
    let mut of_service = member("eni-1", &[own, "sg-2"]);
    of_service.requester_id = Some("amazon-elb".into());
    assert_eq!(with(of_service), ["service_managed_member"]);
}
