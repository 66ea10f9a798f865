//! JSON as a tree that borrows from its text: all nodes in one list, a list or object before what is in it. One allocation for a whole
//! body, whatever is nested in it, and nothing copied but what was written with escapes.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// One value, or the name of a member, which stands before its value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node<'a> {
    Null,
    Bool(bool),
    Whole(i64),
    /// A whole number above the others.
    Large(u64),
    Fraction(f64),
    Text(&'a str),
    /// It was written with escapes.
    Unescaped(Box<str>),
    List(Extent),
    Object(Extent),
}

/// What belongs to a list or an object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Extent {
    /// How many elements or members.
    pub(super) count: usize,
    /// How many nodes after its own.
    pub(super) nodes: usize,
}

impl Node<'_> {
    /// How many nodes it takes, its own among them.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::List(extent) | Self::Object(extent) => extent.nodes + 1,
            _ => 1,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Unescaped(text) => Some(text),
            _ => None,
        }
    }
}

/// A node for every so many bytes of Meta's bodies: what has more grows.
const BYTES_PER_NODE: usize = 12;

/// Reads the nodes of a text, which is one value of JSON.
pub(super) fn read(text: &str) -> Result<Vec<Node<'_>>, serde_json::Error> {
    let mut nodes = Vec::with_capacity(text.len() / BYTES_PER_NODE + 1);
    let mut reader = serde_json::Deserializer::from_str(text);
    Growing(&mut nodes).deserialize(&mut reader)?;
    reader.end()?;
    Ok(nodes)
}

/// The tree as far as it is read.
struct Growing<'t, 'de>(&'t mut Vec<Node<'de>>);

impl<'de> DeserializeSeed<'de> for Growing<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Growing<'_, 'de> {
    /// Makes room for a list or object, which is set when it has ended.
    fn begin(&mut self) -> usize {
        self.0.push(Node::Null);
        self.0.len()
    }

    fn end(&mut self, began: usize, count: usize, node: fn(Extent) -> Node<'de>) {
        let nodes = self.0.len() - began;
        if let Some(place) = self.0.get_mut(began - 1) {
            *place = node(Extent { count, nodes });
        }
    }

    fn leaf<E>(&mut self, node: Node<'de>) -> Result<(), E> {
        self.0.push(node);
        Ok(())
    }
}

impl<'de> Visitor<'de> for Growing<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_unit<E>(mut self) -> Result<(), E> {
        self.leaf(Node::Null)
    }

    fn visit_bool<E>(mut self, answer: bool) -> Result<(), E> {
        self.leaf(Node::Bool(answer))
    }

    fn visit_i64<E>(mut self, number: i64) -> Result<(), E> {
        self.leaf(Node::Whole(number))
    }

    fn visit_u64<E>(mut self, number: u64) -> Result<(), E> {
        self.leaf(i64::try_from(number).map_or(Node::Large(number), Node::Whole))
    }

    fn visit_f64<E>(mut self, number: f64) -> Result<(), E> {
        self.leaf(Node::Fraction(number))
    }

    fn visit_borrowed_str<E>(mut self, text: &'de str) -> Result<(), E> {
        self.leaf(Node::Text(text))
    }

    fn visit_str<E>(mut self, text: &str) -> Result<(), E> {
        self.leaf(Node::Unescaped(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<(), A::Error> {
        let (began, mut count) = (self.begin(), 0);
        while elements.next_element_seed(Growing(self.0))?.is_some() {
            count += 1;
        }
        self.end(began, count, Node::List);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        let (began, mut count) = (self.begin(), 0);
        while members.next_key_seed(Growing(self.0))?.is_some() {
            members.next_value_seed(Growing(self.0))?;
            count += 1;
        }
        self.end(began, count, Node::Object);
        Ok(())
    }
}
