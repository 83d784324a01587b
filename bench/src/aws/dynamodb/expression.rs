//! Condition expressions, as far as the ledger writes them: `=`, `AND`, `OR`, parentheses, `attribute_exists`,
//! `attribute_not_exists`, `attribute_type` and `begins_with`. Anything else is refused, and never taken for true.

use serde_json::{Map, Value};

use super::Item;

/// An expression with its names and values.
#[derive(Clone, Copy)]
pub(super) struct Expression<'a> {
    pub(super) text: &'a str,
    pub(super) names: Option<&'a Map<String, Value>>,
    pub(super) values: Option<&'a Map<String, Value>>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Token<'a> {
    Open,
    Close,
    Comma,
    Equals,
    Word(&'a str),
}

/// An expression that cannot be evaluated, and why.
pub(super) type Invalid = String;

impl<'a> Expression<'a> {
    /// Whether it holds for an item; one that does not exist has no attributes.
    pub(super) fn holds(&self, item: Option<&Item>) -> Result<bool, Invalid> {
        let tokens = tokens(self.text)?;
        let mut parser = Parser { expression: *self, item, tokens: &tokens };
        let holds = parser.any()?;
        match parser.tokens {
            [] => Ok(holds),
            [token, ..] => Err(format!("{token:?} was not expected in {:?}", self.text)),
        }
    }

    /// What a word such as `:before` stands for.
    pub(super) fn value(&self, word: &str) -> Result<&'a Value, Invalid> {
        let value = self.values.filter(|_| word.starts_with(':')).and_then(|values| values.get(word));
        value.ok_or_else(|| format!("{word} has no value"))
    }

    /// The attribute that a word such as `version` or `#version` names.
    pub(super) fn attribute(&self, word: &'a str) -> Result<&'a str, Invalid> {
        if word.starts_with('#') {
            let name = self.names.and_then(|names| names.get(word)?.as_str());
            return name.ok_or_else(|| format!("{word} has no name"));
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if word.is_empty() || !word.chars().all(is_name) {
            return Err(format!("the path {word} is not served here"));
        }
        Ok(word)
    }
}

fn tokens(text: &str) -> Result<Vec<Token<'_>>, Invalid> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '#' | '.');
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '(' | ')' | ',' | '=' => 1,
            c if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            c => return Err(format!("{c:?} is not served here, in {text:?}")),
        };
        let (token, after) = rest.split_at(length);
        tokens.push(match token {
            "(" => Token::Open,
            ")" => Token::Close,
            "," => Token::Comma,
            "=" => Token::Equals,
            word => Token::Word(word),
        });
        rest = after.trim_start();
    }
    Ok(tokens)
}

struct Parser<'a, 't> {
    expression: Expression<'a>,
    item: Option<&'a Item>,
    tokens: &'t [Token<'a>],
}

