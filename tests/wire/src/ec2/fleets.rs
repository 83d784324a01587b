//! EC2 fleets.

use super::ask::Ask;
use super::error::ApiError;
use super::filters::Filters;
use super::paging::Limits;
use super::template_ref;
use super::xml::Xml;
use crate::account::Account;

pub(super) fn describe(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let filters = Filters::parse(ask.params, &["activity-status", "fleet-state", "type"])?;
    let page = ask.page(Limits::ec2(1, 1000).or(1000))?;
    let ids = ask.params.list("FleetId");
    if let Some(unknown) = ids.iter().find(|id| !account.fleets.contains_key(**id)) {
        let message = format!("The fleet ID '{unknown}' does not exist");
        return Err(ApiError::client("InvalidFleetId.NotFound", message));
    }
    let (found, next) = page.take(page.rest(&account.fleets).filter(|(id, fleet)| {
        // An instant fleet shows only when it is asked for.
        (if ids.is_empty() { fleet.kind != "instant" } else { ids.contains(id) })
            && filters.pass(|filter| match filter {
                "fleet-state" => vec![fleet.state.as_str()],
                "type" => vec![fleet.kind.as_str()],
                _ => vec!["fulfilled"],
            })
    }));
    xml.items("fleetSet", found, |xml, fleet| {
        xml.text("fleetId", &fleet.id);
        xml.text("fleetState", &fleet.state);
        xml.text("type", &fleet.kind);
        xml.time("createTime", fleet.created);
        xml.items("launchTemplateConfigs", [fleet], |xml, fleet| {
            if let Some(template) = &fleet.template {
                template_ref::write_for_fleet(xml, template);
            }
            xml.items("overrides", &fleet.override_images, |xml, image_id| {
                xml.text("instanceType", "t3.large");
                xml.text("imageId", image_id);
            });
        });
        xml.within("targetCapacitySpecification", |xml| {
            xml.text("totalTargetCapacity", "1");
            xml.text("defaultTargetCapacityType", "spot");
        });
    });
    xml.optional("nextToken", next.as_deref());
    Ok(())
}
