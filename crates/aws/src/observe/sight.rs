//! What a look at a resource gathers, source by source.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::OperatorResponse;
use sunset_domain::coverage::{Coverage, Coverages, Source};
use sunset_domain::launch_permission::LaunchPermission;
use sunset_domain::process::observation::{Activity, Blocker, Dependency, Dependent, Found};
use sunset_domain::tags::Tags;
use sunset_domain::time::Timestamp;

use crate::account::add_coverage;
use crate::account::pages::{Read, coverage};
use crate::error::AwsError;

/// The part of an observation that AWS itself gives.
#[derive(Debug, Default)]
pub(super) struct Sight {
    pub(super) found: Option<Found>,
    pub(super) dependents: BTreeSet<Dependent>,
    pub(super) protections: Vec<Blocker>,
    pub(super) last_activity: Option<Activity>,
    pub(super) coverages: Coverages,
}

impl Sight {
    /// Notes how the resource itself was read, and gives what it is.
    pub(super) fn resource<T>(&mut self, read: Result<Option<T>, AwsError>) -> Option<T> {
        match read {
            Ok(found) => {
                self.read(Source::Resource, usize::from(found.is_some()), Ok(()));
                found
            }
            Err(error) => {
                self.read(Source::Resource, 0, Err(error));
                None
            }
        }
    }

    /// The resource as the rules see it; a document that they cannot read is one that was not read.
    pub(super) fn found(&mut self, found: Result<Found, AwsError>) {
        match found {
            Ok(found) => self.found = Some(found),
            Err(error) => self.read(Source::Resource, 0, Err(error)),
        }
    }

    /// Notes how a source, or a part of it, was read.
    pub(super) fn read(&mut self, source: Source, items: usize, outcome: Result<(), AwsError>) {
        add_coverage(&mut self.coverages, source, coverage(items, outcome));
    }

    /// Notes how a source was read, and gives what it held.
    pub(super) fn take<T>(&mut self, source: Source, (items, outcome): Read<T>) -> Vec<T> {
        self.read(source, items.len(), outcome);
        items
    }

    /// Notes how one thing of a source was read, and gives it.
    pub(super) fn take_one<T: Default>(&mut self, source: Source, read: Result<T, AwsError>) -> T {
        match read {
            Ok(value) => {
                self.read(source, 1, Ok(()));
                value
            }
            Err(error) => {
                self.read(source, 0, Err(error));
                T::default()
            }
        }
    }

    /// There was nothing to ask a source about.
    pub(super) fn nothing_to_read(&mut self, source: Source) {
        add_coverage(&mut self.coverages, source, Coverage::Complete { items: 0 });
    }

    pub(super) fn depends(
        &mut self,
        source: Source,
        kind: &str,
        id: impl Into<String>,
        relation: impl Into<String>,
        dependency: Dependency,
    ) {
        self.dependents.insert(Dependent {
            kind: kind.to_owned(),
            id: id.into(),
            relation: relation.into(),
            dependency,
            source,
        });
    }

    /// Others who may use the resource: nobody here knows whether they do.
    pub(super) fn shared_with(&mut self, permissions: &[LaunchPermission], relation: &str) {
        for permission in permissions {
            let id = match permission {
                LaunchPermission::Account(id) => id.clone(),
                other => other.to_string(),
            };
            self.depends(Source::LaunchPermissions, "account", id, relation, Dependency::Unknown);
        }
    }

    pub(super) fn protects(&mut self, code: &str, detail: impl Into<String>) {
        self.protections.push(Blocker { code: code.to_owned(), detail: detail.into() });
    }

    /// What EC2 says is a service's own: only that service may change it.
    pub(super) fn operated(&mut self, operator: Option<&OperatorResponse>) {
        if let Some(operator) = operator.filter(|operator| operator.managed() == Some(true)) {
            let service = operator.principal().unwrap_or("an AWS service");
            self.protects("service_managed", format!("{service} manages it, and EC2 lets nobody else change it"));
        }
    }

    pub(super) fn lived(&mut self, at: Option<Timestamp>, what: &str) {
        if let Some(at) = at {
            self.last_activity = Some(Activity { at, what: what.to_owned() });
        }
    }
}

/// What people call a thing: its tag `Name`, else a name of its own.
pub(super) fn name(tags: &Tags, own: Option<&str>) -> Option<String> {
    let tag = tags.get("Name").filter(|name| !name.trim().is_empty());
    tag.or(own.filter(|name| !name.is_empty())).map(str::to_owned)
}

/// A count or a size; what makes no sense is nothing.
pub(super) fn number<T: TryFrom<i32> + Default>(number: Option<i32>) -> T {
    number.and_then(|number| T::try_from(number).ok()).unwrap_or_default()
}
