//! A request from its arrival to its answer.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use hyper::{Request, Response, StatusCode};

use super::ask::Ask;
use super::error::ApiError;
use super::faults::{Fault, Faults};
use super::journal::{Call, Journal, Outcome, Service};
use super::paging::Pages;
use super::params::Params;
use super::xml::Xml;
use super::{
    addresses, auto_scaling, fleets, image_references, images, instances, launch_templates, load_balancers,
    network_interfaces, recycle_bin, security_groups, snapshots, spot, ssm, tags, volumes,
};
use crate::account::Account;
use crate::loopback::{Answer, Body, HangUp};

#[derive(Debug)]
pub(super) struct Shared {
    account: Mutex<Account>,
    pub(super) faults: Faults,
    pub(super) pages: Pages,
    pub(super) journal: Journal,
    requests: AtomicU64,
}

type Action = fn(&mut Account, &Ask<'_>, &mut Xml) -> Result<(), ApiError>;

fn ec2_action(name: &str) -> Option<Action> {
    Some(match name {
        "AllocateAddress" => addresses::allocate,
        "AssociateAddress" => addresses::associate,
        "AttachVolume" => volumes::attach,
        "AuthorizeSecurityGroupEgress" => security_groups::authorize_egress,
        "AuthorizeSecurityGroupIngress" => security_groups::authorize_ingress,
        "CreateImage" => images::create,
        "CreateSecurityGroup" => security_groups::create,
        "CreateSnapshot" => snapshots::create,
        "CreateTags" => tags::create,
        "DeleteSecurityGroup" => security_groups::delete,
        "DeleteSnapshot" => snapshots::delete,
        "DeleteTags" => tags::delete,
        "DeleteVolume" => volumes::delete,
        "DeregisterImage" => images::deregister,
        "DescribeAddresses" => addresses::describe,
        "DescribeAddressesAttribute" => addresses::describe_attribute,
        "DescribeFleets" => fleets::describe,
        "DescribeImageAttribute" => images::describe_attribute,
        "DescribeImageReferences" => image_references::describe,
        "DescribeImages" => images::describe,
        "DescribeInstanceAttribute" => instances::describe_attribute,
        "DescribeInstances" => instances::describe,
        "DescribeLaunchTemplateVersions" => launch_templates::describe_versions,
        "DescribeLaunchTemplates" => launch_templates::describe,
        "DescribeLockedSnapshots" => snapshots::describe_locked,
        "DescribeNetworkInterfaces" => network_interfaces::describe,
        "DescribeSecurityGroupReferences" => security_groups::describe_references,
        "DescribeSecurityGroupRules" => security_groups::describe_rules,
        "DescribeSecurityGroups" => security_groups::describe,
        "DescribeSnapshotAttribute" => snapshots::describe_attribute,
        "DescribeSnapshots" => snapshots::describe,
        "DescribeSpotFleetRequests" => spot::describe_fleets,
        "DescribeSpotInstanceRequests" => spot::describe_requests,
        "DescribeVolumes" => volumes::describe,
        "DetachVolume" => volumes::detach,
        "DisableImage" => images::disable,
        "DisassociateAddress" => addresses::disassociate,
        "EnableImage" => images::enable,
        "ListImagesInRecycleBin" => recycle_bin::list_images,
        "ListSnapshotsInRecycleBin" => recycle_bin::list_snapshots,
        "ModifyImageAttribute" => images::modify_attribute,
        "ModifyNetworkInterfaceAttribute" => network_interfaces::modify_attribute,
        "ReleaseAddress" => addresses::release,
        "RestoreImageFromRecycleBin" => recycle_bin::restore_image,
        "RestoreSnapshotFromRecycleBin" => recycle_bin::restore_snapshot,
        "StartInstances" => instances::start,
        "StopInstances" => instances::stop,
        "TerminateInstances" => instances::terminate,
        _ => return None,
    })
}

fn auto_scaling_action(name: &str) -> Option<Action> {
    Some(match name {
        "DescribeAutoScalingGroups" => auto_scaling::describe_groups,
        "DescribeLaunchConfigurations" => auto_scaling::describe_launch_configurations,
        _ => return None,
    })
}

fn load_balancing_action(name: &str) -> Option<Action> {
    Some(match name {
        "DescribeLoadBalancers" => load_balancers::describe_load_balancers,
        "DescribeTargetGroups" => load_balancers::describe_target_groups,
        "DescribeTargetHealth" => load_balancers::describe_target_health,
        _ => return None,
    })
}

/// A request, read.
struct Asked {
    service: Service,
    action: String,
    params: Params,
}

impl Shared {
    pub(super) fn new(account: Account) -> Self {
        Self {
            account: Mutex::new(account),
            faults: Faults::default(),
            pages: Pages::default(),
            journal: Journal::default(),
            requests: AtomicU64::new(0),
        }
    }

    pub(super) fn account(&self) -> MutexGuard<'_, Account> {
        // A test that panics while it looks at the account has failed already; others may still look.
        self.account.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Does what is asked, and gives the body of the answer.
    fn apply(&self, asked: &Asked, request_id: &str) -> Result<String, ApiError> {
        let Asked { service, action, params } = asked;
        let mut account = self.account();
        let ask = Ask { params, pages: self.pages.rule(action) };
        let found = match service {
            Service::Ec2 => ec2_action(action),
            Service::AutoScaling => auto_scaling_action(action),
            Service::LoadBalancing => load_balancing_action(action),
            Service::Ssm if account.is_denied("ssm", action) => return Err(ApiError::denied(*service, action)),
            Service::Ssm => return ssm::answer(&account, action, &ask),
        };
        let act = found.ok_or_else(|| {
            ApiError::client("InvalidAction", format!("The action {action} is not valid for this web service."))
        })?;
        if account.is_denied(service.prefix(), action) {
            return Err(ApiError::denied(*service, action));
        }
        if *service == Service::Ec2 && params.flag("DryRun") {
            return Err(ApiError::new(412, "DryRunOperation", "Request would have succeeded, but DryRun flag is set."));
        }
        let mut xml = Xml::document();
        let mut result = Ok(());
        match service {
            Service::Ec2 => xml.root(&format!("{action}Response"), service.namespace(), |xml| {
                xml.text("requestId", request_id);
                result = act(&mut account, &ask, xml);
            }),
            _ => xml.root(&format!("{action}Response"), service.namespace(), |xml| {
                xml.within(&format!("{action}Result"), |xml| result = act(&mut account, &ask, xml));
                xml.within("ResponseMetadata", |xml| xml.text("RequestId", request_id));
            }),
        }
        result.map(|()| xml.finish())
    }
}

impl Answer for Shared {
    async fn answer(self: Arc<Self>, request: Request<Bytes>) -> Result<Response<Body>, HangUp> {
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let request_id = format!("00000000-0000-4000-8000-{number:012x}");
        let asked = match read(&request) {
            Ok(asked) => asked,
            Err(error) => return Ok(refuse(Service::Ec2, &error, &request_id)),
        };
        let service = asked.service;
        let call = Call {
            service,
            action: asked.action.clone(),
            params: asked.params.clone().into_map(),
            outcome: Outcome::Answered,
        };
        let met = self.faults.meet(&call);
        let entry = self.journal.begin(service, &call.action, call.params);

        for delay in
            met.faults.iter().filter_map(|fault| if let Fault::Delay(delay) = fault { Some(*delay) } else { None })
        {
            tokio::time::sleep(delay).await;
        }
        if !met.changes.is_empty() {
            let mut account = self.account();
            met.changes.into_iter().for_each(|change| change(&mut account));
        }
        let mut end = None;
        for fault in met.faults {
            let error = match fault {
                Fault::Throttled => ApiError::throttled(service),
                Fault::Throttling => ApiError::client("Throttling", "Rate exceeded"),
                Fault::InternalError => ApiError::new(500, "InternalError", "An internal error has occurred"),
                Fault::Unavailable => {
                    ApiError::new(503, "Unavailable", "The server is overloaded and can't handle the request.")
                }
                Fault::Error { status, code, message } => ApiError { status, code, message },
                Fault::CloseBefore => return Err(HangUp),
                Fault::CloseAfter | Fault::Truncated => {
                    end = Some(fault);
                    continue;
                }
                Fault::Delay(_) => continue,
            };
            self.journal.end(&entry, Outcome::Refused { status: error.status, code: error.code.clone() });
            return Ok(refuse(service, &error, &request_id));
        }

        let result = self.apply(&asked, &request_id);
        let applied = result.is_ok();
        let (outcome, response) = match result {
            Ok(body) => (Outcome::Answered, respond(service, StatusCode::OK, body, &request_id)),
            Err(error) => (
                Outcome::Refused { status: error.status, code: error.code.clone() },
                refuse(service, &error, &request_id),
            ),
        };
        match end {
            None => {
                self.journal.end(&entry, outcome);
                Ok(response)
            }
            Some(Fault::Truncated) => {
                self.journal.end(&entry, Outcome::Truncated);
                Ok(response.map(Body::halved))
            }
            Some(_) => {
                self.journal.end(&entry, Outcome::Lost { applied });
                Err(HangUp)
            }
        }
    }
}

fn read(request: &Request<Bytes>) -> Result<Asked, ApiError> {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if let Some(action) = header("x-amz-target").strip_prefix("AmazonSSM.") {
        let body = if request.body().is_empty() {
            Ok(serde_json::Value::Null)
        } else {
            serde_json::from_slice(request.body())
        };
        let body = body.map_err(|error| ApiError::client("SerializationException", error.to_string()))?;
        return Ok(Asked { service: Service::Ssm, action: action.to_owned(), params: Params::from_json(&body) });
    }
    let mut params = Params::from_form(request.body());
    let action =
        params.remove("Action").ok_or_else(|| ApiError::client("MissingAction", "The request is missing an action"))?;
    let service = Service::of_version(params.remove("Version").as_deref());
    Ok(Asked { service, action, params })
}

fn refuse(service: Service, error: &ApiError, request_id: &str) -> Response<Body> {
    let status = StatusCode::from_u16(error.status).expect("a fault's HTTP status");
    let mut response = respond(service, status, error.body(service, request_id), request_id);
    if service == Service::Ssm
        && let Ok(code) = error.code.parse()
    {
        response.headers_mut().insert("x-amzn-errortype", code);
    }
    response
}

fn respond(service: Service, status: StatusCode, body: String, request_id: &str) -> Response<Body> {
    let content_type = match service {
        Service::Ec2 | Service::AutoScaling | Service::LoadBalancing => "text/xml;charset=UTF-8",
        Service::Ssm => "application/x-amz-json-1.1",
    };
    Response::builder()
        .status(status)
        .header("content-type", content_type)
        .header("content-length", body.len())
        .header("x-amzn-requestid", request_id)
        .body(Body::whole(body))
        .expect("a response of valid parts")
}
