//! AWS's list prices in us-east-1, in dollars, as published at the end of 2025. No free tier is taken off.

/// When these were read.
pub const AS_OF: &str = "us-east-1, end of 2025, no free tier";

/// A state transition of a standard workflow.
pub const STATE_TRANSITION: f64 = 0.025 / 1e3;
/// A request to a function.
pub const LAMBDA_REQUEST: f64 = 0.20 / 1e6;
/// A GB-second of a function on x86.
pub const LAMBDA_GB_SECOND: f64 = 0.000_016_666_7;
/// A write request unit of an on-demand table.
pub const DYNAMODB_WRITE: f64 = 0.625 / 1e6;
/// A read request unit of an on-demand table.
pub const DYNAMODB_READ: f64 = 0.125 / 1e6;
/// A GB-month in a table, with point-in-time recovery.
pub const DYNAMODB_GB_MONTH: f64 = 0.25 + 0.20;
/// A PUT into a bucket.
pub const S3_PUT: f64 = 0.005 / 1e3;
/// A GET from a bucket.
pub const S3_GET: f64 = 0.0004 / 1e3;
/// A GB-month in a bucket, standard class.
pub const S3_GB_MONTH: f64 = 0.023;
/// A GB of log events, of functions and of state machines alike.
pub const LOGS_GB: f64 = 0.50;
/// A GB-month of kept log events. They are compressed; that is not taken off.
pub const LOGS_GB_MONTH: f64 = 0.03;
/// A notice, and the e-mail that it becomes.
pub const SNS_NOTICE: f64 = 0.50 / 1e6 + 2.00 / 1e5;
/// A request to KMS, which is what the decryption of a `SecureString` is. Standard parameters themselves are free.
pub const KMS_REQUEST: f64 = 0.03 / 1e4;
/// A start by EventBridge Scheduler.
pub const SCHEDULER_START: f64 = 1.00 / 1e6;
/// A trace recorded by X-Ray.
pub const XRAY_TRACE: f64 = 5.00 / 1e6;
/// An alarm on one metric, a month.
pub const ALARM_MONTH: f64 = 0.10;
/// A custom metric, a month.
pub const METRIC_MONTH: f64 = 0.30;
/// A dashboard, a month.
pub const DASHBOARD_MONTH: f64 = 3.00;
