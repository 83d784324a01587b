//! `crates/<function>/iam-actions.txt`: the IAM actions behind the AWS calls of one function.
//!
//! One action a line. `live ` before it: the function asks for it only with `AllowLive`. `optional `: only with
//! `SecondOpinion`.
//! Lines that begin with `#` are comments.

use crate::text;
use std::collections::BTreeSet;

/// The actions of one function.
#[derive(Debug, Default)]
pub struct Actions {
    /// What it calls whatever the parameters say.
    pub always: BTreeSet<String>,
    /// What it calls only with `AllowLive=true`.
    pub live: BTreeSet<String>,
    /// What it calls only with `SecondOpinion=true`.
    pub optional: BTreeSet<String>,
}

impl Actions {
    /// Reads the list of one function.
    #[must_use]
    pub fn of(function: &str) -> Self {
        let path = format!("crates/{function}/iam-actions.txt");
        let mut actions = Self::default();
        for line in text(&path).lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (into, action) = match line.split_once(' ') {
                None => (&mut actions.always, line),
                Some(("live", action)) => (&mut actions.live, action),
                Some(("optional", action)) => (&mut actions.optional, action),
                Some((word, _)) => panic!("{path}: {word} is neither live nor optional"),
            };
            assert!(action.contains(':') && !action.contains(['*', ' ']), "{path}: {action} is not one IAM action");
            assert!(into.insert(action.to_owned()), "{path}: {action} stands there twice");
        }
        assert!(!actions.always.is_empty(), "{path} is empty");
        actions
    }
}
