//! The AWS clients of a function, from one configuration built by hand.
//!
//! By hand, because the default chain costs a function megabytes and milliseconds for providers that Lambda never
//! uses. A configuration built so reads no environment by itself: what users and the local stack rely on
//! (`AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>`) is read here.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_sdk_ec2::config::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::tls;

/// One client a service; cloning shares the connections.
///
/// Those that only some functions use are made when they are first asked for, so that a function carries no code of a
/// service that it never calls.
#[derive(Debug, Clone)]
pub struct Clients {
    /// DynamoDB.
    pub dynamodb: aws_sdk_dynamodb::Client,
    others: Arc<Others>,
}

#[derive(Debug)]
struct Others {
    config: SdkConfig,
    endpoints: Endpoints,
    ec2: OnceLock<aws_sdk_ec2::Client>,
    ec2_once: OnceLock<aws_sdk_ec2::Client>,
    auto_scaling: OnceLock<aws_sdk_autoscaling::Client>,
    elastic_load_balancing: OnceLock<aws_sdk_elasticloadbalancingv2::Client>,
    ssm: OnceLock<aws_sdk_ssm::Client>,
    s3: OnceLock<aws_sdk_s3::Client>,
    sns: OnceLock<aws_sdk_sns::Client>,
    sfn: OnceLock<aws_sdk_sfn::Client>,
}

/// The endpoints that the environment names, by service.
#[derive(Debug)]
struct Endpoints {
    every: Option<String>,
    of_service: BTreeMap<&'static str, String>,
}

/// The services, as `AWS_ENDPOINT_URL_<SERVICE>` names them.
const SERVICES: [&str; 8] = ["EC2", "AUTO_SCALING", "ELASTIC_LOAD_BALANCING_V2", "SSM", "DYNAMODB", "S3", "SNS", "SFN"];

impl Endpoints {
    fn from_environment(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let named = |service| variable(&format!("AWS_ENDPOINT_URL_{service}")).map(|url| (service, url));
        Self { every: variable("AWS_ENDPOINT_URL"), of_service: SERVICES.into_iter().filter_map(named).collect() }
    }

    fn of(&self, service: &str) -> Option<String> {
        self.of_service.get(service).or(self.every.as_ref()).cloned()
    }
}

/// How long a function waits for AWS.
#[derive(Debug, Clone, Copy)]
struct Patience {
    attempts: u32,
    longest_backoff: Duration,
    attempt_timeout: Duration,
    operation_timeout: Duration,
    connect_timeout: Duration,
}

/// Of functions that state machines call: what is not done now is called again much later.
const PATIENT: Patience = Patience {
    attempts: 5,
    longest_backoff: Duration::from_secs(20),
    attempt_timeout: Duration::from_secs(20),
    operation_timeout: Duration::from_secs(60),
    connect_timeout: Duration::from_secs(3),
};

/// Of functions for which a person waits in a browser.
const QUICK: Patience = Patience {
    attempts: 3,
    longest_backoff: Duration::from_millis(500),
    attempt_timeout: Duration::from_secs(2),
    operation_timeout: Duration::from_secs(5),
    connect_timeout: Duration::from_secs(1),
};

fn configuration(variable: &dyn Fn(&str) -> Option<String>, patience: Patience) -> SdkConfig {
    let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .build_https();
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new()))
        .retry_config(
            RetryConfig::standard().with_max_attempts(patience.attempts).with_max_backoff(patience.longest_backoff),
        )
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(patience.connect_timeout)
                .operation_attempt_timeout(patience.attempt_timeout)
                .operation_timeout(patience.operation_timeout)
                .build(),
        )
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .http_client(http);
    config.set_region(variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION")).map(Region::new));
    config.set_app_name(AppName::new("sunset").ok());
    config.build()
}

impl Clients {
    /// Clients for the region and the endpoints that `variable` (an environment) names.
    #[must_use]
    pub fn from_environment(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        Self::of(configuration(variable, PATIENT), Endpoints::from_environment(variable))
    }

    /// The same for a function for which a person waits: it gives up within seconds.
    #[must_use]
    pub fn for_somebody_who_waits(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        Self::of(configuration(variable, QUICK), Endpoints::from_environment(variable))
    }

    /// Clients of a configuration that is made already, at one endpoint for every service.
    #[must_use]
    pub fn at(endpoint_url: &str, config: SdkConfig) -> Self {
        Self::of(config, Endpoints { every: Some(endpoint_url.to_owned()), of_service: BTreeMap::new() })
    }

