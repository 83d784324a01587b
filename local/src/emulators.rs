//! The two emulators as child processes: on free loopback ports, with logs, ended with their driver.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use ureq::http::Method;

use crate::error::{Error, Result, at, plain};
use crate::place::Place;
use crate::process::{Group, command, local_only, log_to, tail};
use crate::wire::http::Endpoint;

/// The account that both emulators answer for.
pub const ACCOUNT: &str = "123456789012";
/// The region that everything runs in.
pub const REGION: &str = "us-east-1";

/// The variables that name the endpoints of what moto answers for: EC2, Auto Scaling and Elastic Load Balancing.
pub const EC2_SERVICES: [&str; 3] =
    ["AWS_ENDPOINT_URL_EC2", "AWS_ENDPOINT_URL_AUTO_SCALING", "AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2"];

const HEALTHY_WITHIN: Duration = Duration::from_secs(60);
/// Another program can take a free port between our look and the emulator's bind.
const PORTS_TO_TRY: usize = 5;

/// How long an emulator may live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    /// No longer than the driver, however that ends.
    WithTheDriver,
    /// Until it is ended by its process group.
    UntilDown,
}

/// A running emulator.
#[derive(Debug)]
pub(crate) struct Emulator {
    pub(crate) group: Group,
    pub(crate) port: u16,
}

/// One emulator's own part of its start.
struct Recipe<'a> {
    module: &'static str,
    health: &'static str,
    log: PathBuf,
    life: Life,
    place: &'a Place,
    run: &'a Path,
}

pub(crate) fn url(port: u16) -> String {
    format!("http://{}:{port}", Ipv4Addr::LOCALHOST)
}

/// EC2, Auto Scaling and Elastic Load Balancing. `seed` is a JSON list of images that exist from the start; `port` when it must be a certain one.
pub(crate) fn start_moto(place: &Place, run: &Path, life: Life, seed: &Path, port: Option<u16>) -> Result<Emulator> {
    let recipe =
        Recipe { module: "emulators.moto", health: "/moto-api/data.json", log: run.join("moto.log"), life, place, run };
    recipe.start(port, |command, port| {
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]).env("MOTO_AMIS_PATH", seed);
    })
}

/// Where the functions find the services that MiniStack must not answer for.
#[derive(Clone, Debug)]
pub(crate) struct Elsewhere {
    pub(crate) ec2: String,
    pub(crate) ssm: Option<String>,
}

/// Everything else. Its Lambda functions inherit its environment, and by that where EC2 is.
pub(crate) fn start_ministack(
    place: &Place,
    run: &Path,
    life: Life,
    elsewhere: &Elsewhere,
    wait_scale: f64,
) -> Result<Emulator> {
    for folder in ["tmp", "s3"].map(|name| run.join(name)) {
        fs::create_dir_all(&folder).map_err(at(&folder))?;
    }
    let recipe = Recipe {
        module: "emulators.ministack",
        health: "/_ministack/health",
        log: run.join("ministack.log"),
        life,
        place,
        run,
    };
    recipe.start(None, |command, port| {
        command
            .env("GATEWAY_PORT", port.to_string())
            .env("BIND_HOST", "127.0.0.1")
            .env("MINISTACK_ACCOUNT_ID", ACCOUNT)
            .env("MINISTACK_REGION", REGION)
            .env("IOT_MTLS_ENABLED", "0")
            .env("SFTP_ENABLED", "0")
            .env("S3_DATA_DIR", run.join("s3"))
            .env("SFN_WAIT_SCALE", wait_scale.to_string())
            .env("AWS_ENDPOINT_URL", url(port))
            .envs(EC2_SERVICES.map(|service| (service, &elsewhere.ec2)));
        if let Some(ssm) = &elsewhere.ssm {
            command.env("AWS_ENDPOINT_URL_SSM", ssm);
        }
    })
}

impl Recipe<'_> {
    fn start(&self, port: Option<u16>, set: impl Fn(&mut Command, u16)) -> Result<Emulator> {
        let mut last = String::new();
        for _ in 0..PORTS_TO_TRY {
            let port = port.map_or_else(free_port, Ok)?;
            let mut command = self.command()?;
            set(&mut command, port);
            let mut group = Group::start(&mut command)?;
            match self.healthy(&mut group, port) {
                Ok(true) => return Ok(Emulator { group, port }),
                Ok(false) => last = tail(&self.log, 10),
                Err(error) => {
                    group.end()?;
                    return Err(error);
                }
            }
            group.end()?;
        }
        Err(plain(format!("{} ended at its start; the end of {}:\n{last}", self.module, self.log.display())))
    }

    fn command(&self) -> Result<Command> {
        let python = self.place.python_tool("emulators", "python3");
        if !python.is_file() {
            return Err(plain("the emulators are not installed: run `make tools`"));
        }
        let mut command = command(python);
        local_only(&mut command, REGION);
        command
            .args(["-m", self.module])
            .current_dir(self.run)
            .env("PYTHONPATH", self.place.root().join("local"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PYTHONUNBUFFERED", "1")
            .env("TMPDIR", self.run.join("tmp"));
        log_to(&mut command, &self.log)?;
        if self.life == Life::WithTheDriver {
            // The pipe's other end lives in `Group`'s child: when the driver is gone, so is it.
            command.stdin(Stdio::piped()).env("SUNSET_LIFELINE", "stdin");
        }
        Ok(command)
    }

    /// Whether it answers; false when it ended.
    fn healthy(&self, group: &mut Group, port: u16) -> Result<bool> {
        let endpoint = Endpoint::new(&url(port), REGION);
        let start = Instant::now();
        while start.elapsed() < HEALTHY_WITHIN {
            if group.ended().is_some() {
                return Ok(false);
            }
            if endpoint.send("health", "sts", (Method::GET, self.health), &[], &[]).is_ok_and(|it| it.status == 200) {
                // Somebody else may answer on a port that this one could not bind.
                sleep(Duration::from_millis(50));
                return Ok(group.ended().is_none());
            }
            sleep(Duration::from_millis(50));
        }
        Err(Error::TooLate {
            what: format!("the start of {}", self.module),
            seconds: HEALTHY_WITHIN.as_secs(),
            detail: format!("; the end of {}:\n{}", self.log.display(), tail(&self.log, 10)),
        })
    }
}

fn free_port() -> Result<u16> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|e| plain(format!("no free port on loopback: {e}")))
}
