use super::*;
use crate::process::observation::Observation;
use crate::process::resource::ResourceType;
use crate::risk::fixtures::*;

fn lines(seen: Observation) -> (Vec<Option<u64>>, Vec<Option<u64>>) {
    let cost = estimate(&seen.found.unwrap().configuration);
    let prices = |lines: Vec<CostLine>| lines.into_iter().map(|line| line.micro_dollars_a_month).collect();
    (prices(cost.saved), prices(cost.backups))
}

#[test]
fn a_running_instance_saves_itself_its_address_and_the_volumes_that_go_with_it() {
    let seen = observation(ResourceType::Instance).with(instance(|it| {
        it.state = "running".into();
        it.auto_assigned_public_ip = Some("203.0.113.9".into());
        let mut stays = instance_volume("vol-2");
        stays.delete_on_termination = false;
        it.volumes.push(stays);
    }));
    assert_eq!(lines(seen), (vec![Some(10_400 * 730), Some(3_650_000), Some(8 * 80_000)], vec![Some(16 * 50_000)]));
}

#[test]
fn a_stopped_instance_saves_its_volumes_only() {
    assert_eq!(lines(observation(ResourceType::Instance)), (vec![Some(640_000)], vec![Some(400_000)]));
}

#[test]
fn what_has_no_known_price_has_none_and_is_not_free() {
    let unknown = observation(ResourceType::Instance).with(instance(|it| {
        it.state = "running".into();
        it.instance_type = "p9.huge".into();
        it.volumes[0].volume_type = "io2".into();
    }));
    assert_eq!(lines(unknown).0, [None, None]);
    let strange = observation(ResourceType::Volume).with(volume(|it| it.volume_type = "gp9".into()));
    assert_eq!(lines(strange).0, [None]);
    let sizeless = observation(ResourceType::Image).with(image(|it| it.block_devices[0].size_gib = None));
    assert_eq!(lines(sizeless).0, [None]);
}

#[rstest::rstest]
#[case("gp2", None, None, Some(10_000_000))]
#[case("gp3", Some(3_000), Some(125), Some(8_000_000))]
#[case("gp3", Some(4_000), Some(225), Some(8_000_000 + 5_000_000 + 4_000_000))]
#[case("io1", Some(1_000), None, Some(12_500_000 + 65_000_000))]
#[case("io2", Some(70_000), None, Some(12_500_000 + 32_000 * 65_000 + 32_000 * 45_500 + 6_000 * 32_000))]
#[case("io2", None, None, None)]
#[case("st1", None, None, Some(4_500_000))]
#[case("sc1", None, None, Some(1_500_000))]
#[case("standard", None, None, Some(5_000_000))]
fn a_volume_costs_its_size_and_what_is_provisioned_beyond_the_base(
    #[case] volume_type: &str,
    #[case] iops: Option<u32>,
    #[case] throughput: Option<u32>,
    #[case] expected: Option<u64>,
) {
    let seen = observation(ResourceType::Volume).with(volume(|it| {
        it.volume_type = volume_type.into();
        (it.iops, it.throughput_mib_a_second) = (iops, throughput);
    }));
    assert_eq!(lines(seen), (vec![expected], vec![Some(5_000_000)]));
}

#[test]
fn snapshots_images_addresses_and_groups_save_what_they_cost() {
    assert_eq!(lines(observation(ResourceType::Snapshot)), (vec![Some(5_000_000)], vec![]));
    let archived = observation(ResourceType::Snapshot).with(snapshot(|it| it.storage_tier = Some("archive".into())));
    assert_eq!(lines(archived).0, [Some(1_250_000)]);
    assert_eq!(lines(observation(ResourceType::Image)), (vec![Some(400_000)], vec![]));
    assert_eq!(lines(observation(ResourceType::Address)), (vec![Some(3_650_000)], vec![]));
    let own =
        observation(ResourceType::Address).with(address(|it| it.public_ipv4_pool = Some("ipv4pool-ec2-1".into())));
    assert_eq!(lines(own).0, [Some(0)]);
    assert_eq!(lines(observation(ResourceType::SecurityGroup)), (vec![], vec![]));
}

#[test]
fn a_size_that_no_disk_has_is_no_panic() {
    let seen = observation(ResourceType::Volume).with(volume(|it| it.size_gib = u64::MAX));
    assert_eq!(lines(seen), (vec![Some(u64::MAX)], vec![Some(u64::MAX)]));
}
