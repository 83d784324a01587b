//! A reference of every kind that appears between list and deregister keeps the image.

use serde_json::json;
use sunset_functions_tests::{ACCOUNT, Policy, Run, World};
use sunset_wire::{
    Account, Fleet, Group, Image, Instance, LaunchConfiguration, LaunchPermission, LaunchTemplate, Parameter,
    SpotFleet, SpotRequest, TemplateRef,
};

use crate::{name, untouched};

/// Adds a reference to an account: to this image, under a word of its own.
type Refer = fn(Account, &str, &str) -> Account;

/// What can come to name an image, or to hold it otherwise.
const KINDS: [(&str, Refer); 22] = [
    ("a running instance", |account, image, word| account.instance(Instance::new(format!("i-{word}"), image))),
    ("a stopped instance", |account, image, word| {
        account.instance(Instance::new(format!("i-{word}"), image).stopped())
    }),
    ("the latest version of a launch template", |account, image, word| {
        account.launch_template(template(word).version("ami-0other").version(image))
    }),
    ("the default version of a launch template", |account, image, word| {
        account.launch_template(template(word).version(image).version("ami-0other"))
    }),
    ("a version that an Auto Scaling group pins", |account, image, word| {
        account.launch_template(with_an_old_version(word, image)).group(Group::new(word).launch_template(pinned(word)))
    }),
    ("a version that a group without instances pins", |account, image, word| {
        let group = Group::new(word).launch_template(pinned(word)).desired(0);
        account.launch_template(with_an_old_version(word, image)).group(group)
    }),
    ("the base of a mixed-instances policy", |account, image, word| {
        account.launch_template(with_an_old_version(word, image)).group(Group::new(word).mixed(pinned(word)))
    }),
    ("an override of a mixed-instances policy", |account, image, word| {
        let base = format!("{word}base");
        let group = Group::new(word).mixed(TemplateRef::id(format!("lt-{base}"), "1")).override_template(pinned(word));
        account
            .launch_template(template(&base).version("ami-0other"))
            .launch_template(with_an_old_version(word, image))
            .group(group)
    }),
    ("an override's own image", |account, image, word| {
        let group = Group::new(word).mixed(TemplateRef::id(format!("lt-{word}"), "1")).override_image(image);
        account.launch_template(template(word).version("ami-0other")).group(group)
    }),
    ("a launch configuration", |account, image, word| {
        account.launch_configuration(LaunchConfiguration::new(word, image))
    }),
    ("a Spot request", |account, image, word| account.spot_request(SpotRequest::new(format!("sir-{word}"), image))),
    ("a Spot fleet", |account, image, word| account.spot_fleet(SpotFleet::new(format!("sfr-{word}")).image(image))),
    ("a Spot fleet's launch template", |account, image, word| {
        let fleet = SpotFleet::new(format!("sfr-{word}")).template(pinned(word));
        account.launch_template(with_an_old_version(word, image)).spot_fleet(fleet)
    }),
    ("a fleet's launch template", |account, image, word| {
        let fleet = Fleet::new(format!("fleet-{word}")).template(pinned(word));
        account.launch_template(with_an_old_version(word, image)).fleet(fleet)
    }),
    ("a fleet's override", |account, image, word| {
        account.fleet(Fleet::new(format!("fleet-{word}")).override_image(image))
    }),
    ("an SSM parameter", |account, image, word| account.parameter(Parameter::new(format!("/{word}"), image))),
    ("a list in an SSM parameter", |account, image, word| {
        account.parameter(Parameter::new(format!("/{word}"), format!("ami-0other,{image}")).string_list())
    }),
    ("a launch template by way of an SSM parameter", |account, image, word| {
        let parameter = format!("/aws/service/{word}");
        account
            .launch_template(template(word).version(format!("resolve:ssm:{parameter}")))
            .parameter(Parameter::new(parameter, image).public())
    }),
    ("a launch permission", |account, image, _| {
        changed(account, image, |image| {
            image.launch_permissions.push(LaunchPermission::User("999999999999".to_owned()))
        })
    }),
    ("the tag sunset:keep", |account, image, _| changed(account, image, |it| *it = it.clone().tag("sunset:keep", ""))),
    ("deregistration protection", |account, image, _| changed(account, image, |it| *it = it.clone().protected())),
    ("a launch", |account, image, _| changed(account, image, |it| *it = it.clone().launched_hours_ago(2))),
];

