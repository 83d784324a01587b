use serde_json::{Value, json};
use sunset_aws::driver::{Acted, StepCall};
use sunset_domain::runbook::action::Action;
use sunset_wire::{Account, Address, Instance, NetworkInterface};

use super::{code, done, go, impossible, not_done, step, view};
use crate::support::{account, serve};

fn disassociate() -> StepCall {
    step(Action::DisassociateAddress, json!({"allocation_id": "eipalloc-1", "association_id": "eipassoc-1"}))
}

fn associate(private_ip: Value) -> StepCall {
    let inputs = json!({"allocation_id": "eipalloc-1", "network_interface_id": "eni-1", "private_ip": private_ip});
    step(Action::AssociateAddress, inputs)
}

fn release() -> StepCall {
    step(Action::ReleaseAddress, json!({"allocation_id": "eipalloc-1"}))
}

fn reaching() -> Account {
    account()
        .instance(Instance::new("i-1", "ami-1"))
        .network_interface(NetworkInterface::primary_of("i-1").private_ip("10.0.0.5"))
        .network_interface(NetworkInterface::new("eni-2").private_ip("10.0.0.6"))
        .address(Address::new("eipalloc-1").ip("198.51.100.1").associated_with("eni-1"))
}

#[tokio::test]
async fn an_address_is_taken_off_given_back_and_released() {
    let (ec2, clients) = serve(reaching()).await;
    let back = associate(json!("10.0.0.5"));
    assert_eq!(view(&clients, &disassociate()).await, not_done("associated with eni-1"));
    assert_eq!(view(&clients, &back).await, done());
    assert_eq!(view(&clients, &release()).await, impossible("address eipalloc-1 is associated with eni-1"));
    assert_eq!(code(go(&clients, &release()).await), "InvalidIPAddress.InUse");
    assert_eq!(go(&clients, &disassociate()).await, Ok(Acted::default()));
    assert_eq!(go(&clients, &disassociate()).await, Ok(Acted::default()), "done before is done");
    assert_eq!(view(&clients, &disassociate()).await, done());
    assert_eq!(view(&clients, &back).await, not_done("not associated"));
    assert_eq!(go(&clients, &back).await, Ok(Acted::default()));
    assert_eq!(view(&clients, &back).await, done());
    let call = &ec2.calls_of("AssociateAddress")[0];
    assert_eq!(call.param("AllowReassociation"), Some("false"));
    assert_eq!(call.param("PrivateIpAddress"), Some("10.0.0.5"));

    // Another association than the recorded one is somebody else's.
    let association = ec2.account().addresses["eipalloc-1"].association.clone().unwrap().id;
    let why = format!("address eipalloc-1 is associated with eni-1, as {association} and not eipassoc-1");
    assert_eq!(view(&clients, &disassociate()).await, impossible(&why));
    ec2.account().addresses.get_mut("eipalloc-1").unwrap().association = None;
    assert_eq!(view(&clients, &release()).await, not_done("not associated"));
    assert_eq!(go(&clients, &release()).await, Ok(Acted::default()));
    assert_eq!(view(&clients, &release()).await, done());
    assert_eq!(go(&clients, &release()).await, Ok(Acted::default()), "gone before is gone");
}

#[tokio::test]
async fn an_address_that_somebody_took_is_not_taken_from_them() {
    let (ec2, clients) = serve(reaching()).await;
    ec2.account().add_address(Address::new("eipalloc-1").ip("198.51.100.1").associated_with("eni-2"));
    let back = associate(json!("10.0.0.5"));
    assert_eq!(view(&clients, &back).await, impossible("address eipalloc-1 is associated with eni-2"));
    assert_eq!(code(go(&clients, &back).await), "Resource.AlreadyAssociated");
    assert_eq!(ec2.account().address_association("eipalloc-1"), Some("eni-2"));
}

#[tokio::test]
async fn an_address_behind_another_private_address_is_not_where_it_was() {
    let (_ec2, clients) = serve(reaching()).await;
    assert_eq!(view(&clients, &associate(Value::Null)).await, done());
    let elsewhere = view(&clients, &associate(json!("10.0.0.9"))).await;
    assert_eq!(elsewhere, impossible("address eipalloc-1 is associated with eni-1"));
}

#[tokio::test]
async fn what_is_gone_can_be_neither_taken_off_nor_given_back() {
    let (ec2, clients) = serve(reaching()).await;
    ec2.account().add_address(Address::new("eipalloc-1").ip("198.51.100.1"));
    ec2.account().network_interfaces.remove("eni-1");
    let gone = impossible("network interface eni-1 does not exist");
    assert_eq!(view(&clients, &associate(json!("10.0.0.5"))).await, gone);
    ec2.account().addresses.clear();
    for call in [disassociate(), associate(Value::Null)] {
        assert_eq!(view(&clients, &call).await, impossible("address eipalloc-1 does not exist"));
    }
}

#[tokio::test]
async fn an_address_that_cannot_be_released_is_refused() {
    for (address, refusal) in [
        (Address::new("eipalloc-1").locked(), "InvalidAddress.Locked"),
        (Address::new("eipalloc-1").ptr_record("mail.example.com"), "InvalidAddress.PtrSet"),
        (Address::new("eipalloc-1").service_managed("alb"), "AuthFailure"),
    ] {
        let (ec2, clients) = serve(account().address(address)).await;
        assert_eq!(code(go(&clients, &release()).await), refusal);
        assert!(ec2.account().has_address("eipalloc-1"));
    }
}
