//! SNS: `Publish`, which is answered and goes nowhere.

use bytes::Bytes;
use hyper::Request;

use super::serve::Answer;
use super::{Service, Shared};

const REQUEST_ID: &str = "00000000-0000-4000-8000-000000000000";

pub(super) fn answer(shared: &Shared, request: &Request<Bytes>) -> Answer {
    let action = form_urlencoded::parse(request.body()).find(|(name, _)| name == "Action");
    let action = action.map(|(_, value)| value.into_owned()).unwrap_or_default();
    let known = action == "Publish";
    shared.journal().record(Service::Sns.prefix(), &action, (!known).then_some("InvalidAction"));
    if known {
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
