//! Commands that people copy: every argument is one word of a POSIX-like shell, whatever is in it.

use std::fmt::Write as _;

/// A word that the shell reads as exactly this text. What could break out of a word, of a line or of a document is
/// written as bytes (`$'\x7c'`), which bash, zsh and ksh turn back.
#[must_use]
pub fn quoted(text: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || "_./:=@,+%-".contains(c);
    let plain = |c: char| (c == ' ' || c.is_ascii_graphic()) && !r"'\|<>`&$!*~".contains(c);
    if !text.is_empty() && text.chars().all(bare) {
        return text.to_owned();
    }
    if text.chars().all(plain) {
        return format!("'{text}'");
    }
    let mut word = String::from("$'");
    for c in text.chars() {
        if plain(c) {
            word.push(c);
            continue;
        }
        for byte in c.encode_utf8(&mut [0; 4]).bytes() {
            // Writing into a String cannot fail; were it to, a shorter word is refused by AWS.
            if write!(word, "\\x{byte:02x}").is_err() {
                return word;
            }
        }
    }
    word.push('\'');
    word
}

/// An `aws ec2` command.
#[derive(Debug, Clone)]
pub struct Command(String);

impl Command {
    /// The command of this name.
    #[must_use]
    pub fn ec2(name: &str) -> Self {
        Self(format!("aws ec2 {name}"))
    }

    /// With an option and its values.
    #[must_use]
    pub fn with<T: AsRef<str>>(mut self, option: &str, values: impl IntoIterator<Item = T>) -> Self {
        self.0.push_str(" --");
        self.0.push_str(option);
        for value in values {
            self.0.push(' ');
            self.0.push_str(&quoted(value.as_ref()));
        }
        self
    }

    /// With an option that has a value, where there is one.
    #[must_use]
    pub fn maybe(self, option: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(option, [value]),
            None => self,
        }
    }

    /// With an option that has no value.
    #[must_use]
    pub fn flag(self, option: &str) -> Self {
        self.with::<&str>(option, [])
    }

    /// In a region, where it is known.
    #[must_use]
    pub fn text(self, region: Option<&str>) -> String {
        self.maybe("region", region).0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[rstest::rstest]
    #[case("i-0123", "i-0123")]
    #[case("", "''")]
    #[case("two words", "'two words'")]
    #[case("a|b<c", r"$'a\x7cb\x3cc'")]
    #[case("it's `x` $(y)", r"$'it\x27s \x60x\x60 \x24(y)'")]
    #[case("é\n", r"$'\xc3\xa9\x0a'")]
    fn an_argument_is_one_word(#[case] text: &str, #[case] word: &str) {
        assert_eq!(quoted(text), word);
    }

    /// What bash reads: the inverse of the quoting, written down from its manual.
    fn read(word: &str) -> Vec<u8> {
        let Some(inner) = word.strip_prefix("$'").and_then(|word| word.strip_suffix('\'')) else {
            return word.trim_matches('\'').as_bytes().to_vec();
        };
        let (mut bytes, mut rest) = (Vec::new(), inner.as_bytes());
        while let Some((first, more)) = rest.split_first() {
            if *first == b'\\' {
                bytes.push(u8::from_str_radix(std::str::from_utf8(&more[1..3]).unwrap(), 16).unwrap());
                rest = &more[3..];
            } else {
                bytes.push(*first);
                rest = more;
            }
        }
        bytes
    }

    proptest! {
        #[test]
        fn every_text_survives_the_shell_and_none_breaks_out_of_a_line_or_a_fence(text in any::<String>()) {
            let word = quoted(&text);
            prop_assert_eq!(read(&word), text.as_bytes());
            prop_assert!(word.chars().all(|c| (c == ' ' || c.is_ascii_graphic()) && !"|<>`".contains(c)), "{}", word);
        }
    }
}
