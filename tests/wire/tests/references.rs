//! What refers to images: instances, templates, groups, Spot, fleets, parameters.

mod support;

use serde_json::json;
use sunset_wire::{
    Account, Ec2, Fleet, Group, Image, ImageReference, Instance, LaunchConfiguration, LaunchTemplate, Parameter, Size,
    SpotFleet, SpotRequest, TemplateRef,
};
use support::{auto_scaling, ec2, pages, ssm};

fn account() -> Account {
    Account::new("123456789012")
}

fn filter<'a>(name: &'a str, value: &'a str) -> [(&'a str, &'a str); 2] {
    [("Filter.1.Name", name), ("Filter.1.Value.1", value)]
}

#[tokio::test]
async fn instances_are_found_by_image_and_state() {
    let server = Ec2::start(
        account()
            .instance(Instance::new("i-1", "ami-1").stopped())
            .instance(Instance::new("i-2", "ami-1").terminated())
            .instance(Instance::new("i-3", "ami-2").spot()),
    )
    .await;
    let of_image = ec2(&server, "DescribeInstances", &filter("image-id", "ami-1")).await;
    assert_eq!(of_image.all("instanceId"), ["i-1", "i-2"]);
    let running = ec2(&server, "DescribeInstances", &filter("instance-state-name", "running")).await;
    assert_eq!((running.one("instanceId"), running.one("instanceLifecycle")), (Some("i-3"), Some("spot")));
    assert_eq!(ec2(&server, "DescribeInstances", &[("MaxResults", "2")]).await.code(), "InvalidParameterValue");
}

#[tokio::test]
async fn the_heads_of_all_templates_are_read_with_no_template_named() {
    let server = Ec2::start(
        account()
            .launch_template(
                LaunchTemplate::new("lt-1", "web")
                    .version("ami-1")
                    .version("ami-2")
                    .version("ami-3")
                    .default_version(2),
            )
            .launch_template(LaunchTemplate::new("lt-2", "db").version("resolve:ssm:/db"))
            .launch_template(LaunchTemplate::new("lt-3", "none").version_without_image())
            .parameter(Parameter::new("/db", "ami-9")),
    )
    .await;
    let heads = [("LaunchTemplateVersion.1", "$Latest"), ("LaunchTemplateVersion.2", "$Default")];
    let answer = ec2(&server, "DescribeLaunchTemplateVersions", &heads).await;
    assert_eq!(answer.all("imageId"), ["ami-3", "ami-2", "resolve:ssm:/db"]);
    assert_eq!(answer.all("launchTemplateId"), ["lt-1", "lt-1", "lt-2", "lt-3"]);
    let resolved = ec2(&server, "DescribeLaunchTemplateVersions", &[heads[0], ("ResolveAlias", "true")]).await;
    assert_eq!(resolved.all("imageId"), ["ami-3", "ami-9"]);
    let by_image = [heads.as_slice(), &filter("image-id", "ami-2")].concat();
    assert_eq!(ec2(&server, "DescribeLaunchTemplateVersions", &by_image).await.one("versionNumber"), Some("2"));

    let pages = pages(&server, "DescribeLaunchTemplateVersions", &[heads[0], heads[1], ("MaxResults", "1")]).await;
    assert_eq!(pages.len(), 4);
    assert_eq!(
        ec2(&server, "DescribeLaunchTemplateVersions", &[heads[0], ("MaxResults", "201")]).await.code(),
        "InvalidParameterValue"
    );
    assert_eq!(ec2(&server, "DescribeLaunchTemplates", &[]).await.all("launchTemplateName"), ["web", "db", "none"]);
}

#[tokio::test]
async fn a_template_is_read_by_id_or_name_and_version_and_says_what_is_missing() {
    let server =
        Ec2::start(account().launch_template(LaunchTemplate::new("lt-1", "web").version("ami-1").version("ami-2")))
            .await;
    let read = async |params: &[(&str, &str)]| -> String {
        let answer = ec2(&server, "DescribeLaunchTemplateVersions", params).await;
        if answer.status == 200 { answer.all("imageId").join(" ") } else { answer.code().to_owned() }
    };
    assert_eq!(read(&[("LaunchTemplateId", "lt-1")]).await, "ami-2 ami-1");
    assert_eq!(read(&[("LaunchTemplateName", "web"), ("LaunchTemplateVersion.1", "1")]).await, "ami-1");
    assert_eq!(read(&[("LaunchTemplateId", "lt-9")]).await, "InvalidLaunchTemplateId.NotFound");
    assert_eq!(read(&[("LaunchTemplateName", "nix")]).await, "InvalidLaunchTemplateName.NotFoundException");
    let missing = [("LaunchTemplateId", "lt-1"), ("LaunchTemplateVersion.1", "7")];
    assert_eq!(read(&missing).await, "InvalidLaunchTemplateId.VersionNotFound");
    assert_eq!(read(&[("LaunchTemplateVersion.1", "1")]).await, "InvalidParameterValue");
}

