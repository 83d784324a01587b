//! What people hear alone, and what they answer by the links that come with it.

use sunset_local::{Shown, Stack};
use ureq::http::Method;

use crate::decommission::process::Process;
use crate::notices::check_personal;

/// How many characters of the resource's id an answer types again.
const TYPED: usize = 6;

/// The form behind a person's link, as the page has shown it.
#[derive(Clone, Debug)]
pub struct Form {
    stack: &'static Stack,
    link: String,
    confirm: String,
    proof: String,
}

impl Form {
    /// Sends it. The reason is one word: nothing in it is encoded.
    #[must_use]
    pub fn send(&self, answer: &str, reason: &str) -> Shown {
        let Self { stack, link, confirm, proof } = self;
        let body = format!("form_token={proof}&confirm={confirm}&reason={reason}&answer={answer}");
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
        stack.visit(&Method::POST, link, &headers, body.as_bytes()).expect("an answer of the page")
    }
}

impl Process {
    /// Every notice about it that a person was sent alone so far, oldest first.
    #[must_use]
    pub fn told(&self, person: &str) -> Vec<String> {
        let mut notices = self.stack.personal_notices(person).expect("the person's notices");
        notices.retain(|notice| notice.contains(&self.id));
        notices.iter().for_each(|notice| check_personal(notice, person));
        notices
    }

    /// The links of a person's newest notice about it: to the question, and to everything that waits for them. Waits for it.
    #[must_use]
    #[track_caller]
    pub fn links(&self, person: &str) -> [String; 2] {
        let notice = self.stack.personal_notice(person, &self.id).expect("a notice");
        check_personal(&notice, person);
        let links = self.stack.links_in(&notice);
        links.try_into().unwrap_or_else(|links| panic!("not two links but {links:?}: {notice}"))
    }

    /// The form behind a person's own link.
    #[must_use]
    #[track_caller]
    pub fn form(&self, person: &str) -> Form {
        let [link, _] = self.links(person);
        let shown = self.stack.visit(&Method::GET, &link, &[], &[]).expect("an answer of the page");
        let proof = shown.field("form_token").unwrap_or_else(|| panic!("no form for {person}: {shown:?}")).to_owned();
        let resource = self.record()["resource"]["resource_id"].as_str().expect("a resource").to_owned();
        let confirm = resource.get(resource.len() - TYPED..).expect("the end of an id").to_owned();
        Form { stack: self.stack, link, confirm, proof }
    }

    /// A person answers by their own link, and is shown what became of it.
    #[track_caller]
    pub fn answered_by_link(&self, person: &str, answer: &str, reason: &str) {
        let sent = self.form(person).send(answer, reason);
        assert_eq!(sent.status, 303, "{answer} by {person}: {sent:?}");
        let page = self.stack.page_url().expect("the page");
        let to = format!("{page}{}", sent.location().expect("where to"));
        let shown = self.stack.visit(&Method::GET, &to, &[], &[]).expect("an answer of the page");
        assert!(shown.status == 200 && shown.body.contains("Your answer is recorded"), "{person}: {shown:?}");
    }

    /// Who answered, and what, by which proof of who they are: `ada approve link/ada`.
    #[must_use]
    pub fn votes(&self) -> Vec<String> {
        let votes = self.stack.process_items(&self.id, "VOTE#").expect("the ledger");
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        votes.iter().map(|vote| ["person", "answer", "identity"].map(|it| text(&vote[it])).join(" ")).collect()
    }
}
