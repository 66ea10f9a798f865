//! `POST /webhooks/sns`: what SNS delivers over HTTPS.

mod address;
mod certificate;
mod certificates;
mod fetch;
mod letter;
mod topic;

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use axum::routing::post;
use lru::LruCache;
use model::Moment;

use crate::answer::{Answer, Door};
use crate::entrance::{Entrance, Source, source};
use crate::payload::Parsed;
use crate::webhook::is_json;
use crate::{envelope, limits};

pub use self::certificate::{Certificate, NoCertificate};
pub use self::fetch::{Fetch, NotFetched, Web};
pub use self::topic::{NoTopic, Topic};
pub use reqwest::Url;

use self::certificates::{Certificates, Unavailable};
use self::letter::{Kind, Letter};

/// The path that SNS is told.
pub const PATH: &str = "/webhooks/sns";

/// What this door needs to know.
pub struct Sns {
    /// The topics that are listened to.
    pub topics: Vec<Topic>,
    /// How certificates are had and subscriptions confirmed: a [`Web`].
    pub fetch: Arc<dyn Fetch>,
    /// What it shares with the other doors.
    pub entrance: Arc<Entrance>,
}

/// The route. Serve it with `into_make_service_with_connect_info::<SocketAddr>()`: without it all senders count as one.
pub fn router(sns: Sns) -> Router {
    let most = NonZeroUsize::new(limits::SNS_REPLAYS).unwrap_or(NonZeroUsize::MIN);
    let desk = Desk {
        certificates: Certificates::new(Arc::clone(&sns.fetch)),
        accepted: Mutex::new(LruCache::new(most)),
        sns,
    };
    Router::new()
        .route(PATH, post(deliver))
        .with_state(Arc::new(desk))
}

struct Desk {
    sns: Sns,
    certificates: Certificates,
    /// Notifications accepted before, by topic and id.
    accepted: Mutex<LruCache<(String, String), ()>>,
}

async fn deliver(State(desk): State<Arc<Desk>>, request: Request) -> Response {
    let entrance = &desk.sns.entrance;
    let (head, body) = request.into_parts();
    let source = source(&head.extensions);
    if let Err(answer) = desk.look(&head.headers, source) {
        entrance.linger(body);
        return entrance.refuse(Door::Sns, answer, source);
    }
    let reading = entrance.read(body, limits::SNS_BODY_BYTES, source);
    let body = match reading.await {
        Ok(body) => body,
        Err(answer) => return entrance.refuse(Door::Sns, answer, source),
    };
    let now = entrance.accept().now();
    let (letter, topic) = match desk.verified(&head.headers, &body.bytes, now).await {
        Ok(verified) => verified,
        Err(answer) => return entrance.refuse(Door::Sns, answer, source),
    };
    match letter.kind {
        Kind::Notification => desk.notification(&letter, topic, now).await,
        Kind::SubscriptionConfirmation => desk.confirm(&letter, topic).await,
        Kind::UnsubscribeConfirmation => {
            tracing::warn!(
                topic = topic.name(),
                "the subscription was ended: nothing comes from this topic until somebody subscribes this address again"
            );
            entrance.say(Door::Sns, Answer::Unsubscribed)
        }
    }
}

/// What SNS says of a delivery in its headers.
const KIND: &str = "x-amz-sns-message-type";

impl Desk {
    /// What can be said before the body is read.
    fn look(&self, headers: &HeaderMap, source: Source) -> Result<(), Answer> {
        // SNS always sends this header; the signature itself is in the body.
        if !headers.contains_key(KIND) && self.sns.entrance.is_spent(source) {
            return Err(Answer::Limited);
        }
        if headers
            .get("x-amz-sns-rawdelivery")
            .is_some_and(|raw| raw.as_bytes().eq_ignore_ascii_case(b"true"))
        {
            return Err(Answer::Raw);
        }
        if !is_json(headers) && !is_plain_text(headers) {
            return Err(Answer::WrongType);
        }
        Ok(())
    }

    /// The letter, once its topic's region has signed it. Cheap checks come first: nobody's word makes us fetch anything for a topic that is
    /// not listed, from anywhere but SNS.
    async fn verified(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: Moment,
    ) -> Result<(Letter, &Topic), Answer> {
        let letter = Letter::parse(body).ok_or(Answer::NoEnvelope)?;
        if headers
            .get(KIND)
            .is_some_and(|kind| kind.as_bytes() != letter.kind.word().as_bytes())
        {
            return Err(Answer::NoEnvelope);
        }
        let topic = self
            .sns
            .topics
            .iter()
            .find(|topic| topic.arn() == letter.topic_arn);
        let topic = topic.ok_or(Answer::WrongTopic)?;
        if letter.sent_at < now.minus(limits::SNS_AGE) {
            return Err(Answer::TooOld);
        }
        if letter.sent_at > now.plus(limits::SNS_AHEAD) {
            return Err(Answer::TooEarly);
        }
        let seal = letter.seal()?;
        let address =
            address::certificate(seal.certificate, topic).ok_or(Answer::WrongCertificate)?;
        match topic.certificate() {
            Some(pinned) => pinned.check(&letter, &seal, now)?,
            None => match self.certificates.find(&address, now).await {
                Ok(certificate) => certificate.check(&letter, &seal, now)?,
                Err(Unavailable) => return Err(Answer::NoCertificate),
            },
        }
        Ok((letter, topic))
    }

    async fn notification(&self, letter: &Letter, topic: &Topic, now: Moment) -> Response {
        let entrance = &self.sns.entrance;
        let id = (topic.name().to_owned(), letter.id.clone());
        if self.remembered(|accepted| accepted.contains(&id)) {
            return entrance.say(Door::Sns, Answer::Replayed);
        }
        let (parsed, well) = match envelope::open_message(&letter.message, now) {
            Ok(parsed) => (parsed, Answer::Accepted),
            // SNS would only bring it again: it is kept for people to look at.
            Err(error) => {
                if entrance.is_due("unreadable", topic.name()) {
                    tracing::warn!(
                        topic = topic.name(),
                        id = letter.id,
                        "a message that cannot be read was kept as unreadable"
                    );
                }
                (
                    vec![Parsed::unreadable_body(
                        letter.message.to_string(),
                        error.to_string(),
                    )],
                    Answer::Unreadable,
                )
            }
        };
        let taking = entrance.take_and_answer(Door::Sns, parsed, topic.voucher(), well);
        let response = taking.await;
        if response.status().is_success() {
            self.remembered(|accepted| accepted.put(id, ()));
        }
        response
    }

    async fn confirm(&self, letter: &Letter, topic: &Topic) -> Response {
        let entrance = &self.sns.entrance;
        let Some(address) = address::confirmation(letter, topic) else {
            return entrance.refuse(Door::Sns, Answer::WrongSubscription, Source::Vouched);
        };
        match self.sns.fetch.get(&address).await {
            Ok(_) => {
                tracing::info!(topic = topic.name(), "the subscription is confirmed");
                entrance.say(Door::Sns, Answer::Confirmed)
            }
            Err(NotFetched { cause }) => {
                tracing::warn!(topic = topic.name(), %cause, "the subscription could not be confirmed; SNS will ask again");
                entrance.refuse(Door::Sns, Answer::NotConfirmed, Source::Vouched)
            }
        }
    }

    fn remembered<T>(&self, look: impl FnOnce(&mut LruCache<(String, String), ()>) -> T) -> T {
        look(&mut self.accepted.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn is_plain_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("text/plain")
}
