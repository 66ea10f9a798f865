//! Meta's signature over a webhook's body.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// An app secret, ready to sign.
pub struct Signer(Hmac<Sha256>);

impl Signer {
    pub fn new(secret: &str) -> Self {
        Self(Hmac::new_from_slice(secret.as_bytes()).unwrap())
    }

    /// What stands in `x-hub-signature-256`.
    pub fn sign(&self, body: &[u8]) -> String {
        let mut code = self.0.clone();
        code.update(body);
        format!("sha256={}", hex::encode(code.finalize().into_bytes()))
    }
}
