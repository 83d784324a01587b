//! What the workflow stored and said: items, objects, logs and notices.

use serde_json::{Map, Value, json};
use ureq::http::Method;

use crate::error::{Error, Result, plain};
use crate::stack::Stack;
use crate::wire::attributes::{typed_item, untyped_item};
use crate::wire::http::text;
use crate::wire::query::{Service, anywhere, call, encoded, fields, items, parsed};

const SNS: Service = Service { name: "sns", version: "2010-03-31" };
const S3: &str = "s3";

/// An item of the table, as plain JSON.
pub type Item = Map<String, Value>;

impl Stack {
    fn dynamodb(&self, table: &str, operation: &str, mut body: Value) -> Result<Value> {
        if let Some(fields) = body.as_object_mut() {
            fields.insert("TableName".to_owned(), table.into());
        }
        self.aws().json("dynamodb", &format!("DynamoDB_20120810.{operation}"), &body)
    }

    fn ledger(&self) -> Result<&str> {
        self.deployment()?.resource("Table")
    }

    pub(crate) fn found(&self, table: &str, operation: &str, body: &Value) -> Result<Vec<Item>> {
        let mut found = Vec::new();
        let mut body = body.clone();
        loop {
            let page = self.dynamodb(table, operation, body.clone())?;
            let items = page.get("Items").and_then(Value::as_array).into_iter().flatten();
            found.extend(items.filter_map(Value::as_object).map(untyped_item));
            match (page.get("LastEvaluatedKey").filter(|key| !key.is_null()), body.as_object_mut()) {
                (Some(key), Some(fields)) => fields.insert("ExclusiveStartKey".to_owned(), key.clone()),
                _ => return Ok(found),
            };
        }
    }

    /// The items with this partition key, in order of their sort key.
    ///
    /// # Errors
    /// What DynamoDB answers.
    pub fn items(&self, pk: &str) -> Result<Vec<Item>> {
        self.found(
            self.ledger()?,
            "Query",
            &json!({
                "KeyConditionExpression": "pk = :pk",
                "ExpressionAttributeValues": {":pk": {"S": pk}},
                "ConsistentRead": true,
            }),
        )
    }

    /// Every item of the table, in no order.
    ///
    /// # Errors
    /// What DynamoDB answers.
    pub fn all_items(&self) -> Result<Vec<Item>> {
        self.found(self.ledger()?, "Scan", &json!({"ConsistentRead": true}))
    }

    /// Writes an item: an object with `pk`, `sk` and whatever else.
    ///
    /// # Errors
    /// What DynamoDB answers, or when the value is no object.
    pub fn put_item(&self, item: &Value) -> Result<()> {
        self.put_into(self.ledger()?, item)
    }

    pub(crate) fn put_into(&self, table: &str, item: &Value) -> Result<()> {
        let fields = item.as_object().ok_or_else(|| plain("an item is a JSON object"))?;
        self.dynamodb(table, "PutItem", json!({"Item": typed_item(fields)})).map(|_| ())
    }

    pub(crate) fn delete_from(&self, table: &str, key: &Value) -> Result<()> {
        let key = key.as_object().ok_or_else(|| plain("a key is a JSON object"))?;
        self.dynamodb(table, "DeleteItem", json!({"Key": typed_item(key)})).map(|_| ())
    }

    /// Deletes an item; one that is not there is deleted too.
    ///
    /// # Errors
    /// What DynamoDB answers.
    pub fn delete_item(&self, pk: &str, sk: &str) -> Result<()> {
        self.delete_from(self.ledger()?, &json!({"pk": pk, "sk": sk}))
    }

    /// Sets one attribute of an item.
    ///
    /// # Errors
    /// What DynamoDB answers.
    pub fn set_attribute(&self, pk: &str, sk: &str, name: &str, value: &Value) -> Result<()> {
        let mut key: Vec<Item> =
            self.items(pk)?.into_iter().filter(|item| item.get("sk") == Some(&json!(sk))).collect();
        let mut item = key.pop().ok_or_else(|| plain(format!("there is no item {pk}/{sk}")))?;
        item.insert(name.to_owned(), value.clone());
        self.put_item(&Value::Object(item))
    }

