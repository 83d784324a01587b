//! What the state machines rely on, and MiniStack by itself does not do. Needs the installed tools.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::time::{Duration, Instant};

use serde_json::json;
use sunset_local::{Options, Stack};

use support::deployed;

/// A machine under the name of decommission's, whose first state waits for a token and whose function fails or answers late.
const WAITS: &str = r#"
Resources:
  Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {Statement: []}}}
  Ask:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.11
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Code:
        ZipFile: |
          def handler(event, context):
              if event["fails"]:
                  raise ValueError("nobody could be asked")
  Decommission:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      DefinitionString: !Sub |
        {"QueryLanguage": "JSONata", "StartAt": "Wait", "States": {
          "Wait": {
            "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Arguments": {"FunctionName": "${Ask.Arn}", "Payload": {"fails": "{% $states.input.fails %}"}},
            "TimeoutSeconds": "{% $states.input.seconds %}",
            "Catch": [
              {"ErrorEquals": ["States.Timeout"], "Assign": {"ended": "in time"}, "Next": "Outcome"},
              {"ErrorEquals": ["States.ALL"], "Assign": {"ended": "{% $states.errorOutput.Cause %}"}, "Next": "Outcome"}],
            "Next": "Outcome"},
          "Outcome": {"Type": "Fail", "Error": "Sunset.Ended", "Cause": "{% $ended %}"}}}
"#;

#[test]
fn a_waiting_state_fails_with_its_function_and_times_out_by_an_expression() {
    let stack = Stack::up(Options::new("test-waits")).unwrap();
    let stack =
        deployed(&stack, WAITS, |attached| attached.start_decommission(&json!({"fails": true, "seconds": 1})).is_ok());
    let start = Instant::now();
    let execution = stack.start_decommission(&json!({"fails": true, "seconds": 60})).unwrap();
    let failed = stack.wait(&execution).unwrap();
    assert!(failed.cause.contains("nobody could be asked"), "{failed:?}");
    assert!(start.elapsed() < Duration::from_secs(30), "it did not wait for its timeout");

    let execution = stack.start_decommission(&json!({"fails": false, "seconds": 1})).unwrap();
    assert_eq!(stack.wait(&execution).unwrap().cause, "in time");
}
