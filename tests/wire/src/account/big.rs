use super::{Account, Group, Image, Instance, LaunchTemplate, Parameter, TemplateRef};

/// How much a big account holds.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Images of this account.
    pub images: usize,
    /// Running instances.
    pub instances: usize,
    /// Launch templates, of two versions each.
    pub launch_templates: usize,
    /// Auto Scaling groups, each on a pinned template.
    pub groups: usize,
    /// SSM parameters, every tenth naming an image.
    pub parameters: usize,
}

impl Account {
    /// An account of this size, the same each time: families of 25 images a week apart, the oldest first,
    /// half of the images with two snapshots, the references spread evenly over the images.
    #[must_use]
    pub fn big(id: impl Into<String>, size: Size) -> Self {
        let mut account = Self::new(id);
        for n in 0..size.images {
            account.add_image(image(n));
        }
        let spread = |n: usize, of: usize| image_id(n * (size.images / of.max(1)).max(1) % size.images.max(1));
        for n in 0..size.instances {
            account = account.instance(Instance::new(format!("i-{n:017x}"), spread(n, size.instances)));
        }
        for n in 0..size.launch_templates {
            let template = LaunchTemplate::new(format!("lt-{n:017x}"), format!("template-{n}"))
                .version(spread(n, size.launch_templates))
                .version(spread(n + 1, size.launch_templates));
            account = account.launch_template(template);
        }
        for n in 0..size.groups {
            let template = TemplateRef::id(format!("lt-{:017x}", n % size.launch_templates.max(1)), "1");
            let group = Group::new(format!("group-{n:05}"));
            account = account.group(if n.is_multiple_of(2) {
                group.launch_template(template)
            } else {
                group.mixed(template)
            });
        }
        for n in 0..size.parameters {
            let value = if n.is_multiple_of(10) { spread(n, size.parameters) } else { format!("value-{n}") };
            account = account.parameter(Parameter::new(format!("/team-{}/parameter-{n:05}", n % 20), value));
        }
        account
    }
}

fn image_id(n: usize) -> String {
    format!("ami-{n:017x}")
}

fn image(n: usize) -> Image {
    let (family, member) = (n / 25, n % 25);
    let first = format!("snap-{:017x}", n * 2);
    let second = n.is_multiple_of(2).then(|| format!("snap-{:017x}", n * 2 + 1));
    Image::new(image_id(n))
        .named(format!("service-{family}-v{member}"))
        .described(format!("Nightly build {member} of service {family}"))
        .aged_hours(24 * 7 * (25 - i64::try_from(member).unwrap_or_default()) + 1)
        .snapshots(std::iter::once(first).chain(second))
        .tag("Name", format!("service-{family}"))
        .tag("team", format!("team-{}", family % 20))
        .tag("commit", format!("{n:040x}"))
}
