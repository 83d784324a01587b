use std::collections::BTreeMap;

use time::{Duration, OffsetDateTime, UtcOffset};

use super::{Account, Settling};

/// An instance, by default running on demand from an EBS root, and protected from nothing.
///
/// What is attached to it says so itself: a volume, a network interface, an address.
#[derive(Debug, Clone)]
pub struct Instance {
    /// The `i-…` id.
    pub id: String,
    /// The image it runs.
    pub image_id: String,
    /// `pending`, `running`, `shutting-down`, `terminated`, `stopping` or `stopped`.
    pub state: String,
    /// The state it is on its way to.
    pub settling: Option<Settling>,
    /// Why it is in its state: a code and a message.
    pub state_reason: Option<(String, String)>,
    /// What brought it there: `User initiated (2026-01-31 12:00:00 GMT)`, or nothing.
    pub transition_reason: String,
    /// `t3.micro`.
    pub instance_type: String,
    /// `spot`, `scheduled` or `capacity-block`; none for on-demand.
    pub lifecycle: Option<String>,
    /// The Spot request that launched it.
    pub spot_request_id: Option<String>,
    /// Whether its Spot request outlives a stop.
    pub spot_persistent: bool,
    /// `ebs` or `instance-store`.
    pub root_device_type: String,
    /// `/dev/xvda`.
    pub root_device_name: String,
    /// Whether its root volume was detached from it.
    pub root_detached: bool,
    /// The availability zone; the region's first when not said.
    pub zone: Option<String>,
    /// `default`, `dedicated` or `host`.
    pub tenancy: String,
    /// The ARN of its instance profile.
    pub profile_arn: Option<String>,
    /// Whether it is optimized for EBS.
    pub ebs_optimized: bool,
    /// Whether it is protected from termination.
    pub disable_api_termination: bool,
    /// Whether it is protected from being stopped.
    pub disable_api_stop: bool,
    /// `stop` or `terminate`.
    pub shutdown_behavior: String,
    /// Its user data, in Base64.
    pub user_data: Option<String>,
    /// When it was launched, or last started.
    pub launched: OffsetDateTime,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

impl Instance {
    /// A running instance of an image.
    #[must_use]
    pub fn new(id: impl Into<String>, image_id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            image_id: image_id.into(),
            state: "running".to_owned(),
            settling: None,
            state_reason: None,
            transition_reason: String::new(),
            instance_type: "t3.micro".to_owned(),
            lifecycle: None,
            spot_request_id: None,
            spot_persistent: false,
            root_device_type: "ebs".to_owned(),
            root_device_name: "/dev/xvda".to_owned(),
            root_detached: false,
            zone: None,
            tenancy: "default".to_owned(),
            profile_arn: None,
            ebs_optimized: false,
            disable_api_termination: false,
            disable_api_stop: false,
            shutdown_behavior: "stop".to_owned(),
            user_data: None,
            launched: OffsetDateTime::now_utc() - Duration::hours(100),
            tags: BTreeMap::new(),
        }
    }

    /// In this state.
    #[must_use]
    pub fn in_state(mut self, state: &str) -> Self {
        state.clone_into(&mut self.state);
        self
    }

    /// Stopped.
    #[must_use]
    pub fn stopped(self) -> Self {
        self.in_state("stopped")
    }

    /// Stopped by a user so many hours ago.
    #[must_use]
    pub fn stopped_hours_ago(mut self, hours: i64) -> Self {
        self.user_shuts_down(OffsetDateTime::now_utc() - Duration::hours(hours));
        self.stopped()
    }

    /// Terminated, yet still listed.
    #[must_use]
    pub fn terminated(self) -> Self {
        self.in_state("terminated")
    }

    /// Launched so many hours ago.
    #[must_use]
    pub fn launched_hours_ago(mut self, hours: i64) -> Self {
        self.launched = OffsetDateTime::now_utc() - Duration::hours(hours);
        self
    }

    /// Of this type.
    #[must_use]
    pub fn of_type(mut self, instance_type: &str) -> Self {
        instance_type.clone_into(&mut self.instance_type);
        self
    }

    /// A Spot instance of a one-time request, which cannot be stopped.
    #[must_use]
    pub fn spot(mut self) -> Self {
        self.lifecycle = Some("spot".to_owned());
        self.spot_request_id = Some(self.id.replacen("i-", "sir-", 1));
        self
    }

    /// A Spot instance of a persistent request, which can be stopped.
    #[must_use]
    pub fn persistent_spot(self) -> Self {
        Self { spot_persistent: true, ..self.spot() }
    }

    /// Rooted in the instance store.
    #[must_use]
    pub fn instance_store(mut self) -> Self {
        "instance-store".clone_into(&mut self.root_device_type);
        self
    }

    /// With its root at this device.
    #[must_use]
    pub fn root_device(mut self, name: &str) -> Self {
        name.clone_into(&mut self.root_device_name);
        self
    }

    /// In this availability zone.
    #[must_use]
    pub fn in_zone(mut self, zone: &str) -> Self {
        self.zone = Some(zone.to_owned());
        self
    }

