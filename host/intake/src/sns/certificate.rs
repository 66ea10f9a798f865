//! A certificate: whose key, and from when to when it counts.

use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
};
use model::Moment;
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::{Decode, DecodePem};

use super::letter::{Letter, Seal, Version};
use crate::answer::Answer;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// A certificate that signs what SNS delivers.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// As PKCS#1 has it.
    key: Vec<u8>,
    from: Moment,
    until: Moment,
}

/// Why something is no certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoCertificate {
    /// It cannot be read.
    #[error("it is no X.509 certificate, neither as PEM nor as DER: {0}")]
    Unreadable(String),
    /// Its key is of another kind.
    #[error("its key is not RSA, and SNS signs with nothing else")]
    NotRsa,
}

impl Certificate {
    /// Reads PEM, of several certificates the first, or DER.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoCertificate> {
        let unreadable =
            |error: x509_cert::der::Error| NoCertificate::Unreadable(error.kind().to_string());
        let whole = match first_pem(bytes) {
            Some(pem) => x509_cert::Certificate::from_pem(pem),
            None => x509_cert::Certificate::from_der(bytes),
        };
        let whole = whole.map_err(unreadable)?;
        let inner = whole.tbs_certificate();
        let key = inner.subject_public_key_info();
        if key.algorithm.oid != RSA {
            return Err(NoCertificate::NotRsa);
        }
        let moment = |time: x509_cert::time::Time| {
            let milliseconds = time.to_unix_duration().as_millis();
            Moment(i64::try_from(milliseconds).unwrap_or(i64::MAX))
        };
        Ok(Self {
            key: key.subject_public_key.raw_bytes().to_vec(),
            from: moment(inner.validity().not_before),
            until: moment(inner.validity().not_after),
        })
    }

    /// It counts at this time.
    #[must_use]
    pub fn counts_at(&self, now: Moment) -> bool {
        self.from <= now && now <= self.until
    }

    /// Nothing, if it counts and its key made the seal on this letter.
    pub(super) fn check(
        &self,
        letter: &Letter,
        seal: &Seal<'_>,
        now: Moment,
    ) -> Result<(), Answer> {
        if !self.counts_at(now) {
            return Err(Answer::Expired);
        }
        let algorithm = match seal.version {
            Version::One => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            Version::Two => &RSA_PKCS1_2048_8192_SHA256,
        };
        let key = UnparsedPublicKey::new(algorithm, &self.key);
        let checked = key.verify(letter.signed_text().as_bytes(), &seal.signature);
        checked.map_err(|_| Answer::Forged)
    }
}

/// The first certificate's lines, whatever is written around them.
fn first_pem(bytes: &[u8]) -> Option<&str> {
    const END: &str = "-----END CERTIFICATE-----";
    let text = std::str::from_utf8(bytes).ok()?;
    let from = text.find("-----BEGIN CERTIFICATE-----")?;
    let text = text.get(from..)?;
    let until = text.find(END)? + END.len();
    text.get(..until)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIXTURE: &str = include_str!("../../tests/fixtures/sns/certificate.pem");

    #[test]
    fn a_certificate_is_read_as_pem_with_anything_around_it_or_as_der() {
        let alone = Certificate::parse(FIXTURE.as_bytes()).unwrap();
        let der = x509_cert::Certificate::from_pem(FIXTURE).unwrap();
        let der = x509_cert::der::Encode::to_der(&der).unwrap();
        let around = format!("Certificate:\n    Data: …\n{FIXTURE}\n{FIXTURE}\n");
        for bytes in [
            der,
            around.into_bytes(),
            FIXTURE.replace('\n', "\r\n").into_bytes(),
        ] {
            let same = Certificate::parse(&bytes).unwrap();
            assert_eq!(same.key, alone.key);
            assert_eq!(same.until, alone.until);
        }
        assert!(!alone.counts_at(Moment(0)));
        assert!(alone.counts_at(Moment(1_796_126_400_000)));
        assert!(!alone.counts_at(Moment(5_000_000_000_000)));
    }

    #[test]
    fn what_is_no_certificate_is_none() {
        let half = &FIXTURE.as_bytes()[..FIXTURE.len() / 2];
        let empty = b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";
        for bytes in [&b""[..], b"\x30\x80", b"<html></html>", half, empty] {
            let error = Certificate::parse(bytes).unwrap_err();
            assert!(matches!(error, NoCertificate::Unreadable(_)), "{error}");
        }
    }

    #[test]
    fn a_key_of_another_kind_is_refused() {
        let curve = include_bytes!("../../tests/fixtures/sns/curve.pem");
        assert_eq!(
            Certificate::parse(curve).unwrap_err(),
            NoCertificate::NotRsa
        );
    }
}
