//! Who calls AWS, and where.

use std::fmt;

use aws_config::{BehaviorVersion, Region, SdkConfig};

/// Who calls AWS.
#[derive(Clone)]
pub enum Credentials {
    /// Whatever the environment, the profile or the machine's role says.
    DefaultChain,
    /// For a simulator, which checks none.
    Fixed {
        /// The access key's id.
        access_key_id: String,
        /// Its secret.
        secret_access_key: String,
    },
}

// I12: the secret is shown nowhere.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DefaultChain => f.write_str("DefaultChain"),
            Self::Fixed { .. } => f.write_str("Fixed"),
        }
    }
}

/// What all of AWS's clients share.
pub(crate) async fn shared(region: String, credentials: Credentials) -> SdkConfig {
    let mut shared = aws_config::defaults(BehaviorVersion::latest()).region(Region::new(region));
    if let Credentials::Fixed {
        access_key_id,
        secret_access_key,
    } = credentials
    {
        // The same type in every SDK.
        let fixed = aws_sdk_sqs::config::Credentials::new(
            access_key_id,
            secret_access_key,
            None,
            None,
            "configuration",
        );
        shared = shared.credentials_provider(fixed);
    }
    shared.load().await
}

/// Nobody on the way can read along: https, or no way at all.
pub(crate) fn is_private(url: &str) -> bool {
    url.starts_with("https://") || is_loopback(url)
}

fn is_loopback(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    // A name before `@` is no host.
    if authority.contains('@') {
        return false;
    }
    let host = match authority
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    {
        Some((host, _)) => host,
        None => authority
            .split_once(':')
            .map_or(authority, |(host, _)| host),
    };
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i12_a_secret_is_not_shown() {
        let fixed = Credentials::Fixed {
            access_key_id: "an-id".into(),
            secret_access_key: "a-secret".into(),
        };
        assert_eq!(format!("{fixed:?}"), "Fixed");
    }
}
