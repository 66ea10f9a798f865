//! Meta's signature: HMAC-SHA256 over the raw bytes.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::Voucher;

/// A Meta app and its secrets: the one in use, and during a rotation the next.
pub struct App {
    voucher: Voucher,
    keys: Vec<Hmac<Sha256>>,
}

impl App {
    /// From its name in `tollgate.toml` and its secrets.
    #[must_use]
    pub fn new(name: impl Into<String>, secrets: &[Vec<u8>]) -> Self {
        // HMAC takes a key of any length: `new_from_slice` cannot fail.
        let keys = secrets
            .iter()
            .filter_map(|secret| Hmac::<Sha256>::new_from_slice(secret).ok())
            .collect();
        Self {
            voucher: Voucher::App(name.into()),
            keys,
        }
    }

    /// As whom it vouches.
    #[must_use]
    pub fn voucher(&self) -> &Voucher {
        &self.voucher
    }

    fn vouches(&self, body: &[u8], signature: &Signature) -> bool {
        // Every key is tried, so that the time taken does not tell which one fitted.
        self.keys.iter().fold(false, |fitted, key| {
            let mut code = key.clone();
            code.update(body);
            code.verify_slice(&signature.0).is_ok() | fitted
        })
    }
}

/// The value of `X-Hub-Signature-256`, if it is well formed.
#[derive(Clone, Copy)]
pub struct Signature([u8; 32]);

impl Signature {
    /// Reads `sha256=` and 64 hexadecimal digits.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(header.strip_prefix("sha256=")?, &mut bytes).ok()?;
        Some(Self(bytes))
    }
}

/// The app whose secret signed the body, if any.
#[must_use]
pub fn voucher<'a>(apps: &'a [App], signature: &Signature, body: &[u8]) -> Option<&'a Voucher> {
    apps.iter()
        .find(|app| app.vouches(body, signature))
        .map(App::voucher)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign(secret: &[u8], body: &[u8]) -> String {
        let mut code = Hmac::<Sha256>::new_from_slice(secret).unwrap();
        code.update(body);
        format!("sha256={}", hex::encode(code.finalize().into_bytes()))
    }

    fn who(apps: &[App], header: &str, body: &[u8]) -> Option<String> {
        voucher(apps, &Signature::parse(header)?, body).map(ToString::to_string)
    }

    #[test]
    fn only_the_secret_that_signed_vouches() {
        let apps = [
            App::new("one", &[b"first".to_vec(), b"next".to_vec()]),
            App::new("two", &[b"other".to_vec()]),
        ];
        let body = "{\"text\":\"ol\\u00e1\"}".as_bytes();
        let cases: [(&[u8], Option<&str>); 4] = [
            (b"first", Some("meta_app.one")),
            // During a rotation both secrets hold.
            (b"next", Some("meta_app.one")),
            (b"other", Some("meta_app.two")),
            (b"wrong", None),
        ];
        for (secret, expected) in cases {
            assert_eq!(who(&apps, &sign(secret, body), body).as_deref(), expected);
        }
    }

    #[test]
    fn a_changed_body_or_a_malformed_header_vouches_for_nothing() {
        let apps = [App::new("one", &[b"s".to_vec()])];
        let good = sign(b"s", b"body");
        assert!(who(&apps, &good, b"body").is_some());
        assert!(who(&apps, &good, b"body ").is_none());
        for header in [
            "",
            "sha256=",
            "sha256=zz",
            "sha1=00",
            good.trim_start_matches("sha256="),
            &good[..good.len() - 2],
            &format!("{good}00"),
            &format!(" {good}"),
        ] {
            assert!(Signature::parse(header).is_none(), "{header}");
        }
    }
}
