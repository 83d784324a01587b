//! What the personal links of these tests are made with.

/// Where the approval page is.
pub const PAGE_URL: &str = "https://abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-east-1.on.aws/";
/// The SSM parameter with the keys.
pub const LINK_KEYS_PARAMETER: &str = "/sunset/approval-link-keys";
/// The key document in it.
pub const LINK_KEYS: &str =
    r#"{"schema":1,"keys":[{"id":"20261120a","secret":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}]}"#;
