//! What was said, by whom, in which order, and when the host said that it has it: the load's own book.

use super::dice::Dice;
use super::judge::message_of;
use super::record::Answer;

/// Messages of one contact in all: fewer than a loop breaker or a pair's rate would ever mind.
const MESSAGES_PER_CONTACT: usize = 8;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Asks for an answer.
    Question,
    Stop,
    /// Asks for an answer, and must get none: it was said after a stop.
    AfterStop,
}

#[derive(Debug)]
pub struct Message {
    pub contact: usize,
    pub kind: Kind,
    /// When the host answered 200.
    pub acked: Option<Acked>,
}

#[derive(Debug, Clone, Copy)]
pub struct Acked {
    pub at_ms: u64,
    /// The host's life in which that was heard, which is not before the one in which it was said.
    pub life: usize,
}

#[derive(Debug)]
pub struct Contact {
    pub phone: String,
    /// Which of the business's numbers they write to.
    pub number: usize,
    /// In the order in which they were said: each post is made when the one before was acknowledged.
    pub messages: Vec<usize>,
    pub has_stopped: bool,
}

/// Everything. Messages and contacts are known by their places.
pub struct Book {
    pub messages: Vec<Message>,
    pub contacts: Vec<Contact>,
    /// Questions that nothing but an answer may follow.
    pub questions: usize,
    /// Who may write again.
    idle: Vec<usize>,
    numbers: usize,
    /// What makes this run's message ids its own.
    name: u64,
}

/// What one contact says in a row: posts, each with one or several messages.
pub struct Conversation {
    pub contact: usize,
    pub posts: Vec<Vec<usize>>,
}

impl Conversation {
    pub fn messages(&self) -> usize {
        self.posts.iter().map(Vec::len).sum()
    }
}

impl Book {
    pub fn new(numbers: usize, name: u64) -> Self {
        Self {
            messages: Vec::new(),
            contacts: Vec::new(),
            questions: 0,
            idle: Vec::new(),
            numbers,
            name,
        }
    }

    /// Somebody begins to write: a stranger, or who has written before.
    pub fn begin(&mut self, dice: &mut Dice) -> Conversation {
        let known = self.idle.len() > 50 && dice.percent(40);
        let contact = if known {
            let place = usize::try_from(dice.within(0..self.idle.len() as u64)).unwrap();
            self.idle.swap_remove(place)
        } else {
            self.meet(None)
        };
        let mut posts = Vec::new();
        match dice.within(0..100) {
            // A stop in the middle of it; of strangers, so that nobody else is owed less than was counted.
            0..8 if !known => {
                for _ in 0..dice.within(1..4) {
                    posts.push(vec![self.say(contact, Kind::Question)]);
                }
                posts.push(vec![self.say(contact, Kind::Stop)]);
                for _ in 0..dice.within(1..3) {
                    posts.push(vec![self.say(contact, Kind::AfterStop)]);
                }
            }
            // Several in one webhook, and one behind them.
            8..20 => {
                let together = dice.within(2..4);
                posts.push(
                    (0..together)
                        .map(|_| self.say(contact, Kind::Question))
                        .collect(),
                );
                posts.push(vec![self.say(contact, Kind::Question)]);
            }
            // Some in a row.
            20..60 => {
                for _ in 0..dice.within(2..5) {
                    posts.push(vec![self.say(contact, Kind::Question)]);
                }
            }
            _ => posts.push(vec![self.say(contact, Kind::Question)]),
        }
        if !self.contacts[contact].has_stopped {
            self.questions += posts.iter().map(Vec::len).sum::<usize>();
        }
        Conversation { contact, posts }
    }

    /// How many of these answer such questions: those of contacts who stopped count for nothing.
    pub fn expected(&self, answers: &[Answer]) -> usize {
        let messages = answers.iter().filter_map(|answer| message_of(&answer.text));
        messages
            .filter_map(|message| self.messages.get(message))
            .filter(|message| !self.contacts[message.contact].has_stopped)
            .count()
    }

    /// One message of somebody new to that number.
    pub fn ask(&mut self, number: usize) -> Conversation {
        let contact = self.meet(Some(number));
        let posts = vec![vec![self.say(contact, Kind::Question)]];
        Conversation { contact, posts }
    }

    /// They have said it all, and may come back.
    pub fn end(&mut self, contact: usize) {
        let known = &self.contacts[contact];
        // The longest conversation has four.
        if !known.has_stopped && known.messages.len() + 4 <= MESSAGES_PER_CONTACT {
            self.idle.push(contact);
        }
    }

    pub fn acknowledge(&mut self, messages: &[usize], acked: Acked) {
        for message in messages {
            self.messages[*message].acked.get_or_insert(acked);
        }
    }

    /// WhatsApp's id of a message.
    pub fn wamid(&self, message: usize) -> String {
        format!("wamid.TORTURE{:016x}{message:012}", self.name)
    }

    pub fn meet(&mut self, number: Option<usize>) -> usize {
        let contact = self.contacts.len();
        self.contacts.push(Contact {
            // Two digits more than anybody's in that country.
            phone: format!("1555010{contact:06}"),
            number: number.unwrap_or(contact % self.numbers),
            messages: Vec::new(),
            has_stopped: false,
        });
        contact
    }

    pub fn say(&mut self, contact: usize, kind: Kind) -> usize {
        let message = self.messages.len();
        self.contacts[contact].has_stopped |= kind == Kind::Stop;
        self.messages.push(Message {
            contact,
            kind,
            acked: None,
        });
        self.contacts[contact].messages.push(message);
        message
    }
}

/// What a message says: the answer repeats it.
pub fn words(message: usize, kind: Kind) -> String {
    match kind {
        Kind::Stop => "stop".to_owned(),
        Kind::Question | Kind::AfterStop => format!("say {message}"),
    }
}

/// The message that an id of this load's names.
pub fn place_of(wamid: &str) -> Option<usize> {
    wamid.strip_prefix("wamid.TORTURE")?.get(16..)?.parse().ok()
}
