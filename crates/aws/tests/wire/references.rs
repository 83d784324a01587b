use sunset_aws::account::references;
use sunset_aws::error::AwsErrorKind;
use sunset_wire::{ImageReference, Instance, LaunchTemplate};

use crate::support::{account, image_id, serve};

#[tokio::test]
async fn references_are_asked_for_in_tens_and_every_image_has_an_answer() {
    let recipe = "arn:aws:imagebuilder:us-east-1:123456789012:image-recipe/web/1.0.0";
    let account = account().instance(Instance::new("i-1", "ami-1")).reference(ImageReference::new(
        "ami-25",
        "imagebuilder:ImageRecipe",
        recipe,
    ));
    let (ec2, clients) = serve(account).await;
    ec2.pages_at_most("DescribeImageReferences", 1);
    let ids: Vec<_> = (1..=25).map(|n| image_id(&format!("ami-{n}"))).collect();
    let references = references(&clients, &ids).await.unwrap();
    assert_eq!(references.len(), 25);
    assert_eq!(references.values().filter(|references| !references.is_empty()).count(), 2);
    let by = references[&image_id("ami-25")].first().unwrap().to_string();
    assert_eq!(by, format!("imagebuilder:ImageRecipe {recipe} (by DescribeImageReferences)"));
    assert_eq!(ec2.count("DescribeImageReferences"), 3);
}

#[tokio::test]
async fn a_version_deeper_than_ec2_looks_unasked_is_found() {
    let template =
        (2..=30).fold(LaunchTemplate::new("lt-1", "web").version("ami-1"), |template, _| template.version("ami-2"));
    let (_ec2, clients) = serve(account().launch_template(template)).await;
    let references = references(&clients, &[image_id("ami-1")]).await.unwrap();
    assert_eq!(references[&image_id("ami-1")].len(), 1);
}

#[tokio::test]
async fn references_that_could_not_be_read_are_an_error() {
    let (_ec2, clients) = serve(account().denies("DescribeImageReferences")).await;
    assert_eq!(references(&clients, &[image_id("ami-1")]).await.unwrap_err().kind, AwsErrorKind::Denied);
}
