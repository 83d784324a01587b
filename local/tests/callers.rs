//! Who a function behind a URL is told that its caller is. Needs the installed tools.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use serde_json::json;
use sunset_local::{Options, Person, Stack};

use support::deployed;

/// A function behind a URL with AuthType AWS_IAM, which answers with who AWS says that the caller is.
const ECHO: &str = r#"
Resources:
  Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {Statement: []}}}
  Echo:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.11
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Code:
        ZipFile: |
          import json
          def handler(event, context):
              return {"statusCode": 200, "body": json.dumps([event["requestContext"]["authorizer"], event.get("body")])}
  Url: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !GetAtt Echo.Arn, AuthType: AWS_IAM}}
Outputs:
  ApproveUrl: {Value: !GetAtt Url.FunctionUrl}
"#;

fn with_the_echo(stack: &Stack) -> Stack {
    deployed(stack, ECHO, |attached| attached.approve_url().is_ok())
}

#[test]
fn a_function_behind_its_url_is_told_who_signed_and_nobody_else_reaches_it() {
    let stack = Stack::up(Options::new("test-callers")).unwrap();
    let stack = with_the_echo(&stack);
    let arn = |person: &Person| {
        let answer = person.look("01KAG3V7Q4M2ZD9X5T8R6W0B1C").unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body[0]["iam"]["userArn"].as_str().unwrap().to_owned()
    };

    let ada = stack.person("ada").unwrap();
    assert_eq!(arn(&ada), "arn:aws:iam::123456789012:user/ada");
    assert_eq!(arn(&stack.person("ada").unwrap()), arn(&ada), "a second key is the same person's");
    let grace = stack.identity_centre_session("grace@example.com").unwrap();
    let role = "AWSReservedSSO_Approver_0123456789abcdef";
    assert_eq!(arn(&grace), format!("arn:aws:sts::123456789012:assumed-role/{role}/grace@example.com"));
    assert_eq!(
        arn(&stack.session("pipeline", "anybody").unwrap()),
        "arn:aws:sts::123456789012:assumed-role/pipeline/anybody"
    );
    assert_eq!(arn(&stack.root().unwrap()), "arn:aws:iam::123456789012:root");
    let answer = ada.post(&json!({"reason": "nobody needs it äöü"})).unwrap();
    assert_eq!((answer.status, &answer.body[1]), (200, &json!(r#"{"reason":"nobody needs it äöü"}"#)), "{answer:?}");

    for nobody in [stack.stranger().unwrap(), ada.with_a_wrong_secret()] {
        let answer = nobody.post(&json!({})).unwrap();
        assert_eq!(answer.status, 403, "{nobody:?}: {answer:?}");
    }
}
