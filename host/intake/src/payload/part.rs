//! A part of a payload, and what can be asked of it without ever failing: members may be missing, null, or of any type.

use std::borrow::Cow;

use super::tree::Node;

/// A part of a payload, borrowed from its tree: the nodes of one value, or none where there is no such part.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part<'a>(&'a [Node<'a>]);

impl<'a> Part<'a> {
    /// What is not there.
    pub(crate) const ABSENT: Part<'static> = Part(&[]);

    pub(super) fn new(tree: &'a [Node<'a>]) -> Self {
        Self(tree)
    }

    fn node(self) -> &'a Node<'a> {
        self.0.first().unwrap_or(&Node::Null)
    }

    /// The nodes of what is in it.
    fn inside(self) -> &'a [Node<'a>] {
        self.0.get(1..).unwrap_or_default()
    }

    /// What stands under a name. Of a name that stands there twice the last counts, as nearly everywhere.
    pub(crate) fn at(self, name: &str) -> Self {
        let found = self.members().filter(|(known, _)| *known == name);
        found.last().map_or(Self::ABSENT, |(_, value)| value)
    }

    /// Missing or null.
    pub(crate) fn is_absent(self) -> bool {
        matches!(self.node(), Node::Null)
    }

    pub(crate) fn is_object(self) -> bool {
        matches!(self.node(), Node::Object(_))
    }

    pub(crate) fn is_list(self) -> bool {
        matches!(self.node(), Node::List(_))
    }

    /// Its members with their names, if it has any.
    pub(crate) fn members(self) -> impl Iterator<Item = (&'a str, Part<'a>)> {
        let mut rest = if self.is_object() { self.inside() } else { &[] };
        std::iter::from_fn(move || {
            let (name, after) = rest.split_first()?;
            let (value, next) = after.split_at_checked(after.first()?.size())?;
            rest = next;
            Some((name.text()?, Part(value)))
        })
    }

    /// Its elements. An object that stands where a list belongs is the list's one element.
    pub(crate) fn elements(self) -> impl Iterator<Item = Part<'a>> {
        Values(match self.node() {
            Node::List(_) => self.inside(),
            Node::Object(_) => self.0,
            _ => &[],
        })
    }

    /// How many elements it has.
    pub(crate) fn count(self) -> usize {
        match self.node() {
            Node::List(extent) => extent.count,
            Node::Object(_) => 1,
            _ => 0,
        }
    }

    /// Its text, be it empty.
    pub(crate) fn text(self) -> Option<&'a str> {
        self.node().text()
    }

    /// Its text, if there is any.
    pub(crate) fn words(self) -> Option<&'a str> {
        self.text().filter(|text| !text.is_empty())
    }

    /// Its text, or the number that some senders write without quotes.
    pub(crate) fn label(self) -> Option<Cow<'a, str>> {
        Some(match self.node() {
            Node::Whole(number) => Cow::Owned(number.to_string()),
            Node::Large(number) => Cow::Owned(number.to_string()),
            Node::Fraction(number) => Cow::Owned(number.to_string()),
            _ => Cow::Borrowed(self.words()?),
        })
    }

    /// Its text, to keep.
    pub(crate) fn own_words(self) -> Option<String> {
        self.words().map(str::to_owned)
    }

    /// Its text or number, to keep.
    pub(crate) fn own_label(self) -> Option<String> {
        self.label().map(Cow::into_owned)
    }

    /// A number, or a text of one.
    #[expect(
        clippy::cast_precision_loss,
        reason = "whoever wants a whole number exactly asks for one"
    )]
    pub(crate) fn number(self) -> Option<f64> {
        match *self.node() {
            Node::Whole(number) => Some(number as f64),
            Node::Large(number) => Some(number as f64),
            Node::Fraction(number) => Some(number),
            _ => self.words()?.trim().parse().ok(),
        }
        .filter(|number: &f64| number.is_finite())
    }

    /// A whole number, or a text of one.
    pub(crate) fn whole(self) -> Option<i64> {
        match *self.node() {
            Node::Whole(number) => Some(number),
            _ => self.words()?.trim().parse().ok(),
        }
    }

    /// Yes or no; nothing if it is neither.
    pub(crate) fn answer(self) -> Option<bool> {
        match *self.node() {
            Node::Bool(answer) => Some(answer),
            _ => None,
        }
    }

    pub(crate) fn is_true(self) -> bool {
        self.answer() == Some(true)
    }

    /// All of it, to keep.
    pub(crate) fn keep(self) -> serde_json::Value {
        match self.node() {
            Node::Null => serde_json::Value::Null,
            Node::Bool(answer) => (*answer).into(),
            Node::Whole(number) => (*number).into(),
            Node::Large(number) => (*number).into(),
            Node::Fraction(number) => (*number).into(),
            Node::Text(text) => (*text).into(),
            Node::Unescaped(text) => text.as_ref().into(),
            Node::List(_) => self.elements().map(Self::keep).collect(),
            Node::Object(_) => self
                .members()
                .map(|(name, value)| (name, value.keep()))
                .collect(),
        }
    }
}

/// Values that stand one after the other.
struct Values<'a>(&'a [Node<'a>]);

impl<'a> Iterator for Values<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        let (value, rest) = self.0.split_at_checked(self.0.first()?.size())?;
        self.0 = rest;
        Some(Part(value))
    }
}
