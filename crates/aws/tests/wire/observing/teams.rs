use sunset_aws::observe::observe;
use sunset_domain::coverage::{Coverage, Source};
use sunset_domain::process::observation::{Observation, Tracking};
use sunset_domain::process::resource::{Resource, ResourceType};
use sunset_wire::Volume;

use super::now;
use crate::support::{account, complete, dependents, serve, unread};
use crate::tables::{Answer, tables, teams};

async fn told(tracking: Answer, dependencies: Answer) -> (Observation, Vec<String>) {
    let (_ec2, mut clients) = serve(account().volume(Volume::new("vol-1"))).await;
    let (dynamodb, asked) = tables(tracking, dependencies);
    clients.dynamodb = dynamodb;
    let resource = Resource::new(ResourceType::Volume, "vol-1").unwrap();
    let observation = observe(&clients, &resource, &teams(), now()).await;
    let asked = asked.lock().unwrap().clone();
    (observation, asked)
}

#[tokio::test]
async fn what_a_team_says_of_a_resource_is_read_by_its_keys() {
    let tracking = r#"{"ResourceId":{"S":"vol-1"},"ResourceType":{"S":"EBSVolume"},
        "TrackingData":{"M":{"environment":{"S":" Production "},"project":{"S":"shop"},"owner":{"NULL":true},"cost":{"N":"1"}}}}"#;
    let dependencies = r#"{"ResourceId":{"S":"vol-1"},"Dependencies":{"S":"whatever"},"Dependents":{"L":[
        {"M":{"dependency_type":{"S":"critical"},"resource_id":{"S":"i-1"},"resource_type":{"S":"EC2Instance"}}},
        {"M":{"dependency_type":{"S":"Required"},"id":{"S":"billing"}}},
        {"M":{"dependency_type":{"S":"optional"},"name":{"S":"reports"}}},
        {"M":{"dependency_type":{"S":"runtime"},"ResourceId":{"S":"jobs"}}},
        {"M":{"name":{"S":"unsaid"}}},
        {"S":"plain"}]}}"#;
    let (observation, asked) = told(Answer::Item(tracking), Answer::Item(dependencies)).await;
    let expected = Tracking { environment: Some("Production".into()), project: Some("shop".into()), owner: None };
    assert_eq!(observation.tracking, Some(expected));
    assert_eq!(
        dependents(&observation),
        [
            "EC2Instance i-1 depends on it (critical), as its team says: critical",
            "resource billing depends on it (Required), as its team says: required",
            "resource jobs depends on it (runtime), as its team says: unknown",
            "resource plain depends on it, as its team says: unknown",
            "resource reports depends on it (optional), as its team says: optional",
            "resource unsaid depends on it, as its team says: unknown",
        ]
    );
    for source in [Source::ResourceTracking, Source::ResourceDependencies] {
        assert_eq!(observation.coverages[&source], complete(1));
    }
    assert!(
        asked[0].contains(r#""ResourceId":{"S":"vol-1"}"#) && asked[0].contains(r#""ResourceType":{"S":"EBSVolume"}"#)
    );
    assert!(asked[1].contains(r#""ResourceId":{"S":"vol-1"}"#) && !asked[1].contains("ResourceType"));
}

#[tokio::test]
async fn a_resource_that_a_team_says_nothing_of_is_no_gap() {
    let (observation, _) = told(Answer::Nothing, Answer::Nothing).await;
    assert_eq!(observation.tracking, None);
    assert!(observation.dependents.is_empty());
    for source in [Source::ResourceTracking, Source::ResourceDependencies] {
        assert_eq!(observation.coverages[&source], complete(0));
    }
}

#[tokio::test]
async fn a_table_that_is_missing_or_forbidden_is_a_gap() {
    let (observation, _) =
        told(Answer::Error("ResourceNotFoundException"), Answer::Error("AccessDeniedException")).await;
    assert!(matches!(observation.coverages[&Source::ResourceTracking], Coverage::Failed { .. }));
    assert!(matches!(observation.coverages[&Source::ResourceDependencies], Coverage::Denied { .. }));
}

#[tokio::test]
async fn an_item_that_nobody_can_read_is_a_gap_and_not_an_empty_one() {
    for tracking in [
        r#"{"ResourceId":{"S":"vol-1"}}"#,
        r#"{"TrackingData":{"S":"production"}}"#,
        r#"{"TrackingData":{"M":{"environment":{"N":"1"}}}}"#,
    ] {
        let (observation, _) = told(Answer::Item(tracking), Answer::Nothing).await;
        assert_eq!(unread(&observation), [Source::ResourceTracking].into(), "{tracking}");
    }
    for dependencies in [
        r#"{"Dependents":{"S":"i-1"}}"#,
        r#"{"Dependents":{"L":[{"N":"1"}]}}"#,
        r#"{"Dependents":{"L":[{"S":" "}]}}"#,
        r#"{"Dependents":{"L":[{"M":{"dependency_type":{"S":"critical"}}}]}}"#,
        r#"{"Dependents":{"L":[{"S":"i-1"},{"M":{"id":{"N":"1"}}}]}}"#,
    ] {
        let (observation, _) = told(Answer::Nothing, Answer::Item(dependencies)).await;
        assert_eq!(unread(&observation), [Source::ResourceDependencies].into(), "{dependencies}");
        assert!(observation.dependents.is_empty(), "{dependencies}");
    }
}
