//! Signs as SNS does: with an RSA key made for the test, and a certificate that names it.

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// A key and its certificate.
pub(crate) struct Signer {
    key: RsaKeyPair,
}

/// Whose signatures hold.
pub(crate) static SNS: LazyLock<Signer> = LazyLock::new(Signer::new);
/// Somebody else.
pub(crate) static STRANGER: LazyLock<Signer> = LazyLock::new(Signer::new);

impl Signer {
    fn new() -> Self {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        Self { key }
    }

    /// Signs an envelope, by version 2.
    pub(crate) fn sign(&self, envelope: &Value) -> Value {
        let mut envelope = envelope.as_object().unwrap().clone();
        let signature = STANDARD.encode(self.seal(&signed_text(&envelope)));
        envelope.insert("Signature".into(), signature.into());
        Value::Object(envelope)
    }

    fn seal(&self, text: &str) -> Vec<u8> {
        let mut signature = vec![0; self.key.public_modulus_len()];
        let random = SystemRandom::new();
        self.key
            .sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature)
            .unwrap();
        signature
    }

    /// A certificate in DER; the times are `YYMMDDhhmmssZ`.
    pub(crate) fn certificate(&self, from: &str, until: &str) -> Vec<u8> {
        // sha256WithRSAEncryption, rsaEncryption, commonName.
        let signing = der(
            0x06,
            &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b],
        );
        let rsa = der(
            0x06,
            &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01],
        );
        let common_name = der(0x06, &[0x55, 0x04, 0x03]);
        let null = der(0x05, &[]);
        let sequence = |parts: &[&[u8]]| der(0x30, &parts.concat());
        let name = sequence(&[&common_name, &der(0x0c, b"sns.example")]);
        let name = sequence(&[&der(0x31, &name)]);
        let bits = |bytes: &[u8]| der(0x03, &[&[0], bytes].concat());
        let inner = sequence(&[
            &der(0xa0, &der(0x02, &[2])),
            &der(0x02, &[1]),
            &sequence(&[&signing, &null]),
            &name,
            &sequence(&[&der(0x17, from.as_bytes()), &der(0x17, until.as_bytes())]),
            &name,
            &sequence(&[
                &sequence(&[&rsa, &null]),
                &bits(self.key.public_key().as_ref()),
            ]),
        ]);
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                &inner,
                &mut signature,
            )
            .unwrap();
        sequence(&[&inner, &sequence(&[&signing, &null]), &bits(&signature)])
    }
}

/// One value with its tag and length.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut value = vec![tag];
    match u8::try_from(length) {
        Ok(short @ 0..=127) => value.push(short),
        Ok(long) => value.extend([0x81, long]),
        Err(_) => value.extend([0x82, (length >> 8) as u8, (length & 0xff) as u8]),
    }
    value.extend(content);
    value
}

/// What AWS says is signed, in this order, as far as it is there.
fn signed_text(envelope: &Map<String, Value>) -> String {
    let members: &[&str] = match envelope["Type"].as_str() {
        Some("Notification") => &[
            "Message",
            "MessageId",
            "Subject",
            "Timestamp",
            "TopicArn",
            "Type",
        ],
        _ => &[
            "Message",
            "MessageId",
            "SubscribeURL",
            "Timestamp",
            "Token",
            "TopicArn",
            "Type",
        ],
    };
    let mut text = String::new();
    for name in members {
        if let Some(value) = envelope.get(*name).and_then(Value::as_str) {
            text.push_str(&format!("{name}\n{value}\n"));
        }
    }
    text
}
