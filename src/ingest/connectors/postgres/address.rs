//! Where a server is and who asks it. The password stays in here.

use std::time::Duration;

use postgres::Config;
use postgres::config::Host;

use super::tls::Tls;
use crate::diagnostic::{Diagnostic, Result};

/// How long a server is waited for when nobody says.
const PATIENCE: Duration = Duration::from_secs(10);

/// A server, taken apart.
pub(super) struct Address {
    pub(super) config: Config,
    pub(super) tls: Tls,
    /// Host, port and database, for messages.
    pub(super) shown: String,
}

impl Address {
    /// Reads `postgres://user:password@host:port/database?sslmode=…`, or libpq's `host=… user=…`.
    ///
    /// # Errors
    /// `Project` when it is neither. No part of it stands in the message: any may be secret.
    pub(super) fn parse(url: &str) -> Result<Self> {
        let (rest, tls) = without_tls(url);
        let wrong = || {
            Diagnostic::project("`url` of connector `postgres` is no address of a PostgreSQL server")
                .hint("write `postgres://user:password@host:5432/database`; in a password, `@` is `%40` and `/` is `%2F`")
        };
        if rest.contains("://")
            && !rest.starts_with("postgres://")
            && !rest.starts_with("postgresql://")
        {
            return Err(wrong().into());
        }
        let mut config: Config = rest.parse().map_err(|_| wrong())?;
        config.ssl_mode(tls.mode()?);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(PATIENCE);
        }
        if config.get_application_name().is_none() {
            config.application_name("wh");
        }
        Ok(Self {
            shown: shown(&config),
            config,
            tls,
        })
    }
}

fn shown(config: &Config) -> String {
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(host)) => host.clone(),
        #[cfg(unix)]
        Some(Host::Unix(folder)) => folder.display().to_string(),
        None => "localhost".into(),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let database = config
        .get_dbname()
        .or(config.get_user())
        .unwrap_or_default();
    format!("postgres://{host}:{port}/{database}")
}

/// Takes `sslmode` and `sslrootcert` out of an address: the driver knows fewer of them than libpq.
fn without_tls(url: &str) -> (String, Tls) {
    let mut tls = Tls::default();
    let mut is_left = |pair: &&str| match pair.split_once('=') {
        Some(("sslmode", value)) => {
            tls.mode = Some(value.trim_matches('\'').into());
            false
        }
        Some(("sslrootcert", value)) => {
            tls.roots = Some(value.trim_matches('\'').replace("%2F", "/"));
            false
        }
        _ => true,
    };
    let rest = match url.split_once('?') {
        Some((head, query)) => {
            let left: Vec<&str> = query.split('&').filter(&mut is_left).collect();
            match left.is_empty() {
                true => head.to_owned(),
                false => format!("{head}?{}", left.join("&")),
            }
        }
        None if url.contains("://") => url.to_owned(),
        None => {
            let left: Vec<&str> = url.split_whitespace().filter(&mut is_left).collect();
            left.join(" ")
        }
    };
    (rest, tls)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_user_and_password() {
        let address = Address::parse(
            "postgres://u:p%40ss@db.x.com:6543/shop?sslmode=verify-full&connect_timeout=3",
        )
        .unwrap();
        assert_eq!(address.shown, "postgres://db.x.com:6543/shop");
        assert_eq!(address.tls.mode.as_deref(), Some("verify-full"));
        assert_eq!(address.config.get_connect_timeout().unwrap().as_secs(), 3);
        let address =
            Address::parse("host=localhost user=u password=p dbname=d sslmode=disable").unwrap();
        assert_eq!(address.shown, "postgres://localhost:5432/d");
        assert_eq!(address.tls.mode.as_deref(), Some("disable"));
    }

    #[test]
    fn what_is_no_address_is_refused_without_repeating_it() {
        for url in [
            "mysql://u:s3cret@h/d",
            "postgres://u:s3cret@h:port/d",
            "s3cret",
        ] {
            let err = Address::parse(url).err().unwrap().to_string();
            assert!(!err.contains("s3cret"), "{err}");
        }
        assert!(Address::parse("postgres://h/d?sslmode=maybe").is_err());
    }
}