    /// Of this tenancy.
    #[must_use]
    pub fn tenancy(mut self, tenancy: &str) -> Self {
        tenancy.clone_into(&mut self.tenancy);
        self
    }

    /// With the instance profile of this ARN.
    #[must_use]
    pub fn profile(mut self, arn: impl Into<String>) -> Self {
        self.profile_arn = Some(arn.into());
        self
    }

    /// Optimized for EBS.
    #[must_use]
    pub fn ebs_optimized(mut self) -> Self {
        self.ebs_optimized = true;
        self
    }

    /// Protected from termination.
    #[must_use]
    pub fn termination_protected(mut self) -> Self {
        self.disable_api_termination = true;
        self
    }

    /// Protected from being stopped, and so from termination too.
    #[must_use]
    pub fn stop_protected(mut self) -> Self {
        self.disable_api_stop = true;
        self
    }

    /// Terminates, rather than stops, when it is shut down from within.
    #[must_use]
    pub fn terminates_on_shutdown(mut self) -> Self {
        "terminate".clone_into(&mut self.shutdown_behavior);
        self
    }

    /// With this user data, in Base64.
    #[must_use]
    pub fn user_data(mut self, base64: impl Into<String>) -> Self {
        self.user_data = Some(base64.into());
        self
    }

    /// With this tag.
    #[must_use]
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.insert(key.into(), value.into());
        self
    }

    /// A user shut it down then.
    pub(crate) fn user_shuts_down(&mut self, at: OffsetDateTime) {
        let at = at.to_offset(UtcOffset::UTC);
        let (hour, minute, second) = at.to_hms();
        let message = "Client.UserInitiatedShutdown: User initiated shutdown";
        self.transition_reason = format!("User initiated ({} {hour:02}:{minute:02}:{second:02} GMT)", at.date());
        self.state_reason = Some(("Client.UserInitiatedShutdown".to_owned(), message.to_owned()));
    }
}

/// The number that EC2 gives to an instance's state.
pub(crate) fn state_code(state: &str) -> u32 {
    match state {
        "pending" => 0,
        "running" => 16,
        "shutting-down" => 32,
        "terminated" => 48,
        "stopping" => 64,
        _ => 80,
    }
}

impl Account {
    /// Adds an instance.
    #[must_use]
    pub fn instance(mut self, instance: Instance) -> Self {
        self.add_instance(instance);
        self
    }

    /// Adds an instance in place, for use while the account is served.
    pub fn add_instance(&mut self, instance: Instance) {
        self.instances.insert(instance.id.clone(), instance);
    }

    /// An instance that is stopped is `stopping` in this many `DescribeInstances` calls.
    #[must_use]
    pub fn instances_stop_after(mut self, calls: usize) -> Self {
        self.paces.stopping = calls;
        self
    }

    /// An instance that is started is `pending` in this many `DescribeInstances` calls.
    #[must_use]
    pub fn instances_start_after(mut self, calls: usize) -> Self {
        self.paces.starting = calls;
        self
    }

    /// An instance that is terminated is `shutting-down` in this many `DescribeInstances` calls.
    #[must_use]
    pub fn instances_terminate_after(mut self, calls: usize) -> Self {
        self.paces.terminating = calls;
        self
    }

    /// A terminated instance is unknown at once, rather than listed as `terminated`.
    #[must_use]
    pub fn forgets_terminated_instances(mut self) -> Self {
        self.forgets_terminated = true;
        self
    }

    /// The state of an instance; nothing when it is unknown.
    #[must_use]
    pub fn instance_state(&self, id: &str) -> Option<&str> {
        self.instances.get(id).map(|instance| instance.state.as_str())
    }

    /// Sends an instance to a state, through another one that shows in so many describe calls.
    pub(crate) fn send_instance(&mut self, id: &str, through: &str, to: &str, calls: usize) {
        let Some(instance) = self.instances.get_mut(id) else { return };
        through.clone_into(&mut instance.state);
        if calls > 0 {
            instance.settling = Some(Settling::new(to, calls));
        } else {
            instance.settling = None;
            self.instance_arrives(id, to);
        }
    }

    /// Counts a describe call for the instances it looks at.
    pub(crate) fn settle_instances(&mut self, looks_at: impl Fn(&str) -> bool) {
        let settling = self.instances.values_mut().filter(|instance| looks_at(&instance.id)).filter_map(|instance| {
            let state = instance.settling.take_if(Settling::is_over)?.to;
            Some((instance.id.clone(), state))
        });
        for (id, state) in settling.collect::<Vec<_>>() {
            self.instance_arrives(&id, &state);
        }
    }

    fn instance_arrives(&mut self, id: &str, state: &str) {
        if let Some(instance) = self.instances.get_mut(id) {
            state.clone_into(&mut instance.state);
        }
        match state {
            "stopped" => self.interfaces_lose_public_ips(id),
            "running" => self.interfaces_gain_public_ips(id),
            "terminated" => {
                self.volumes_outlive(id);
                self.interfaces_outlive(id);
                self.addresses_outlive(id);
                if self.forgets_terminated {
                    self.instances.remove(id);
                }
            }
            _ => (),
        }
    }
}
