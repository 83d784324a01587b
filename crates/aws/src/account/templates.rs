//! Launch templates: the heads of all, and the versions that groups and fleets pin.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{Filter, LaunchTemplateVersion};
use sunset_domain::coverage::Source;
use sunset_domain::evidence::Use;
use sunset_domain::ids::ImageId;

use super::found::Found;
use super::named_image::NamedImage;
use super::pages::Pages;
use super::side_by_side::side_by_side;
use super::template_ref::{TemplateKey, TemplateRef, TemplateVersion};
use crate::clients::Clients;
use crate::error::AwsError;

const OPERATION: &str = "DescribeLaunchTemplateVersions";
const HEADS: [&str; 2] = ["$Latest", "$Default"];
/// The most versions that one call takes or gives.
const VERSIONS_AT_ONCE: usize = 200;

/// The launch templates that were read.
#[derive(Debug)]
pub(super) struct Templates {
    by_id: BTreeMap<String, Template>,
    ids_by_name: BTreeMap<String, String>,
    outcome: Result<(), AwsError>,
}

#[derive(Debug, Default)]
struct Template {
    name: String,
    latest: Option<i64>,
    default: Option<i64>,
    /// What each version that was read names.
    versions: BTreeMap<i64, Option<NamedImage>>,
}

/// One version, as far as it matters.
struct Row {
    id: String,
    name: String,
    number: i64,
    default: bool,
    image: Option<NamedImage>,
}

impl From<LaunchTemplateVersion> for Row {
    fn from(version: LaunchTemplateVersion) -> Self {
        Self {
            id: version.launch_template_id.unwrap_or_default(),
            name: version.launch_template_name.unwrap_or_default(),
            number: version.version_number.unwrap_or_default(),
            default: version.default_version.unwrap_or_default(),
            image: version.launch_template_data.and_then(|data| NamedImage::parse(data.image_id()?)),
        }
    }
}

/// Reads the latest and the default version of every template; of those that name one image, where one is given.
/// A head that names a parameter names no image, so this does not give it.
pub(super) async fn read_heads(clients: &Clients, of: Option<&ImageId>) -> Templates {
    let mut templates = Templates { by_id: BTreeMap::new(), ids_by_name: BTreeMap::new(), outcome: Ok(()) };
    let mut pages = Pages::of(OPERATION);
    while let Some(token) = pages.turn() {
        let page = ask(clients, None, HEADS.map(str::to_owned).to_vec(), of, token).await;
        let page = page.and_then(|(rows, token)| pages.turned(token).map(|()| rows));
        match page {
            Ok(rows) => rows.into_iter().for_each(|row| templates.add_head(row)),
            Err(error) => {
                templates.outcome = Err(error);
                break;
            }
        }
    }
    templates
}

impl Templates {
    fn add_head(&mut self, row: Row) {
        let (number, default) = (row.number, row.default);
        let template = self.add(row);
        template.latest = template.latest.max(Some(number));
        if default {
            template.default = Some(number);
        }
    }

    fn add(&mut self, row: Row) -> &mut Template {
        if !self.ids_by_name.contains_key(&row.name) {
            self.ids_by_name.insert(row.name.clone(), row.id.clone());
        }
        let template = self.by_id.entry(row.id).or_default();
        template.name = row.name;
        template.versions.insert(row.number, row.image);
        template
    }

    fn get(&self, key: &TemplateKey) -> Option<&Template> {
        let id = match key {
            TemplateKey::Id(id) => id,
            TemplateKey::Name(name) => self.ids_by_name.get(name)?,
        };
        self.by_id.get(id)
    }

    /// Reads every version of every template.
    pub(super) async fn read_all_versions(&mut self, clients: &Clients) {
        let ids: Vec<String> = self.by_id.keys().cloned().collect();
        let task = async |id| read_of(clients, &TemplateKey::Id(id), Vec::new()).await;
        for read in side_by_side(ids, task).await {
            self.take(read);
        }
    }

    /// Reads what is referred to and is not here yet: versions by number, and templates that came into being since
    /// the heads were read. One that does not exist is no use of anything, and no error.
    pub(super) async fn read_pinned(&mut self, clients: &Clients, refs: impl Iterator<Item = &TemplateRef>) {
        let mut heads = BTreeSet::new();
        let mut pinned: BTreeMap<TemplateKey, BTreeSet<String>> = BTreeMap::new();
        for TemplateRef { key, version } in refs {
            let template = self.get(key);
            let pin = match version {
                TemplateVersion::Latest | TemplateVersion::Default => None,
                TemplateVersion::Number(number) => {
                    let known = template.is_some_and(|template| template.versions.contains_key(number));
                    (!known).then(|| number.to_string())
                }
                TemplateVersion::Other(version) => Some(version.clone()),
            };
            if let Some(version) = pin {
                pinned.entry(key.clone()).or_default().insert(version);
            } else if template.is_none() {
                heads.insert(key.clone());
            }
        }
        let task = async |key| read_of(clients, &key, HEADS.map(str::to_owned).to_vec()).await;
        for read in side_by_side(heads.into_iter().collect(), task).await {
            match read {
                Ok(rows) => rows.into_iter().for_each(|row| self.add_head(row)),
                Err(error) => self.fail(error),
            }
        }
        let task = async |(key, versions): (_, BTreeSet<String>)| {
            read_versions(clients, &key, versions.into_iter().collect()).await
        };
        for read in side_by_side(pinned.into_iter().collect(), task).await {
            self.take(read);
        }
    }

