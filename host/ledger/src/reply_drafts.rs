//! Replies that wait for a person: what a settlement leaves at a desk, and how it is read.

use gate::Admitted;
use model::{
    Contact, DeskName, Message, Moment, NumberId, Outbound, ReplyDraftId, ReplyDraftState,
    RuleName, Wamid,
};

/// A send that the gate admitted and that does not leave: it waits at a desk for a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Drafted {
    /// At which desk.
    pub desk: DeskName,
    /// Whose rule's words it holds.
    pub rule: RuleName,
    /// What would have been sent.
    pub send: Admitted,
}

/// A draft as listed.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct ReplyDraft {
    /// Which; of a tenant's drafts a later one has a higher number.
    pub id: ReplyDraftId,
    /// The desk that decides on it.
    pub desk: DeskName,
    /// The rule that worded it.
    pub rule: RuleName,
    /// The contact as it stands.
    pub contact: Contact,
    /// The number that the message came in on which it answers.
    pub number: NumberId,
    /// That message.
    pub message: Wamid,
    /// What the contact wrote in it: whoever decides reads it first.
    pub asked: Option<Message>,
    /// What would have been sent, as the rule worded it; what a person made of it is in the outbox, under the same token.
    pub outbound: Outbound,
    /// What became of it.
    pub state: ReplyDraftState,
    /// Who decided on it, if they said so.
    pub by: Option<String>,
    /// When it was left.
    pub at: Moment,
    /// When it was decided on; till then when it was left.
    pub changed_at: Moment,
}

/// Which of a tenant's drafts are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReplyDraftFilter {
    /// Those at this desk.
    pub desk: Option<DeskName>,
    /// Those of which this became.
    pub state: Option<ReplyDraftState>,
}