#[tokio::test]
async fn groups_show_templates_mixed_bases_and_every_override() {
    let server = Ec2::start(
        account()
            .group(Group::new("a").launch_template(TemplateRef::id("lt-1", "3")).desired(0).warm_pool(2))
            .group(
                Group::new("b")
                    .mixed(TemplateRef::named("web", "$Default"))
                    .override_template(TemplateRef::id("lt-2", "4"))
                    .override_image("ami-5"),
            )
            .group(Group::new("c").launch_configuration("lc").running("i-1", "ami-6"))
            .launch_configuration(LaunchConfiguration::new("lc", "ami-7")),
    )
    .await;
    let answer = auto_scaling(&server, "DescribeAutoScalingGroups", &[]).await;
    assert_eq!(answer.all("AutoScalingGroupName"), ["a", "b", "c"]);
    assert_eq!(answer.all("LaunchTemplateId"), ["lt-1", "lt-2"]);
    assert_eq!(answer.all("LaunchTemplateName"), ["web"]);
    assert_eq!(answer.all("Version"), ["3", "$Default", "4"]);
    assert_eq!(answer.all("ImageId"), ["ami-5", "ami-6"]);
    assert_eq!((answer.one("PoolState"), answer.one("DesiredCapacity")), (Some("Stopped"), Some("0")));

    let first = auto_scaling(&server, "DescribeAutoScalingGroups", &[("MaxRecords", "2")]).await;
    let token = first.one("NextToken").expect("a second page");
    let second = auto_scaling(&server, "DescribeAutoScalingGroups", &[("MaxRecords", "2"), ("NextToken", token)]).await;
    assert_eq!(second.all("AutoScalingGroupName"), ["c"]);
    let configurations = auto_scaling(&server, "DescribeLaunchConfigurations", &[]).await;
    assert_eq!(configurations.one("ImageId"), Some("ami-7"));
}

#[tokio::test]
async fn auto_scaling_errors_are_in_its_own_form() {
    let server = Ec2::start(account().denies("autoscaling:DescribeAutoScalingGroups")).await;
    let answer = auto_scaling(&server, "DescribeAutoScalingGroups", &[]).await;
    assert_eq!((answer.status, answer.code()), (403, "AccessDenied"));
    assert!(answer.body.contains("<ErrorResponse xmlns="));
}

#[tokio::test]
async fn spot_requests_and_fleets_show_the_images_they_would_launch() {
    let server = Ec2::start(
        account()
            .spot_request(SpotRequest::new("sir-1", "ami-1"))
            .spot_request(SpotRequest::new("sir-2", "ami-2").in_state("cancelled"))
            .spot_fleet(SpotFleet::new("sfr-1").image("ami-3").template(TemplateRef::id("lt-1", "2")))
            .fleet(Fleet::new("fleet-1").template(TemplateRef::named("web", "$Latest")).override_image("ami-4"))
            .fleet(Fleet::new("fleet-2").of_type("instant")),
    )
    .await;
    let requests = ec2(&server, "DescribeSpotInstanceRequests", &filter("launch.image-id", "ami-1")).await;
    assert_eq!((requests.all("spotInstanceRequestId"), requests.one("imageId")), (vec!["sir-1"], Some("ami-1")));
    let spot_fleets = ec2(&server, "DescribeSpotFleetRequests", &[]).await;
    assert_eq!((spot_fleets.one("imageId"), spot_fleets.one("launchTemplateId")), (Some("ami-3"), Some("lt-1")));
    let fleets = ec2(&server, "DescribeFleets", &[]).await;
    assert_eq!(fleets.all("fleetId"), ["fleet-1"]);
    assert_eq!((fleets.one("launchTemplateName"), fleets.one("imageId")), (Some("web"), Some("ami-4")));
    assert_eq!(ec2(&server, "DescribeFleets", &[("FleetId.1", "fleet-2")]).await.one("type"), Some("instant"));
}

