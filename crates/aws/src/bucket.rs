//! The bucket that holds manifests and reports.

use aws_sdk_s3::primitives::ByteStream;
use sunset_domain::run::ObjectRef;

use crate::error::AwsError;

/// The bucket.
#[derive(Debug, Clone)]
pub struct Bucket {
    s3: aws_sdk_s3::Client,
    name: String,
}

impl Bucket {
    /// The bucket of this name.
    #[must_use]
    pub fn new(s3: aws_sdk_s3::Client, name: impl Into<String>) -> Self {
        Self { s3, name: name.into() }
    }

    /// Writes an object. Written twice it is the same object: keys carry the run's id.
    ///
    /// # Errors
    /// [`AwsError`].
    pub async fn put(&self, key: String, content_type: &str, body: Vec<u8>) -> Result<ObjectRef, AwsError> {
        self.s3
            .put_object()
            .bucket(&self.name)
            .key(&key)
            .content_type(content_type)
            .body(ByteStream::from(body))
            .send()
            .await
            .map_err(|error| AwsError::of("PutObject", &error))?;
        Ok(ObjectRef { bucket: self.name.clone(), key })
    }

    /// Reads an object whole.
    ///
    /// # Errors
    /// [`AwsError`].
    pub async fn get(&self, key: &str) -> Result<Vec<u8>, AwsError> {
        let answer = self
            .s3
            .get_object()
            .bucket(&self.name)
            .key(key)
            .send()
            .await
            .map_err(|error| AwsError::of("GetObject", &error))?;
        let body = answer.body.collect().await.map_err(|error| AwsError::refused("GetObject", error.to_string()))?;
        Ok(body.to_vec())
    }
}
