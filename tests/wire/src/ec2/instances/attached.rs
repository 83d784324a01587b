use std::collections::BTreeMap;

use crate::account::{Account, Address, Attachment, Instance, NetworkInterface, Volume, attachments};

/// What is attached to instances, looked up once for all of them.
pub(super) struct Attached<'a> {
    volumes: BTreeMap<&'a str, Vec<(&'a Volume, &'a Attachment)>>,
    interfaces: BTreeMap<&'a str, Vec<&'a NetworkInterface>>,
    addresses: BTreeMap<&'a str, &'a Address>,
}

impl<'a> Attached<'a> {
    pub(super) fn of(account: &'a Account) -> Self {
        let mut volumes: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (volume, attachment) in account.volumes.values().flat_map(attachments) {
            volumes.entry(attachment.instance_id.as_str()).or_default().push((volume, attachment));
        }
        volumes.values_mut().for_each(|all| all.sort_by(|(_, a), (_, b)| a.device.cmp(&b.device)));

        let mut interfaces: BTreeMap<_, Vec<&NetworkInterface>> = BTreeMap::new();
        for interface in account.network_interfaces.values() {
            if let Some(instance_id) = interface.instance_id() {
                interfaces.entry(instance_id).or_default().push(interface);
            }
        }
        let index = |interface: &&NetworkInterface| interface.attachment.as_ref().map(|at| at.device_index);
        interfaces.values_mut().for_each(|all| all.sort_by_key(index));

        let on_interface = |address| Some((account.interface_of(address)?.id.as_str(), address));
        let addresses = account.addresses.values().filter_map(on_interface).collect();
        Self { volumes, interfaces, addresses }
    }

    /// By device.
    pub(super) fn volumes(&self, instance: &Instance) -> &[(&'a Volume, &'a Attachment)] {
        self.volumes.get(instance.id.as_str()).map_or(&[], Vec::as_slice)
    }

    /// The primary one first.
    pub(super) fn interfaces(&self, instance: &Instance) -> &[&'a NetworkInterface] {
        self.interfaces.get(instance.id.as_str()).map_or(&[], Vec::as_slice)
    }

    pub(super) fn address(&self, interface: &NetworkInterface) -> Option<&'a Address> {
        self.addresses.get(interface.id.as_str()).copied()
    }

    /// The Elastic IP address, or the one that EC2 gave.
    pub(super) fn public_ip(&self, interface: &'a NetworkInterface) -> Option<&'a str> {
        self.address(interface).map(|address| address.public_ip.as_str()).or(interface.public_ip.as_deref())
    }
}
