//! What a resource costs a month, at the public prices of us-east-1: an estimate, never a bill. What has no known price
//! has none; it is never taken for free.

use crate::image::distinct_snapshot_ids;
use crate::process::observation::{Configuration, Image, Instance, Volume};
use crate::risk::assessment::{CostEstimate, CostLine};
use crate::risk::instance_family::micro_dollars_an_hour;
use crate::snapshot::storage_micro_dollars_a_month;

const HOURS_A_MONTH: u64 = 730;
/// A public IPv4 address, in use or idle: $0.005 an hour.
const PUBLIC_IPV4_MICRO_DOLLARS_A_MONTH: u64 = 5_000 * HOURS_A_MONTH;
const GIB: u128 = 1 << 30;

/// What goes with the resource, and what its backups cost meanwhile.
#[must_use]
pub fn estimate(configuration: &Configuration) -> CostEstimate {
    match configuration {
        Configuration::Instance(instance) => of_instance(instance),
        Configuration::Volume(volume) => CostEstimate {
            saved: vec![line(
                format!("{} GiB of {} volume", volume.size_gib, volume.volume_type),
                volume_price(volume),
            )],
            backups: vec![snapshots_line("its snapshot", volume.size_gib)],
        },
        Configuration::Snapshot(snapshot) => CostEstimate {
            saved: vec![line(
                format!("the snapshot, at most {} GiB", snapshot.size_gib),
                Some(snapshot_price(snapshot.size_gib, snapshot.storage_tier.as_deref() == Some("archive"))),
            )],
            backups: Vec::new(),
        },
        Configuration::Image(image) => CostEstimate { saved: vec![of_image(image)], backups: Vec::new() },
        Configuration::Address(address) => CostEstimate {
            saved: vec![match address.public_ipv4_pool.as_deref() {
                None | Some("amazon") => {
                    line(format!("address {}", address.public_ip), Some(PUBLIC_IPV4_MICRO_DOLLARS_A_MONTH))
                }
                Some(pool) => line(format!("address {} of the account's own pool {pool}", address.public_ip), Some(0)),
            }],
            backups: Vec::new(),
        },
        Configuration::SecurityGroup(_) => CostEstimate::default(),
    }
}

fn line(what: String, micro_dollars_a_month: Option<u64>) -> CostLine {
    CostLine { what, micro_dollars_a_month }
}

fn of_instance(instance: &Instance) -> CostEstimate {
    let mut saved = Vec::new();
    // A stopped instance costs nothing but its volumes and addresses.
    if instance.state != "stopped" {
        let an_hour = micro_dollars_an_hour(&instance.instance_type);
        let a_month = an_hour.map(|price| price.saturating_mul(HOURS_A_MONTH));
        saved.push(line(format!("a {} that runs, without its system's licence", instance.instance_type), a_month));
        if let Some(address) = &instance.auto_assigned_public_ip {
            saved.push(line(format!("its public address {address}"), Some(PUBLIC_IPV4_MICRO_DOLLARS_A_MONTH)));
        }
    }
    for volume in instance.volumes.iter().filter(|volume| volume.delete_on_termination) {
        saved.push(line(
            format!("{}, {} GiB of {}", volume.volume_id, volume.size_gib, volume.volume_type),
            price_of(&volume.volume_type, volume.size_gib, None, None),
        ));
    }
    let size_gib = instance.volumes.iter().fold(0, |sum: u64, volume| sum.saturating_add(volume.size_gib));
    let backups = if size_gib == 0 { Vec::new() } else { vec![snapshots_line("the snapshots of its image", size_gib)] };
    CostEstimate { saved, backups }
}

fn of_image(image: &Image) -> CostLine {
    let snapshots = distinct_snapshot_ids(&image.block_devices);
    let sizes = snapshots.iter().map(|id| {
        let device = image.block_devices.iter().find(|device| device.snapshot_id.as_ref() == Some(id));
        device.and_then(|device| device.size_gib).map(u64::from)
    });
    let size_gib = sizes.sum::<Option<u64>>();
    match size_gib {
        Some(size_gib) => line(format!("its snapshots, at most {size_gib} GiB"), Some(snapshot_price(size_gib, false))),
        None => line("its snapshots, whose sizes are not all known".into(), None),
    }
}

fn volume_price(volume: &Volume) -> Option<u64> {
    price_of(&volume.volume_type, volume.size_gib, volume.iops, volume.throughput_mib_a_second)
}

/// A volume's price a month. `gp3` whose operations and throughput are not known is counted at its base.
fn price_of(volume_type: &str, size_gib: u64, iops: Option<u32>, throughput: Option<u32>) -> Option<u64> {
    let a_gib = match volume_type {
        "gp2" => 100_000,
        "gp3" => 80_000,
        "io1" | "io2" => 125_000,
        "st1" => 45_000,
        "sc1" => 15_000,
        "standard" => 50_000,
        _ => return None,
    };
    let provisioned = match volume_type {
        "gp3" => {
            let over =
                |provisioned: Option<u32>, free: u32| u64::from(provisioned.unwrap_or(free).saturating_sub(free));
            over(iops, 3_000) * 5_000 + over(throughput, 125) * 40_000
        }
        "io1" => u64::from(iops?) * 65_000,
        "io2" => {
            let iops = u64::from(iops?);
            let tier = |from: u64, to: u64| iops.min(to).saturating_sub(from);
            tier(0, 32_000) * 65_000 + tier(32_000, 64_000) * 45_500 + tier(64_000, u64::MAX) * 32_000
        }
        _ => 0,
    };
    Some(size_gib.saturating_mul(a_gib).saturating_add(provisioned))
}

fn snapshot_price(size_gib: u64, archived: bool) -> u64 {
    storage_micro_dollars_a_month(u128::from(size_gib) * GIB, archived)
}

fn snapshots_line(what: &str, size_gib: u64) -> CostLine {
    line(format!("{what}, at most {size_gib} GiB"), Some(snapshot_price(size_gib, false)))
}

#[cfg(test)]
mod tests;
