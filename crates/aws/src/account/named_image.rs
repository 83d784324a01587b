//! How a template, a group or a parameter names an image.

use std::collections::BTreeSet;

use sunset_domain::ids::ImageId;

/// What stands where an image's id is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NamedImage {
    /// An id.
    Id(ImageId),
    /// `resolve:ssm:<parameter>`, looked up at each launch. The name is whatever follows: a name or an ARN, with or
    /// without `:<version>` or `:<label>`, which SSM takes just so.
    Parameter(String),
}

impl NamedImage {
    /// Nothing comes of a text that is neither: EC2 could launch nothing from it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        match text.strip_prefix("resolve:ssm:").map(str::trim) {
            Some("") => None,
            Some(parameter) => Some(Self::Parameter(parameter.to_owned())),
            None => ImageId::parse(text).ok().map(Self::Id),
        }
    }
}

/// Every image id that occurs anywhere in a text: a parameter may hold a list, a JSON document, a sentence.
pub(super) fn ids_in(text: &str) -> BTreeSet<ImageId> {
    text.match_indices("ami-")
        .flat_map(|(at, prefix)| {
            let rest = text.get(at + prefix.len()..).unwrap_or_default();
            let run = |belongs: fn(&u8) -> bool| rest.bytes().take_while(belongs).count();
            // Text may follow without a gap, and then the id ends with its last hexadecimal digit.
            [run(u8::is_ascii_hexdigit), run(u8::is_ascii_alphanumeric)]
                .map(|length| text.get(at..at + prefix.len() + length).unwrap_or_default())
        })
        .filter_map(|id| ImageId::parse(id).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str) -> Vec<String> {
        ids_in(text).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_id_is_found_wherever_it_stands_in_a_value() {
        assert_eq!(ids("ami-0abc"), ["ami-0abc"]);
        assert_eq!(ids("ami-1,ami-2, ami-3"), ["ami-1", "ami-2", "ami-3"]);
        assert_eq!(ids(r#"{"us-east-1":{"HVM64":"ami-0ff8a91507f77f867"}}"#), ["ami-0ff8a91507f77f867"]);
        assert_eq!(ids("image/ami-0abc_x"), ["ami-0abc"]);
        assert_eq!(ids("ami-0abcxyz"), ["ami-0abc", "ami-0abcxyz"]);
        // What only looks like an id keeps nothing that exists.
        assert_eq!(ids("my-ami-name ami- ämi-1"), ["ami-name"]);
    }

    #[test]
    fn a_parameters_name_is_what_follows_resolve_ssm() {
        let parameter = |text: &str| match NamedImage::parse(text) {
            Some(NamedImage::Parameter(name)) => name,
            other => panic!("{other:?}"),
        };
        assert_eq!(parameter("resolve:ssm:/golden/web"), "/golden/web");
        assert_eq!(parameter("resolve:ssm:golden:3"), "golden:3");
        let arn = "arn:aws:ssm:us-east-1:111122223333:parameter/golden:prod";
        assert_eq!(parameter(&format!("resolve:ssm:{arn}")), arn);
        assert_eq!(NamedImage::parse("ami-1"), Some(NamedImage::Id(ImageId::parse("ami-1").unwrap())));
        assert_eq!(NamedImage::parse("resolve:ssm:"), None);
        assert_eq!(NamedImage::parse(""), None);
    }
}
