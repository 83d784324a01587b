use rstest::rstest;

use crate::approval::fixtures::approvers;

#[rstest]
#[case("user/ops/linus", "linus")]
#[case("linus", "linus")]
#[case("arn:aws:iam::123456789012:user/ops/linus", "linus")]
#[case("arn:aws:sts::123456789012:assumed-role/deploy/nightly", "deployer")]
#[case("role/deploy", "deployer")]
fn an_initiator_may_be_written_as_an_arn(#[case] initiator: &str, #[case] person: &str) {
    assert!(approvers().is(person, initiator));
    assert!(!approvers().is("margaret", initiator));
}
