//! The hub of packages: which versions there are, what they need, where they lie.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::Value;

use super::version::{Bound, Version};
use crate::diagnostic::{At, Diagnostic, Result};

/// Where packages are looked up unless `DBT_PACKAGE_HUB_URL` names another place.
const HUB: &str = "https://hub.getdbt.com/";

/// How often an address is tried, and how long an answer may take.
const ATTEMPTS: u32 = 3;
const PATIENCE: Duration = Duration::from_secs(30);

/// Answers of the hub, each asked for once.
#[derive(Default)]
pub(super) struct Hub(HashMap<String, Value>);

impl Hub {
    /// Returns the newest version of a package that all bounds hold.
    pub(super) fn choose(
        &mut self,
        package: &str,
        (bounds, prerelease): (&[Bound], bool),
        at: &At,
    ) -> Result<String> {
        let prerelease = prerelease || bounds.iter().any(Bound::is_prerelease);
        let versions = self.versions(package, at)?;
        let mut known: Vec<(Version, &String)> = versions
            .keys()
            .filter_map(|text| Some((Version::read(text)?, text)))
            .filter(|(version, _)| prerelease || !version.is_prerelease())
            .collect();
        known.sort();
        let fits = |version: &Version| bounds.iter().all(|bound| bound.holds(version));
        let chosen = known.iter().rev().find(|(version, _)| fits(version));
        if let Some((_, text)) = chosen {
            return Ok((*text).clone());
        }
        let asked: Vec<String> = bounds.iter().map(ToString::to_string).collect();
        let newest = known.last().map_or("none", |(_, text)| text.as_str());
        let what = format!("no version of `{package}` is {}", asked.join(" and "));
        Err(Diagnostic::project(what)
            .at(at)
            .hint(format!("the newest is {newest}"))
            .into())
    }

    /// Returns what the hub says of one version.
    pub(super) fn version(&mut self, package: &str, version: &str, at: &At) -> Result<Value> {
        let found = self.versions(package, at)?.get(version).cloned();
        found.ok_or_else(|| {
            Diagnostic::project(format!("the hub has no version {version} of `{package}`"))
                .at(at)
                .into()
        })
    }

    fn versions(&mut self, package: &str, at: &At) -> Result<&serde_json::Map<String, Value>> {
        if !self.0.contains_key(package) {
            let base = std::env::var("DBT_PACKAGE_HUB_URL").unwrap_or_else(|_| HUB.into());
            let url = format!("{}/api/v1/{package}.json", base.trim_end_matches('/'));
            let answer = get(&url)?;
            let value: Value = serde_json::from_slice(&answer).map_err(|err| {
                Diagnostic::environment(format!("`{url}` does not answer with JSON")).because(err)
            })?;
            self.0.insert(package.to_owned(), value);
        }
        let versions = self.0.get(package).and_then(|value| value.get("versions"));
        versions.and_then(Value::as_object).ok_or_else(|| {
            Diagnostic::project(format!("the hub knows no package `{package}`"))
                .at(at)
                .into()
        })
    }
}

/// Reads what an address holds; tries again where the network fails.
pub(super) fn get(url: &str) -> Result<Vec<u8>> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(PATIENCE * 4))
        .timeout_connect(Some(PATIENCE))
        .build()
        .into();
    let mut tried = 0;
    loop {
        tried += 1;
        let read = agent.get(url).call().and_then(|mut answer| {
            let body = answer.body_mut().with_config().limit(1 << 30);
            body.read_to_vec()
        });
        let err = match read {
            Ok(bytes) => return Ok(bytes),
            Err(err) => err,
        };
        let is_final = matches!(err, ureq::Error::StatusCode(code) if code < 500);
        if is_final || tried == ATTEMPTS {
            return Err(Diagnostic::environment(format!("`{url}` cannot be read"))
                .because(err)
                .hint("check the address and the network; DBT_PACKAGE_HUB_URL names another hub")
                .into());
        }
        std::thread::sleep(Duration::from_millis(200) * tried);
    }
}
