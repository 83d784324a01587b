use std::collections::BTreeMap;

use super::{Account, NetworkInterface};

/// An Elastic IP address, by default associated with nothing.
#[derive(Debug, Clone)]
pub struct Address {
    /// The `eipalloc-…` id.
    pub allocation_id: String,
    /// The address itself; one is chosen when not said.
    pub public_ip: String,
    /// What it is associated with.
    pub association: Option<Association>,
    /// The service that manages it, such as `alb` or `rnat`.
    pub service_managed: Option<String>,
    /// Its name in reverse DNS, with which it cannot be released.
    pub ptr_record: Option<String>,
    /// Whether AWS Support locked it to the account, so that it cannot be released.
    pub locked: bool,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// What an Elastic IP address is associated with.
#[derive(Debug, Clone)]
pub struct Association {
    /// The `eipassoc-…` id.
    pub id: String,
    /// An instance, where no network interface is named: its primary one, if it has any.
    pub instance_id: Option<String>,
    /// A network interface.
    pub network_interface_id: Option<String>,
}

impl Address {
    /// An address with every default.
    #[must_use]
    pub fn new(allocation_id: impl Into<String>) -> Self {
        Self {
            allocation_id: allocation_id.into(),
            public_ip: String::new(),
            association: None,
            service_managed: None,
            ptr_record: None,
            locked: false,
            tags: BTreeMap::new(),
        }
    }

    /// This very address.
    #[must_use]
    pub fn ip(mut self, public_ip: impl Into<String>) -> Self {
        self.public_ip = public_ip.into();
        self
    }

    /// Associated with an instance (`i-…`) or a network interface (`eni-…`).
    #[must_use]
    pub fn associated_with(mut self, id: impl Into<String>) -> Self {
        let id = Some(id.into());
        let (network_interface_id, instance_id) =
            if id.as_ref().is_some_and(|id| id.starts_with("eni-")) { (id, None) } else { (None, id) };
        let association_id = self.allocation_id.replacen("eipalloc-", "eipassoc-", 1);
        self.association = Some(Association { id: association_id, instance_id, network_interface_id });
        self
    }

    /// Managed by this service, such as `alb` or `rnat`.
    #[must_use]
    pub fn service_managed(mut self, service: &str) -> Self {
        self.service_managed = Some(service.to_owned());
        self
    }

    /// With this name in reverse DNS.
    #[must_use]
    pub fn ptr_record(mut self, name: impl Into<String>) -> Self {
        self.ptr_record = Some(name.into());
        self
    }

    /// Locked to the account by AWS Support.
    #[must_use]
    pub fn locked(mut self) -> Self {
        self.locked = true;
        self
    }

    /// With this tag.
    #[must_use]
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.insert(key.into(), value.into());
        self
    }
}

impl Account {
    /// Adds an Elastic IP address.
    #[must_use]
    pub fn address(mut self, address: Address) -> Self {
        self.add_address(address);
        self
    }

    /// Adds an Elastic IP address in place, for use while the account is served.
    pub fn add_address(&mut self, mut address: Address) {
        if address.public_ip.is_empty() {
            address.public_ip = self.fresh_ip();
        }
        self.addresses.insert(address.allocation_id.clone(), address);
    }

    /// Somebody else has this address: it cannot be had again once it is released.
    #[must_use]
    pub fn address_taken(mut self, public_ip: impl Into<String>) -> Self {
        self.taken_ips.insert(public_ip.into());
        self
    }

    /// Whether the address is allocated.
    #[must_use]
    pub fn has_address(&self, allocation_id: &str) -> bool {
        self.addresses.contains_key(allocation_id)
    }

    /// The allocated address with this IP.
    #[must_use]
    pub fn address_with_ip(&self, public_ip: &str) -> Option<&Address> {
        self.addresses.values().find(|address| address.public_ip == public_ip)
    }

    /// What an address is associated with: the network interface if there is one, otherwise the instance.
    #[must_use]
    pub fn address_association(&self, allocation_id: &str) -> Option<&str> {
        let address = self.addresses.get(allocation_id)?;
        let association = address.association.as_ref()?;
        self.interface_of(address).map(|interface| interface.id.as_str()).or(association.instance_id.as_deref())
    }

    /// The network interface that an address is associated with.
    pub(crate) fn interface_of(&self, address: &Address) -> Option<&NetworkInterface> {
        let association = address.association.as_ref()?;
        match (&association.network_interface_id, &association.instance_id) {
            (Some(id), _) => self.network_interfaces.get(id),
            (None, Some(instance_id)) => self.interfaces_of(instance_id).first().copied(),
            (None, None) => None,
        }
    }

    /// The addresses associated with a network interface.
    pub(crate) fn addresses_of(&self, interface_id: &str) -> Vec<&Address> {
        let on_it = |address: &&Address| match &address.association {
            Some(Association { network_interface_id: Some(id), .. }) => id == interface_id,
            Some(_) => self.interface_of(address).is_some_and(|interface| interface.id == interface_id),
            None => false,
        };
        self.addresses.values().filter(on_it).collect()
    }

    pub(super) fn interface_frees_addresses(&mut self, interface_id: &str) {
        let freed: Vec<String> =
            self.addresses_of(interface_id).iter().map(|address| address.allocation_id.clone()).collect();
        for id in freed {
            if let Some(address) = self.addresses.get_mut(&id) {
                address.association = None;
            }
        }
    }

    /// An instance is gone: an address that names it, rather than an interface, is free.
    pub(super) fn addresses_outlive(&mut self, instance_id: &str) {
        for address in self.addresses.values_mut() {
            let of_instance = |at: &mut Association| {
                at.network_interface_id.is_none() && at.instance_id.as_deref() == Some(instance_id)
            };
            address.association.take_if(of_instance);
        }
    }
}
