//! The parameters that `samconfig.toml` sets.

/// What `sam deploy --config-env <environment>` overrides, in the file's order.
#[must_use]
pub fn overrides(samconfig: &str, environment: &str) -> Vec<(String, String)> {
    let table = format!("[{environment}.deploy.parameters]");
    let section = samconfig.split_once(&table).unwrap_or_else(|| panic!("samconfig.toml has no {table}")).1;
    let section = section.split("\n[").next().unwrap_or_default();
    let list = section.split_once("parameter_overrides = [").unwrap_or_else(|| panic!("{table} overrides nothing")).1;
    let list = list.split_once(']').expect("the list ends").0;
    list.split('"')
        .skip(1)
        .step_by(2)
        .map(|entry| {
            entry
                .split_once('=')
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .expect("an override is name=value")
        })
        .collect()
}
