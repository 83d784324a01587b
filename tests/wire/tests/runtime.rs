//! Bootstraps of shell script, driven through the Runtime API with curl.

#![allow(clippy::expect_used, reason = "a helper of tests fails as a test does")]

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;
use sunset_wire::Bootstrap;

/// A function that does `body` with each event, `$id` being its request and `$event` the file that holds it.
fn function(name: &str, body: &str) -> PathBuf {
    let script = format!(
        r#"#!/bin/sh
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
event="$0.event"; headers="$0.headers"
answer() {{ curl -sS -o /dev/null -X POST --data-binary @"$1" "$api/invocation/$id/$2"; }}
while curl -sS -D "$headers" -o "$event" "$api/invocation/next"; do
  id=$(grep -i '^lambda-runtime-aws-request-id:' "$headers" | cut -d' ' -f2 | tr -d '\r')
  {body}
done
"#
    );
    write(name, &script)
}

fn write(name: &str, script: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    std::fs::write(&path, script).expect("a script");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("an executable");
    path
}

fn spawn(path: PathBuf) -> Bootstrap {
    Bootstrap::spawn(path, [("GREETING", "hello")])
}

#[tokio::test]
async fn a_function_answers_event_after_event_in_one_process() {
    let function = spawn(function("echo", r#"echo "got $GREETING" >&2; answer "$event" response"#));
    function.ready().await.expect("it starts");
    for n in 0..3 {
        assert_eq!(function.invoke(json!({ "n": n })).await, Ok(json!({ "n": n })));
    }
    assert_eq!(function.stderr().matches("got hello").count(), 3);
    assert!(function.is_running());
}

#[tokio::test]
async fn a_functions_error_keeps_its_type_and_message() {
    let function = spawn(function(
        "error",
        r#"echo '{"errorType":"Sunset.Stale","errorMessage":"in use again"}' > "$event"; answer "$event" error"#,
    ));
    let error = function.invoke(json!({})).await.expect_err("an error");
    assert_eq!((error.error_type.as_str(), error.message.as_str()), ("Sunset.Stale", "in use again"));
}

#[tokio::test]
async fn a_crash_is_an_exit_error_and_so_is_every_call_after_it() {
    let function = spawn(function("crash", "echo last words >&2; exit 7"));
    for _ in 0..2 {
        let error = function.invoke(json!({})).await.expect_err("an error");
        assert_eq!(error.error_type, "Runtime.ExitError");
        assert!(error.message.contains("exit status: 7"), "{}", error.message);
    }
    assert_eq!(function.stderr(), "last words\n");
}

#[tokio::test]
async fn a_slow_function_times_out_and_is_killed() {
    let function = spawn(function("slow", "exec sleep 1000")).with_timeout(Duration::from_millis(300));
    let error = function.invoke(json!({})).await.expect_err("an error");
    assert_eq!(error.error_type, "Sandbox.Timedout");
    function.exited().await;
}

#[tokio::test]
async fn a_killed_function_ends_the_call_that_it_was_at() {
    let function = spawn(function("killed", "exec sleep 1000"));
    let killer = function.killer();
    function.ready().await.expect("it starts");
    let (answer, ()) = tokio::join!(function.invoke(json!({})), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        killer.kill();
    });
    assert_eq!(answer.expect_err("an error").error_type, "Runtime.ExitError");
    assert!(!function.is_running());
}

#[tokio::test]
async fn a_function_that_cannot_start_says_why() {
    let function = spawn(write(
        "init",
        r#"#!/bin/sh
curl -sS -o /dev/null -X POST -d '{"errorType":"Sunset.Invalid","errorMessage":"SUNSET_TABLE is missing"}' \
  "http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/init/error"
exit 1
"#,
    ));
    assert_eq!(function.ready().await.expect_err("an error").error_type, "Sunset.Invalid");
    assert_eq!(function.invoke(json!({})).await.expect_err("an error").message, "SUNSET_TABLE is missing");
}
