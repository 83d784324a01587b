//! A loopback AWS for tests and bench: EC2, Auto Scaling, Elastic Load Balancing and SSM on the wire, a Lambda Runtime API, and a proxy that cuts.
//!
//! Everything listens on 127.0.0.1, runs on a thread of its own (so a test may block), and stops when dropped.
//! Architecture invariant: nothing here knows the AWS SDK; what the SDK reads is what a real client would get.

#![allow(
    clippy::expect_used,
    reason = "test support: a poisoned lock or a port that cannot be bound should end the test, with its reason"
)]

pub mod account;
mod ec2;
mod loopback;
mod proxy;
mod runtime;
mod tls;

pub use account::{
    Account, Address, Association, Attachment, BlockDevice, Calendar, Ebs, Fleet, Group, Image, ImageReference,
    Instance, InterfaceAttachment, LaunchConfiguration, LaunchPermission, LaunchTemplate, LoadBalancer,
    NetworkInterface, Paces, Parameter, Peer, Rule, SecurityGroup, Settling, Size, Snapshot, Spoilt, SpotFleet,
    SpotRequest, Target, TargetGroup, TemplateRef, Volume,
};
pub use ec2::{Call, Ec2, Fault, Faults, Outcome, Service, When};
pub use proxy::{Cut, Cutter, CuttingProxy};
pub use runtime::{Bootstrap, FunctionError, Killer, RuntimeApi};