    fn bucket(&self) -> Result<&str> {
        self.deployment()?.resource("Bucket")
    }

    fn object_path(&self, key: &str) -> Result<String> {
        let key: Vec<String> = key.split('/').map(encoded).collect();
        Ok(format!("/{}/{}", self.bucket()?, key.join("/")))
    }

    /// The keys of the bucket that begin with this, in order.
    ///
    /// # Errors
    /// What S3 answers.
    pub fn objects(&self, prefix: &str) -> Result<Vec<String>> {
        let mut keys = Vec::new();
        let mut next = String::new();
        loop {
            let path = format!("/{}?list-type=2&prefix={}{next}", self.bucket()?, encoded(prefix));
            let answer = self.aws().send("ListObjectsV2", S3, (Method::GET, &path), &[], &[])?;
            if answer.status != 200 {
                return Err(answer.error("ListObjectsV2"));
            }
            let xml = String::from_utf8_lossy(&answer.body);
            let document = parsed("ListObjectsV2", &xml)?;
            let contents = document.descendants().filter(|node| node.tag_name().name() == "Contents");
            keys.extend(contents.filter_map(|node| anywhere(node, "Key")));
            match anywhere(document.root(), "NextContinuationToken") {
                Some(token) => next = format!("&continuation-token={}", encoded(&token)),
                None => return Ok(keys),
            }
        }
    }

    /// An object of the bucket, if it is there.
    ///
    /// # Errors
    /// What S3 answers.
    pub fn object(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let answer = self.aws().send("GetObject", S3, (Method::GET, &self.object_path(key)?), &[], &[])?;
        match answer.status {
            200 => Ok(Some(answer.body)),
            404 => Ok(None),
            _ => Err(answer.error("GetObject")),
        }
    }

    /// An object of the bucket that is JSON.
    ///
    /// # Errors
    /// When it is not there or not JSON.
    pub fn json_object(&self, key: &str) -> Result<Value> {
        let body = self.object(key)?.ok_or_else(|| plain(format!("there is no object {key}")))?;
        serde_json::from_slice(&body).map_err(|e| plain(format!("{key} is not JSON: {e}")))
    }

    /// Writes an object into the bucket.
    ///
    /// # Errors
    /// What S3 answers.
    pub fn put_object(&self, key: &str, body: &[u8]) -> Result<()> {
        let answer = self.aws().send("PutObject", S3, (Method::PUT, &self.object_path(key)?), &[], body)?;
        if answer.status == 200 { Ok(()) } else { Err(answer.error("PutObject")) }
    }

    pub(crate) fn forget_everything_stored(&self) -> Result<()> {
        for item in self.all_items()? {
            let key = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
            self.delete_item(key("pk"), key("sk"))?;
        }
        for key in self.objects("")? {
            let answer = self.aws().send("DeleteObject", S3, (Method::DELETE, &self.object_path(&key)?), &[], &[])?;
            if answer.status >= 300 {
                return Err(answer.error("DeleteObject"));
            }
        }
        self.notices().map(|_| ())
    }

    /// The log lines of a function, by its binary's name, oldest first.
    ///
    /// # Errors
    /// What CloudWatch Logs answers.
    pub fn logs(&self, function: &str) -> Result<Vec<String>> {
        let name = self.deployment()?.function(function)?;
        let mut lines = Vec::new();
        let mut body = json!({"logGroupName": format!("/aws/lambda/{name}")});
        loop {
            let page = match self.aws().json("logs", "Logs_20140328.FilterLogEvents", &body) {
                // Nothing was logged yet.
                Err(Error::Answered { code, .. }) if code == "ResourceNotFoundException" => return Ok(lines),
                page => page?,
            };
            let events = page.get("events").and_then(Value::as_array).into_iter().flatten();
            lines.extend(events.filter_map(|event| event.get("message")?.as_str().map(str::to_owned)));
            match (page.get("nextToken").and_then(Value::as_str), body.as_object_mut()) {
                (Some(token), Some(fields)) => fields.insert("nextToken".to_owned(), token.into()),
                _ => return Ok(lines),
            };
        }
    }

