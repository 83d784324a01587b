//! The proxy that cuts, before the loopback EC2.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use sunset_wire::{Account, Cut, Cutter, CuttingProxy, Ec2, Image};
use support::{Answer, ec2_request, send};

async fn serve() -> Ec2 {
    Ec2::start(Account::new("123456789012").image(Image::new("ami-1").snapshots(["snap-1"]))).await
}

async fn call(proxy: &CuttingProxy, action: &str, params: &[(&str, &str)]) -> Option<Answer> {
    send(ec2_request(&proxy.url(), action, params)).await
}

/// What a function would do, until something is lost: disable, then deregister, then delete.
async fn run(proxy: &CuttingProxy) -> Option<()> {
    call(proxy, "DescribeImages", &[]).await?;
    call(proxy, "DeregisterImage", &[("ImageId", "ami-1"), ("DryRun", "true")]).await?;
    call(proxy, "DisableImage", &[("ImageId", "ami-1")]).await?;
    call(proxy, "DeregisterImage", &[("ImageId", "ami-1")]).await?;
    call(proxy, "DeleteSnapshot", &[("SnapshotId", "snap-1")]).await?;
    Some(())
}

#[tokio::test]
async fn every_mutating_call_can_be_cut_until_a_run_survives() {
    for (cut, applied) in [(Cut::Before, 0), (Cut::After, 1)] {
        for n in 0.. {
            let server = serve().await;
            let kills = Arc::new(AtomicUsize::new(0));
            let cutter = Cutter::at(n, cut);
            cutter.when_cut({
                let kills = Arc::clone(&kills);
                move || {
                    kills.fetch_add(1, Ordering::Relaxed);
                }
            });
            let proxy = CuttingProxy::start(&cutter, server.url());
            let survived = run(&proxy).await.is_some();
            let mutations = server.calls().iter().filter(|call| call.is_mutation()).count();
            assert_eq!(survived, !cutter.reached());
            if survived {
                assert_eq!(cutter.journal(), ["ec2:DisableImage", "ec2:DeregisterImage", "ec2:DeleteSnapshot"]);
                assert_eq!((n, kills.load(Ordering::Relaxed)), (3, 0));
                break;
            }
            assert_eq!(mutations, n + applied);
            assert_eq!(kills.load(Ordering::Relaxed), 1);
        }
    }
}

#[tokio::test]
async fn a_call_delivered_twice_answers_with_the_second_answer() {
    let server = serve().await;
    let proxy = CuttingProxy::start(&Cutter::at(0, Cut::Twice), server.url());
    let answer = call(&proxy, "DeregisterImage", &[("ImageId", "ami-1")]).await.expect("an answer");
    assert_eq!(answer.code(), "InvalidAMIID.Unavailable");
    assert_eq!(server.count("DeregisterImage"), 2);
}

#[tokio::test]
async fn writes_of_every_service_are_counted_together_and_reads_are_not() {
    let server = serve().await;
    let cutter = Cutter::never();
    let (first, second) = (CuttingProxy::start(&cutter, server.url()), CuttingProxy::start(&cutter, server.url()));
    let target = |target: &str| {
        Request::post(second.url())
            .header("x-amz-target", target)
            .body(Full::from(Bytes::from("{}")))
            .expect("a request")
    };
    let sns = Request::post(second.url())
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Full::from(Bytes::from("Action=Publish&Version=2010-03-31")))
        .expect("a request");
    let s3 = |method: &str| {
        let url = format!("{}/bucket/key?x-id=x", second.url());
        Request::builder().method(method).uri(url).body(Full::from(Bytes::from("x"))).expect("a request")
    };
    call(&first, "CreateTags", &[]).await;
    for request in [
        target("DynamoDB_20120810.GetItem"),
        target("DynamoDB_20120810.TransactWriteItems"),
        target("AWSStepFunctions.DescribeExecution"),
        target("AmazonSSM.GetParameters"),
        s3("GET"),
        s3("PUT"),
        s3("DELETE"),
        sns,
    ] {
        send(request).await;
    }
    let expected = ["ec2:CreateTags", "dynamodb:TransactWriteItems", "s3:PutObject", "s3:DeleteObject", "sns:Publish"];
    assert_eq!(cutter.journal(), expected);
}

#[tokio::test]
async fn whatever_retires_or_brings_back_a_resource_is_counted() {
    let server = serve().await;
    let cutter = Cutter::never();
    let proxy = CuttingProxy::start(&cutter, server.url());
    let writes = [
        "AllocateAddress",
        "AssociateAddress",
        "AttachVolume",
        "AuthorizeSecurityGroupEgress",
        "AuthorizeSecurityGroupIngress",
        "CreateImage",
        "CreateSecurityGroup",
        "CreateSnapshot",
        "DeleteSecurityGroup",
        "DeleteVolume",
        "DetachVolume",
        "DisassociateAddress",
        "ModifyNetworkInterfaceAttribute",
        "ReleaseAddress",
        "StartInstances",
        "StopInstances",
        "TerminateInstances",
    ];
    for action in writes {
        call(&proxy, action, &[]).await;
        call(&proxy, action, &[("DryRun", "true")]).await;
    }
    for read in ["DescribeAddresses", "DescribeInstanceAttribute", "DescribeSecurityGroupReferences", "DescribeVolumes"]
    {
        call(&proxy, read, &[]).await;
    }
    let load_balancing = |action: &str| {
        Request::post(proxy.url())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::from(format!("Action={action}&Version=2015-12-01")))
            .expect("a request")
    };
    send(load_balancing("DescribeTargetHealth")).await;
    send(load_balancing("DeregisterTargets")).await;
    let ec2 = writes.iter().map(|action| format!("ec2:{action}"));
    let expected: Vec<String> = ec2.chain(["elasticloadbalancing:DeregisterTargets".to_owned()]).collect();
    assert_eq!(cutter.journal(), expected);
}

#[tokio::test]
async fn an_upstream_that_is_away_is_a_bad_gateway() {
    let proxy = CuttingProxy::start(&Cutter::never(), "http://127.0.0.1:9");
    assert_eq!(call(&proxy, "DescribeImages", &[]).await.map(|answer| answer.status), Some(502));
}
