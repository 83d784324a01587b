//! SNS: `Publish`, which is kept for whoever reads it.

use bytes::Bytes;
use hyper::Request;

use super::serve::Answer;
use super::{Service, Shared};

/// What was told on a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The topic's ARN.
    pub topic_arn: String,
    /// The text.
    pub message: String,
}

const REQUEST_ID: &str = "00000000-0000-4000-8000-000000000000";

pub(super) fn answer(shared: &Shared, request: &Request<Bytes>) -> Answer {
    let field = |wanted: &str| {
        let found = form_urlencoded::parse(request.body()).find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    let action = field("Action");
    let known = action == "Publish";
    shared.journal().record(Service::Sns.prefix(), &action, (!known).then_some("InvalidAction"));
    if known {
        shared.state().notices.push(Notice { topic_arn: field("TopicArn"), message: field("Message") });
        let body = format!(
            "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>\
             <MessageId>{REQUEST_ID}</MessageId></PublishResult><ResponseMetadata><RequestId>{REQUEST_ID}</RequestId>\
             </ResponseMetadata></PublishResponse>"
        );
        Answer::ok("text/xml", body)
    } else {
        let body = format!(
            "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type>\
             <Code>InvalidAction</Code><Message>{action} is not served here</Message></Error>\
             <RequestId>{REQUEST_ID}</RequestId></ErrorResponse>"
        );
        Answer { status: 400, content_type: "text/xml", body: body.into() }
    }
}
