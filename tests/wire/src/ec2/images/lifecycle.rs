use super::own;
use crate::account::{Account, Binned};
use crate::ec2::ask::Ask;
use crate::ec2::error::ApiError;
use crate::ec2::snapshots;
use crate::ec2::xml::Xml;

/// Disabling wipes the launch permissions.
pub(in crate::ec2) fn disable(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let image = own(account, ask.params.required("ImageId")?)?;
    if image.state != "available" {
        let message = format!("The image '{}' is in the state '{}', not 'available'", image.id, image.state);
        return Err(ApiError::client("IncorrectState", message));
    }
    "disabled".clone_into(&mut image.state);
    image.launch_permissions.clear();
    xml.text("return", "true");
    Ok(())
}

/// Enabling does not bring the launch permissions back.
pub(in crate::ec2) fn enable(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let image = own(account, ask.params.required("ImageId")?)?;
    if image.state != "disabled" {
        let message = format!("The image '{}' is in the state '{}', not 'disabled'", image.id, image.state);
        return Err(ApiError::client("IncorrectState", message));
    }
    "available".clone_into(&mut image.state);
    xml.text("return", "true");
    Ok(())
}

pub(in crate::ec2) fn deregister(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let id = ask.params.required("ImageId")?;
    let image = own(account, id)?;
    if image.deregistration_protection != "disabled" {
        let message = format!("The image '{id}' has deregistration protection enabled");
        return Err(ApiError::client("OperationNotPermitted", message));
    }
    let Some(image) = account.images.remove(id) else { return Ok(()) };
    if let Some(days) = account.image_bin_days {
        account.image_bin.insert(id.to_owned(), Binned::for_days(image.clone(), days));
    }
    if account.linger_calls > 0 {
        account.lingering.insert(id.to_owned(), (image.clone(), account.linger_calls));
    }
    let snapshot_ids: Vec<String> = image.snapshot_ids().map(str::to_owned).collect();
    if !account.forgets_deregistered {
        account.deregistered.insert(id.to_owned(), image);
    }
    xml.text("return", "true");
    if ask.params.flag("DeleteAssociatedSnapshots") {
        xml.items("deleteSnapshotResultSet", snapshot_ids, |xml, id| {
            let code = match snapshots::remove(account, &id) {
                Ok(()) => "success",
                Err(error) if error.code == "InvalidSnapshot.InUse" => "skipped",
                Err(_) => "client-error",
            };
            xml.text("snapshotId", &id);
            xml.text("returnCode", code);
        });
    }
    Ok(())
}
