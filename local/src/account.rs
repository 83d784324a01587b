//! The account of the demo: images of every fate, and what a careful cleaner makes of each.

use crate::seed::{Seed, SeedImage, Use};

/// The policy that the demo deploys, as the template's parameters.
pub const POLICY: [(&str, &str); 6] = [
    ("AllowLive", "true"),
    ("ScheduleState", "DISABLED"),
    ("ValidHours", "2160"),
    ("GraceDays", "0"),
    ("KeepNewest", "2"),
    ("ExcludeNames", "vendor-*"),
];

/// How long decommission waits in the demo, as the template's parameters: seconds, where an account waits for days.
pub const PATIENCE: [(&str, &str); 3] = [("SoakSeconds", "6"), ("ApprovalSeconds", "600"), ("SettleSeconds", "0")];

/// The same where a person has to find the link, and to read.
pub const PATIENCE_OF_PEOPLE: [(&str, &str); 3] =
    [("SoakSeconds", "6"), ("ApprovalSeconds", "3600"), ("SettleSeconds", "0")];

/// Whose the demo's instances are.
pub const TEAM: &str = "team-web";

/// The demo's people: IAM users of these names, each with a topic of their own. Unlike where nothing is said of it, their links
/// decide at high risk too.
pub const APPROVERS: &str = "\
schema: 1
people:
  ada: { identities: [user/ada], channels: ['sns:sunset-approver-ada'] }
  grace: { identities: [user/grace], channels: ['sns:sunset-approver-grace'] }
  lin: { identities: [user/lin], channels: ['sns:sunset-approver-lin'] }
roles:
  infrastructure-manager: { people: [ada, grace, lin] }
  security-team: { people: [grace, lin] }
  cto: { people: [ada] }
  compliance-officer: { people: [lin] }
  production-manager: { people: [ada, grace] }
  data-protection-officer: { people: [lin, ada] }
owners:
  team-web: { people: [ada, grace] }
links_may_decide: [low, medium, high]
";

/// The image that somebody misses once it is disabled.
pub const MISSED: &str = "reports-2025";

/// Whether an image is to go, and why it is in the account.
#[derive(Clone, Debug)]
pub struct Fate {
    /// The image.
    pub image: SeedImage,
    /// Whether it is expired, unused and nobody's to keep.
    pub goes: bool,
}

const PARTNER: &str = "999999999999";
const NEWEST_BASE: &str = "base-2.1";

/// Every image of the account.
#[must_use]
pub fn fates() -> Vec<Fate> {
    let goes = |image| Fate { image, goes: true };
    let stays = |image| Fate { image, goes: false };
    // One family, whose newest two are young: without their use or their tags, all the others would go.
    let base = |name: &str, days_old| SeedImage::new(name, days_old).tag("sunset:family", "base");
    let group_pin = Use::PinnedByOverride { newest: NEWEST_BASE.to_owned() };
    let backup = "AwsBackup_i-0a1b2c3d4e5f60718";
    vec![
        // Successive builds, expired all of them: the newest two stay.
        goes(SeedImage::new("web-1.0", 300)),
        goes(SeedImage::new("web-1.1", 240)),
        goes(SeedImage::new("web-1.2", 180)),
        stays(SeedImage::new("web-1.3", 120)),
        stays(SeedImage::new("web-1.4", 100)),
        stays(base("base-2.0", 30)),
        stays(base(NEWEST_BASE, 5)),
        // Nobody wants these any more.
        goes(base("abandoned-poc", 700)),
        goes(base("loadtest-2024", 500)),
        goes(base("old-bastion", 410)),
        goes(base(MISSED, 230)),
        // In use, each in a way that another cleaner has overlooked.
        stays(base("payments", 200).used_by(Use::RunningInstance)),
        stays(base("month-end", 380).used_by(Use::StoppedInstance)),
        stays(base("checkout", 260).used_by(Use::Template)),
        stays(base("worker-pinned", 320).used_by(group_pin)),
        stays(base("legacy-fleet", 900).used_by(Use::LaunchConfiguration)),
        stays(base("golden", 150).used_by(Use::Parameter("/images/golden".to_owned()))),
        stays(base("render-spot", 210).used_by(Use::SpotRequest)),
        // Not ours to remove.
        stays(base("audit-2024", 650).tag("sunset:keep", "until the audit is closed")),
        stays(
            base(backup, 400)
                .tag("aws:backup:source-resource", "arn:aws:ec2:us-east-1:123456789012:instance/i-0a1b2c3d4e5f60718"),
        ),
        stays(base("policy-snapshot", 400).tag("aws:dlm:lifecycle-policy-id", "policy-0123456789abcdef0")),
        stays(base("from-a-stack", 300).tag("aws:cloudformation:stack-name", "legacy-vpn")),
        stays(base("partner-sdk", 280).shared_with(PARTNER)),
        stays(base("community", 520).public()),
        stays(base("vendor-firewall", 600)),
    ]
}

/// The account that [`fates`] makes.
#[must_use]
pub fn account() -> Seed {
    Seed::new(fates().into_iter().map(|fate| fate.image).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_image_has_a_name_of_its_own() {
        let all = fates();
        let names: BTreeSet<_> = all.iter().map(|fate| fate.image.name().to_owned()).collect();
        assert_eq!(names.len(), all.len());
    }

    #[test]
    fn the_image_that_is_missed_is_one_that_goes() {
        assert!(fates().iter().any(|fate| fate.goes && fate.image.name() == MISSED));
    }
}
