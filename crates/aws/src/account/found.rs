//! What the reading of one source found, before launch templates and parameters are followed.

use sunset_domain::coverage::Source;
use sunset_domain::evidence::Use;

use super::named_image::NamedImage;
use super::template_ref::TemplateRef;
use crate::error::AwsError;

/// One source's findings.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) source: Source,
    /// How many things were read, whether they name an image or not.
    pub(super) items: usize,
    /// Who names which image.
    pub(super) images: Vec<(Use, NamedImage)>,
    /// Who launches from which launch template.
    pub(super) templates: Vec<(Use, TemplateRef)>,
    /// How it ended.
    pub(super) outcome: Result<(), AwsError>,
}

impl Found {
    pub(super) fn nothing(source: Source) -> Self {
        Self { source, items: 0, images: Vec::new(), templates: Vec::new(), outcome: Ok(()) }
    }

    /// Notes the image that something names, if it names one.
    pub(super) fn image(&mut self, by: &Use, text: Option<&str>) {
        if let Some(image) = text.and_then(NamedImage::parse) {
            self.images.push((by.clone(), image));
        }
    }

    /// Notes the launch template that something launches from, if it names one.
    pub(super) fn template(&mut self, by: &Use, id: Option<&str>, name: Option<&str>, version: Option<&str>) {
        if let Some(template) = TemplateRef::new(id, name, version) {
            self.templates.push((by.clone(), template));
        }
    }

    /// A reading that went wrong stays so; only its first error is kept.
    pub(super) fn ended(mut self, outcome: Result<(), AwsError>) -> Self {
        self.outcome = self.outcome.and(outcome);
        self
    }
}
