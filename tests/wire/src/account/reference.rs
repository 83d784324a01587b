/// A reference that only `DescribeImageReferences` knows.
#[derive(Debug, Clone)]
pub struct ImageReference {
    /// The image.
    pub image_id: String,
    /// Such as `imagebuilder:ImageRecipe`.
    pub resource_type: String,
    /// The ARN of what refers to it.
    pub arn: String,
}

impl ImageReference {
    /// A reference.
    #[must_use]
    pub fn new(image_id: impl Into<String>, resource_type: impl Into<String>, arn: impl Into<String>) -> Self {
        Self { image_id: image_id.into(), resource_type: resource_type.into(), arn: arn.into() }
    }
}
