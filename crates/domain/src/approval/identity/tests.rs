use std::path::PathBuf;

use rstest::rstest;
use serde_json::json;

use super::*;

fn account() -> AccountId {
    AccountId::parse("123456789012").unwrap()
}

fn recorded(name: &str) -> Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/identities").join(format!("{name}.json"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[rstest]
#[case("user", "user/ada")]
#[case("user-with-path", "user/ops/linus")]
#[case("sso", "sso/ada@example.com")]
#[case("role", "role/deploy")]
#[case("role-that-looks-like-sso", "role/AWSReservedSSO_PlatformEngineer")]
fn a_recorded_request_of_a_caller_is_that_callers(#[case] event: &str, #[case] identity: &str) {
    assert_eq!(Identity::from_request(&recorded(event), &account()).unwrap().to_string(), identity);
}

#[rstest]
#[case("root", "the root user is no person: sign in as an IAM user or through IAM Identity Center")]
#[case(
    "federated",
    "arn:aws:sts::123456789012:federated-user/ada is a federated user, whose name anybody may choose: sign in as an IAM user or through IAM Identity Center"
)]
#[case(
    "cross-account",
    "arn:aws:iam::210987654321:user/ada belongs to account 210987654321; callers must belong to 123456789012"
)]
#[case(
    "none",
    "the request names no caller: requestContext.authorizer.iam is missing; sign it (SigV4, service lambda)"
)]
#[case(
    "plain-invoke",
    "the request names no caller: requestContext.authorizer.iam is missing; sign it (SigV4, service lambda)"
)]
fn a_recorded_request_of_nobody_is_refused_with_a_reason(#[case] event: &str, #[case] reason: &str) {
    assert_eq!(Identity::from_request(&recorded(event), &account()).unwrap_err().to_string(), reason);
}

#[test]
fn every_session_of_a_role_is_one_person_whatever_it_calls_itself() {
    let mut event = recorded("role");
    let first = Identity::from_request(&event, &account()).unwrap();
    event["requestContext"]["authorizer"]["iam"]["userArn"] =
        json!("arn:aws:sts::123456789012:assumed-role/deploy/grace@example.com");
    assert_eq!(Identity::from_request(&event, &account()).unwrap(), first);
}

#[rstest]
#[case("arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_A_b_c_0123456789abcdef/ada", "sso/ada")]
#[case("arn:aws-cn:iam::123456789012:user/ada", "user/ada")]
#[case("arn:aws-us-gov:iam::123456789012:user/a/b/ada", "user/a/b/ada")]
// A permission set's suffix has 16 digits: anything else is a role that only calls itself so.
#[case(
    "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_A_0123456789ABCDEF/ada",
    "role/AWSReservedSSO_A_0123456789ABCDEF"
)]
#[case(
    "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO__0123456789abcdef/ada",
    "role/AWSReservedSSO__0123456789abcdef"
)]
#[case(
    "arn:aws:sts::123456789012:assumed-role/awsreservedsso_A_0123456789abcdef/ada",
    "role/awsreservedsso_A_0123456789abcdef"
)]
fn an_arn_is_read_as_it_is_written(#[case] arn: &str, #[case] identity: &str) {
    assert_eq!(Identity::from_arn(arn, &account()).unwrap().to_string(), identity);
}

#[rstest]
#[case("")]
#[case("ada")]
#[case("arn:aws:iam::123456789012:role/deploy")]
#[case("arn:aws:iam::123456789012:user/")]
#[case("arn:aws:iam::123456789012:user//ada")]
#[case("arn:aws:iam::123456789012:user/ada\n")]
#[case("arn:aws:iam::123456789012:user/a d")]
#[case("arn:aws:sts::123456789012:assumed-role/deploy")]
#[case("arn:aws:sts::123456789012:assumed-role/deploy/")]
#[case("arn:aws:sts::123456789012:assumed-role/path/deploy/session")]
#[case("arn:aws:sts:us-east-1:123456789012:assumed-role/deploy/x")]
#[case("arn:evil:iam::123456789012:user/ada")]
#[case("arn:aws:iam::123456789012:group/ada")]
#[case("arn:aws:sts::123456789012:user/ada")]
fn an_arn_of_another_kind_or_form_is_nobodys(#[case] arn: &str) {
    assert!(matches!(Identity::from_arn(arn, &account()), Err(NotAPerson::UnknownKind { .. })), "{arn}");
}

#[test]
fn a_request_whose_fields_contradict_each_other_is_nobodys() {
    for (field, value) in [("accountId", json!("210987654321")), ("accountId", Value::Null), ("userArn", json!("x"))] {
        let mut event = recorded("user");
        event["requestContext"]["authorizer"]["iam"][field] = value;
        let error = Identity::from_request(&event, &account()).unwrap_err();
        assert!(matches!(error, NotAPerson::Contradiction { .. }), "{error}");
    }
    for value in [Value::Null, json!(""), json!(7)] {
        let mut event = recorded("user");
        event["requestContext"]["authorizer"]["iam"]["userArn"] = value;
        assert_eq!(Identity::from_request(&event, &account()), Err(NotAPerson::NoArn));
    }
}

#[test]
fn nothing_that_the_request_says_itself_changes_who_sent_it() {
    let mut event = recorded("user");
    event["headers"]["x-forwarded-user"] = json!("grace");
    event["requestContext"]["identity"] = json!({"userArn": "arn:aws:iam::123456789012:user/grace"});
    event["body"] = json!(r#"{"person": "grace", "userArn": "arn:aws:iam::123456789012:user/grace"}"#);
    assert_eq!(Identity::from_request(&event, &account()).unwrap().to_string(), "user/ada");
}

#[rstest]
#[case("user/ada")]
#[case("user/ops/ada")]
#[case("sso/ada@example.com")]
#[case("role/deploy")]
fn an_identity_reads_back_as_it_was_written(#[case] text: &str) {
    assert_eq!(Identity::parse(text).unwrap().to_string(), text);
}

#[rstest]
#[case("ada")]
#[case("User/ada")]
#[case("user/")]
#[case("sso/a/b")]
#[case("sso/")]
#[case("role/path/deploy")]
#[case("role/AWSReservedSSO_PlatformEngineer_0a1b2c3d4e5f6789")]
#[case("arn:aws:iam::123456789012:user/ada")]
#[case("user/a da")]
fn an_identity_of_a_wrong_form_is_refused(#[case] text: &str) {
    assert!(Identity::parse(text).unwrap_err().to_string().starts_with(&format!("{text:?} is not user/")));
}
