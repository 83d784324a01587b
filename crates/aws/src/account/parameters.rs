//! SSM parameters: those whose value holds an image's id, and those that a launch looks up.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ssm::types::ParameterType;
use sunset_domain::coverage::Source;
use sunset_domain::evidence::Use;
use sunset_domain::ids::ImageId;

use super::found::Found;
use super::named_image::{NamedImage, ids_in};
use super::pages::Pages;
use super::side_by_side::side_by_side;
use crate::clients::Clients;
use crate::error::AwsError;

const DESCRIBE: &str = "DescribeParameters";
const GET: &str = "GetParameters";
/// The most names that one call takes.
const NAMES_AT_ONCE: usize = 10;

/// Reads every `String` and `StringList` parameter of the account by its value.
///
/// `SecureString` ones are counted and not read: without the right to decrypt, which no cleaner of images should
/// hold, their values are ciphertext. EC2 refuses them as image ids, too.
pub(super) async fn read(clients: &Clients) -> Found {
    let mut found = Found::nothing(Source::SsmParameters);
    let mut readable = Vec::new();
    let outcome = read_names(clients, &mut found.items, &mut readable).await;
    let mut found = found.ended(outcome);
    let batches = readable.chunks(NAMES_AT_ONCE).map(<[String]>::to_vec).collect();
    for values in side_by_side(batches, async |names| read_values(clients, names).await).await {
        match values {
            Ok(values) => found.images.extend(values),
            Err(error) => found = found.ended(Err(error)),
        }
    }
    found
}

async fn read_names(clients: &Clients, items: &mut usize, readable: &mut Vec<String>) -> Result<(), AwsError> {
    let mut pages = Pages::of(DESCRIBE);
    while let Some(token) = pages.turn() {
        let page = clients
            .ssm()
            .describe_parameters()
            .max_results(50)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| AwsError::of(DESCRIBE, &error))?;
        for parameter in page.parameters.into_iter().flatten() {
            *items += 1;
            if parameter.r#type != Some(ParameterType::SecureString) {
                readable.extend(parameter.name);
            }
        }
        pages.turned(page.next_token)?;
    }
    Ok(())
}

async fn read_values(clients: &Clients, names: Vec<String>) -> Result<Vec<(Use, NamedImage)>, AwsError> {
    let asked = names.len();
    let answer = get(clients, names).await?;
    // One that was deleted since it was listed is nothing; one that is not mentioned at all was not read.
    if answer.values.len() + answer.unknown.len() < asked {
        return Err(AwsError::refused(GET, format!("asked for {asked} parameters, answered for fewer")));
    }
    let by = |name: &str| Use::SsmParameter { name: name.to_owned() };
    Ok(answer
        .values
        .iter()
        .flat_map(|value| ids_in(&value.text).into_iter().map(|id| (by(&value.name), NamedImage::Id(id))))
        .collect())
}

/// The images that a launch would take from each of these parameters now. None, where there is no such parameter:
/// then nothing can be launched from it. An error, where a launch might still resolve what could not be read here.
pub(super) async fn resolve(
    clients: &Clients,
    names: BTreeSet<String>,
) -> BTreeMap<String, Result<BTreeSet<ImageId>, AwsError>> {
    let names: Vec<String> = names.into_iter().collect();
    let batches = names.chunks(NAMES_AT_ONCE).map(<[String]>::to_vec).collect();
    let resolved = side_by_side(batches, async |names| resolve_together(clients, names).await).await;
    resolved.into_iter().flatten().collect()
}

async fn resolve_together(clients: &Clients, names: Vec<String>) -> Vec<(String, Result<BTreeSet<ImageId>, AwsError>)> {
    let mut resolved = Vec::with_capacity(names.len());
    let mut alone = Vec::new();
    match get(clients, names.clone()).await {
        Ok(answer) => {
            for name in names {
                if let Some(value) = answer.values.iter().find(|value| value.answers(&name)) {
                    resolved.push((name, Ok(ids_in(&value.text))));
                } else if answer.unknown.contains(&name) {
                    resolved.push((name, Ok(BTreeSet::new())));
                } else {
                    alone.push(name);
                }
            }
        }
        // One name that is none spoils the whole call, and so do two versions of one parameter.
        Err(error) if is_no_name(&error) => alone = names,
        Err(error) => resolved.extend(names.into_iter().map(|name| (name, Err(error.clone())))),
    }
    for name in alone {
        let images = resolve_alone(clients, &name).await;
        resolved.push((name, images));
    }
    resolved
}

async fn resolve_alone(clients: &Clients, name: &str) -> Result<BTreeSet<ImageId>, AwsError> {
    match get(clients, vec![name.to_owned()]).await {
        Ok(answer) if answer.values.is_empty() && answer.unknown.is_empty() => {
            Err(AwsError::refused(GET, format!("no answer for the parameter {name}")))
        }
        Ok(answer) => Ok(answer.values.iter().flat_map(|value| ids_in(&value.text)).collect()),
        // No parameter can have such a name. What an ARN points at may be another account's, or another region's.
        Err(error) if is_no_name(&error) && !name.starts_with("arn:") => Ok(BTreeSet::new()),
        Err(error) => Err(error),
    }
}

fn is_no_name(error: &AwsError) -> bool {
    error.has_code("ValidationException")
}

struct Value {
    name: String,
    arn: Option<String>,
    /// `:<version>` or `:<label>`, where one was asked for.
    selector: Option<String>,
    text: String,
}

impl Value {
    fn answers(&self, asked: &str) -> bool {
        let selector = self.selector.as_deref().unwrap_or_default();
        [Some(self.name.as_str()), self.arn.as_deref()]
            .into_iter()
            .flatten()
            .any(|name| asked.strip_prefix(name) == Some(selector))
    }
}

struct Answer {
    values: Vec<Value>,
    unknown: Vec<String>,
}

async fn get(clients: &Clients, names: Vec<String>) -> Result<Answer, AwsError> {
    let answer = clients
        .ssm()
        .get_parameters()
        .set_names(Some(names))
        .with_decryption(false)
        .send()
        .await
        .map_err(|error| AwsError::of(GET, &error))?;
    let values = answer.parameters.into_iter().flatten().map(|parameter| Value {
        name: parameter.name.unwrap_or_default(),
        arn: parameter.arn,
        selector: parameter.selector,
        text: parameter.value.unwrap_or_default(),
    });
    Ok(Answer { values: values.collect(), unknown: answer.invalid_parameters.unwrap_or_default() })
}
