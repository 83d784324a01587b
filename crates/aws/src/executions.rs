//! Whether an execution is still at work.

use aws_sdk_sfn::types::ExecutionStatus;

use crate::error::AwsError;

/// Whether the execution of this ARN still runs. One that Step Functions does not know any more runs no longer.
///
/// # Errors
/// [`AwsError`]: not known, which is not the same as over.
pub async fn is_running(sfn: &aws_sdk_sfn::Client, execution_arn: &str) -> Result<bool, AwsError> {
    let answer = sfn.describe_execution().execution_arn(execution_arn).send().await;
    match answer.map_err(|error| AwsError::of("DescribeExecution", &error)) {
        Ok(answer) => Ok(matches!(answer.status, ExecutionStatus::Running | ExecutionStatus::PendingRedrive)),
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(error),
    }
}

/// What came of waking a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Woken {
    /// It waits no longer.
    Yes,
    /// It waited no longer before.
    NobodyWaits,
}

/// Wakes the state that waits with a task token. The token only wakes: nothing that matters travels with it.
///
/// # Errors
/// [`AwsError`].
pub async fn wake(sfn: &aws_sdk_sfn::Client, task_token: &str) -> Result<Woken, AwsError> {
    let answer = sfn.send_task_success().task_token(task_token).output("{}").send().await;
    match answer.map_err(|error| AwsError::of("SendTaskSuccess", &error)) {
        Ok(_) => Ok(Woken::Yes),
        Err(error) if ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"].iter().any(|code| error.has_code(code)) => {
            Ok(Woken::NobodyWaits)
        }
        Err(error) => Err(error),
    }
}
