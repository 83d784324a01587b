//! AWS's query protocol: a form in, XML out. EC2, Auto Scaling and CloudFormation speak it.

use std::collections::BTreeMap;

use roxmltree::{Document, Node};
use ureq::http::Method;

use crate::error::{Error, Result, plain};
use crate::wire::http::Endpoint;

/// A service that speaks the query protocol.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Service {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
}

pub(crate) const EC2: Service = Service { name: "ec2", version: "2016-11-15" };
pub(crate) const ELASTIC_LOAD_BALANCING: Service = Service { name: "elasticloadbalancing", version: "2015-12-01" };
pub(crate) const AUTO_SCALING: Service = Service { name: "autoscaling", version: "2011-01-01" };
pub(crate) const CLOUDFORMATION: Service = Service { name: "cloudformation", version: "2010-05-15" };
pub(crate) const IAM: Service = Service { name: "iam", version: "2010-05-08" };
pub(crate) const STS: Service = Service { name: "sts", version: "2011-06-15" };

/// Calls an action; the answer is its XML.
pub(crate) fn call(endpoint: &Endpoint, service: Service, action: &str, fields: &[(String, String)]) -> Result<String> {
    let mut form = format!("Action={}&Version={}", encoded(action), service.version);
    for (name, value) in fields {
        form.push_str(&format!("&{}={}", encoded(name), encoded(value)));
    }
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let answer = endpoint.send(action, service.name, (Method::POST, "/"), &headers, form.as_bytes())?;
    if answer.status != 200 {
        return Err(error(action, &String::from_utf8_lossy(&answer.body)).unwrap_or_else(|| answer.error(action)));
    }
    String::from_utf8(answer.body).map_err(|e| plain(format!("{action}: {e}")))
}

fn error(action: &str, body: &str) -> Option<Error> {
    let document = Document::parse(body).ok()?;
    let found = |name| document.descendants().find(|node| node.tag_name().name() == name)?.text();
    Some(Error::Answered {
        operation: action.to_owned(),
        code: found("Code")?.to_owned(),
        message: found("Message").unwrap_or_default().to_owned(),
    })
}

/// Reads an answer.
pub(crate) fn parsed<'a>(action: &str, xml: &'a str) -> Result<Document<'a>> {
    Document::parse(xml).map_err(|e| plain(format!("{action}: the answer is not XML: {e}")))
}

/// The elements of a list: `<imagesSet><item>…</item></imagesSet>`, or `<member>` where the service says so.
pub(crate) fn items<'a, 'i>(node: Node<'a, 'i>, list: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.descendants()
        .find(|child| child.tag_name().name() == list)
        .into_iter()
        .flat_map(|set| set.children())
        .filter(Node::is_element)
}

/// The text of a direct child.
pub(crate) fn child(node: Node<'_, '_>, name: &str) -> Option<String> {
    node.children().find(|child| child.tag_name().name() == name)?.text().map(str::to_owned)
}

/// The text of a descendant, wherever it is.
pub(crate) fn anywhere(node: Node<'_, '_>, name: &str) -> Option<String> {
    node.descendants().find(|child| child.tag_name().name() == name)?.text().map(str::to_owned)
}

/// The tags of an element itself, not of what lies in it.
pub(crate) fn tags(node: Node<'_, '_>) -> BTreeMap<String, String> {
    node.children()
        .filter(|child| child.tag_name().name() == "tagSet")
        .flat_map(|set| set.children())
        .filter_map(|tag| Some((child(tag, "key")?, child(tag, "value").unwrap_or_default())))
        .collect()
}

/// Percent-encoding of everything but the unreserved characters.
pub(crate) fn encoded(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

/// Owned fields from borrowed ones.
pub(crate) fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_carries_any_character() {
        assert_eq!(encoded("a b&c=ä*~"), "a%20b%26c%3D%C3%A4%2A~");
    }

    #[test]
    fn an_error_answer_keeps_its_code() {
        let body = "<Response><Errors><Error><Code>InvalidAMIID.NotFound</Code><Message>no</Message></Error></Errors></Response>";
        assert_eq!(error("DescribeImages", body).unwrap().code(), Some("InvalidAMIID.NotFound"));
    }

    #[test]
    fn an_answer_that_is_no_error_document_is_no_error_code() {
        assert!(error("DescribeImages", "<html>500</html>").is_none());
        assert!(error("DescribeImages", "Bad gateway").is_none());
    }
}
