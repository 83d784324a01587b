//! Building and deploying the real template with sam, and finding what it made.

use std::collections::BTreeMap;
use std::env::{join_paths, split_paths, var_os};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::emulators::REGION;
use crate::error::{Error, Result, at, missing, plain};
use crate::place::Place;
use crate::process::{command, local_only, run};
use crate::stack::{Policy, Stack};
use crate::tools::{Tool, install};
use crate::wire::query::{CLOUDFORMATION, anywhere, call, child, fields, items, parsed};

/// What `sam build` calls the template.
const TEMPLATE: &str = "template.yaml";
/// The CloudFormation stack's name.
pub const STACK_NAME: &str = "sunset";

/// How long anybody may object here to what the rule approved.
const NOTICE_SECONDS: &str = "1";

/// What the deployed template made.
#[derive(Clone, Debug, Default)]
pub struct Deployment {
    resources: Vec<Resource>,
    outputs: BTreeMap<String, String>,
}

#[derive(Clone, Debug)]
struct Resource {
    logical: String,
    physical: String,
    kind: String,
}

impl Deployment {
    /// An output of the template.
    ///
    /// # Errors
    /// When the template has no such output.
    pub fn output(&self, name: &str) -> Result<&str> {
        self.outputs.get(name).map(String::as_str).ok_or_else(|| missing("DescribeStacks", name))
    }

    /// The id of the resource with this logical name.
    ///
    /// # Errors
    /// When the template has no such resource.
    pub fn resource(&self, logical: &str) -> Result<&str> {
        self.found(logical, |it| it.logical == logical)
    }

    /// The physical name of the function whose binary has this name.
    ///
    /// # Errors
    /// When the template has no such function.
    pub fn function(&self, binary: &str) -> Result<&str> {
        let wanted = binary.replace('-', "");
        self.found(binary, |it| {
            let logical = it.logical.to_lowercase();
            it.kind == "AWS::Lambda::Function" && logical.strip_suffix("function").unwrap_or(&logical) == wanted
        })
    }

    fn found(&self, what: &str, is_it: impl Fn(&Resource) -> bool) -> Result<&str> {
        self.resources
            .iter()
            .find(|it| is_it(it))
            .map(|it| it.physical.as_str())
            .ok_or_else(|| plain(format!("the deployed template made no {what}")))
    }
}

/// Builds the functions for release, as a user would: `sam build`, with the cargo of this machine.
///
/// # Errors
/// When sam cannot be installed or the build fails.
pub fn build(place: &Place, log: &Path) -> Result<()> {
    install(place, &[Tool::Sam])?;
    // sam builds one function after the other, and keeps what it says to itself until the end: minutes, the first time.
    // Built together before, they use every core, and sam finds them done.
    let mut cargo = with_the_cargo_of_this_machine(with_sam_on_the_path("cargo", place)?);
    cargo.args(["lambda", "build", "--release"]);
    for function in functions(place)? {
        cargo.arg("--package").args(function.file_name());
    }
    cargo.args(on_arm(&["--arm64"]));
    run("building the functions", &mut cargo, log)?;
    let mut sam = with_the_cargo_of_this_machine(sam(place)?);
    sam.arg("build").args(on_arm(&["--parameter-overrides", "Architecture=arm64"]));
    run("sam build", &mut sam, log)
}

/// Not the cross compiler: the host's binary is what runs here.
fn with_the_cargo_of_this_machine(mut command: Command) -> Command {
    command.env("CARGO_LAMBDA_COMPILER", "cargo");
    command
}

fn on_arm<'a>(arguments: &'a [&'a str]) -> &'a [&'a str] {
    if cfg!(target_arch = "aarch64") { arguments } else { &[] }
}

/// The crates that are functions: those with a binary.
fn functions(place: &Place) -> Result<Vec<PathBuf>> {
    let crates = place.root().join("crates");
    let mut functions: Vec<PathBuf> = fs::read_dir(&crates)
        .map_err(at(&crates))?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join("src/main.rs").is_file())
        .collect();
    functions.sort();
    Ok(functions)
}

fn sam(place: &Place) -> Result<Command> {
    with_sam_on_the_path(place.python_tool("sam", "sam"), place)
}

/// A command that finds sam and cargo-lambda, and writes nothing outside the clone.
fn with_sam_on_the_path(program: impl AsRef<OsStr>, place: &Place) -> Result<Command> {
    let folder = place.tools().join("sam/bin");
    let old = var_os("PATH").unwrap_or_default();
    let path = join_paths(std::iter::once(folder).chain(split_paths(&old))).map_err(|e| plain(e.to_string()))?;
    let mut command = command(program);
    command
        .current_dir(place.root())
        .env("PATH", path)
        .env("SAM_CLI_TELEMETRY", "0")
        .env("__SAM_CLI_APP_DIR", place.root().join(".sunset/sam"));
    Ok(command)
}

