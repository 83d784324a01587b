//! Notices to people, through SNS.

use crate::error::AwsError;

/// SNS refuses a subject that is longer, or not ASCII.
const MAX_SUBJECT: usize = 100;
/// SNS takes 262,144 bytes; what is longer than a person reads is cut.
const MAX_BODY: usize = 60_000;

/// Publishes a notice. The subject is made fit for SNS, and the body is cut where nobody would read on.
///
/// # Errors
/// [`AwsError`].
pub async fn publish(sns: &aws_sdk_sns::Client, topic_arn: &str, subject: &str, body: &str) -> Result<(), AwsError> {
    sns.publish()
        .topic_arn(topic_arn)
        .subject(fit_subject(subject))
        .message(cut(body))
        .send()
        .await
        .map_err(|error| AwsError::of("Publish", &error))?;
    Ok(())
}

fn fit_subject(subject: &str) -> String {
    let printable = subject.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' });
    let fit: String = printable.skip_while(|c| *c == ' ').take(MAX_SUBJECT).collect();
    if fit.is_empty() { "Sunset".into() } else { fit }
}

fn cut(body: &str) -> String {
    if body.len() <= MAX_BODY {
        return body.to_owned();
    }
    let mut end = MAX_BODY;
    while !body.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}\n… cut; the whole is in the bucket.", body.get(..end).unwrap_or_default())
}

/// Whether a text is an SNS topic's ARN.
#[must_use]
pub fn is_topic_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    matches!(parts.as_slice(), ["arn", _, "sns", region, account, name]
        if !region.is_empty() && account.len() == 12 && !name.is_empty() && !name.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_ascii_one_line_and_short() {
        let fit = fit_subject(&format!(" ami-1 é\n{}", "x".repeat(200)));
        assert_eq!(fit.len(), 100);
        assert!(fit.starts_with("ami-1 ??x"));
        assert_eq!(fit_subject("\u{20}"), "Sunset");
    }

    #[test]
    fn a_long_body_is_cut_at_a_character_and_says_so() {
        let body = cut(&"é".repeat(MAX_BODY));
        assert!(body.len() < MAX_BODY + 100 && body.ends_with("in the bucket."));
    }

    #[test]
    fn only_a_topics_arn_is_a_topic() {
        assert!(is_topic_arn("arn:aws:sns:us-east-1:123456789012:web-team"));
        assert!(!is_topic_arn("web-team"));
        assert!(!is_topic_arn("arn:aws:sqs:us-east-1:123456789012:web-team"));
        assert!(!is_topic_arn("arn:aws:sns:us-east-1:123456789012:web-team:sub"));
    }
}
