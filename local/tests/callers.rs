//! Who a function behind a URL is told that its caller is. Needs the installed tools.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use serde_json::{Value, json};
use sunset_local::{Options, Person, Stack};

use support::deployed;
use ureq::http::Method;

/// A function behind a URL with AuthType AWS_IAM and one behind a URL with AuthType NONE, which answer with who AWS says that
/// the caller is.
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
  Page:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.11
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Code:
        ZipFile: |
          import json
          def handler(event, context):
              if "to=" in event["rawQueryString"]:
                  return {"statusCode": 303, "headers": {"location": "?from=there"}}
              said = {"requestContext": event["requestContext"], "headers": event["headers"],
                      "query": event["rawQueryString"], "body": [event.get("body"), event["isBase64Encoded"]]}
              return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(said)}
  PageUrl: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !GetAtt Page.Arn, AuthType: NONE}}
  Everybody:
    Type: AWS::Lambda::Permission
    Properties:
      {FunctionName: !GetAtt Page.Arn, Action: lambda:InvokeFunction, Principal: "*", InvokedViaFunctionUrl: true}
Outputs:
  ApproveUrl: {Value: !GetAtt Url.FunctionUrl}
  ApprovalPageUrl: {Value: !GetAtt PageUrl.FunctionUrl}
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

#[test]
fn behind_an_open_url_everybody_is_let_in_and_nobody_has_a_name() {
    let stack = Stack::up(Options::new("test-open")).unwrap();
    let stack = with_the_echo(&stack);
    let url = stack.page_url().unwrap();
    let said = |method: &Method, headers: &[(&str, &str)], body: &[u8]| -> Value {
        let shown = stack.visit(method, &format!("{url}?l=v1.a.b"), headers, body).unwrap();
        assert_eq!(shown.status, 200, "{shown:?}");
        serde_json::from_str(&shown.body).unwrap()
    };

    let signed =
        ("authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request, Signature=0");
    for headers in [&[][..], &[signed]] {
        let event = said(&Method::GET, headers, &[]);
        assert_eq!(event["requestContext"].get("authorizer"), None, "{event}");
        assert_eq!(event["requestContext"]["accountId"], "anonymous");
        assert_eq!(event["requestContext"]["http"]["sourceIp"], "127.0.0.1");
        assert_eq!(event["query"], "l=v1.a.b");
    }

    let here = url.trim_end_matches('/');
    let from_here = [("origin", here), ("content-type", "application/x-www-form-urlencoded")];
    let event = said(&Method::POST, &from_here, b"answer=approve");
    let host = event["headers"]["host"].as_str().unwrap();
    assert!(host.ends_with(".on.aws"), "{event}");
    assert_eq!(
        event["headers"]["origin"],
        format!("https://{host}"),
        "its own page, by the name that the function knows"
    );
    assert_eq!(event["body"], json!(["YW5zd2VyPWFwcHJvdmU=", true]), "a form comes in base64");
    let event = said(&Method::POST, &[("origin", "https://example.com"), ("referer", "http://example.com/x")], b"x");
    assert_eq!(event["headers"]["origin"], "https://example.com", "{event}");
    assert_eq!(event["headers"]["referer"], "http://example.com/x", "{event}");

    let shown = stack.visit(&Method::HEAD, &url, &[], &[]).unwrap();
    assert_eq!((shown.status, shown.body.as_str()), (200, ""));
    let shown = stack.visit(&Method::POST, &format!("{url}?to=there"), &[], b"x").unwrap();
    assert_eq!((shown.status, shown.location()), (303, Some("?from=there")));
}