impl Stack {
    /// Deploys the built template with `sam deploy`; deployed again, it is an update. Who may object to an approval by rule has
    /// a second for it, unless a parameter says otherwise, and there are personal links where SSM is the emulator's own.
    ///
    /// # Errors
    /// When nothing is built, or the deployment fails.
    pub fn deploy(&mut self, parameters: &[(&str, &str)]) -> Result<()> {
        install(self.place(), &[Tool::Sam])?;
        let built = self.place().built();
        if !built.join(TEMPLATE).is_file() {
            return Err(plain("nothing is built yet: run `make build`"));
        }
        if let Some(policy) = &self.policy {
            with_policy(self.place(), &self.built(), policy)?;
        }
        let links = self.has_ssm();
        if links {
            self.make_link_keys()?;
        }
        let template = self.built().join(TEMPLATE);
        let mut sam = sam(self.place())?;
        local_only(&mut sam, REGION);
        sam.args(["deploy", "--stack-name", STACK_NAME, "--resolve-s3", "--no-confirm-changeset"])
            .args(["--no-fail-on-empty-changeset", "--no-progressbar", "--region", REGION])
            .args(["--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"])
            .arg("--template-file")
            .arg(&template)
            .env("AWS_ENDPOINT_URL", self.aws_url());
        // Without keys nobody can sign a link, and a page that needs them is of no use.
        let of_a_machine = [("NoticeSeconds", NOTICE_SECONDS), ("ApprovalPage", if links { "true" } else { "false" })];
        let unless_said = of_a_machine.iter().filter(|(name, _)| !parameters.iter().any(|(said, _)| said == name));
        sam.arg("--parameter-overrides");
        sam.args(
            parameters
                .iter()
                .chain(unless_said)
                .map(|(name, value)| format!("ParameterKey={name},ParameterValue={}", quoted(value))),
        );
        run("sam deploy", &mut sam, &self.folder().join("sam-deploy.log"))?;
        self.find_deployment()?;
        if self.deployment.is_none() {
            return Err(plain(format!("sam deployed, and there is no stack named {STACK_NAME}")));
        }
        self.listen_to_notices()
    }

    /// What is deployed, as `sam build` left it: a folder for each function, by its logical name.
    #[must_use]
    pub fn built(&self) -> PathBuf {
        if self.policy.is_some() { self.folder().join("build") } else { self.place().built() }
    }

    /// What the template made.
    ///
    /// # Errors
    /// Before the first deployment.
    pub fn deployment(&self) -> Result<&Deployment> {
        self.deployment.as_ref().ok_or_else(|| plain("nothing is deployed yet"))
    }

    pub(crate) fn find_deployment(&mut self) -> Result<()> {
        let action = "DescribeStacks";
        let xml = match call(self.aws(), CLOUDFORMATION, action, &fields(&[("StackName", STACK_NAME)])) {
            Ok(xml) => xml,
            Err(Error::Answered { code, .. }) if code == "ValidationError" => return Ok(()),
            Err(error) => return Err(error),
        };
        let document = parsed(action, &xml)?;
        let outputs = items(document.root(), "Outputs")
            .filter_map(|it| Some((child(it, "OutputKey")?, child(it, "OutputValue")?)))
            .collect();

        let action = "DescribeStackResources";
        let xml = call(self.aws(), CLOUDFORMATION, action, &fields(&[("StackName", STACK_NAME)]))?;
        let document = parsed(action, &xml)?;
        let resources = items(document.root(), "StackResources")
            .map(|it| Resource {
                logical: anywhere(it, "LogicalResourceId").unwrap_or_default(),
                physical: anywhere(it, "PhysicalResourceId").unwrap_or_default(),
                kind: anywhere(it, "ResourceType").unwrap_or_default(),
            })
            .collect();
        self.deployment = Some(Deployment { resources, outputs });
        Ok(())
    }
}

/// A copy of what was built, in which the functions find this policy.
fn with_policy(place: &Place, to: &Path, policy: &Policy) -> Result<()> {
    let built = place.built();
    copy(&built, to)?;
    let template = to.join(TEMPLATE);
    let text = fs::read_to_string(&template).map_err(at(&template))?;
    let [before, after] = [&built, to].map(|folder| format!("Uri: {}", way_up(place, folder)));
    fs::write(&template, text.replace(&before, &after)).map_err(at(&template))?;
    for entry in fs::read_dir(to).map_err(at(to))? {
        let packed = entry.map_err(at(to))?.path().join("policy");
        if packed.is_dir() {
            let approvers = policy.approvers.as_deref().map(|yaml| ("approvers.yaml", yaml));
            for (name, yaml) in approvers.into_iter().chain([("windows.yaml", policy.windows.as_str())]) {
                let file = packed.join(name);
                fs::write(&file, yaml).map_err(at(&file))?;
            }
        }
    }
    Ok(())
}

/// From a folder up to the clone: a built template names by it what sam does not build, such as a state machine.
fn way_up(place: &Place, folder: &Path) -> String {
    "../".repeat(folder.strip_prefix(place.root()).map_or(0, |below| below.components().count()))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).map_err(at(to))?;
    for entry in fs::read_dir(from).map_err(at(from))? {
        let entry = entry.map_err(at(from))?.path();
        let Some(name) = entry.file_name() else { continue };
        if entry.is_dir() {
            copy(&entry, &to.join(name))?;
        } else {
            fs::copy(&entry, to.join(name)).map_err(at(&entry))?;
        }
    }
    Ok(())
}

/// As sam reads a parameter's value: quoted, so that it may be empty or hold commas and spaces.
fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}
