use time::{Duration, OffsetDateTime};

/// An SSM parameter, by default a `String` of data type `text`.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// The name.
    pub name: String,
    /// The value, in the clear.
    pub value: String,
    /// `String`, `StringList` or `SecureString`.
    pub kind: String,
    /// `text` or `aws:ec2:image`.
    pub data_type: String,
    /// The version.
    pub version: u64,
    /// Whether AWS publishes it: it can be read by name and is never listed.
    pub public: bool,
    /// When it was last changed.
    pub modified: OffsetDateTime,
}

impl Parameter {
    /// A parameter with every default.
    #[must_use]
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            kind: "String".to_owned(),
            data_type: "text".to_owned(),
            version: 1,
            public: false,
            modified: OffsetDateTime::now_utc() - Duration::hours(100),
        }
    }

    /// A `StringList`, its values separated by commas.
    #[must_use]
    pub fn string_list(mut self) -> Self {
        "StringList".clone_into(&mut self.kind);
        self
    }

    /// A `SecureString`.
    #[must_use]
    pub fn secure(mut self) -> Self {
        "SecureString".clone_into(&mut self.kind);
        self
    }

    /// Of data type `aws:ec2:image`.
    #[must_use]
    pub fn image_type(mut self) -> Self {
        "aws:ec2:image".clone_into(&mut self.data_type);
        self
    }

    /// Published by AWS: readable by name, never listed.
    #[must_use]
    pub fn public(mut self) -> Self {
        self.public = true;
        self
    }
}
