//! How groups and fleets name a launch template.

/// A launch template by its id or its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TemplateKey {
    /// `lt-…`.
    Id(String),
    /// Its name.
    Name(String),
}

/// Which of its versions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TemplateVersion {
    /// `$Latest`.
    Latest,
    /// `$Default`, or nothing said.
    Default,
    /// Its number.
    Number(i64),
    /// Something that only EC2 could understand.
    Other(String),
}

/// A launch template's version, as it is referred to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TemplateRef {
    pub(super) key: TemplateKey,
    pub(super) version: TemplateVersion,
}

impl TemplateRef {
    /// Nothing, where neither id nor name is said.
    pub(super) fn new(id: Option<&str>, name: Option<&str>, version: Option<&str>) -> Option<Self> {
        let said = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        let key = said(id).map(TemplateKey::Id).or_else(|| said(name).map(TemplateKey::Name))?;
        let version = match version.unwrap_or_default() {
            "$Latest" => TemplateVersion::Latest,
            "" | "$Default" => TemplateVersion::Default,
            other => other.parse().map_or_else(|_| TemplateVersion::Other(other.to_owned()), TemplateVersion::Number),
        };
        Some(Self { key, version })
    }
}
