//! What goes wrong on purpose, and the journal of it.

mod support;

use std::time::{Duration, Instant};

use serde_json::json;
use sunset_wire::{Account, Ec2, Fault, Image, Instance, Outcome, Service, When};
use support::{auto_scaling, ec2, ssm, try_ec2};

const DEREGISTER: (&str, &[(&str, &str)]) = ("DeregisterImage", &[("ImageId", "ami-1")]);

async fn serve() -> Ec2 {
    Ec2::start(Account::new("123456789012").image(Image::new("ami-1")).image(Image::new("ami-2"))).await
}

#[tokio::test]
async fn the_nth_call_is_throttled_as_each_service_says_it() {
    let server = serve().await;
    server.faults().add("DescribeImages", When::Nth(2), Fault::Throttled);
    server.faults().add("DescribeAutoScalingGroups", When::Every, Fault::Throttled);
    server.faults().add("DescribeParameters", When::Every, Fault::Throttled);
    assert_eq!(ec2(&server, "DescribeImages", &[]).await.status, 200);
    let throttled = ec2(&server, "DescribeImages", &[]).await;
    assert_eq!((throttled.status, throttled.code()), (503, "RequestLimitExceeded"));
    assert_eq!(ec2(&server, "DescribeImages", &[]).await.status, 200);
    assert_eq!(auto_scaling(&server, "DescribeAutoScalingGroups", &[]).await.code(), "Throttling");
    assert_eq!(ssm(&server, "DescribeParameters", json!({})).await.json()["__type"], "ThrottlingException");
}

#[tokio::test]
async fn errors_of_any_kind_strike_first_calls_each_kth_or_those_naming_something() {
    let server = serve().await;
    server.faults().add("DescribeImages", When::First(1), Fault::InternalError);
    server.faults().add("DescribeImages", When::EachKth(3), Fault::Unavailable);
    server.faults().add("DisableImage", When::Naming("ami-2".to_owned()), Fault::error(400, "Odd", "so"));
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(ec2(&server, "DescribeImages", &[]).await.status);
    }
    assert_eq!(statuses, [500, 200, 503, 200, 200, 503]);
    assert_eq!(ec2(&server, "DisableImage", &[("ImageId", "ami-2")]).await.code(), "Odd");
    assert_eq!(ec2(&server, "DisableImage", &[("ImageId", "ami-1")]).await.status, 200);
}

#[tokio::test]
async fn a_connection_closed_before_changes_nothing_and_one_closed_after_does() {
    let server = serve().await;
    server.faults().add("DeregisterImage", When::Nth(1), Fault::CloseBefore);
    server.faults().add("DeregisterImage", When::Nth(2), Fault::CloseAfter);
    assert!(try_ec2(&server, DEREGISTER.0, DEREGISTER.1).await.is_none());
    assert!(server.account().has_image("ami-1"));
    assert!(try_ec2(&server, DEREGISTER.0, DEREGISTER.1).await.is_none());
    assert!(!server.account().has_image("ami-1"));
    assert_eq!(ec2(&server, DEREGISTER.0, DEREGISTER.1).await.code(), "InvalidAMIID.Unavailable");
    let outcomes: Vec<Outcome> = server.calls().into_iter().map(|call| call.outcome).collect();
    let refused = Outcome::Refused { status: 400, code: "InvalidAMIID.Unavailable".to_owned() };
    assert_eq!(outcomes, [Outcome::Lost { applied: false }, Outcome::Lost { applied: true }, refused]);
}

#[tokio::test]
async fn a_truncated_answer_is_no_answer() {
    let server = serve().await;
    server.faults().add("DescribeImages", When::Nth(1), Fault::Truncated);
    assert!(try_ec2(&server, "DescribeImages", &[]).await.is_none());
    assert_eq!(server.calls()[0].outcome, Outcome::Truncated);
}

#[tokio::test]
async fn a_delayed_call_is_served_later() {
    let server = serve().await;
    server.faults().add("*", When::Every, Fault::Delay(Duration::from_millis(50)));
    let begun = Instant::now();
    assert_eq!(ec2(&server, "DescribeImages", &[]).await.status, 200);
    assert!(begun.elapsed() >= Duration::from_millis(50));
}

#[tokio::test]
async fn a_reference_can_appear_between_list_and_deregister() {
    let server = serve().await;
    server.faults().on("DescribeInstances", 2, |account| {
        account.instances.insert("i-1".to_owned(), Instance::new("i-1", "ami-1"));
    });
    assert_eq!(ec2(&server, "DescribeInstances", &[]).await.all("instanceId").len(), 0);
    assert_eq!(ec2(&server, "DescribeInstances", &[]).await.all("instanceId").len(), 1);
}

#[tokio::test]
async fn the_journal_tells_every_call_in_order_with_its_parameters() {
    let server = serve().await;
    ec2(&server, "DescribeImages", &[("ImageId.1", "ami-1"), ("ImageId.2", "ami-2")]).await;
    ssm(&server, "GetParameters", json!({ "Names": ["a", "b"], "WithDecryption": true })).await;
    let calls = server.calls();
    assert_eq!(calls[0].list("ImageId"), ["ami-1", "ami-2"]);
    assert_eq!(
        (calls[1].service, calls[1].list("Names"), calls[1].param("WithDecryption")),
        (Service::Ssm, vec!["a", "b"], Some("true"))
    );
    server.forget_calls();
    assert_eq!(server.count("DescribeImages"), 0);
}

#[test]
fn a_test_that_blocks_its_thread_is_served_all_the_same() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let server = runtime.block_on(serve());
    let (address, request) =
        (server.url(), "POST / HTTP/1.0\r\ncontent-length: 29\r\n\r\nAction=DescribeImages&Version=");
    let mut stream = std::net::TcpStream::connect(address.trim_start_matches("http://")).expect("a connection");
    std::io::Write::write_all(&mut stream, request.as_bytes()).expect("sent");
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut stream, &mut answer).expect("an answer");
    assert!(answer.contains("ami-1"), "{answer}");
}

#[tokio::test]
async fn a_dropped_server_no_longer_answers() {
    let server = serve().await;
    let url = server.url();
    drop(server);
    assert!(support::send(support::ec2_request(&url, "DescribeImages", &[])).await.is_none());
}
