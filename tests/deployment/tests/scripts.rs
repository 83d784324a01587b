//! The scripts for people, with an AWS CLI that only writes down what it is asked.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};
use sunset_deployment::root;
use sunset_domain::approval::link::{Link, LinkKeys};
use sunset_domain::approval::request::PersonRequest;
use sunset_domain::time::Timestamp;

/// Programs that stand before the machine's own, in a folder that goes with them.
struct Desk(PathBuf);

impl Desk {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("sunset-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        // The interpreter itself: a version manager's stand-in puts folders of its own before this one.
        let found = Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output().unwrap();
        let python = String::from_utf8(found.stdout).unwrap();
        Self(folder).written("python3", &format!("exec '{}' \"$@\"", python.trim()))
    }

    fn written(self, name: &str, script: &str) -> Self {
        let path = self.0.join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    /// A program of this name that writes its arguments down, a line a call.
    fn program(self, name: &str, then: &str) -> Self {
        let here = self.0.display().to_string();
        self.written(name, &format!("cd '{here}'\nprintf '%s\\n' \"$*\" >>arguments\n{then}"))
    }

    fn run(&self, script: &str, arguments: &[&str]) -> Output {
        let path = format!("{}:{}", self.0.display(), std::env::var("PATH").unwrap());
        let mut command = Command::new(root().join("scripts").join(script));
        command.args(arguments).env("PATH", path);
        command.env("AWS_ACCESS_KEY_ID", "key").env("AWS_SECRET_ACCESS_KEY", "secret").env_remove("AWS_SESSION_TOKEN");
        command.stdin(std::process::Stdio::null()).output().unwrap()
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap_or_default()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("{} stays: {error}", self.0.display());
        }
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Keeps the parameter in a file, as SSM does.
const SSM: &str = r#"
case "$*" in
  *put-parameter*--no-overwrite*)
    [ ! -e parameter ] || { echo "An error occurred (ParameterAlreadyExists)" >&2; exit 254; }
    cat >parameter; echo '{}' ;;
  *put-parameter*) cat >parameter; echo '{}' ;;
  *get-parameter*) [ -e parameter ] || { echo "An error occurred (ParameterNotFound)" >&2; exit 254; }
    python3 -c 'import json; print(json.dumps({"Parameter": {"Value": open("parameter").read()}}))' ;;
esac
"#;

