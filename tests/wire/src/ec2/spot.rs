//! Spot instance requests and Spot fleet requests.

use super::ask::Ask;
use super::error::ApiError;
use super::filters::Filters;
use super::paging::Limits;
use super::template_ref;
use super::xml::Xml;
use crate::account::Account;

pub(super) fn describe_requests(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let filters = Filters::parse(ask.params, &["instance-id", "launch.image-id", "spot-instance-request-id", "state"])?;
    let page = ask.page(Limits::ec2(5, 1000))?;
    let ids = ask.params.list("SpotInstanceRequestId");
    if let Some(unknown) = ids.iter().find(|id| !account.spot_requests.contains_key(**id)) {
        let message = format!("The spot instance request ID '{unknown}' does not exist");
        return Err(ApiError::client("InvalidSpotInstanceRequestID.NotFound", message));
    }
    let (found, next) = page.take(page.rest(&account.spot_requests).filter(|(id, request)| {
        (ids.is_empty() || ids.contains(id))
            && filters.pass(|filter| match filter {
                "instance-id" => request.instance_id.as_deref().into_iter().collect(),
                "launch.image-id" => vec![request.image_id.as_str()],
                "spot-instance-request-id" => vec![request.id.as_str()],
                _ => vec![request.state.as_str()],
            })
    }));
    xml.items("spotInstanceRequestSet", found, |xml, request| {
        xml.text("spotInstanceRequestId", &request.id);
        xml.text("spotPrice", "0.010000");
        xml.text("type", "one-time");
        xml.text("state", &request.state);
        xml.optional("instanceId", request.instance_id.as_deref());
        xml.within("launchSpecification", |xml| {
            xml.text("imageId", &request.image_id);
            xml.text("instanceType", "t3.micro");
            xml.within("monitoring", |xml| xml.text("enabled", "false"));
        });
        xml.time("createTime", request.created);
        xml.text("productDescription", "Linux/UNIX");
    });
    xml.optional("nextToken", next.as_deref());
    Ok(())
}

pub(super) fn describe_fleets(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let page = ask.page(Limits::ec2(1, 1000).or(1000))?;
    let ids = ask.params.list("SpotFleetRequestId");
    if let Some(unknown) = ids.iter().find(|id| !account.spot_fleets.contains_key(**id)) {
        let message = format!("The spot fleet request ID '{unknown}' does not exist");
        return Err(ApiError::client("InvalidSpotFleetRequestId.NotFound", message));
    }
    let (found, next) = page.take(page.rest(&account.spot_fleets).filter(|(id, _)| ids.is_empty() || ids.contains(id)));
    xml.items("spotFleetRequestConfigSet", found, |xml, fleet| {
        xml.text("spotFleetRequestId", &fleet.id);
        xml.text("spotFleetRequestState", &fleet.state);
        xml.time("createTime", fleet.created);
        xml.within("spotFleetRequestConfig", |xml| {
            xml.text("iamFleetRole", &format!("arn:aws:iam::{}:role/fleet", account.id));
            xml.text("targetCapacity", "1");
            xml.text("allocationStrategy", "lowestPrice");
            xml.text("type", "maintain");
            xml.items("launchSpecifications", &fleet.images, |xml, image_id| {
                xml.text("imageId", image_id);
                xml.text("instanceType", "t3.micro");
            });
            xml.items("launchTemplateConfigs", &fleet.templates, |xml, template| {
                template_ref::write_for_fleet(xml, template);
                xml.items("overrides", ["t3.large"], |xml, instance_type| xml.text("instanceType", instance_type));
            });
        });
    });
    xml.optional("nextToken", next.as_deref());
    Ok(())
}
