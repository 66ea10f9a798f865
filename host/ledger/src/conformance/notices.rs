//! Notices beside plain messages, in a line each.

use model::{
    Call, Channel, Contact, ContactKey, Content, Detail, Echo, GroupId, Message, Notice,
    NoticeBody, NoticeKey, Preference, System, Unreadable, Update,
};

use super::shop::{Shop, at, queued, wamid};
use crate::{Acceptance, Arrival, Joined, Lane, Next};

impl Shop {
    /// Somebody writes, by whatever key.
    pub(super) async fn hears_from(&self, from: ContactKey, id: &str, second: u64) -> Lane {
        queued(
            self.accept(self.message(from, id, at(second)), second)
                .await,
        )
    }

    /// Somebody says stop, by whatever key.
    pub(super) async fn hears_stop_from(&self, from: ContactKey, id: &str, second: u64) -> Lane {
        let arrival = Arrival {
            is_stop: true,
            ..self.message(from, id, at(second))
        };
        queued(self.accept(arrival, second).await)
    }

    /// A message with this about it.
    pub(super) async fn hears_as(
        &self,
        from: ContactKey,
        id: &str,
        second: u64,
        about: impl FnOnce(&mut Message),
    ) -> Lane {
        let mut arrival = self.message(from, id, at(second));
        if let NoticeBody::Message(message) = &mut arrival.notice.body {
            about(message);
        }
        queued(self.accept(arrival, second).await)
    }

    /// WhatsApp tells within the chat that this contact is known by something else from now on.
    pub(super) async fn hears_of_move(
        &self,
        from: ContactKey,
        is: ContactKey,
        id: &str,
        second: u64,
    ) -> Lane {
        self.hears_as(from, id, second, |message| {
            message.name = None;
            message.content = system(Some(is));
        })
        .await
    }

    /// A contact's word on marketing, as WhatsApp's settings have it.
    pub(super) fn preference(&self, from: ContactKey, wants: bool, second: u64) -> Arrival {
        let key = NoticeKey::digest(&format!("{}{wants}{second}", from.masked()));
        let preference = Preference {
            from,
            wants_marketing: wants,
            at: at(second),
        };
        self.notice(key, NoticeBody::Preference(preference))
    }

    /// A message of our own side, written elsewhere.
    pub(super) fn echo(
        &self,
        to: ContactKey,
        id: &str,
        second: u64,
        silent: Option<u64>,
    ) -> Arrival {
        let echo = Echo {
            id: wamid(id),
            to,
            at: at(second),
            content: Content::Text {
                body: "I take over".into(),
            },
        };
        Arrival {
            silent_until: silent.map(at),
            ..self.notice(NoticeKey::echo(&echo.id), NoticeBody::Echo(echo))
        }
    }

    /// Something else that the network tells.
    pub(super) fn update(&self, name: &str, digest: &str, detail: Detail) -> Arrival {
        let update = Update {
            name: name.into(),
            detail,
            raw: serde_json::json!({ "of": digest }),
        };
        self.notice(NoticeKey::digest(digest), NoticeBody::Update(update))
    }

    pub(super) fn call(
        &self,
        with: ContactKey,
        digest: &str,
        is_inbound: bool,
        second: u64,
    ) -> Arrival {
        let call = Call {
            id: digest.into(),
            with,
            is_inbound,
            event: "connect".into(),
            at: at(second),
        };
        self.update("calls", digest, Detail::Call(call))
    }

    pub(super) fn unreadable(&self, digest: &str, cause: &str) -> Arrival {
        let unreadable = Unreadable {
            what: "status".into(),
            cause: cause.into(),
            raw: serde_json::json!({ "of": digest }),
        };
        let arrival = self.notice(
            NoticeKey::digest(digest),
            NoticeBody::Unreadable(unreadable),
        );
        Arrival {
            notice: Notice {
                channel: Channel::Other("instagram".into()),
                ..arrival.notice
            },
            ..arrival
        }
    }

    pub(super) async fn next(&self, lane: &Lane) -> Option<Next> {
        self.ledger.next(lane).await.unwrap()
    }

    pub(super) async fn joins(&self, lane: &Lane, second: u64) -> Joined {
        self.ledger.join(lane, at(second)).await.unwrap()
    }

    /// Changes a contact as the settle of a message of theirs does.
    pub(super) async fn changes(
        &self,
        from: ContactKey,
        id: &str,
        second: u64,
        change: impl FnOnce(&mut Contact),
    ) -> Lane {
        let lane = self.hears_from(from, id, second).await;
        let mut settlement = self.settlement(&lane, second).await;
        change(&mut settlement.contact);
        assert_eq!(self.settle(settlement).await, crate::Settled::Done);
        lane
    }
}

/// What WhatsApp itself tells within a chat.
pub(super) fn system(is: Option<ContactKey>) -> Content {
    Content::System(System {
        event: "user_changed_number".into(),
        body: None,
        now_known_by: is,
    })
}

pub(super) fn group() -> GroupId {
    GroupId::new("group-1").unwrap()
}

pub(super) fn changed(acceptance: Acceptance) -> Lane {
    match acceptance {
        Acceptance::Changed(lane) => lane,
        other => panic!("it changes a contact: {other:?}"),
    }
}

/// Two people's lanes, in no order.
pub(super) fn sorted<T: Ord>(mut list: Vec<T>) -> Vec<T> {
    list.sort();
    list
}
