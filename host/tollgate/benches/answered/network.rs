//! WhatsApp's stand-in: takes what the host sends over HTTP, answers as the Graph API does, at once, and holds every send against the
//! book.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use tokio::net::TcpListener;
use tokio::sync::{Notify, Semaphore};

use super::book::{self, Book};
use super::http::{Heard, Peer, find};

/// An answer whose statuses are to be told.
pub struct Sent {
    pub which: u64,
    pub token: String,
}

pub struct Network {
    pub url: String,
    pub book: Rc<Book>,
    /// Given back with each answer, by whoever is last to know of it.
    pub places: RefCell<Option<Rc<Semaphore>>>,
    /// Answers come back with statuses.
    pub tells: Cell<bool>,
    pub sent: RefCell<VecDeque<Sent>>,
    pub is_sent: Notify,
    /// Answers whose statuses are on their way.
    pub telling: Cell<u64>,
    /// Connections that the host has opened so far.
    pub connections: Cell<u64>,
}

impl Network {
    pub async fn open() -> Rc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let network = Rc::new(Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            book: Rc::default(),
            places: RefCell::default(),
            tells: Cell::new(false),
            sent: RefCell::default(),
            is_sent: Notify::new(),
            telling: Cell::new(0),
            connections: Cell::new(0),
        });
        let serving = Rc::clone(&network);
        tokio::task::spawn_local(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                serving.connections.set(serving.connections.get() + 1);
                tokio::task::spawn_local(Rc::clone(&serving).converse(Peer::new(stream)));
            }
        });
        network
    }

    /// All that a message leads to has come to pass: somebody may write again.
    pub fn is_done(&self) {
        if let Some(places) = &*self.places.borrow() {
            places.add_permits(1);
        }
    }

    /// No status is on its way.
    pub fn is_quiet(&self) -> bool {
        self.sent.borrow().is_empty() && self.telling.get() == 0
    }

    async fn converse(self: Rc<Self>, mut peer: Peer) {
        loop {
            // A host that ends, ends its connections.
            let Ok(Some(heard)) = peer.hear().await else {
                return;
            };
            let answer = self.take(&heard);
            if peer.say(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }

    /// Takes one send.
    fn take(&self, heard: &Heard<'_>) -> String {
        let head = std::str::from_utf8(heard.head).unwrap_or_default();
        // `POST /v24.0/NUMBER/messages HTTP/1.1`
        let number = head.split('/').nth(2).unwrap_or_default();
        let to = member(heard.body, b"\"to\":\"");
        let words = member(heard.body, b"\"body\":\"");
        let first = self.book.hear(number, to, words);
        if let Some(which) = first {
            if self.tells.get() {
                let token = member(heard.body, b"\"biz_opaque_callback_data\":\"").to_owned();
                self.sent.borrow_mut().push_back(Sent { which, token });
                self.is_sent.notify_one();
            } else {
                self.is_done();
            }
        }
        let id = book::answer_id(first.unwrap_or(u64::MAX));
        let phone = to.trim_start_matches('+');
        let body = format!(
            r#"{{"messaging_product":"whatsapp","contacts":[{{"input":"{to}","wa_id":"{phone}"}}],"messages":[{{"id":"{id}"}}]}}"#
        );
        format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=UTF-8\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    }
}

/// A text of this body, as plain as the ones here are.
fn member<'a>(body: &'a [u8], begins: &[u8]) -> &'a str {
    let rest = find(body, begins).map(|place| &body[place + begins.len()..]);
    let rest = rest.unwrap_or_default();
    let end = rest.iter().position(|byte| *byte == b'"');
    std::str::from_utf8(&rest[..end.unwrap_or(rest.len())]).unwrap_or_default()
}
