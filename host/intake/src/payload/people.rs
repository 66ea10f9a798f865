//! Who somebody is: from a part's own members, and from what the payload says of people beside it.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;

use model::{ContactKey, Phone, UserId};

use super::part::Part;
use super::wording::own_line;
use crate::limits;

/// Up to so many introductions are looked through one by one; more get an index.
const FEW: usize = 8;

/// No id is longer. It would be copied for everybody whom it is tried for.
const ID_BYTES: usize = 1024;

/// The people whom a payload introduces beside its messages: its `contacts`.
pub(super) struct People<'a> {
    /// Those who have an id: nobody else is ever found.
    known: Vec<Person<'a>>,
    /// The only one there is, by whatever it is known.
    lone: Option<Person<'a>>,
    by_id: HashMap<Cow<'a, str>, usize>,
}

/// One of them.
pub(super) struct Person<'a> {
    phone: Option<Cow<'a, str>>,
    user: Option<Cow<'a, str>>,
    part: Part<'a>,
    /// Read once, for however many messages.
    told: OnceCell<Box<Told>>,
}

/// What is told of a person.
struct Told {
    name: Option<String>,
    user_name: Option<String>,
    parent: Option<UserId>,
}

/// What a part says of somebody: whatever of it there is.
#[derive(Debug, Default)]
pub(super) struct Mention<'a> {
    /// A phone, or what some providers put in its place: a user id.
    pub(super) phone: Option<Cow<'a, str>>,
    pub(super) user: Option<Cow<'a, str>>,
}

impl<'a> Mention<'a> {
    pub(super) fn new(phone: Part<'a>, user: Part<'a>) -> Self {
        Self {
            phone: phone.label().map(digits),
            user: user.label(),
        }
    }

    /// The person as far as this alone tells.
    pub(super) fn key(self) -> Option<ContactKey> {
        People::read(Part::ABSENT)
            .resolve(self, false)
            .map(|(key, _)| key)
    }
}

impl<'a> People<'a> {
    pub(super) fn read(contacts: Part<'a>) -> Self {
        let mut all = contacts.elements().map(Person::read);
        if contacts.count() == 1 {
            return Self {
                known: Vec::new(),
                lone: all.next(),
                by_id: HashMap::new(),
            };
        }
        let known: Vec<Person<'a>> = all.filter(Person::has_id).collect();
        let mut by_id = HashMap::new();
        if known.len() > FEW {
            for (place, person) in known.iter().enumerate() {
                for id in [&person.phone, &person.user].into_iter().flatten() {
                    by_id.insert(id.clone(), place);
                }
            }
        }
        Self {
            known,
            lone: None,
            by_id,
        }
    }

    /// Who is meant, and what is said of them. A lone introduction is the lone part's, whatever it is keyed by; a part that says
    /// nothing of the person takes it too.
    pub(super) fn resolve(
        &self,
        mention: Mention<'a>,
        alone: bool,
    ) -> Option<(ContactKey, Option<&Person<'a>>)> {
        let says_nothing = mention.phone.is_none() && mention.user.is_none();
        let lone = || self.lone.as_ref().filter(|_| alone || says_nothing);
        let person = self.find(&mention).or_else(lone);

        let phone = mention
            .phone
            .as_deref()
            .and_then(|phone| Phone::new(phone).ok());
        let misplaced = mention.phone.filter(|_| phone.is_none());
        // What is called a user id is one rather than what stands in a phone's place.
        let introduced = || person?.user.clone();
        let user = mention.user.or_else(introduced).or(misplaced);
        let phone = phone.or_else(|| Phone::new(person?.phone.as_deref()?).ok());
        let user = user.and_then(|user| UserId::new(user).ok());
        Some((ContactKey::new(phone, user)?, person))
    }

    /// By user id first: that is what WhatsApp tells people apart by.
    fn find(&self, mention: &Mention<'_>) -> Option<&Person<'a>> {
        let by = |id: &str| match self.by_id.is_empty() {
            true => {
                let mut people = self.known.iter().chain(&self.lone);
                people.rfind(|person| person.is(id))
            }
            false => self.known.get(*self.by_id.get(id)?),
        };
        let ids = [mention.user.as_deref(), mention.phone.as_deref()];
        ids.into_iter().flatten().find_map(by)
    }
}

impl<'a> Person<'a> {
    fn read(contact: Part<'a>) -> Self {
        let Mention { phone, user } = Mention::new(contact.at("wa_id"), contact.at("user_id"));
        let is_short = |id: &Cow<'_, str>| id.len() <= ID_BYTES;
        Self {
            phone: phone.filter(is_short),
            user: user.filter(is_short),
            part: contact,
            told: OnceCell::new(),
        }
    }

    fn has_id(&self) -> bool {
        self.phone.is_some() || self.user.is_some()
    }

    fn is(&self, id: &str) -> bool {
        self.user.as_deref() == Some(id) || self.phone.as_deref() == Some(id)
    }

    /// The name that they gave themselves.
    pub(super) fn name(&self) -> Option<String> {
        self.told().name.clone()
    }

    /// The name by which they are found.
    pub(super) fn user_name(&self) -> Option<String> {
        self.told().user_name.clone()
    }

    /// Their id across the businesses of one owner.
    pub(super) fn parent(&self) -> Option<UserId> {
        self.told().parent.clone()
    }

    fn told(&self) -> &Told {
        self.told.get_or_init(|| {
            let profile = self.part.at("profile");
            let line = |name: &str| own_line(profile.at(name).text(), limits::DISPLAY_NAME_CHARS);
            let parent = self.part.at("parent_user_id").own_words();
            Box::new(Told {
                name: line("name"),
                user_name: line("username"),
                parent: parent.and_then(|parent| UserId::new(parent).ok()),
            })
        })
    }
}

/// A phone's digits: signs that only make it legible are no part of the number, and no digit is taken away or added.
fn digits(phone: Cow<'_, str>) -> Cow<'_, str> {
    if phone.bytes().all(|byte| byte.is_ascii_digit()) {
        return phone;
    }
    // Without a plus or a blank it may as well be an id that happens to have digits and dashes.
    let is_written_out = phone.trim_start().starts_with('+') || phone.contains(' ');
    let is_of_a_phone = |c: char| c.is_ascii_digit() || "+-.() \u{a0}".contains(c);
    match is_written_out && phone.chars().all(is_of_a_phone) {
        true => Cow::Owned(phone.chars().filter(char::is_ascii_digit).collect()),
        false => phone,
    }
}