    fn take(&mut self, read: Result<Vec<Row>, AwsError>) {
        match read {
            Ok(rows) => rows.into_iter().for_each(|row| {
                self.add(row);
            }),
            Err(error) => self.fail(error),
        }
    }

    fn fail(&mut self, error: AwsError) {
        if self.outcome.is_ok() {
            self.outcome = Err(error);
        }
    }

    /// Whether nothing went wrong so far.
    pub(super) fn complete(&self) -> bool {
        self.outcome.is_ok()
    }

    /// The image that a version names, where both were read.
    pub(super) fn image_of(&self, TemplateRef { key, version }: &TemplateRef) -> Option<&NamedImage> {
        let template = self.get(key)?;
        let number = match version {
            TemplateVersion::Latest => template.latest?,
            TemplateVersion::Default => template.default?,
            TemplateVersion::Number(number) => *number,
            TemplateVersion::Other(_) => return None,
        };
        template.versions.get(&number)?.as_ref()
    }

    /// Every version that was read, as a use of the image that it names.
    pub(super) fn into_found(self) -> Found {
        let mut found = Found::nothing(Source::LaunchTemplates);
        for (id, template) in self.by_id {
            for (version, image) in template.versions {
                found.items += 1;
                let by = || Use::LaunchTemplate { id: id.clone(), name: template.name.clone(), version };
                found.images.extend(image.map(|image| (by(), image)));
            }
        }
        found.ended(self.outcome)
    }
}

/// Some versions of one template; those that do not exist are left out.
async fn read_versions(clients: &Clients, key: &TemplateKey, versions: Vec<String>) -> Result<Vec<Row>, AwsError> {
    let mut rows = Vec::new();
    for versions in versions.chunks(VERSIONS_AT_ONCE) {
        match read_rows(clients, key, versions.to_vec()).await {
            Ok(read) => rows.extend(read),
            // One version that is gone fails them all.
            Err(error) if is_missing(&error) && versions.len() > 1 => {
                for version in versions {
                    rows.extend(read_of(clients, key, vec![version.clone()]).await?);
                }
            }
            Err(error) if is_missing(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(rows)
}

/// Versions of one template, none where it does not exist; every version, where none is named.
async fn read_of(clients: &Clients, key: &TemplateKey, versions: Vec<String>) -> Result<Vec<Row>, AwsError> {
    match read_rows(clients, key, versions).await {
        Err(error) if is_missing(&error) => Ok(Vec::new()),
        read => read,
    }
}

async fn read_rows(clients: &Clients, key: &TemplateKey, versions: Vec<String>) -> Result<Vec<Row>, AwsError> {
    let mut rows = Vec::new();
    let mut pages = Pages::of(OPERATION);
    while let Some(token) = pages.turn() {
        let (page, token) = ask(clients, Some(key), versions.clone(), None, token).await?;
        rows.extend(page);
        pages.turned(token)?;
    }
    Ok(rows)
}

/// `InvalidLaunchTemplateId.NotFound`, `.VersionNotFound`, `InvalidLaunchTemplateName.NotFoundException`.
fn is_missing(error: &AwsError) -> bool {
    error.code.as_deref().is_some_and(|code| code.starts_with("InvalidLaunchTemplate") && code.contains("NotFound"))
}

async fn ask(
    clients: &Clients,
    key: Option<&TemplateKey>,
    versions: Vec<String>,
    of: Option<&ImageId>,
    token: Option<String>,
) -> Result<(Vec<Row>, Option<String>), AwsError> {
    let (id, name) = match key {
        None => (None, None),
        Some(TemplateKey::Id(id)) => (Some(id.clone()), None),
        Some(TemplateKey::Name(name)) => (None, Some(name.clone())),
    };
    let page = clients
        .ec2()
        .describe_launch_template_versions()
        .set_launch_template_id(id)
        .set_launch_template_name(name)
        .set_versions((!versions.is_empty()).then_some(versions))
        .set_filters(of.map(|id| vec![Filter::builder().name("image-id").values(id.as_str()).build()]))
        // As with instances, a service's own templates may be hidden from view.
        .include_managed_resources(true)
        .max_results(200)
        .set_next_token(token)
        .send()
        .await
        .map_err(|error| AwsError::of(OPERATION, &error))?;
    let rows = page.launch_template_versions.into_iter().flatten().map(Row::from).collect();
    Ok((rows, page.next_token))
}
