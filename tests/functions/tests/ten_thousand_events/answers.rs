//! What a right answer looks like.

use serde_json::Value;
use sunset_functions_tests::Function;

/// Checks an answer's fields against what was asked for.
///
/// # Errors
/// What is wrong with it.
pub fn check(function: Function, event: &Value, answer: &Value) -> Result<(), String> {
    match function {
        Function::ListExpiredAmis if event["action"] == "report" => {
            fields(answer, &["run_id", "mode", "verdict", "counts", "savings", "report"])?;
            same(&answer["run_id"], &event["run_id"])?;
            one_of(&answer["verdict"], &["completed"])
        }
        Function::ListExpiredAmis => {
            fields(answer, &["run_id", "mode", "verdict", "reason", "counts", "manifest", "report"])?;
            one_of(&answer["mode"], &["dry-run", "live"])?;
            one_of(&answer["verdict"], &["proceed", "nothing", "halted", "skipped"])?;
            let mode = event["input"]["mode"].as_str().unwrap_or("dry-run");
            same(&answer["mode"], &mode.into())?;
            let counts = answer["counts"].as_object().ok_or("no counts")?;
            if counts.len() != 7 || !counts.values().all(Value::is_u64) {
                return Err(format!("odd counts {counts:?}"));
            }
            if answer["manifest"].is_object() != (answer["verdict"] == "proceed") {
                return Err("a manifest stands beside proceed, and only there".into());
            }
            Ok(())
        }
        Function::Deregister => {
            fields(answer, &["run_id", "image_id", "action", "mode", "outcome", "snapshot_ids", "permission"])?;
            same(&answer["image_id"], &event["ImageId"])?;
            same(&answer["action"], &event["action"])?;
            same(&answer["run_id"], &event["run_id"])?;
            let outcomes =
                ["disabled", "already_disabled", "deregistered", "already_gone", "would_disable", "would_deregister"];
            one_of(&answer["outcome"], &outcomes)
        }
        Function::DeleteSnapshot => {
            fields(answer, &["run_id", "image_id", "snapshots"])?;
            same(&answer["image_id"], &event["ImageId"])?;
            for snapshot in answer["snapshots"].as_array().ok_or("no list of snapshots")? {
                one_of(&snapshot["outcome"], &["deleted", "already_gone", "kept", "would_delete"])?;
                if !snapshot["snapshot_id"].as_str().is_some_and(|id| id.starts_with("snap-")) {
                    return Err(format!("odd snapshot {snapshot}"));
                }
                if snapshot["reason"].is_string() != (snapshot["outcome"] == "kept") {
                    return Err(format!("a reason stands beside what is kept, and only there: {snapshot}"));
                }
            }
            Ok(())
        }
        Function::Restore => {
            fields(answer, &["image_id", "mode", "outcome", "reason", "given_back"])?;
            same(&answer["image_id"], &event["image_id"])?;
            let outcomes = [
                "enabled",
                "already_available",
                "restored_from_recycle_bin",
                "would_enable",
                "would_restore",
                "not_restorable",
            ];
            one_of(&answer["outcome"], &outcomes)
        }
        process => Err(format!("{} has answers of its own", process.name())),
    }
}

fn fields(answer: &Value, names: &[&str]) -> Result<(), String> {
    let mut found: Vec<&str> = answer.as_object().ok_or("no object")?.keys().map(String::as_str).collect();
    let mut names = names.to_vec();
    found.sort_unstable();
    names.sort_unstable();
    if found == names { Ok(()) } else { Err(format!("fields {found:?}, not {names:?}")) }
}

pub fn one_of(found: &Value, values: &[&str]) -> Result<(), String> {
    if values.iter().any(|value| found == value) { Ok(()) } else { Err(format!("{found} is none of {values:?}")) }
}

pub fn same(found: &Value, asked: &Value) -> Result<(), String> {
    if found == asked { Ok(()) } else { Err(format!("{found} was answered, {asked} was asked")) }
}
