//! What a settle changes of a contact, stored as one text.

pub(super) use crate::state::State;
