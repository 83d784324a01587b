use sunset_aws::error::AwsErrorKind;
use sunset_aws::link_keys::{LinkKeysError, read};
use sunset_domain::approval::link::Link;
use sunset_domain::time::Timestamp;
use sunset_wire::Parameter;

use crate::support::{account, serve};

const NAME: &str = "/sunset/approval-link-keys";
const SECRET: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

fn document(secret: &str) -> String {
    format!(r#"{{"schema":1,"keys":[{{"id":"2026a","secret":"{secret}"}}]}}"#)
}

#[tokio::test]
async fn keys_are_read_in_the_clear_and_sign() {
    let (_ec2, clients) = serve(account().parameter(Parameter::new(NAME, document(SECRET)).secure())).await;
    let keys = read(&clients, NAME).await.unwrap();
    let now = Timestamp::parse("2026-11-20T09:00:00Z").unwrap();
    let link = Link::waiting("ada", now.plus_days(7));
    let token = keys.sign(&link, now).unwrap();
    assert_eq!(keys.verify(&token, now), Ok(link));
}

#[tokio::test]
async fn keys_that_nobody_has_made_are_told_apart_from_keys_that_cannot_be_had() {
    let (_ec2, clients) = serve(account()).await;
    let missing = read(&clients, NAME).await.unwrap_err();
    assert_eq!(missing, LinkKeysError::Missing { parameter: NAME.into() });
    let (_ec2, clients) = serve(account().denies("GetParameter")).await;
    let denied = read(&clients, NAME).await.unwrap_err();
    assert!(matches!(&denied, LinkKeysError::Aws { cause, .. } if cause.kind == AwsErrorKind::Denied), "{denied}");
}

#[tokio::test]
async fn keys_that_are_none_are_never_shown() {
    for broken in [document("c2VjcmV0"), "not json, but c2VjcmV0".to_owned(), document(SECRET).replace(":1,", ":2,")] {
        let (_ec2, clients) = serve(account().parameter(Parameter::new(NAME, broken).secure())).await;
        let error = read(&clients, NAME).await.unwrap_err();
        assert!(matches!(error, LinkKeysError::Invalid { .. }), "{error}");
        let shown = format!("{error} {error:?}");
        assert!(shown.contains(NAME) && !shown.contains("c2VjcmV0") && !shown.contains(SECRET), "{shown}");
    }
}
