//! The topics that are listened to.

use crate::Voucher;

use super::Certificate;

/// An SNS topic.
#[derive(Debug, Clone)]
pub struct Topic {
    voucher: Voucher,
    name: String,
    arn: String,
    region: String,
    certificate: Option<Certificate>,
}

/// Why a text is no ARN of a topic.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{arn:?} is no ARN of a topic: write it like \"arn:aws:sns:eu-west-1:123456789012:whatsapp\""
)]
pub struct NoTopic {
    /// As given.
    pub arn: String,
}

impl Topic {
    /// From its name in `tollgate.toml`, its ARN, and the certificate that alone signs for it, if one is pinned: nothing is fetched then.
    pub fn new(
        name: impl Into<String>,
        arn: impl Into<String>,
        certificate: Option<Certificate>,
    ) -> Result<Self, NoTopic> {
        let (name, arn) = (name.into(), arn.into());
        let Some(region) = region(&arn) else {
            return Err(NoTopic { arn });
        };
        Ok(Self {
            voucher: Voucher::Topic(name.clone()),
            region: region.to_owned(),
            name,
            arn,
            certificate,
        })
    }

    /// Its name in `tollgate.toml`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> &str {
        &self.arn
    }

    pub(super) fn voucher(&self) -> &Voucher {
        &self.voucher
    }

    pub(super) fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }

    /// SNS's host name where the topic is.
    pub(super) fn host(&self) -> String {
        let end = match self.region.starts_with("cn-") {
            true => ".cn",
            false => "",
        };
        format!("sns.{}.amazonaws.com{end}", self.region)
    }
}

/// The region in an ARN of a topic.
fn region(arn: &str) -> Option<&str> {
    let parts: Vec<&str> = arn.split(':').collect();
    let &["arn", partition, "sns", region, account, name] = parts.as_slice() else {
        return None;
    };
    let plain = |text: &str, others: &str| {
        let fits = |char: char| char.is_ascii_alphanumeric() || others.contains(char);
        !text.is_empty() && text.chars().all(fits)
    };
    let is_one = partition.starts_with("aws")
        && plain(partition, "-")
        && plain(region, "-")
        && region.len() >= 3
        && plain(account, "")
        && plain(name, "-_.");
    is_one.then_some(region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_its_arn_and_sns_has_one_host_in_its_region() {
        for (arn, host) in [
            (
                "arn:aws:sns:us-east-1:000000000000:whatsapp",
                Some("sns.us-east-1.amazonaws.com"),
            ),
            (
                "arn:aws-cn:sns:cn-north-1:000000000000:a_b-c",
                Some("sns.cn-north-1.amazonaws.com.cn"),
            ),
            (
                "arn:aws-us-gov:sns:us-gov-west-1:000000000000:x",
                Some("sns.us-gov-west-1.amazonaws.com"),
            ),
            ("arn:aws:sqs:us-east-1:000000000000:whatsapp", None),
            (
                "arn:aws:sns:us-east-1:000000000000:whatsapp:subscription",
                None,
            ),
            ("arn:aws:sns:us-east-1.evil.example/:000000000000:x", None),
            ("arn:aws:sns::000000000000:x", None),
            ("whatsapp", None),
            ("", None),
        ] {
            let topic = Topic::new("main", arn, None);
            assert_eq!(
                topic.ok().map(|topic| topic.host()).as_deref(),
                host,
                "{arn}"
            );
        }
    }
}