#[tokio::test]
async fn parameters_are_listed_in_pages_of_ten_and_read_ten_at_a_time() {
    let many = (0..12)
        .fold(account(), |account, n| account.parameter(Parameter::new(format!("/p/{n:02}"), format!("ami-{n}"))));
    let server = Ec2::start(many.parameter(Parameter::new("/aws/public", "ami-p").public())).await;
    let first = ssm(&server, "DescribeParameters", json!({})).await.json();
    assert_eq!(first["Parameters"].as_array().map(Vec::len), Some(10));
    let second = ssm(&server, "DescribeParameters", json!({ "NextToken": first["NextToken"] })).await.json();
    assert_eq!(second["Parameters"].as_array().map(Vec::len), Some(2));
    assert_eq!(second.get("NextToken"), None);

    let read = ssm(&server, "GetParameters", json!({ "Names": ["/p/01", "/nix", "/aws/public"] })).await.json();
    assert_eq!(read["Parameters"][0]["Value"], "ami-1");
    assert_eq!(read["Parameters"][1]["Value"], "ami-p");
    assert_eq!(read["InvalidParameters"], json!(["/nix"]));
    let eleven: Vec<String> = (0..11).map(|n| format!("/p/{n:02}")).collect();
    let refused = ssm(&server, "GetParameters", json!({ "Names": eleven })).await;
    assert_eq!((refused.status, refused.json()["__type"].as_str()), (400, Some("ValidationException")));
}

#[tokio::test]
async fn parameter_types_are_told_and_filtered_and_secrets_stay_sealed() {
    let server = Ec2::start(
        account()
            .parameter(Parameter::new("a", "ami-1,ami-2").string_list())
            .parameter(Parameter::new("b", "ami-3").secure())
            .parameter(Parameter::new("c", "ami-4").image_type()),
    )
    .await;
    let filters =
        json!({ "ParameterFilters": [{ "Key": "Type", "Option": "Equals", "Values": ["String", "StringList"] }] });
    let listed = ssm(&server, "DescribeParameters", filters).await.json();
    assert_eq!(listed["Parameters"][0]["Type"], "StringList");
    assert_eq!(listed["Parameters"][1]["DataType"], "aws:ec2:image");
    let sealed = ssm(&server, "GetParameter", json!({ "Name": "b" })).await.json();
    assert_ne!(sealed["Parameter"]["Value"], "ami-3");
    let open = ssm(&server, "GetParameter", json!({ "Name": "b", "WithDecryption": true })).await.json();
    assert_eq!(open["Parameter"]["Value"], "ami-3");
    assert_eq!(ssm(&server, "GetParameter", json!({ "Name": "x" })).await.json()["__type"], "ParameterNotFound");
    assert_eq!(ssm(&server, "PutParameter", json!({})).await.json()["__type"], "UnknownOperationException");
}

#[tokio::test]
async fn image_references_know_templates_only_as_deep_as_asked() {
    let template =
        (1..=12).fold(LaunchTemplate::new("lt-1", "web"), |template, n| template.version(format!("ami-{n}")));
    let server = Ec2::start(
        account()
            .launch_template(template)
            .instance(Instance::new("i-1", "ami-12"))
            .parameter(Parameter::new("/golden", "ami-12"))
            .reference(ImageReference::new(
                "ami-12",
                "imagebuilder:ImageRecipe",
                "arn:aws:imagebuilder:::image-recipe/r",
            )),
    )
    .await;
    let all =
        ec2(&server, "DescribeImageReferences", &[("ImageId.1", "ami-12"), ("IncludeAllResourceTypes", "true")]).await;
    assert_eq!(
        all.all("resourceType"),
        ["ec2:Instance", "ec2:LaunchTemplate", "imagebuilder:ImageRecipe", "ssm:Parameter"]
    );
    let shallow = [("ImageId.1", "ami-1"), ("IncludeAllResourceTypes", "true")];
    assert_eq!(ec2(&server, "DescribeImageReferences", &shallow).await.all("arn").len(), 0);
    let deep = [
        ("ImageId.1", "ami-1"),
        ("ResourceType.1.ResourceType", "ec2:LaunchTemplate"),
        ("ResourceType.1.ResourceTypeOption.1.OptionName", "version-depth"),
        ("ResourceType.1.ResourceTypeOption.1.OptionValue.1", "20"),
    ];
    assert_eq!(ec2(&server, "DescribeImageReferences", &deep).await.all("arn").len(), 1);
}

#[tokio::test]
async fn a_big_account_is_served_page_by_page() {
    let size = Size { images: 3000, instances: 300, launch_templates: 50, groups: 30, parameters: 200 };
    let server = Ec2::start(Account::big("123456789012", size)).await;
    let read = pages(&server, "DescribeImages", &[("Owner.1", "self"), ("MaxResults", "1000")]).await;
    assert_eq!(read.len(), 3);
    assert_eq!(read.iter().map(|page| page.all("imageId").len()).sum::<usize>(), 3000);
    assert_eq!(pages(&server, "DescribeInstances", &[("MaxResults", "100")]).await.len(), 3);
    assert_eq!(server.account().images.values().filter(|image: &&Image| image.block_devices.len() == 2).count(), 1500);
}
