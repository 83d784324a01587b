//! What manages a resource: that is to be changed instead (C49).

use std::collections::BTreeMap;

use crate::coverage::Source;
use crate::process::observation::{Configuration, Manager, Observation};

/// A tag that a managing service sets, without case.
struct Mark {
    key: Key,
    service: &'static str,
    /// Whether this tag's value, or the rest of its key, is the manager's name.
    name: Name,
    /// What to change; `{}` stands for the name.
    instead: &'static str,
}

enum Key {
    Is(&'static str),
    IsWith(&'static str, &'static str),
    Begins(&'static str),
}

#[derive(PartialEq)]
enum Name {
    Value,
    RestOfKey,
}

const fn mark(key: Key, service: &'static str, instead: &'static str) -> Mark {
    Mark { key, service, name: Name::Value, instead }
}

const CHANGE_STACK: &str = "take it out of the template of stack {} and update the stack, or delete the stack";
const CHANGE_GROUP: &str = "lower the desired capacity of Auto Scaling group {}, or detach the instance from it";
const CHANGE_DLM: &str = "change lifecycle policy {} of Data Lifecycle Manager";
const CHANGE_BACKUP: &str = "delete its recovery point in AWS Backup, or change the backup plan ({})";
const CHANGE_BUILDER: &str = "delete it in EC2 Image Builder, or change the pipeline or lifecycle policy ({})";
const CHANGE_NODES: &str = "scale down or delete node group {}";
const CHANGE_CLUSTER: &str = "remove it through Kubernetes cluster {}";
const CHANGE_POOL: &str = "drain the node, or change node pool {} of Karpenter";
const CHANGE_CLAIM: &str = "delete the claim or volume {} in Kubernetes";
const CHANGE_BEANSTALK: &str = "change or terminate Elastic Beanstalk environment {}";
const CHANGE_ECS: &str = "change the capacity of ECS cluster {}";

/// The more telling of one service's tags come first: its name is taken from there.
const MARKS: &[Mark] = &[
    mark(Key::Is("aws:cloudformation:stack-name"), "CloudFormation", CHANGE_STACK),
    mark(Key::Begins("aws:cloudformation:"), "CloudFormation", CHANGE_STACK),
    mark(Key::Is("aws:autoscaling:groupname"), "Auto Scaling", CHANGE_GROUP),
    mark(Key::Begins("aws:autoscaling:"), "Auto Scaling", CHANGE_GROUP),
    mark(Key::Is("aws:ec2:fleet-id"), "EC2 Fleet", "change or delete EC2 Fleet {}"),
    mark(Key::Is("aws:ec2spot:fleet-request-id"), "Spot Fleet", "change or cancel Spot Fleet request {}"),
    mark(Key::Is("aws:backup:source-resource"), "AWS Backup", CHANGE_BACKUP),
    mark(Key::Begins("aws:backup:"), "AWS Backup", CHANGE_BACKUP),
    mark(Key::Is("aws:dlm:lifecycle-policy-id"), "Data Lifecycle Manager", CHANGE_DLM),
    mark(Key::Begins("aws:dlm:"), "Data Lifecycle Manager", CHANGE_DLM),
    mark(Key::Is("dlm:managed"), "Data Lifecycle Manager", CHANGE_DLM),
    mark(Key::Is("ec2imagebuilderarn"), "EC2 Image Builder", CHANGE_BUILDER),
    mark(Key::Begins("aws:imagebuilder:"), "EC2 Image Builder", CHANGE_BUILDER),
    mark(Key::IsWith("createdby", "ec2 image builder"), "EC2 Image Builder", CHANGE_BUILDER),
    mark(Key::Is("eks:nodegroup-name"), "EKS", CHANGE_NODES),
    mark(Key::Is("eks:cluster-name"), "EKS", CHANGE_CLUSTER),
    mark(Key::Is("aws:eks:cluster-name"), "EKS", CHANGE_CLUSTER),
    mark(Key::Begins("aws:eks:"), "EKS", CHANGE_CLUSTER),
    mark(Key::Is("karpenter.sh/nodepool"), "Karpenter", CHANGE_POOL),
    mark(Key::Begins("karpenter.sh/"), "Karpenter", CHANGE_POOL),
    mark(Key::Begins("karpenter.k8s.aws/"), "Karpenter", CHANGE_POOL),
    mark(Key::Is("kubernetes.io/created-for/pvc/name"), "Kubernetes", CHANGE_CLAIM),
    mark(Key::Is("csivolumename"), "Kubernetes", CHANGE_CLAIM),
    mark(Key::Is("elbv2.k8s.aws/cluster"), "Kubernetes", CHANGE_CLUSTER),
    Mark {
        key: Key::IsWith("kubernetes.io/cluster/", "owned"),
        service: "Kubernetes",
        name: Name::RestOfKey,
        instead: CHANGE_CLUSTER,
    },
    mark(Key::Is("elasticbeanstalk:environment-name"), "Elastic Beanstalk", CHANGE_BEANSTALK),
    mark(Key::Begins("elasticbeanstalk:"), "Elastic Beanstalk", CHANGE_BEANSTALK),
    mark(Key::Is("aws:ecs:clustername"), "ECS", CHANGE_ECS),
    mark(Key::Begins("aws:ecs:"), "ECS", CHANGE_ECS),
    mark(Key::Is("amazonecsmanaged"), "ECS", CHANGE_ECS),
];

/// Says from which launch template an instance came: it does not manage it.
const NOT_A_MANAGER: &str = "aws:ec2launchtemplate:";

impl Mark {
    /// The manager's name, where this is its tag.
    fn matches<'a>(&self, key: &'a str, value: &'a str) -> Option<&'a str> {
        let fits = match (&self.key, &self.name) {
            (Key::Is(known), _) => key == *known,
            (Key::Begins(prefix), _) => key.starts_with(prefix),
            (Key::IsWith(known, expected), Name::Value) => key == *known && value.trim().eq_ignore_ascii_case(expected),
            (Key::IsWith(prefix, expected), Name::RestOfKey) => {
                key.starts_with(prefix) && value.trim().eq_ignore_ascii_case(expected)
            }
        };
        let rest = match &self.key {
            Key::Is(known) | Key::IsWith(known, _) | Key::Begins(known) => key.strip_prefix(known),
        };
        fits.then(|| if self.name == Name::RestOfKey { rest.unwrap_or(key) } else { value })
    }
}

/// Everything that manages the resource, each service once, in the order of its name.
#[must_use]
pub fn managers(observation: &Observation) -> Vec<Manager> {
    let mut managers: BTreeMap<String, (usize, Manager)> = BTreeMap::new();
    let mut add = |rank: usize, service: &str, name: &str, instead: &str| {
        let name = if name.trim().is_empty() { "(unnamed)" } else { name };
        let manager =
            Manager { service: service.into(), name: name.into(), change_instead: instead.replace("{}", name) };
        match managers.get(service) {
            Some((known, _)) if *known <= rank => {}
            _ => {
                managers.insert(service.to_owned(), (rank, manager));
            }
        }
    };
    let Some(found) = &observation.found else { return Vec::new() };
    for (key, value) in found.tags.iter() {
        let folded = key.trim().to_ascii_lowercase();
        let marked =
            MARKS.iter().enumerate().find_map(|(rank, mark)| Some((rank, mark, mark.matches(&folded, value)?)));
        if let Some((rank, mark, name)) = marked {
            add(rank, mark.service, name, mark.instead);
        } else if folded.starts_with("aws:") && !folded.starts_with(NOT_A_MANAGER) {
            // Only AWS can set such keys, so each of them is some service's.
            add(usize::MAX, &format!("an AWS service (tag {key})"), value, "change or delete it in that service ({})");
        }
    }
    match &found.configuration {
        Configuration::Instance(_) => {
            // An instance that was attached by hand, or whose tag is hidden, is still the group's to replace.
            let groups = observation.dependents.iter().filter(|it| it.source == Source::AutoScalingGroups);
            for group in groups {
                add(usize::MAX, "Auto Scaling", &group.id, CHANGE_GROUP);
            }
        }
        Configuration::Image(_) => {
            if let Some(name) = found.name.as_deref().filter(|name| name.starts_with("AwsBackup")) {
                add(usize::MAX, "AWS Backup", name, CHANGE_BACKUP);
            }
        }
        _ => {}
    }
    managers.into_values().map(|(_, manager)| manager).collect()
}

#[cfg(test)]
mod tests;