impl<'a> Parser<'a, '_> {
    fn next(&mut self) -> Result<Token<'a>, Invalid> {
        let (token, rest) =
            self.tokens.split_first().ok_or_else(|| format!("{:?} ends too early", self.expression.text))?;
        self.tokens = rest;
        Ok(*token)
    }

    fn expect(&mut self, wanted: Token<'_>) -> Result<(), Invalid> {
        match self.next()? {
            token if token == wanted => Ok(()),
            token => Err(format!("{token:?} instead of {wanted:?} in {:?}", self.expression.text)),
        }
    }

    fn word(&mut self) -> Result<&'a str, Invalid> {
        match self.next()? {
            Token::Word(word) => Ok(word),
            token => Err(format!("{token:?} instead of a name in {:?}", self.expression.text)),
        }
    }

    fn follows(&mut self, keyword: &str) -> bool {
        match self.tokens.split_first() {
            Some((Token::Word(word), rest)) if word.eq_ignore_ascii_case(keyword) => {
                self.tokens = rest;
                true
            }
            _ => false,
        }
    }

    fn any(&mut self) -> Result<bool, Invalid> {
        let mut holds = self.all()?;
        while self.follows("OR") {
            holds |= self.all()?;
        }
        Ok(holds)
    }

    fn all(&mut self) -> Result<bool, Invalid> {
        let mut holds = self.one()?;
        while self.follows("AND") {
            holds &= self.one()?;
        }
        Ok(holds)
    }

    fn one(&mut self) -> Result<bool, Invalid> {
        if let [Token::Open, rest @ ..] = self.tokens {
            self.tokens = rest;
            let holds = self.any()?;
            self.expect(Token::Close)?;
            return Ok(holds);
        }
        let word = self.word()?;
        if let [Token::Open, rest @ ..] = self.tokens {
            self.tokens = rest;
            return self.function(word);
        }
        self.expect(Token::Equals)?;
        let other = self.word()?;
        let (one, other) = (self.operand(word)?, self.operand(other)?);
        // An attribute that is not there equals nothing.
        Ok(one.is_some() && one == other)
    }

    fn function(&mut self, name: &str) -> Result<bool, Invalid> {
        let path = self.word()?;
        let attribute = self.operand(path)?;
        let holds = match name {
            "attribute_exists" => attribute.is_some(),
            "attribute_not_exists" => attribute.is_none(),
            "attribute_type" => {
                let wanted = self.argument("S")?;
                attribute.and_then(Value::as_object).is_some_and(|value| value.contains_key(wanted))
            }
            "begins_with" => {
                let prefix = self.argument("S")?;
                attribute.and_then(|value| value.get("S")?.as_str()).is_some_and(|text| text.starts_with(prefix))
            }
            other => return Err(format!("the function {other} is not served here")),
        };
        self.expect(Token::Close)?;
        Ok(holds)
    }

    /// The text of a function's second argument.
    fn argument(&mut self, kind: &str) -> Result<&'a str, Invalid> {
        self.expect(Token::Comma)?;
        let word = self.word()?;
        let text = self.operand(word)?.and_then(|value| value.get(kind)?.as_str());
        text.ok_or_else(|| format!("{word} is no text in {:?}", self.expression.text))
    }

    /// What a word stands for: a value, or an attribute, which may be missing.
    fn operand(&self, word: &'a str) -> Result<Option<&'a Value>, Invalid> {
        if word.starts_with(':') {
            return self.expression.value(word).map(Some);
        }
        let attribute = self.expression.attribute(word)?;
        Ok(self.item.and_then(|item| item.get(attribute)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn holds(text: &str, item: Option<&Value>) -> Result<bool, Invalid> {
        let values = json!({":mine": {"S": "run-1"}, ":null": {"S": "NULL"}, ":prefix": {"S": "IMAGE#"}});
        let names = json!({"#run": "run_id"});
        let expression = Expression { text, names: names.as_object(), values: values.as_object() };
        expression.holds(item.and_then(Value::as_object))
    }

    #[test]
    fn the_ledgers_conditions_hold_and_fail_where_they_should() {
        let open = json!({"pk": {"S": "RUN#1"}, "sk": {"S": "IMAGE#a"}, "run_id": {"S": "run-1"}, "closed_at": {"NULL": true}});
        let closed =
            json!({"pk": {"S": "RUN#1"}, "run_id": {"S": "run-2"}, "closed_at": {"S": "2026-11-20T09:00:00Z"}});
        let still_open =
            "attribute_exists(pk) AND (attribute_not_exists(closed_at) OR attribute_type(closed_at, :null))";
        for (text, item, expected) in [
            (still_open, Some(&open), true),
            (still_open, Some(&closed), false),
            (still_open, None, false),
            ("attribute_not_exists(pk)", None, true),
            ("attribute_not_exists(pk) OR run_id = :mine", Some(&open), true),
            ("attribute_not_exists(pk) OR run_id = :mine", Some(&closed), false),
            ("attribute_not_exists(pk) OR #run = :mine", Some(&open), true),
            ("run_id = :mine", None, false),
            ("pk = :mine AND begins_with(sk, :prefix)", Some(&open), false),
            ("begins_with(sk, :prefix)", Some(&open), true),
            ("begins_with(sk, :prefix)", Some(&closed), false),
        ] {
            assert_eq!(holds(text, item), Ok(expected), "{text} of {item:?}");
        }
    }

    #[test]
    fn and_binds_closer_than_or_and_parentheses_closer_than_both() {
        let item = json!({"a": {"S": "1"}});
        let (yes, no) = ("attribute_exists(a)", "attribute_exists(b)");
        assert_eq!(holds(&format!("{yes} OR {no} AND {no}"), Some(&item)), Ok(true));
        assert_eq!(holds(&format!("({yes} OR {no}) AND {no}"), Some(&item)), Ok(false));
        assert_eq!(holds(&format!("{no} AND {no} OR {yes}"), Some(&item)), Ok(true));
    }

    #[test]
    fn what_is_not_served_is_refused_and_never_true() {
        for text in
            ["a <> :mine", "size(a) = :mine", "NOT a = :mine", "a = :unknown", "a.b = :mine", "a =", "(a = :mine", ""]
        {
            assert!(holds(text, None).is_err(), "{text}");
        }
    }
}