fn template(word: &str) -> LaunchTemplate {
    LaunchTemplate::new(format!("lt-{word}"), format!("template-{word}"))
}

/// A template whose first version names the image, and whose heads do not.
fn with_an_old_version(word: &str, image: &str) -> LaunchTemplate {
    template(word).version(image).version("ami-0other").default_version(2)
}

fn pinned(word: &str) -> TemplateRef {
    TemplateRef::id(format!("lt-{word}"), "1")
}

fn changed(mut account: Account, image: &str, change: impl FnOnce(&mut Image)) -> Account {
    change(account.images.get_mut(image).expect("the image"));
    account
}

fn id(n: usize) -> String {
    format!("ami-0due{n:02}")
}

fn all_due() -> Account {
    (0..KINDS.len()).fold(Account::new(ACCOUNT), |account, n| {
        account.image(Image::new(id(n)).named(format!("due{n}x")).snapshots([format!("snap-0due{n:02}")]))
    })
}

fn with_all_references(account: Account) -> Account {
    KINDS.iter().enumerate().fold(account, |account, (n, (_, refer))| refer(account, &id(n), &format!("0ref{n:02}")))
}

// C160
#[tokio::test]
async fn a_reference_of_any_kind_keeps_its_image_from_the_list() {
    let world = World::of(with_all_references(all_due())).await;
    let functions = world.functions();
    let list = Run::live(&world, &functions).await.list().await.unwrap();
    assert_eq!((&list["verdict"], &list["counts"]["due"]), (&json!("nothing"), &json!(0)), "{list}");
    untouched(&world);
}

#[tokio::test]
async fn a_reference_of_any_kind_that_appears_between_list_and_deregister_keeps_the_image() {
    for grace_days in [0, 7] {
        let world = World::under(Policy::quick().with("GRACE_DAYS", grace_days), all_due()).await;
        let functions = world.functions();
        let run = Run::live(&world, &functions).await;
        let (run_id, lines) = run.listed().await;
        assert_eq!(lines.len(), KINDS.len());
        {
            let mut account = world.ec2.account();
            *account = with_all_references(account.clone());
        }
        for line in &lines {
            let n: usize = line["ImageId"].as_str().unwrap().trim_start_matches("ami-0due").parse().unwrap();
            let refused = run.delete_image(line).await;
            assert_eq!(name(refused), "Sunset.Stale", "{}", KINDS[n].0);
        }
        untouched(&world);
        let report = run.report(&run_id).await.unwrap();
        let counts = &report["counts"];
        assert_eq!((&counts["stale"], &counts["failed"]), (&json!(KINDS.len()), &json!(0)), "{report}");
    }
}

#[tokio::test]
async fn an_image_that_became_the_newest_of_its_family_stays() {
    let member = |n: i64| Image::new(format!("ami-0web{n}")).named(format!("web-{n}")).aged_hours(1000 - n);
    let world =
        World::under(Policy::quick().with("KEEP_NEWEST", 1), Account::new(ACCOUNT).image(member(1)).image(member(2)))
            .await;
    let functions = world.functions();
    let run = Run::live(&world, &functions).await;
    let (_, lines) = run.listed().await;
    assert_eq!(lines.len(), 1);
    world.ec2.account().images.remove("ami-0web2");
    assert_eq!(name(run.delete_image(&lines[0]).await), "Sunset.Stale");
    untouched(&world);
}
