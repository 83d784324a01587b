//! How fleets write the launch template they name.

use super::xml::Xml;
use crate::account::TemplateRef;

/// As EC2's fleets write it.
pub(super) fn write_for_fleet(xml: &mut Xml, template: &TemplateRef) {
    xml.within("launchTemplateSpecification", |xml| {
        xml.optional("launchTemplateId", template.id.as_deref());
        xml.optional("launchTemplateName", template.name.as_deref());
        xml.optional("version", template.version.as_deref());
    });
}

/// As Auto Scaling writes it.
pub(super) fn write_for_group(xml: &mut Xml, name: &str, template: &TemplateRef) {
    xml.within(name, |xml| {
        xml.optional("LaunchTemplateId", template.id.as_deref());
        xml.optional("LaunchTemplateName", template.name.as_deref());
        xml.optional("Version", template.version.as_deref());
    });
}
