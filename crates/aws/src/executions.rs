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