    fn of(config: SdkConfig, endpoints: Endpoints) -> Self {
        let mut dynamodb = aws_sdk_dynamodb::config::Builder::from(&config);
        dynamodb.set_endpoint_url(endpoints.of("DYNAMODB"));
        Self {
            dynamodb: aws_sdk_dynamodb::Client::from_conf(dynamodb.build()),
            others: Arc::new(Others {
                config,
                endpoints,
                ec2: OnceLock::new(),
                ec2_once: OnceLock::new(),
                auto_scaling: OnceLock::new(),
                elastic_load_balancing: OnceLock::new(),
                ssm: OnceLock::new(),
                s3: OnceLock::new(),
                sns: OnceLock::new(),
                sfn: OnceLock::new(),
            }),
        }
    }

    fn ec2_config(&self) -> aws_sdk_ec2::config::Builder {
        let mut config = aws_sdk_ec2::config::Builder::from(&self.others.config);
        config.set_endpoint_url(self.others.endpoints.of("EC2"));
        config
    }

    /// EC2.
    #[must_use]
    pub fn ec2(&self) -> &aws_sdk_ec2::Client {
        self.others.ec2.get_or_init(|| aws_sdk_ec2::Client::from_conf(self.ec2_config().build()))
    }

    /// EC2 for calls that change something: never repeated by the SDK, because a timed-out mutation is looked at first.
    #[must_use]
    pub fn ec2_once(&self) -> &aws_sdk_ec2::Client {
        self.others.ec2_once.get_or_init(|| {
            aws_sdk_ec2::Client::from_conf(self.ec2_config().retry_config(RetryConfig::disabled()).build())
        })
    }

    /// Auto Scaling.
    #[must_use]
    pub fn auto_scaling(&self) -> &aws_sdk_autoscaling::Client {
        self.others.auto_scaling.get_or_init(|| {
            let mut config = aws_sdk_autoscaling::config::Builder::from(&self.others.config);
            config.set_endpoint_url(self.others.endpoints.of("AUTO_SCALING"));
            aws_sdk_autoscaling::Client::from_conf(config.build())
        })
    }

    /// Elastic Load Balancing: Application, Network and Gateway Load Balancers.
    #[must_use]
    pub fn elastic_load_balancing(&self) -> &aws_sdk_elasticloadbalancingv2::Client {
        self.others.elastic_load_balancing.get_or_init(|| {
            let mut config = aws_sdk_elasticloadbalancingv2::config::Builder::from(&self.others.config);
            config.set_endpoint_url(self.others.endpoints.of("ELASTIC_LOAD_BALANCING_V2"));
            aws_sdk_elasticloadbalancingv2::Client::from_conf(config.build())
        })
    }

    /// Systems Manager.
    #[must_use]
    pub fn ssm(&self) -> &aws_sdk_ssm::Client {
        self.others.ssm.get_or_init(|| {
            let mut config = aws_sdk_ssm::config::Builder::from(&self.others.config);
            config.set_endpoint_url(self.others.endpoints.of("SSM"));
            aws_sdk_ssm::Client::from_conf(config.build())
        })
    }

    /// S3.
    #[must_use]
    pub fn s3(&self) -> &aws_sdk_s3::Client {
        self.others.s3.get_or_init(|| {
            let endpoint = self.others.endpoints.of("S3");
            let mut config = aws_sdk_s3::config::Builder::from(&self.others.config);
            // A custom endpoint rarely resolves `<bucket>.host`.
            config.set_force_path_style(endpoint.is_some().then_some(true));
            config.set_endpoint_url(endpoint);
            aws_sdk_s3::Client::from_conf(config.build())
        })
    }

    /// SNS.
    #[must_use]
    pub fn sns(&self) -> &aws_sdk_sns::Client {
        self.others.sns.get_or_init(|| {
            let mut config = aws_sdk_sns::config::Builder::from(&self.others.config);
            config.set_endpoint_url(self.others.endpoints.of("SNS"));
            aws_sdk_sns::Client::from_conf(config.build())
        })
    }

    /// Step Functions.
    #[must_use]
    pub fn sfn(&self) -> &aws_sdk_sfn::Client {
        self.others.sfn.get_or_init(|| {
            let mut config = aws_sdk_sfn::config::Builder::from(&self.others.config);
            config.set_endpoint_url(self.others.endpoints.of("SFN"));
            aws_sdk_sfn::Client::from_conf(config.build())
        })
    }
}
