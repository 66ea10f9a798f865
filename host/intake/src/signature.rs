//! Meta's signature: HMAC-SHA256 over the raw bytes.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::AppName;

/// A Meta app and its secrets: the one in use, and during a rotation the next.
pub struct App {
    /// Its name in `tollgate.toml`.
    pub name: AppName,
    keys: Vec<Hmac<Sha256>>,
}

impl App {
    /// From its secrets.
    #[must_use]
    pub fn new(name: AppName, secrets: &[Vec<u8>]) -> Self {
        // HMAC takes a key of any length: `new_from_slice` cannot fail.
        let keys = secrets
            .iter()
            .filter_map(|secret| Hmac::<Sha256>::new_from_slice(secret).ok())
            .collect();
        Self { name, keys }
    }

    fn vouches(&self, body: &[u8], signature: &[u8]) -> bool {
        // Every key is tried, so that the time taken does not tell which one fitted.
        self.keys.iter().fold(false, |fitted, key| {
            let mut code = key.clone();
            code.update(body);
            code.verify_slice(signature).is_ok() | fitted
        })
    }
}

/// The app whose secret signed the body, if any. `header` is the value of `X-Hub-Signature-256`.
#[must_use]
pub fn voucher<'a>(apps: &'a [App], header: &str, body: &[u8]) -> Option<&'a AppName> {
    let digits = header.strip_prefix("sha256=")?;
    let signature = hex::decode(digits).ok()?;
    apps.iter()
        .find(|app| app.vouches(body, &signature))
        .map(|app| &app.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign(secret: &[u8], body: &[u8]) -> String {
        let mut code = Hmac::<Sha256>::new_from_slice(secret).unwrap();
        code.update(body);
        format!("sha256={}", hex::encode(code.finalize().into_bytes()))
    }

    #[test]
    fn only_the_secret_that_signed_vouches() {
        let apps = [
            App::new(
                AppName("one".into()),
                &[b"first".to_vec(), b"next".to_vec()],
            ),
            App::new(AppName("two".into()), &[b"other".to_vec()]),
        ];
        let body = "{\"text\":\"ol\\u00e1\"}".as_bytes();
        let name =
            |secret: &[u8]| voucher(&apps, &sign(secret, body), body).map(|app| app.0.as_str());
        assert_eq!(name(b"first"), Some("one"));
        assert_eq!(
            name(b"next"),
            Some("one"),
            "during a rotation both secrets hold"
        );
        assert_eq!(name(b"other"), Some("two"));
        assert_eq!(name(b"wrong"), None);
    }

    #[test]
    fn a_changed_body_or_a_malformed_header_vouches_for_nothing() {
        let apps = [App::new(AppName("one".into()), &[b"s".to_vec()])];
        let good = sign(b"s", b"body");
        assert!(voucher(&apps, &good, b"body").is_some());
        assert!(voucher(&apps, &good, b"body ").is_none());
        for header in [
            "",
            "sha256=",
            "sha256=zz",
            "sha1=00",
            good.trim_start_matches("sha256="),
            &good[..good.len() - 2],
        ] {
            assert!(voucher(&apps, header, b"body").is_none(), "{header}");
        }
    }
}