    /// Lets queues of our own hear what is said to the topic, and to approvers.
    pub(crate) fn listen_to_notices(&mut self) -> Result<()> {
        if self.notices_url.is_some() {
            return Ok(());
        }
        if let Some(approvers) = self.policy.as_ref().and_then(|policy| policy.approvers.as_deref()) {
            self.make_approvers_topics(approvers)?;
        }
        let topic = self.deployment()?.resource("NoticeTopic")?.to_owned();
        self.notices_url = Some(self.subscribed_queue("sunset-local-notices", &topic)?);
        Ok(())
    }

    pub(crate) fn sqs(&self, operation: &str, body: &Value) -> Result<Value> {
        self.aws().json("sqs", &format!("AmazonSQS.{operation}"), body)
    }

    fn subscribed_queue(&self, name: &str, topic: &str) -> Result<String> {
        let url = text("CreateQueue", &self.sqs("CreateQueue", &json!({"QueueName": name}))?, "QueueUrl")?;
        let attributes = self.sqs("GetQueueAttributes", &json!({"QueueUrl": url, "AttributeNames": ["QueueArn"]}))?;
        let arn = text("GetQueueAttributes", attributes.get("Attributes").unwrap_or(&Value::Null), "QueueArn")?;
        let subscription = [
            ("TopicArn", topic),
            ("Protocol", "sqs"),
            ("Endpoint", &arn),
            ("Attributes.entry.1.key", "RawMessageDelivery"),
            ("Attributes.entry.1.value", "true"),
        ];
        call(self.aws(), SNS, "Subscribe", &fields(&subscription))?;
        Ok(url)
    }

    /// A topic, whose notices [`Stack::notices_of`] reads: its ARN, and the queue that hears it.
    ///
    /// # Errors
    /// What SNS and SQS answer.
    pub fn make_topic(&self, name: &str) -> Result<(String, String)> {
        let xml = call(self.aws(), SNS, "CreateTopic", &fields(&[("Name", name)]))?;
        let document = parsed("CreateTopic", &xml)?;
        let arn = anywhere(document.root(), "TopicArn").ok_or_else(|| plain("CreateTopic: no TopicArn"))?;
        let queue = self.subscribed_queue(&format!("{name}-notices"), &arn)?;
        Ok((arn, queue))
    }

    /// The notices of the template's topic since the last time that this was asked.
    ///
    /// # Errors
    /// What SQS answers.
    pub fn notices(&self) -> Result<Vec<String>> {
        self.notices_url.as_deref().map_or_else(|| Ok(Vec::new()), |queue| self.notices_of(queue))
    }

    /// The notices that a queue heard since the last time that this was asked.
    ///
    /// # Errors
    /// What SQS answers.
    pub fn notices_of(&self, queue: &str) -> Result<Vec<String>> {
        let mut notices = Vec::new();
        loop {
            let answer = self.sqs("ReceiveMessage", &json!({"QueueUrl": queue, "MaxNumberOfMessages": 10}))?;
            let messages = answer.get("Messages").and_then(Value::as_array).cloned().unwrap_or_default();
            if messages.is_empty() {
                return Ok(notices);
            }
            for message in messages {
                notices.push(text("ReceiveMessage", &message, "Body")?);
                let handle = text("ReceiveMessage", &message, "ReceiptHandle")?;
                self.sqs("DeleteMessage", &json!({"QueueUrl": queue, "ReceiptHandle": handle}))?;
            }
        }
    }

    /// The messages that wait in the queue with this logical name in the template, such as its dead letters.
    ///
    /// # Errors
    /// When the template has no such queue.
    pub fn messages(&self, logical: &str) -> Result<Vec<String>> {
        self.notices_of(self.deployment()?.resource(logical)?)
    }

    /// The alarms of the account and their state.
    ///
    /// # Errors
    /// What CloudWatch answers.
    pub fn alarms(&self) -> Result<Vec<(String, String)>> {
        let service = Service { name: "monitoring", version: "2010-08-01" };
        let xml = call(self.aws(), service, "DescribeAlarms", &[])?;
        let document = parsed("DescribeAlarms", &xml)?;
        Ok(items(document.root(), "MetricAlarms")
            .filter_map(|alarm| Some((anywhere(alarm, "AlarmName")?, anywhere(alarm, "StateValue")?)))
            .collect())
    }
}
