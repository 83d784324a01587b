use serde_json::json;
use sunset_aws::driver::{Acted, StepCall};
use sunset_domain::runbook::action::Action;
use sunset_wire::{Account, Ec2, NetworkInterface, Peer, SecurityGroup};

use super::{code, done, go, impossible, not_done, step, view};
use crate::support::{account, serve};

fn member(action: Action) -> StepCall {
    let before = json!(["sg-2", "sg-1", "sg-3"]);
    let inputs = json!({"security_group_id": "sg-1", "network_interface_id": "eni-1", "group_ids_before": before});
    step(action, inputs)
}

fn delete() -> StepCall {
    step(Action::DeleteSecurityGroup, json!({"security_group_id": "sg-1"}))
}

fn standing_in(groups: &[&str]) -> NetworkInterface {
    groups.iter().fold(NetworkInterface::new("eni-1"), |interface, group| interface.member_of(*group))
}

fn groups() -> Account {
    (1..=4).fold(account(), |account, n| account.security_group(SecurityGroup::new(format!("sg-{n}"), format!("g{n}"))))
}

fn now_in(ec2: &Ec2) -> Vec<String> {
    ec2.account().network_interfaces["eni-1"].group_ids.clone()
}

#[tokio::test]
async fn a_group_is_taken_off_an_interface_and_given_back_as_it_was() {
    let (ec2, clients) = serve(groups().network_interface(standing_in(&["sg-2", "sg-1", "sg-3"]))).await;
    let (detach, attach) = (member(Action::DetachSecurityGroup), member(Action::AttachSecurityGroup));
    assert_eq!(view(&clients, &detach).await, not_done("in sg-2, sg-1, sg-3"));
    assert_eq!(view(&clients, &attach).await, done());
    assert_eq!(go(&clients, &detach).await, Ok(Acted::default()));
    assert_eq!(now_in(&ec2), ["sg-2", "sg-3"]);
    assert_eq!(view(&clients, &detach).await, done());
    assert_eq!(view(&clients, &attach).await, not_done("in sg-2, sg-3"));
    assert_eq!(go(&clients, &attach).await, Ok(Acted::default()));
    assert_eq!(now_in(&ec2), ["sg-2", "sg-1", "sg-3"]);
}

#[tokio::test]
async fn what_somebody_changed_meanwhile_stays_changed() {
    let (ec2, clients) = serve(groups().network_interface(standing_in(&["sg-2", "sg-1", "sg-3", "sg-4"]))).await;
    let (detach, attach) = (member(Action::DetachSecurityGroup), member(Action::AttachSecurityGroup));
    go(&clients, &detach).await.unwrap();
    assert_eq!(now_in(&ec2), ["sg-2", "sg-3", "sg-4"], "what was added since the record stays");
    ec2.account().add_network_interface(standing_in(&["sg-4"]));
    go(&clients, &attach).await.unwrap();
    assert_eq!(now_in(&ec2), ["sg-4", "sg-1"], "what was taken off since stays off");
}

#[tokio::test]
async fn the_only_group_of_an_interface_stays() {
    let (_ec2, clients) = serve(groups().network_interface(standing_in(&["sg-1"]))).await;
    let why = "sg-1 is the only group of eni-1, which must have one";
    assert_eq!(view(&clients, &member(Action::DetachSecurityGroup)).await, impossible(why));
}

#[tokio::test]
async fn an_interface_that_is_gone_stands_in_no_group_and_gets_none() {
    let (ec2, clients) = serve(groups()).await;
    let (detach, attach) = (member(Action::DetachSecurityGroup), member(Action::AttachSecurityGroup));
    assert_eq!(view(&clients, &detach).await, done());
    assert_eq!(go(&clients, &detach).await, Ok(Acted::default()));
    assert_eq!(ec2.count("ModifyNetworkInterfaceAttribute"), 0);
    assert_eq!(view(&clients, &attach).await, impossible("network interface eni-1 does not exist"));
    assert_eq!(code(go(&clients, &attach).await), "InvalidNetworkInterfaceID.NotFound");
}

#[tokio::test]
async fn a_group_is_deleted_when_nothing_depends_on_it() {
    let naming = SecurityGroup::new("sg-9", "db").lets_in(5432, Peer::group("sg-1"));
    let account = groups().network_interface(standing_in(&["sg-2", "sg-1"])).security_group(naming);
    let (ec2, clients) = serve(account).await;
    assert_eq!(view(&clients, &delete()).await, not_done("there"));
    assert_eq!(code(go(&clients, &delete()).await), "DependencyViolation");
    ec2.account().network_interfaces.clear();
    assert_eq!(code(go(&clients, &delete()).await), "DependencyViolation");
    ec2.account().security_groups.remove("sg-9");
    assert_eq!(go(&clients, &delete()).await, Ok(Acted::default()));
    assert_eq!(view(&clients, &delete()).await, done());
    assert_eq!(go(&clients, &delete()).await, Ok(Acted::default()), "gone before is gone");
}
