//! Function URLs as this machine reaches them: the deployed ones end in `on.aws`.

use crate::error::{Result, plain};
use crate::stack::Stack;

/// What every deployed Function URL ends in.
const DEPLOYED: &str = ".on.aws";

impl Stack {
    /// Host and port, here, of the Function URL that an output of the template names.
    pub(crate) fn host_here(&self, output: &str) -> Result<String> {
        let url = self.deployment()?.output(output)?;
        self.here(url)
            .and_then(|here| host(&here).map(str::to_owned))
            .ok_or_else(|| plain(format!("{output} is {url}")))
    }

    /// A deployed address of a function, as this machine reaches it; nothing where it is no address of a function.
    #[must_use]
    pub fn here(&self, deployed: &str) -> Option<String> {
        let port = self.aws_url().rsplit(':').next()?;
        here(deployed, port)
    }
}

/// The host of an address, with its port if it has one.
pub(crate) fn host(url: &str) -> Option<&str> {
    url.split_once("://")?.1.split(['/', '?']).next()
}

fn here(deployed: &str, port: &str) -> Option<String> {
    let host = host(deployed)?;
    let rest = deployed.split_once(host)?.1;
    let id = host.strip_suffix(DEPLOYED).filter(|id| id.contains(".lambda-url."))?;
    Some(format!("http://{id}.localhost:{port}{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deployed_address_is_found_on_this_machine_with_its_path_and_its_query() {
        let found = |url: &str| here(url, "4666");
        let at = "http://abc.lambda-url.us-east-1.localhost:4666";
        assert_eq!(found("https://abc.lambda-url.us-east-1.on.aws/").unwrap(), format!("{at}/"));
        assert_eq!(found("https://abc.lambda-url.us-east-1.on.aws/?l=v1.a.b.c").unwrap(), format!("{at}/?l=v1.a.b.c"));
        assert_eq!(found("https://example.com/?l=v1.a.b.c"), None);
        assert_eq!(found("v1.a.b.c"), None);
    }
}
