//! Launch templates and their versions.

use super::ask::Ask;
use super::error::ApiError;
use super::filters::{Filters, tag_fields};
use super::paging::Limits;
use super::params::Params;
use super::xml::Xml;
use crate::account::{Account, LaunchTemplate, TemplateVersion};

const LIMITS: Limits = Limits::ec2(1, 200).strict().or(200);

pub(super) fn describe(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let filters = Filters::parse(ask.params, &["create-time", "launch-template-name", "tag-key", "tag:"])?;
    let page = ask.page(LIMITS)?;
    let (ids, names) = (ask.params.list("LaunchTemplateId"), ask.params.list("LaunchTemplateName"));
    ids.iter().try_for_each(|id| by_id(account, id).map(|_| ()))?;
    names.iter().try_for_each(|name| by_name(account, name).map(|_| ()))?;
    let everything = ids.is_empty() && names.is_empty();
    let (found, next) = page.take(page.rest(&account.launch_templates).filter(|(id, template)| {
        (everything || ids.contains(id) || names.contains(&template.name.as_str()))
            && filters.pass(|filter| match filter {
                "launch-template-name" => vec![template.name.as_str()],
                tag => tag_fields(tag, &template.tags),
            })
    }));
    xml.items("launchTemplates", found, |xml, template| {
        xml.text("launchTemplateId", &template.id);
        xml.text("launchTemplateName", &template.name);
        xml.time("createTime", template.created);
        xml.text("createdBy", &format!("arn:aws:iam::{}:root", account.id));
        xml.show("defaultVersionNumber", template.default_version);
        xml.show("latestVersionNumber", template.latest_version());
        xml.tags(&template.tags);
    });
    xml.optional("nextToken", next.as_deref());
    Ok(())
}

pub(super) fn describe_versions(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let filters = Filters::parse(ask.params, &["create-time", "image-id", "is-default-version"])?;
    let page = ask.page(LIMITS)?;
    let versions = versions(account, ask.params)?;
    let resolves = ask.params.flag("ResolveAlias");
    let rows = versions.into_iter().map(|(template, version)| {
        let image_id = version.image_id.as_deref().map(|image_id| resolve(account, image_id, resolves));
        // By template, then the newest version first.
        (format!("{}#{:020}", template.id, u64::MAX - version.number), (template, version, image_id))
    });
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by(|(a, _), (b, _)| a.cmp(b));
    rows.dedup_by(|(a, _), (b, _)| a == b);

    let (found, next) = page.take(page.rest_of(rows).filter(|(_, (template, version, image_id))| {
        filters.pass(|filter| match filter {
            "image-id" => image_id.iter().cloned().collect(),
            "is-default-version" => vec![(version.number == template.default_version).to_string()],
            _ => Vec::new(),
        })
    }));
    xml.items("launchTemplateVersionSet", found, |xml, (template, version, image_id)| {
        xml.text("launchTemplateId", &template.id);
        xml.text("launchTemplateName", &template.name);
        xml.show("versionNumber", version.number);
        xml.time("createTime", template.created);
        xml.text("createdBy", &format!("arn:aws:iam::{}:root", account.id));
        xml.show("defaultVersion", version.number == template.default_version);
        xml.within("launchTemplateData", |xml| {
            xml.optional("imageId", image_id.as_deref());
            xml.text("instanceType", "t3.micro");
            if !version.snapshot_ids.is_empty() {
                xml.items("blockDeviceMappingSet", &version.snapshot_ids, |xml, snapshot_id| {
                    xml.text("deviceName", "/dev/xvdf");
                    xml.within("ebs", |xml| xml.text("snapshotId", snapshot_id));
                });
            }
        });
    });
    xml.optional("nextToken", next.as_deref());
    Ok(())
}

type Versions<'a> = Vec<(&'a LaunchTemplate, &'a TemplateVersion)>;

/// One template's versions, or the heads of all templates.
fn versions<'a>(account: &'a Account, params: &Params) -> Result<Versions<'a>, ApiError> {
    let wanted = params.list("LaunchTemplateVersion");
    let template = match (params.get("LaunchTemplateId"), params.get("LaunchTemplateName")) {
        (Some(_), Some(_)) => {
            let message = "Only one of launchTemplateId and launchTemplateName may be given";
            return Err(ApiError::client("InvalidParameterCombination", message));
        }
        (Some(id), None) => Some(by_id(account, id)?),
        (None, Some(name)) => Some(by_name(account, name)?),
        (None, None) => None,
    };
    let Some(template) = template else {
        if wanted.is_empty() || wanted.iter().any(|version| !matches!(*version, "$Latest" | "$Default")) {
            let message = "Without a launch template, the versions must be $Latest, $Default or both";
            return Err(ApiError::invalid_value(message));
        }
        let heads = account
            .launch_templates
            .values()
            .flat_map(|template| wanted.iter().filter_map(move |version| Some((template, template.find(version)?))));
        return Ok(heads.collect());
    };
    if wanted.is_empty() {
        let bound = |name: &str, otherwise: u64| -> Result<u64, ApiError> {
            Ok(params.number(name)?.map_or(otherwise, |number| number as u64))
        };
        let range = bound("MinVersion", 0)?..=bound("MaxVersion", u64::MAX)?;
        return Ok(template
            .versions
            .iter()
            .filter(|version| range.contains(&version.number))
            .map(|version| (template, version))
            .collect());
    }
    let named = wanted.iter().map(|version| {
        template.find(version).map(|found| (template, found)).ok_or_else(|| {
            let message = format!(
                "Could not find the specified version {version} for the launch template with ID {}.",
                template.id
            );
            ApiError::client("InvalidLaunchTemplateId.VersionNotFound", message)
        })
    });
    named.collect()
}

fn by_id<'a>(account: &'a Account, id: &str) -> Result<&'a LaunchTemplate, ApiError> {
    account.launch_templates.get(id).ok_or_else(|| {
        let message = format!("The specified launch template, with template ID {id}, does not exist.");
        ApiError::client("InvalidLaunchTemplateId.NotFound", message)
    })
}

fn by_name<'a>(account: &'a Account, name: &str) -> Result<&'a LaunchTemplate, ApiError> {
    account.launch_templates.values().find(|template| template.name == name).ok_or_else(|| {
        let message = format!("The specified launch template, with template name {name}, does not exist.");
        ApiError::client("InvalidLaunchTemplateName.NotFoundException", message)
    })
}

/// The image that `resolve:ssm:<parameter>` means, where the request asks for it and there is such a parameter.
fn resolve(account: &Account, image_id: &str, resolves: bool) -> String {
    let parameter =
        image_id.strip_prefix("resolve:ssm:").filter(|_| resolves).and_then(|name| account.parameters.get(name));
    parameter.map_or_else(|| image_id.to_owned(), |parameter| parameter.value.clone())
}
