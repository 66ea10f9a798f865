//! Where things come in: whose number is whose, whose word counts for it, and the topics and queues.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use aws::{SqsInbox, SqsOptions};
use intake::inbox::Inbox;
use intake::signature::App;
use intake::sns::{Certificate, Topic, Web};
use intake::{Numbers, Owner, Voucher};
use model::{Moment, NumberId, TenantId};

use super::{WiringError, aws_region, credentials, reveal};
use crate::config::{self, Config, limits};

/// The tenant that keeps what came in on numbers that nobody owns.
const UNCLAIMED: &str = "_unclaimed";
/// The number that notices are kept under which name none.
const NO_NUMBER: &str = "none";

/// Everything that notices come in by.
pub struct Doors {
    /// The Meta apps with their secrets.
    pub apps: Vec<App>,
    /// What Meta may show in its handshake.
    pub verify_tokens: Vec<String>,
    /// Whose number is whose, and whose word counts for it (I13).
    pub numbers: Numbers,
    /// The topics whose notifications count.
    pub topics: Vec<Topic>,
    /// How their certificates are fetched and their subscriptions confirmed; nothing without topics.
    pub web: Option<Arc<Web>>,
    /// The queues that are received from.
    pub queues: Vec<Queue>,
}

/// A queue that is received from.
pub struct Queue {
    /// Its name in `tollgate.toml`.
    pub name: String,
    /// The way to it.
    pub inbox: Arc<dyn Inbox>,
    /// How many receive from it.
    pub pollers: u32,
}

/// Opens them: fetches the secrets of the Meta apps, reads the certificates of topics, makes the clients of queues.
pub async fn doors(config: &Config) -> Result<Doors, WiringError> {
    let (apps, verify_tokens) = apps(config)?;
    let topics = topics(config)?;
    let web = match topics.first() {
        Some(topic) => {
            let made = Web::new().map_err(|error| WiringError::Topic {
                name: topic.name().to_owned(),
                cause: error.to_string(),
            });
            Some(Arc::new(made?))
        }
        None => None,
    };
    Ok(Doors {
        apps,
        verify_tokens,
        numbers: numbers(config)?,
        topics,
        web,
        queues: queues(config).await?,
    })
}

/// The Meta apps with their secrets, and what Meta may show for them. A delivery says by nothing but its signature which app it is of:
/// with one secret in two apps, all of them would count as the first's, and the second's numbers would be foreign (I13).
fn apps(config: &Config) -> Result<(Vec<App>, Vec<String>), WiringError> {
    let (mut apps, mut verify_tokens) = (Vec::new(), Vec::new());
    let mut owners: HashMap<String, &str> = HashMap::new();
    for (name, app) in &config.meta_apps {
        let place = format!("[meta_app.{name}] app_secret");
        let mut secrets = Vec::new();
        for secret in app.app_secret.iter() {
            let secret = reveal(&place, secret)?;
            let owner = *owners.entry(secret.clone()).or_insert(name);
            if owner != name.as_str() {
                return Err(WiringError::MetaApp {
                    name: name.clone(),
                    cause: format!(
                        "`app_secret` holds the same secret as that of [meta_app.{owner}]: what either signs would count as [meta_app.{owner}]'s alone\n  help: if they are one app, leave [meta_app.{name}] out and write meta_app = \"{owner}\" for its numbers; if they are two, give app_secret of each the App Secret that Meta shows in that app's basic settings"
                    ),
                });
            }
            secrets.push(secret.into_bytes());
        }
        apps.push(App::new(name.clone(), &secrets));
        verify_tokens.push(reveal(
            &format!("[meta_app.{name}] verify_token"),
            &app.verify_token,
        )?);
    }
    Ok((apps, verify_tokens))
}

async fn queues(config: &Config) -> Result<Vec<Queue>, WiringError> {
    let mut queues = Vec::new();
    for (name, queue) in &config.queues {
        let region = queue.region.as_deref().or_else(|| queue.url.region());
        let endpoint = match &queue.endpoint {
            Some(endpoint) => Some(endpoint.as_str()),
            None => queue.url.is_loopback().then(|| queue.url.service()),
        };
        let options = SqsOptions {
            queue_url: queue.url.as_str().to_owned(),
            region: aws_region(region, queue.simulator).unwrap_or_default(),
            endpoint_url: endpoint.map(str::to_owned),
            credentials: credentials(queue.simulator),
            visibility: queue.visibility,
        };
        let inbox = SqsInbox::new(options)
            .await
            .map_err(|error| WiringError::Queue {
                name: name.clone(),
                cause: error.to_string(),
            })?;
        queues.push(Queue {
            name: name.clone(),
            inbox: Arc::new(inbox),
            pollers: queue.pollers,
        });
    }
    Ok(queues)
}

/// The topics, with the certificates that are pinned for them. Reaches out to nobody.
pub(super) fn topics(config: &Config) -> Result<Vec<Topic>, WiringError> {
    let topic = |(name, topic): (&String, &config::Topic)| {
        let failed = |cause: String| WiringError::Topic {
            name: name.clone(),
            cause,
        };
        let certificate = topic.certificate.as_deref().map(certificate).transpose();
        Topic::new(name, topic.arn.as_str(), certificate.map_err(failed)?)
            .map_err(|error| failed(error.to_string()))
    };
    config.topics.iter().map(topic).collect()
}

fn certificate(path: &Path) -> Result<Certificate, String> {
    let shown = path.display();
    let help = "it is a PEM file, as SNS's SigningCertURL gives it; without the key `certificate` it is fetched from there";
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(limits::CERTIFICATE_BYTES).read_to_end(&mut bytes))
        .map_err(|error| {
            format!("the certificate {shown} cannot be read: {error}\n  help: {help}")
        })?;
    let certificate = Certificate::parse(&bytes)
        .map_err(|error| format!("the certificate {shown}: {error}\n  help: {help}"))?;
    let now = Moment(jiff::Timestamp::now().as_millisecond());
    if !certificate.counts_at(now) {
        return Err(format!(
            "the certificate {shown} has expired, or does not count yet by this machine's clock: no notification would be accepted\n  help: fetch SNS's present one, or leave the key `certificate` out"
        ));
    }
    Ok(certificate)
}

fn numbers(config: &Config) -> Result<Numbers, WiringError> {
    let owners = config.tenants.iter().flat_map(|(tenant, settings)| {
        settings.numbers.values().map(|number| {
            let owner = Owner {
                tenant: tenant.clone(),
                vouchers: vouchers(number),
            };
            (number.id.clone(), owner)
        })
    });
    Ok(Numbers::new(
        owners.collect(),
        TenantId::new(UNCLAIMED)?,
        NumberId::new(NO_NUMBER)?,
    ))
}

/// Whose word counts for a number.
fn vouchers(number: &config::Number) -> BTreeSet<Voucher> {
    [
        number.meta_app.clone().map(Voucher::App),
        number.topic.clone().map(Voucher::Topic),
        number.queue.clone().map(Voucher::Queue),
    ]
    .into_iter()
    .flatten()
    .collect()
}
