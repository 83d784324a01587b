//! ami-cleanup on an account of which two images are due.

use serde_json::{Value, json};
use sunset_wire::{Account, LaunchPermission, Size};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Bootstraps, Case, Function, Python, Sandbox, Scene, Stage};
use crate::error::BenchError;
use crate::inventory::{self, NOTHING_DUE, unused};
use crate::options::Options;
use crate::stage::ACCOUNT_ID;

/// How many images the account of the comparisons holds.
pub const IMAGES: usize = 100;

/// What is due is deregistered at once.
const POLICY: &[(&str, &str)] = &[NOTHING_DUE, ("SUNSET_GRACE_DAYS", "0")];
/// The way back needs an image that was disabled, and launch permissions to be given back.
const DISABLING: &[(&str, &str)] = &[NOTHING_DUE, ("SUNSET_ALLOW_SHARED", "true")];

/// Two images are due: one with two snapshots, as half of all have, and one that is shared, so that it stays where
/// shared images may not go.
fn account() -> Account {
    let size = Size { images: IMAGES, instances: 10, launch_templates: 5, groups: 5, parameters: 20 };
    let mut account = inventory::account(size);
    inventory::expire(&mut account, [unused(0), unused(1)]);
    if let Some(first) = account.images.get(&unused(0)).cloned() {
        account.add_image(first.snapshots(["snap-0123456789abcdef0"]));
    }
    if let Some(shared) = account.images.get_mut(&unused(1)) {
        shared.launch_permissions.push(LaunchPermission::User("210987654321".into()));
    }
    account
}

/// The event of a live `list`, as the state machine sends it.
///
/// # Errors
/// The clock is out of any calendar.
pub fn list_event(name: &str) -> Result<Value, BenchError> {
    let unexpected = |error: &dyn std::fmt::Display| BenchError::unexpected(error.to_string());
    let now = OffsetDateTime::now_utc().replace_nanosecond(0).map_err(|error| unexpected(&error))?;
    let now = now.format(&Rfc3339).map_err(|error| unexpected(&error))?;
    Ok(json!({
        "schema": 1,
        "action": "list",
        "execution": {
            "arn": format!("arn:aws:states:us-east-1:{ACCOUNT_ID}:execution:ami-cleanup:{name}"),
            "name": name,
            "started_at": now,
        },
        "input": {"schema": 1, "mode": "live"},
    }))
}

/// Makes the scenes, by the functions themselves, and gives what is compared in them.
pub async fn cases(bootstraps: &Bootstraps, python: &Python, options: &Options) -> Result<Vec<Case>, BenchError> {
    let fresh = Scene::new(account());
    let list = list_event("bench")?;
    let stage = Stage::over_tls(&fresh, &python.authorities()?, &options.directory).await?;
    let play = async |function, policy: &[(&str, &str)], event: &Value, scene: &Scene| {
        stage.set(scene);
        let program = bootstraps.program(function, policy).environment(stage.environment());
        let (_sandbox, started) = Sandbox::start(&program, event).await?;
        Ok::<_, BenchError>((stage.scene(), started.answer))
    };

    let (listed, _) = play(Function::List, POLICY, &list, &fresh).await?;
    let line = first_line(&listed, |_| true)?;
    let (deregistered, _) = play(Function::Deregister, POLICY, &line, &listed).await?;

    let (listed_to_disable, _) = play(Function::List, DISABLING, &list, &fresh).await?;
    let shared = unused(1);
    let shared = first_line(&listed_to_disable, |line| line.get("ImageId").is_some_and(|id| *id == *shared))?;
    let (disabled, _) = play(Function::Deregister, DISABLING, &shared, &listed_to_disable).await?;
    let restore = json!({"schema": 1, "image_id": shared.get("ImageId"), "mode": "live"});

    let variables = |policy: &[(&str, &str)]| {
        policy.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>()
    };
    let tutorial = |name: &str, module: &str, event: &Value| {
        let program =
            python.program(name, module).environment([("ACCOUNT_ID", ACCOUNT_ID), ("REGION_NAME", "us-east-1")]);
        Some((program, event.clone()))
    };
    Ok(vec![
        Case {
            name: "list-expired-amis",
            function: Function::List,
            scene: fresh,
            event: list,
            policy: variables(POLICY),
            baseline: python.program("list_expired_amis.py", "list_expired_amis").environment(POLICY.iter().copied()),
            tutorial: tutorial("tutorial_list.py", "tutorial_list", &json!({"valid_hours": 1})),
            same: &["/verdict", "/counts/images", "/counts/due", "/counts/deregister"],
            zip_target: 4_000_000,
        },
        Case {
            name: "deregister",
            function: Function::Deregister,
            scene: listed,
            event: line.clone(),
            policy: variables(POLICY),
            baseline: python.program("deregister.py", "deregister"),
            tutorial: tutorial("tutorial_deregister.py", "tutorial_deregister", &line),
            same: &["/outcome", "/snapshot_ids"],
            zip_target: 3_000_000,
        },
        Case {
            name: "delete-snapshot",
            function: Function::DeleteSnapshot,
            scene: deregistered,
            event: line.clone(),
            policy: variables(POLICY),
            baseline: python.program("delete_snapshot.py", "delete_snapshot"),
            tutorial: tutorial("tutorial_delete_snapshot.py", "tutorial_delete_snapshot", &line),
            same: &["/snapshots/0/snapshot_id", "/snapshots/0/outcome", "/snapshots/1/outcome"],
            zip_target: 3_000_000,
        },
        Case {
            name: "restore",
            function: Function::Restore,
            scene: disabled,
            event: restore,
            policy: variables(DISABLING),
            baseline: python.program("restore.py", "restore"),
            tutorial: None,
            same: &["/outcome"],
            zip_target: 3_000_000,
        },
    ])
}

fn first_line(scene: &Scene, wanted: impl Fn(&Value) -> bool) -> Result<Value, BenchError> {
    let line = scene.manifest()?.into_iter().find(wanted);
    line.ok_or_else(|| BenchError::unexpected("the manifest has no such line"))
}
