//! AWS's Signature Version 4, in headers: how a caller proves who they are.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::error::{Result, plain};

/// What somebody signs with.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
    pub(crate) session_token: Option<String>,
}

/// What is signed. The path is `/`, or one whose characters need no encoding.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unsigned<'a> {
    pub(crate) method: &'a str,
    pub(crate) host: &'a str,
    pub(crate) path: &'a str,
    /// Names and values, encoded already.
    pub(crate) query: &'a [(&'a str, &'a str)],
    pub(crate) body: &'a [u8],
}

/// Where a signature is good.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
}

/// The headers to send beside `host`.
pub(crate) fn signed(
    request: &Unsigned<'_>,
    credentials: &Credentials,
    scope: Scope<'_>,
    now: OffsetDateTime,
) -> Result<Vec<(&'static str, String)>> {
    let day = format!("{:04}{:02}{:02}", now.year(), u8::from(now.month()), now.day());
    let time = format!("{day}T{:02}{:02}{:02}Z", now.hour(), now.minute(), now.second());
    let mut headers = vec![("host", request.host.to_owned()), ("x-amz-date", time.clone())];
    headers.extend(credentials.session_token.clone().map(|token| ("x-amz-security-token", token)));
    let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let mut query: Vec<String> = request.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    query.sort();
    let canonical = format!(
        "{}\n{}\n{}\n{lines}\n{names}\n{}",
        request.method,
        request.path,
        query.join("&"),
        digest(request.body)
    );
    let good_for = format!("{day}/{}/{}/aws4_request", scope.region, scope.service);
    let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{good_for}\n{}", digest(canonical.as_bytes()));
    let secret = format!("AWS4{}", credentials.secret_access_key).into_bytes();
    let parts = [day.as_str(), scope.region, scope.service, "aws4_request", to_sign.as_str()];
    let signature = parts.iter().try_fold(secret, |key, part| mac(&key, part.as_bytes()))?;
    headers.push((
        "authorization",
        format!(
            "AWS4-HMAC-SHA256 Credential={}/{good_for}, SignedHeaders={names}, Signature={}",
            credentials.access_key_id,
            hexadecimal(&signature)
        ),
    ));
    Ok(headers)
}

fn mac(key: &[u8], message: &[u8]) -> Result<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|e| plain(format!("a signing key: {e}")))?;
    mac.update(message);
    Ok(mac.finalize().into_bytes().to_vec())
}

fn digest(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::format_description::well_known::Rfc3339;

    const SCOPE: Scope<'_> = Scope { region: "us-east-1", service: "service" };

    /// Signs a request of AWS's own test suite for signers.
    fn signature(method: &str, query: &[(&str, &str)], token: Option<&str>) -> String {
        let credentials = Credentials {
            access_key_id: "AKIDEXAMPLE".to_owned(),
            secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(),
            session_token: token.map(str::to_owned),
        };
        let request = Unsigned { method, host: "example.amazonaws.com", path: "/", query, body: b"" };
        let then = OffsetDateTime::parse("2015-08-30T12:36:00Z", &Rfc3339).unwrap();
        let headers = signed(&request, &credentials, SCOPE, then).unwrap();
        let (_, authorization) = headers.last().unwrap();
        authorization.rsplit('=').next().unwrap().to_owned()
    }

    #[test]
    fn the_signatures_of_awss_test_suite_are_reproduced() {
        let query = [("Param2", "value2"), ("Param1", "value1")];
        let token = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";
        for (name, found, expected) in [
            (
                "get-vanilla",
                signature("GET", &[], None),
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            ),
            (
                "post-vanilla",
                signature("POST", &[], None),
                "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
            ),
            (
                "get-vanilla-query-order-key-case",
                signature("GET", &query, None),
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            ),
            (
                "get-vanilla-with-session-token",
                signature("GET", &[], Some(token)),
                "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8",
            ),
        ] {
            assert_eq!(found, expected, "{name}");
        }
    }
}
