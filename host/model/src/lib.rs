//! The nouns of Tollgate: what arrives, who sent it, what is proposed, what was decided.
//!
//! Owns: identifiers, [`Notice`]s, contents, [`Contact`]s, [`Proposal`]s, [`Refusal`]s, [`Decision`]s.
//! Promises: plain data. No input or output, no clock, no randomness, no policy; `serde` and nothing else.
//! An identifier that exists is well formed: it was parsed once, where it came in.
//! Bounds: [`limits`] names how long each identifier and list may be.

mod asking;
mod contact;
mod content;
mod counting;
mod decision;
mod grants;
mod id;
pub mod limits;
mod message;
mod moment;
mod notice;
mod outbound;
mod outgoing;
mod proposal;
mod refusal;
mod reply_draft;
mod status;
mod switch;
mod tempo;
mod turn;
mod update;

pub use asking::{
    Answer, Asked, Citation, Entry, Filter, Lookup, LookupAnswer, LookupMethod, MemoryScope,
    Question,
};
pub use contact::{
    Consent, ConsentChange, ConsentScope, Contact, ContactKey, Evidence, Pause, Permission,
};
pub use content::{
    Ad, Card, Content, Form, Location, Media, MediaKind, Order, OrderItem, Product, System,
    TapOrigin,
};
pub use counting::{Period, RuleCount};
pub use decision::{
    Check, Cost, Decision, DecisionId, Ending, Failure, Look, LookResult, Proposed, Run, RunResult,
    Step, StepResult,
};
pub use grants::{Grants, Interface};
pub use id::{
    ContactId, DeskName, GroupId, InvalidId, Language, NumberId, Phone, PluginName, RuleName,
    SendToken, TenantId, UserId, Wamid,
};
pub use message::Message;
pub use moment::{Moment, Span, SpanError};
pub use notice::{Channel, Notice, NoticeBody, NoticeKey};
pub use outbound::{Mode, Outbound, Purpose, SendState};
pub use outgoing::{
    Button, Frame, Link, MediaSource, Menu, MenuRow, MenuSection, Outgoing, OutgoingMedia,
    Template, TemplateButton, TemplateButtonFill, TemplateCategory, TemplateHeader,
    TemplateParameter,
};
pub use proposal::{HandOver, Proposal, Recipient, Verdict};
pub use refusal::{Quota, Refusal};
pub use reply_draft::{NoReplyDraftId, ReplyDraftId, ReplyDraftState};
pub use status::{Conversation, Delivery, NetworkError, Pricing, Status};
pub use switch::{StopSwitch, StopTarget, StoppedBy};
pub use tempo::{Tempo, TempoSlice};
pub use turn::{Known, Outcome, Problem, Turn, Unanswered, ValuePresence};
pub use update::{Call, Detail, Echo, Preference, Unreadable, Update};
