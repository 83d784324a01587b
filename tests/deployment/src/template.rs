//! `template.yaml` as CloudFormation sees it once its parameters are known.
//!
//! Only what this template uses is understood; anything else fails loudly, rather than pass a test it was never held
//! against.

use crate::text;
use serde_json::{Map, Value, json};
use serde_yaml_ng::Value as Yaml;
use std::collections::BTreeMap;

/// The account, region and stack that the resolved template speaks of.
pub const ACCOUNT: &str = "123456789012";
/// See [`ACCOUNT`].
pub const REGION: &str = "us-east-1";
/// See [`ACCOUNT`].
pub const STACK: &str = "sunset";
/// The function URL that `approve` is given.
pub const APPROVE_URL: &str = "https://abcdefgh.lambda-url.us-east-1.on.aws/";
/// The function URL that `approve-page` is given.
pub const PAGE_URL: &str = "https://stuvwxyz.lambda-url.us-east-1.on.aws/";

/// The template, its short forms (`!Ref`) written out (`{"Ref": …}`).
pub struct Template(pub Value);

impl Template {
    /// Reads the project's template.
    #[must_use]
    pub fn read() -> Self {
        let yaml: Yaml = serde_yaml_ng::from_str(&text("template.yaml")).expect("template.yaml is YAML");
        Self(written_out(yaml))
    }

    /// The default of a parameter, as CloudFormation passes it: a string.
    #[must_use]
    pub fn default(&self, parameter: &str) -> String {
        plain(&self.0["Parameters"][parameter]["Default"])
    }

    /// The template with these parameters, the defaults for all others: conditions decided, references replaced, what
    /// is not there dropped.
    #[must_use]
    pub fn with(&self, overrides: &[(&str, &str)]) -> Deployed {
        let mut parameters: BTreeMap<String, String> = BTreeMap::new();
        for (name, declared) in self.0["Parameters"].as_object().expect("the template has parameters") {
            parameters.insert(name.clone(), plain(&declared["Default"]));
        }
        for (name, value) in overrides {
            assert!(
                parameters.insert((*name).to_owned(), (*value).to_owned()).is_some(),
                "the template has no parameter {name}"
            );
        }
        let resolver = Resolver { template: &self.0, parameters };
        let resources = resolver.present(&self.0["Resources"]);
        let outputs = Value::Object(resolver.present(&self.0["Outputs"]));
        let globals = resolver.value(&self.0["Globals"]["Function"]).expect("the template has globals");
        Deployed { resources, outputs, globals }
    }
}

/// What would be deployed.
pub struct Deployed {
    resources: Map<String, Value>,
    /// The stack's outputs.
    pub outputs: Value,
    /// What every function has.
    pub globals: Value,
}

impl Deployed {
    /// One resource.
    #[must_use]
    pub fn resource(&self, id: &str) -> &Value {
        self.resources.get(id).unwrap_or_else(|| panic!("the stack has no resource {id}"))
    }

    /// The properties of one resource.
    #[must_use]
    pub fn properties(&self, id: &str) -> &Value {
        &self.resource(id)["Properties"]
    }

    /// The environment of a function: what every function has, and its own.
    #[must_use]
    pub fn environment(&self, function: &str) -> Map<String, Value> {
        let own = self.properties(function).get("Environment");
        [Some(&self.globals["Environment"]), own]
            .into_iter()
            .flatten()
            .filter_map(|environment| environment["Variables"].as_object())
            .flat_map(|variables| variables.iter().map(|(name, value)| (name.clone(), value.clone())))
            .collect()
    }

    /// Whether the resource is there with these parameters.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.resources.contains_key(id)
    }

    /// The properties of every resource of a type, by logical id.
    #[must_use]
    pub fn of_type(&self, kind: &str) -> Vec<(&str, &Value)> {
        self.resources
            .iter()
            .filter(|(_, resource)| resource["Type"] == kind)
            .map(|(id, resource)| (id.as_str(), &resource["Properties"]))
            .collect()
    }
}

/// The ARN that `!GetAtt <id>.Arn`, or `!Ref` where it yields one, stands for in the resolved template.
#[must_use]
pub fn arn_of(id: &str) -> String {
    match id {
        "Table" | "AuditTable" | "TrackingTable" | "DependenciesTable" => {
            format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{STACK}-{id}")
        }
        "Bucket" => format!("arn:aws:s3:::{STACK}-bucket"),
        "DeadLetters" => format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{STACK}-dead-letters"),
        "NoticeTopic" | "AlarmTopic" => format!("arn:aws:sns:{REGION}:{ACCOUNT}:{STACK}-{id}"),
        "AmiCleanup" => format!("arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{STACK}-ami-cleanup"),
        "Decommission" => format!("arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{STACK}-decommission"),
        "ApproversPolicy" => format!("arn:aws:iam::{ACCOUNT}:policy/{STACK}-{id}"),
        _ if id.ends_with("LogGroup") => format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{id}:*"),
        _ if id.ends_with("Role") => format!("arn:aws:iam::{ACCOUNT}:role/{STACK}-{id}"),
        _ if id.ends_with("Function.Alias") => {
            format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{STACK}-{}:live", id.trim_end_matches("Function.Alias"))
        }
        _ => panic!("no ARN is known for {id}"),
    }
}

