//! An Elastic IP address: taken off what it stands on, left alone, released.

use serde_json::Value;

use crate::process::observation::{Address, Association};
use crate::runbook::action::Action;
use crate::runbook::plan::writing::{Draft, Writing, step};
use crate::runbook::step::StepId;

pub(super) fn steps(draft: &mut Draft, address: &Address) -> Result<(), String> {
    let id = draft.id();
    let ip = &address.public_ip;
    let mut before_the_soak = draft.tagged();
    if let Some(association) = &address.association {
        before_the_soak = draft.add(disassociate(&id, ip, association)?, &[&before_the_soak]);
    }
    let soaked = draft.soak(
        "the address is associated with nothing, still belongs to the account, and can be associated again.",
        &[&before_the_soak],
    );
    draft.add(
        step(
            &StepId::new("release-address"),
            Action::ReleaseAddress,
            format!(
                "Releases address {ip} ({id}). AWS may give it to anybody then, and nothing brings it back for certain: \
                 AllocateAddress with Address={ip} gets it again only as long as nobody else has it."
            ),
        )
        .with("allocation_id", id.as_str())
        .requires("it is associated with nothing")
        .proved_by("EC2 does not know its allocation id any more"),
        &[&soaked],
    );
    Ok(())
}

fn disassociate(id: &str, ip: &str, association: &Association) -> Result<Writing, String> {
    let (Some(interface), Some(private_ip)) = (&association.network_interface_id, &association.private_ip) else {
        return Err(format!(
            "its association {} names no network interface with a private address, so it could not be associated again",
            association.association_id
        ));
    };
    let who = association.instance_id.as_ref().map(|id| format!(" of instance {id}")).unwrap_or_default();
    Ok(step(
        &StepId::new("disassociate-address"),
        Action::DisassociateAddress,
        format!("Takes address {ip} off {private_ip} at network interface {interface}{who}."),
    )
    .with("allocation_id", id)
    .with("association_id", association.association_id.as_str())
    .requires(format!("its association is {}, or it has none already", association.association_id))
    .proved_by("it is associated with nothing")
    .loses(format!(
        "nothing is reached at {ip} meanwhile; an instance gets another public address only if it was launched with an \
         auto-assigned one and has a single network interface"
    ))
    .undone_by(
        Action::AssociateAddress,
        [("network_interface_id", Value::from(interface.as_str())), ("private_ip", Value::from(private_ip.as_str()))],
        Some("its association id, which is another one after every association".into()),
    ))
}
