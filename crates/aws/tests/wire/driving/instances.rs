use serde_json::json;
use sunset_aws::driver::{Acted, StepCall, look};
use sunset_domain::runbook::action::Action;
use sunset_wire::{Fault, Instance, When};

use super::{code, done, go, impossible, not_done, step, under_way, view};
use crate::support::{account, serve};

fn on(action: Action, id: &str) -> StepCall {
    step(action, json!({"instance_id": id}))
}

#[tokio::test]
async fn an_instance_is_stopped_and_started_and_on_its_way_meanwhile() {
    let account = account().instance(Instance::new("i-1", "ami-1")).instances_stop_after(1).instances_start_after(1);
    let (ec2, clients) = serve(account).await;
    let (stop, start) = (on(Action::StopInstance, "i-1"), on(Action::StartInstance, "i-1"));
    assert_eq!(view(&clients, &stop).await, not_done("running"));
    assert_eq!(view(&clients, &start).await, done());
    assert_eq!(go(&clients, &stop).await, Ok(Acted::default()));
    assert_eq!(view(&clients, &stop).await, under_way("stopping"));
    assert_eq!(view(&clients, &stop).await, done());
    assert_eq!(view(&clients, &start).await, not_done("stopped"));
    assert_eq!(go(&clients, &start).await, Ok(Acted::default()));
    assert_eq!(view(&clients, &start).await, under_way("pending"));
    assert_eq!(view(&clients, &start).await, done());
    let stops = ec2.calls_of("StopInstances");
    assert!(stops[0].param("Force").is_none() && stops[0].param("Hibernate").is_none());
}

#[tokio::test]
async fn what_goes_the_other_way_is_waited_for() {
    let account = account()
        .instance(Instance::new("i-1", "ami-1").in_state("pending"))
        .instance(Instance::new("i-2", "ami-1").in_state("stopping"));
    let (_ec2, clients) = serve(account).await;
    assert_eq!(view(&clients, &on(Action::StopInstance, "i-1")).await, under_way("pending"));
    assert_eq!(view(&clients, &on(Action::StartInstance, "i-2")).await, under_way("stopping"));
    assert_eq!(view(&clients, &on(Action::TerminateInstance, "i-2")).await, not_done("stopping"));
}

#[tokio::test]
async fn an_instance_is_terminated_and_may_be_forgotten_at_once() {
    let account = account().instance(Instance::new("i-1", "ami-1").stopped()).instances_terminate_after(1);
    let (ec2, clients) = serve(account).await;
    let terminate = on(Action::TerminateInstance, "i-1");
    assert_eq!(view(&clients, &terminate).await, not_done("stopped"));
    assert_eq!(go(&clients, &terminate).await, Ok(Acted::default()));
    assert_eq!(view(&clients, &terminate).await, under_way("shutting-down"));
    assert_eq!(view(&clients, &terminate).await, done());
    ec2.account().instances.clear();
    assert_eq!(view(&clients, &terminate).await, done());
    assert_eq!(go(&clients, &terminate).await, Ok(Acted::default()), "gone before is gone");
}

#[tokio::test]
async fn what_is_terminated_can_be_neither_stopped_nor_started() {
    let account = account()
        .instance(Instance::new("i-1", "ami-1").terminated())
        .instance(Instance::new("i-2", "ami-1").in_state("shutting-down"));
    let (_ec2, clients) = serve(account).await;
    for action in [Action::StopInstance, Action::StartInstance] {
        assert_eq!(view(&clients, &on(action, "i-1")).await, impossible("instance i-1 is terminated"));
        assert_eq!(view(&clients, &on(action, "i-2")).await, impossible("instance i-2 is shutting-down"));
        assert_eq!(view(&clients, &on(action, "i-9")).await, impossible("instance i-9 is terminated"));
    }
}

#[tokio::test]
async fn protection_is_ec2s_refusal_and_never_switched_off() {
    let account = account()
        .instance(Instance::new("i-1", "ami-1").termination_protected())
        .instance(Instance::new("i-2", "ami-1").stop_protected());
    let (ec2, clients) = serve(account).await;
    assert_eq!(code(go(&clients, &on(Action::TerminateInstance, "i-1")).await), "OperationNotPermitted");
    assert_eq!(code(go(&clients, &on(Action::StopInstance, "i-2")).await), "OperationNotPermitted");
    assert_eq!(ec2.count("ModifyInstanceAttribute"), 0);
    assert_eq!(ec2.account().instance_state("i-1"), Some("running"));
}

#[tokio::test]
async fn an_instance_that_could_not_be_read_is_neither_running_nor_gone() {
    let (ec2, clients) = serve(account().instance(Instance::new("i-1", "ami-1"))).await;
    ec2.faults().add("DescribeInstances", When::Every, Fault::InternalError);
    for action in [Action::StopInstance, Action::StartInstance, Action::TerminateInstance] {
        assert!(look(&clients, &on(action, "i-1")).await.is_err(), "{action}");
    }
}