struct Resolver<'a> {
    template: &'a Value,
    parameters: BTreeMap<String, String>,
}

impl Resolver<'_> {
    /// The resources or outputs whose condition holds.
    fn present(&self, all: &Value) -> Map<String, Value> {
        let mut here = Map::new();
        for (id, one) in all.as_object().expect("a section of the template has names") {
            if one.get("Condition").and_then(Value::as_str).is_none_or(|condition| self.condition(condition)) {
                here.insert(id.clone(), self.value(one).expect("what is declared is a value"));
            }
        }
        here
    }

    /// The value, or nothing where it is `AWS::NoValue`.
    fn value(&self, value: &Value) -> Option<Value> {
        match value {
            Value::Array(items) => Some(items.iter().filter_map(|item| self.value(item)).collect()),
            Value::Object(fields) => match fields.iter().next() {
                Some((name, argument)) if fields.len() == 1 && (name == "Ref" || name.starts_with("Fn::")) => {
                    self.function(name, argument)
                }
                _ => Some(Value::Object(
                    fields.iter().filter_map(|(name, value)| Some((name.clone(), self.value(value)?))).collect(),
                )),
            },
            _ => Some(value.clone()),
        }
    }

    fn function(&self, name: &str, argument: &Value) -> Option<Value> {
        match (name, argument) {
            ("Ref", Value::String(target)) if target == "AWS::NoValue" => None,
            ("Ref", Value::String(target)) => Some(self.reference(target).into()),
            ("Fn::GetAtt", Value::String(target)) => Some(Self::attribute(target).into()),
            ("Fn::Sub", Value::String(text)) => Some(self.substituted(text).into()),
            ("Fn::If", Value::Array(arms)) => match arms.as_slice() {
                [Value::String(condition), yes, no] => self.value(if self.condition(condition) { yes } else { no }),
                _ => panic!("!If wants a condition and two values, found {argument}"),
            },
            _ => panic!("{name} of {argument} is not understood"),
        }
    }

    fn reference(&self, target: &str) -> String {
        if let Some(value) = self.parameters.get(target) {
            return value.clone();
        }
        match target {
            "AWS::AccountId" => ACCOUNT.into(),
            "AWS::Region" => REGION.into(),
            "AWS::StackName" => STACK.into(),
            "AWS::Partition" => "aws".into(),
            "NoticeTopic" | "AlarmTopic" | "AmiCleanup" | "Decommission" | "ApproversPolicy" => arn_of(target),
            _ if target.ends_with("Function.Alias") => arn_of(target),
            _ => {
                assert!(self.template["Resources"].get(target).is_some(), "!Ref {target} refers to nothing");
                format!("{STACK}-{target}")
            }
        }
    }

    fn attribute(target: &str) -> String {
        match target.split_once('.') {
            Some((id, "Arn")) => arn_of(id),
            Some((id, "QueueName")) => format!("{STACK}-{id}"),
            Some(("Table", "StreamArn")) => format!("{}/stream/2026-11-20T09:00:00.000", arn_of("Table")),
            Some(("ApproveFunctionUrl", "FunctionUrl")) => APPROVE_URL.to_owned(),
            Some(("ApprovePageFunctionUrl", "FunctionUrl")) => PAGE_URL.to_owned(),
            _ => panic!("!GetAtt {target} is not understood"),
        }
    }

    fn substituted(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').expect("a ${ has its }");
            out.push_str(before);
            out.push_str(&if name.ends_with(".Arn") { Self::attribute(name) } else { self.reference(name) });
            rest = after;
        }
        out + rest
    }

    fn condition(&self, name: &str) -> bool {
        let definition = &self.template["Conditions"][name];
        assert!(definition.is_object(), "the template has no condition {name}");
        self.truth(definition)
    }

    fn truth(&self, expression: &Value) -> bool {
        if let Some([one]) = expression["Fn::Not"].as_array().map(Vec::as_slice) {
            return !self.truth(one);
        }
        if let Some([left, right]) = expression["Fn::Equals"].as_array().map(Vec::as_slice) {
            return self.value(left).as_ref().map(plain) == self.value(right).as_ref().map(plain);
        }
        panic!("the condition {expression} is not understood")
    }
}

/// Numbers and booleans as CloudFormation compares and passes them: as strings.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        other => panic!("expected a string, a number or a boolean, found {other}"),
    }
}

fn written_out(yaml: Yaml) -> Value {
    match yaml {
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let name = tag.trim_start_matches('!');
            let name = if name == "Ref" || name == "Condition" { name.to_owned() } else { format!("Fn::{name}") };
            json!({ name: written_out(tagged.value) })
        }
        Yaml::Mapping(fields) => {
            let mut object = Map::new();
            for (key, value) in fields {
                let key =
                    key.as_str().unwrap_or_else(|| panic!("a key of the template is no string: {key:?}")).to_owned();
                object.insert(key, written_out(value));
            }
            Value::Object(object)
        }
        Yaml::Sequence(items) => items.into_iter().map(written_out).collect(),
        Yaml::Bool(truth) => truth.into(),
        Yaml::String(text) => text.into(),
        Yaml::Null => Value::Null,
        Yaml::Number(number) => serde_json::to_value(number).expect("a YAML number is a JSON number"),
    }
}
