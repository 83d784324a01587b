//! The records of images.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::KeysAndAttributes;
use sunset_domain::ids::ImageId;
use sunset_domain::ledger::ImageRecord;

use super::lock::META;
use super::table::{Item, Ledger, LedgerError, key, record};
use crate::error::{AwsError, AwsErrorKind};

/// DynamoDB's limit for one BatchGetItem.
const BATCH: usize = 100;
/// How often keys that DynamoDB left out are asked for again.
const ROUNDS: usize = 8;

pub(super) fn image_key(image_id: &ImageId) -> String {
    format!("IMAGE#{image_id}")
}

impl Ledger {
    /// The record of an image.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn image(&self, image_id: &ImageId) -> Result<Option<ImageRecord>, LedgerError> {
        self.get(&image_key(image_id), META).await
    }

    /// The records of the images that have one, read in hundreds.
    ///
    /// # Errors
    /// [`LedgerError`]: of a reading that is not whole, nothing is returned.
    pub async fn images(&self, image_ids: &[ImageId]) -> Result<BTreeMap<ImageId, ImageRecord>, LedgerError> {
        let mut records = BTreeMap::new();
        for chunk in image_ids.chunks(BATCH) {
            let mut keys: Vec<Item> = chunk.iter().map(|image_id| key(&image_key(image_id), META)).collect();
            for _ in 0..ROUNDS {
                if keys.is_empty() {
                    break;
                }
                let wanted = KeysAndAttributes::builder()
                    .set_keys(Some(std::mem::take(&mut keys)))
                    .consistent_read(true)
                    .build()
                    .map_err(|error| AwsError::refused("BatchGetItem", error.to_string()))?;
                let answer = self
                    .dynamodb
                    .batch_get_item()
                    .set_request_items(Some(HashMap::from([(self.table.clone(), wanted)])))
                    .send()
                    .await
                    .map_err(|error| AwsError::of("BatchGetItem", &error))?;
                for item in answer.responses.into_iter().flatten().flat_map(|(_, items)| items) {
                    let found: ImageRecord = record(item)?;
                    records.insert(found.image_id.clone(), found);
                }
                keys = answer.unprocessed_keys.into_iter().flatten().flat_map(|(_, rest)| rest.keys).collect();
            }
            if !keys.is_empty() {
                return Err(LedgerError::Aws(AwsError {
                    operation: "BatchGetItem",
                    kind: AwsErrorKind::Throttled,
                    code: None,
                    message: format!("{} keys were left out again and again", keys.len()),
                }));
            }
        }
        Ok(records)
    }
}
