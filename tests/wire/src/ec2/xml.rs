//! Just enough XML to write a response.

use time::OffsetDateTime;

pub(super) struct Xml(String);

impl Xml {
    pub(super) fn document() -> Self {
        Self("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned())
    }

    pub(super) fn finish(self) -> String {
        self.0
    }

    pub(super) fn root(&mut self, name: &str, namespace: &str, content: impl FnOnce(&mut Self)) {
        self.0.push_str(&format!("<{name} xmlns=\"{namespace}\">"));
        content(self);
        self.close(name);
    }

    pub(super) fn within(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        self.open(name);
        content(self);
        self.close(name);
    }

    pub(super) fn text(&mut self, name: &str, value: &str) {
        self.open(name);
        self.escaped(value);
        self.close(name);
    }

    pub(super) fn show(&mut self, name: &str, value: impl std::fmt::Display) {
        self.text(name, &value.to_string());
    }

    pub(super) fn optional(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    pub(super) fn time(&mut self, name: &str, value: OffsetDateTime) {
        self.text(name, &timestamp(value));
    }

    /// `<name><item>…</item>…</name>`, as EC2 writes lists.
    pub(super) fn items<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        content: impl FnMut(&mut Self, T),
    ) {
        self.list(name, "item", items, content);
    }

    /// `<name><member>…</member>…</name>`, as Auto Scaling writes lists.
    pub(super) fn members<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        content: impl FnMut(&mut Self, T),
    ) {
        self.list(name, "member", items, content);
    }

    pub(super) fn tags(&mut self, tags: &std::collections::BTreeMap<String, String>) {
        if !tags.is_empty() {
            self.items("tagSet", tags, |xml, (key, value)| {
                xml.text("key", key);
                xml.text("value", value);
            });
        }
    }

    fn list<T>(
        &mut self,
        name: &str,
        member: &str,
        items: impl IntoIterator<Item = T>,
        mut content: impl FnMut(&mut Self, T),
    ) {
        self.open(name);
        for item in items {
            self.open(member);
            content(self, item);
            self.close(member);
        }
        self.close(name);
    }

    fn open(&mut self, name: &str) {
        self.0.push('<');
        self.0.push_str(name);
        self.0.push('>');
    }

    fn close(&mut self, name: &str) {
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
    }

    pub(super) fn escaped(&mut self, value: &str) {
        let plain = |byte: u8| !matches!(byte, b'&' | b'<' | b'>') && (byte >= b' ' || matches!(byte, b'\t' | b'\n'));
        if value.bytes().all(plain) {
            self.0.push_str(value);
            return;
        }
        for character in value.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '\r' => self.0.push_str("&#xD;"),
                // XML 1.0 has no way to write the other control characters.
                character if character < ' ' && !matches!(character, '\t' | '\n') => (),
                character => self.0.push(character),
            }
        }
    }
}

/// `2023-02-18T23:59:14.000Z`.
pub(super) fn timestamp(at: OffsetDateTime) -> String {
    let at = at.to_offset(time::UtcOffset::UTC);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
        at.millisecond()
    )
}
