//! What every notice must be.

/// What SNS takes at most.
const SNS_BYTES: usize = 262_144;
/// No word, id or hash that a person reads is as long; a task token of Step Functions is several times longer.
const LONGEST_WORD: usize = 150;
/// What every personal link has in it.
const LINK: &str = "?l=";

/// Fails where a notice would not reach a person, or would let its reader answer in the workflow's name.
pub fn check(notice: &str) {
    assert!(!notice.trim().is_empty() && notice.len() <= SNS_BYTES, "{} bytes", notice.len());
    let folded: String = notice.to_lowercase().split(['_', '-', ' ']).collect();
    assert!(!folded.contains("tasktoken"), "{notice}");
    // A token is one piece of base64, also inside a command that a notice shows.
    let between = |it: char| !it.is_ascii_alphanumeric() && !"+/=_-".contains(it);
    let longest = notice.split(between).max_by_key(|word| word.len()).unwrap_or_default();
    assert!(longest.len() <= LONGEST_WORD, "is this a token? {longest}");
    assert!(!notice.contains(LINK), "whoever reads this topic would stand for somebody else: {notice}");
}

/// Fails where a notice to one person would not reach them, or would let them answer in another's name or the workflow's.
pub fn check_personal(notice: &str, person: &str) {
    let links = notice.split_whitespace().filter(|word| word.contains(LINK));
    let others: String = links.fold(notice.to_owned(), |notice, link| notice.replace(link, ""));
    check(&others);
    assert!(notice.len() <= SNS_BYTES, "{} bytes", notice.len());
    assert!(others.contains(&format!("for: {person}")), "it is {person}'s alone, and says so: {notice}");
}

/// The notices, each of them checked.
pub(crate) fn checked(notices: Vec<String>) -> Vec<String> {
    notices.iter().for_each(|notice| check(notice));
    notices
}

#[cfg(test)]
mod tests {
    use super::{check, check_personal};

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
    fn a_link_is_for_its_own_person() {
        let link = format!("https://abc.lambda-url.us-east-1.on.aws/?l=v1.2026.{}", "eyJhbiI6".repeat(30));
        check_personal(&format!("An image is to go.\n  for: ada\n{link}\nIt is yours alone."), "ada");
    }

    #[test]
    #[should_panic(expected = "stand for somebody else")]
    fn no_link_is_for_everybody() {
        check("https://abc.lambda-url.us-east-1.on.aws/?l=v1.2026.abc.def");
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
