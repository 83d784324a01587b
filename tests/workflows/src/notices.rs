//! What every notice must be.

/// What SNS takes at most.
const SNS_BYTES: usize = 262_144;
/// No word, id or hash that a person reads is as long; a task token of Step Functions is several times longer.
const LONGEST_WORD: usize = 150;

/// Fails where a notice would not reach a person, or would let its reader answer in the workflow's name.
pub fn check(notice: &str) {
    assert!(!notice.trim().is_empty() && notice.len() <= SNS_BYTES, "{} bytes", notice.len());
    let folded: String = notice.to_lowercase().split(['_', '-', ' ']).collect();
    assert!(!folded.contains("tasktoken"), "{notice}");
    // A token is one piece of base64, also inside a command that a notice shows.
    let between = |it: char| !it.is_ascii_alphanumeric() && !"+/=_-".contains(it);
    let longest = notice.split(between).max_by_key(|word| word.len()).unwrap_or_default();
    assert!(longest.len() <= LONGEST_WORD, "is this a token? {longest}");
}

/// The notices, each of them checked.
pub(crate) fn checked(notices: Vec<String>) -> Vec<String> {
    notices.iter().for_each(|notice| check(notice));
    notices
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn words_for_people_pass() {
        check("Image ami-0123456789abcdef0 can no longer be launched. To keep it, tag it sunset:keep.");
    }

    #[test]
    fn a_command_for_people_passes() {
        check(&format!(
            "curl --data '{{\"process_id\":\"{}\",\"plan_hash\":\"{}\"}}'",
            "0".repeat(100),
            "f".repeat(100)
        ));
    }

    #[test]
    #[should_panic(expected = "is this a token?")]
    fn a_token_is_found_by_its_length() {
        check(&format!("Answer with {}", "AQCwAAAAKgAAAAMA".repeat(20)));
    }

    #[test]
    #[should_panic(expected = "task_token")]
    fn a_token_is_found_by_its_name() {
        check("{\"task_token\": \"x\"}");
    }
}