/// The secrets in the parameter.
fn secrets(desk: &Desk) -> Vec<String> {
    let document: Value = serde_json::from_str(&desk.file("parameter")).unwrap();
    let keys = document["keys"].as_array().unwrap();
    keys.iter().map(|key| key["secret"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_first_key_is_made_once_and_can_sign() {
    let desk = Desk::new("create").program("aws", SSM);
    let made = desk.run("link-keys", &["create"]);
    assert!(made.status.success(), "{}", said(&made));
    assert!(desk.file("arguments").contains("--name /sunset/approval-link-keys --type SecureString"));
    let now = Timestamp::from_unix_seconds(1_795_169_700);
    let keys = LinkKeys::parse(&desk.file("parameter")).unwrap();
    assert!(keys.sign(&Link::waiting("ada", now.plus_seconds(60)), now).is_ok());
    let again = desk.run("link-keys", &["create"]);
    assert!(!again.status.success() && said(&again).contains("use rotate"), "{}", said(&again));
    assert_eq!(secrets(&desk).len(), 1);
}

#[test]
fn a_rotation_leaves_the_links_of_before_their_whole_life() {
    let desk = Desk::new("rotate").program("aws", SSM);
    assert!(desk.run("link-keys", &["create", "/other/keys"]).status.success());
    let now = Timestamp::from_unix_seconds(1_795_169_700);
    let link = Link::waiting("ada", now.plus_seconds(60));
    let before = LinkKeys::parse(&desk.file("parameter")).unwrap().sign(&link, now).unwrap();
    for _ in 0..7 {
        let rotated = desk.run("link-keys", &["rotate", "/other/keys"]);
        assert!(rotated.status.success(), "{}", said(&rotated));
    }
    let text = desk.file("parameter");
    assert_eq!(LinkKeys::parse(&text).unwrap().verify(&before, now).unwrap(), link);
    let document: Value = serde_json::from_str(&text).unwrap();
    let ends: Vec<bool> = document["keys"].as_array().unwrap().iter().map(|key| key.get("until").is_some()).collect();
    assert_eq!(ends, [false, true, true, true, true, true, true, true]);
    // Eight are the most: a ninth would drop one whose links still live.
    let ninth = desk.run("link-keys", &["rotate", "/other/keys"]);
    assert!(!ninth.status.success() && said(&ninth).contains("8 keys still count"), "{}", said(&ninth));
    assert_eq!(desk.file("parameter"), text);
}

#[test]
fn a_key_that_has_served_its_time_goes_with_the_next_rotation() {
    let desk = Desk::new("expired").program("aws", SSM);
    let secret = "A".repeat(43);
    let old = json!({"schema": 1, "keys": [
        {"id": "2020b", "secret": secret},
        {"id": "2020a", "secret": secret, "until": "2020-01-01T00:00:00Z"},
    ]});
    fs::write(desk.0.join("parameter"), old.to_string()).unwrap();
    let rotated = desk.run("link-keys", &["rotate"]);
    assert!(said(&rotated).contains("2020a is gone"), "{}", said(&rotated));
    assert_eq!(secrets(&desk).len(), 2);
}

#[test]
fn no_key_is_printed_or_stands_among_arguments() {
    let desk = Desk::new("secret").program("aws", SSM);
    let calls: [&[&str]; 3] = [&["create"], &["rotate"], &["show-ids"]];
    let printed: String = calls.iter().map(|arguments| said(&desk.run("link-keys", arguments))).collect();
    assert!(printed.contains("signs links") && printed.contains("checks links until"), "{printed}");
    for secret in secrets(&desk) {
        assert!(!printed.contains(&secret) && !desk.file("arguments").contains(&secret));
    }
    fs::write(desk.0.join("parameter"), "{\"keys\": \"hush").unwrap();
    let broken = desk.run("link-keys", &["rotate"]);
    assert!(!broken.status.success() && !said(&broken).contains("hush"), "{}", said(&broken));
}

#[test]
fn an_approvers_topic_is_encrypted_and_tells_one_address() {
    let sns = "case \"$*\" in *create-topic*) echo arn:aws:sns:us-east-1:123456789012:t ;; *list-*) cat others ;; esac";
    let desk = Desk::new("topic").program("aws", sns);
    fs::write(desk.0.join("others"), "None\n").unwrap();
    let made = desk.run("approver-topic", &["ada.l", "ada@example.com"]);
    assert!(made.status.success(), "{}", said(&made));
    assert_eq!(String::from_utf8_lossy(&made.stdout), "  ada.l:\n    channels: [\"sns:sunset-approver-ada-l\"]\n");
    let asked = desk.file("arguments");
    for part in [
        "create-topic --name sunset-approver-ada-l --attributes KmsMasterKeyId=alias/aws/sns",
        "--protocol email --notification-endpoint ada@example.com",
    ] {
        assert!(asked.contains(part), "{asked}");
    }
    fs::write(desk.0.join("others"), "eve@example.com\n").unwrap();
    let shared = desk.run("approver-topic", &["ada.l", "ada@example.com", "on-call-"]);
    assert!(
        !shared.status.success() && said(&shared).contains("on-call-ada-l tells eve@example.com"),
        "{}",
        said(&shared)
    );
    assert_eq!(desk.file("arguments").matches(" subscribe ").count(), 1);
    for (person, email) in
        [("", "ada@example.com"), ("a b", "ada@example.com"), ("ada", "ada"), ("ada", "a @b"), ("$(id)", "a@b")]
    {
        assert!(!desk.run("approver-topic", &[person, email]).status.success(), "{person} {email}");
    }
}

#[test]
fn an_objection_is_sent_as_approve_reads_it() {
    let curl = r#"cat >/dev/null
for argument; do case $last in --data-raw) printf '%s' "$argument" >body ;; esac; last=$argument; done
printf '{}\n200'"#;
    let desk = Desk::new("opt-out").program("curl", curl);
    let url = "https://abcdefgh.lambda-url.us-east-1.on.aws/";
    let process = "01M7W2Y7M0B48540KYZJQRV57N";
    let silent = desk.run("vote", &[url, process, "opt_out"]);
    assert!(!silent.status.success() && said(&silent).contains("needs a reason"), "{}", said(&silent));
    let sent = desk.run("vote", &[url, process, "opt_out", "the \"audit\"\tneeds it \\"]);
    assert!(sent.status.success(), "{}", said(&sent));
    let mut request = sunset_deployment::json("events/approve-opt-out.json");
    request["body"] = desk.file("body").into();
    let read = PersonRequest::parse(&request).unwrap();
    let PersonRequest::OptOut { process_id, reason } = read else { panic!("{read:?}") };
    assert_eq!((process_id.as_str(), reason.as_str()), (process, "the \"audit\" needs it \\"));
}

#[test]
fn every_script_says_how_it_is_used() {
    let desk = Desk::new("help").program("aws", "exit 1").program("curl", "exit 1");
    for script in ["vote", "link-keys", "approver-topic"] {
        for asked in ["help", "-h", "--help"] {
            let told = desk.run(script, &[asked]);
            assert!(told.status.success() && told.stderr.is_empty(), "{script} {asked}: {}", said(&told));
            assert!(said(&told).contains(&format!("usage: scripts/{script} ")), "{script}");
        }
        let misused = desk.run(script, &[]);
        assert_eq!(misused.status.code(), Some(2), "{script}");
        assert!(misused.stdout.is_empty() && said(&misused).contains("usage: "), "{script}");
    }
    assert_eq!(desk.file("arguments"), "");
}
