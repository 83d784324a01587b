//! EC2's own cross-check: instances, launch templates, SSM parameters, and what only AWS knows.
//! As in EC2, it knows neither Auto Scaling groups nor launch configurations.

use super::ask::Ask;
use super::error::ApiError;
use super::images;
use super::paging::Limits;
use super::params::Params;
use super::xml::Xml;
use crate::account::Account;

const MOST_IDS: usize = 10;
const DEFAULT_DEPTH: usize = 10;

pub(super) fn describe(account: &mut Account, ask: &Ask<'_>, xml: &mut Xml) -> Result<(), ApiError> {
    let page = ask.page(Limits::ec2(1, 1000))?;
    let ids = ask.params.list("ImageId");
    if ids.is_empty() {
        return Err(ApiError::missing("ImageId"));
    }
    if ids.len() > MOST_IDS {
        return Err(ApiError::invalid_value(format!("At most {MOST_IDS} image ids may be given")));
    }
    ids.iter().try_for_each(|id| images::check_id(id))?;
    let scope = Scope::of(ask.params)?;

    let mut rows = Vec::new();
    for id in ids {
        for (kind, arn) in references(account, id, &scope) {
            rows.push((format!("{id}#{kind}#{arn}"), (id, kind, arn)));
        }
    }
    rows.sort();
    let (found, next) = page.take(page.rest_of(rows));
    xml.items("imageReferenceSet", found, |xml, (id, kind, arn)| {
        xml.text("imageId", id);
        xml.text("resourceType", &kind);
        xml.text("arn", &arn);
    });
    xml.optional("nextToken", next.as_deref());
    Ok(())
}

/// What is looked through.
struct Scope {
    all: bool,
    kinds: Vec<String>,
    instance_states: Vec<String>,
    depth: usize,
}

impl Scope {
    fn of(params: &Params) -> Result<Self, ApiError> {
        let mut scope = Self {
            all: params.flag("IncludeAllResourceTypes"),
            kinds: Vec::new(),
            instance_states: Vec::new(),
            depth: DEFAULT_DEPTH,
        };
        for prefix in params.structures("ResourceType") {
            scope.kinds.push(params.required(&format!("{prefix}ResourceType"))?.to_owned());
            for option in params.structures(&format!("{prefix}ResourceTypeOption")) {
                let values = params.list(&format!("{option}OptionValue"));
                match params.required(&format!("{option}OptionName"))? {
                    "state-name" => scope.instance_states = values.into_iter().map(str::to_owned).collect(),
                    "version-depth" => {
                        let depth = values.first().and_then(|depth| depth.parse().ok());
                        scope.depth = depth.ok_or_else(|| ApiError::invalid_value("version-depth must be a number"))?;
                    }
                    other => return Err(ApiError::invalid_value(format!("The option '{other}' is invalid"))),
                }
            }
        }
        if !scope.all && scope.kinds.is_empty() {
            return Err(ApiError::missing("IncludeAllResourceTypes or ResourceTypes"));
        }
        Ok(scope)
    }

    fn includes(&self, kind: &str) -> bool {
        self.all || self.kinds.iter().any(|wanted| wanted == kind)
    }

    fn includes_state(&self, state: &str) -> bool {
        match self.instance_states.as_slice() {
            [] => state != "terminated",
            states => states.iter().any(|wanted| wanted == state),
        }
    }
}

fn references(account: &Account, image_id: &str, scope: &Scope) -> Vec<(String, String)> {
    let ec2 = format!("arn:aws:ec2:{}:{}", account.region, account.id);
    let ssm = format!("arn:aws:ssm:{}:{}", account.region, account.id);
    let instances = account
        .instances
        .values()
        .filter(|instance| instance.image_id == image_id && scope.includes_state(&instance.state))
        .map(|instance| ("ec2:Instance".to_owned(), format!("{ec2}:instance/{}", instance.id)));
    let templates = account
        .launch_templates
        .values()
        .filter(|template| {
            template
                .versions
                .iter()
                .rev()
                .take(scope.depth)
                .any(|version| version.image_id.as_deref() == Some(image_id))
        })
        .map(|template| ("ec2:LaunchTemplate".to_owned(), format!("{ec2}:launch-template/{}", template.id)));
    let parameters = account
        .parameters
        .values()
        .filter(|parameter| !parameter.public && parameter.kind != "SecureString" && parameter.value == image_id)
        .map(|parameter| {
            ("ssm:Parameter".to_owned(), format!("{ssm}:parameter/{}", parameter.name.trim_start_matches('/')))
        });
    let told = account
        .references
        .iter()
        .filter(|reference| reference.image_id == image_id)
        .map(|reference| (reference.resource_type.clone(), reference.arn.clone()));
    instances.chain(templates).chain(parameters).chain(told).filter(|(kind, _)| scope.includes(kind)).collect()
}
