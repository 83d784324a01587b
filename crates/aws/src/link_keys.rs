//! The keys that personal links are signed with: an SSM SecureString.

use sunset_domain::approval::link::keys::{InvalidKeys, LinkKeys};

use crate::clients::Clients;
use crate::error::AwsError;

/// Why there are no keys. It never holds what the parameter does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkKeysError {
    /// Nobody has made them yet.
    #[error("there is no parameter {parameter}: make it with scripts/link-keys")]
    Missing {
        /// Its name.
        parameter: String,
    },
    /// SSM did not hand them out.
    #[error("parameter {parameter}: {cause}")]
    Aws {
        /// Its name.
        parameter: String,
        /// Why.
        cause: AwsError,
    },
    /// What the parameter holds is no keys.
    #[error("parameter {parameter}: {cause}")]
    Invalid {
        /// Its name.
        parameter: String,
        /// Why.
        cause: InvalidKeys,
    },
}

const GET: &str = "GetParameter";

/// Reads the keys as they are now.
///
/// # Errors
/// [`LinkKeysError`].
pub async fn read(clients: &Clients, parameter: &str) -> Result<LinkKeys, LinkKeysError> {
    let aws = |cause: AwsError| {
        let parameter = parameter.to_owned();
        if cause.is_not_found() || cause.has_code("ParameterNotFound") {
            LinkKeysError::Missing { parameter }
        } else {
            LinkKeysError::Aws { parameter, cause }
        }
    };
    let answer = clients
        .ssm()
        .get_parameter()
        .name(parameter)
        .with_decryption(true)
        .send()
        .await
        .map_err(|error| aws(AwsError::of(GET, &error)))?;
    let value = answer.parameter.and_then(|parameter| parameter.value);
    let value = value.ok_or_else(|| aws(AwsError::refused(GET, "the answer holds no value")))?;
    LinkKeys::parse(&value).map_err(|cause| LinkKeysError::Invalid { parameter: parameter.to_owned(), cause })
}
