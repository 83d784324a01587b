use crate::fixtures::Material;
use crate::tests::{all, parsed, text};
use crate::{Approval, approval};

#[test]
fn the_form_sends_what_the_link_the_person_and_the_page_say() {
    let page = approval(&Material::asked().open());
    let html = parsed(&page);
    let form = all(&html, "form")[0].value();
    assert_eq!((form.attr("method"), form.attr("action")), (Some("post"), Some("/?l=v1.decide")));
    let fields: Vec<_> = all(&html, "form [name]").iter().filter_map(|it| it.value().attr("name")).collect();
    assert_eq!(fields, ["form_token", "confirm", "reason", "answer", "answer"]);
    let answers: Vec<_> = all(&html, "button[name=answer]").iter().filter_map(|it| it.value().attr("value")).collect();
    assert_eq!(answers, ["approve", "reject"]);
}

#[test]
fn whoever_stands_in_for_somebody_reads_it_where_they_answer() {
    let material = Material::asked();
    let says = |person: &'static str| {
        let page = approval(&Approval { person, ..material.open() });
        text(all(&parsed(&page), "form")[0])
    };
    assert!(says("grace").contains("You answer as grace, standing in for linus, once."));
    assert!(says("ada").contains("You answer as ada, once."));
}

#[test]
fn nothing_is_decided_by_pressing_enter_in_a_field() {
    let page = approval(&Material::asked().open());
    let html = parsed(&page);
    let first = all(&html, "form button")[0].value();
    assert!(first.attr("disabled").is_some() && first.attr("hidden").is_some() && first.attr("name").is_none());
}

#[test]
fn the_end_of_the_id_that_is_to_be_typed_is_marked() {
    let page = approval(&Material::asked().open());
    let html = parsed(&page);
    assert_eq!(text(all(&html, "label[for=confirm]")[0]), "Type the last 6 characters of the resource’s id");
    assert_eq!(text(all(&html, "#confirm-hint mark")[0]), "bcdef0");
    assert_eq!(text(all(&html, "#confirm-hint")[0]), "It is vol-0123456789abcdef0.");
}

#[rstest::rstest]
#[case("confirm", "#confirm")]
#[case("reason", "#reason")]
#[case("form", "#answer")]
fn what_was_wrong_is_said_at_the_top_and_leads_to_its_field(#[case] field: &str, #[case] target: &str) {
    let material = Material::asked();
    let page = approval(&material.wrong(field, "that is not right"));
    assert_eq!(page.status, 422);
    let html = parsed(&page);
    assert!(text(all(&html, "title")[0]).starts_with("Error: "));
    let link = all(&html, "[role=alert] a")[0];
    assert_eq!((text(link).as_str(), link.value().attr("href")), ("that is not right", Some(target)));
    let invalid: Vec<_> = all(&html, "[aria-invalid=true]").iter().filter_map(|it| it.value().id()).collect();
    let expected: Vec<&str> = if field == "form" { vec![] } else { vec![field] };
    assert_eq!(invalid, expected);
    assert_eq!(all(&html, ".error").len(), expected.len());
}

#[test]
fn what_was_typed_before_is_kept_and_what_was_chosen_is_said() {
    let material = Material::asked();
    let page = approval(&material.wrong("confirm", "that is not right"));
    let html = parsed(&page);
    assert_eq!(all(&html, "#confirm")[0].value().attr("value"), Some("abcdef"));
    assert_eq!(text(all(&html, "#reason")[0]), "still needed");
    assert!(text(all(&html, "form")[0]).contains("You had chosen to reject."));
}

#[test]
fn whoever_cannot_answer_here_reads_why_and_sees_no_form() {
    let material = Material::asked();
    let page = approval(&material.closed("at this risk only your own AWS credentials decide"));
    let html = parsed(&page);
    assert_eq!(all(&html, "form, button, input").len(), 0);
    assert!(text(all(&html, "section:last-child")[0]).contains("at this risk only your own AWS credentials decide"));
    let page = approval(&Approval { no_form_because: None, ..material.closed("") });
    assert!(text(all(&parsed(&page), "section:last-child")[0]).contains("There is nothing to answer here."));
}
