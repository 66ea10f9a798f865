//! Drafts: what a rule with `draft_to` would send waits at a desk. A person sends it, in other words perhaps, or drops it.

use ledger::{LedgerError, ReplyDraft};
use model::{
    DeskName, HandOver, Outgoing, Refusal, ReplyDraftId, ReplyDraftState, RuleName, TenantId,
};

use rulebook::Rule;

use crate::operating::{NotAdmitted, Personal, admit};
use crate::stage::{Effects, Stage};
use crate::{Core, Engine};

/// Where a rule's sends wait for a person.
#[derive(Debug, Clone)]
pub(crate) struct Drafting {
    pub(crate) desk: DeskName,
    pub(crate) rule: RuleName,
}

impl Drafting {
    /// If the rule says so.
    pub(crate) fn of(rule: &Rule) -> Option<Self> {
        let desk = rule.draft_to.clone()?;
        let rule = rule.name.clone();
        Some(Self { desk, rule })
    }

    /// The first draft at a desk brings a hand-over with it: both count among the decision's effects.
    pub(crate) fn effects(&self, so_far: &Effects) -> usize {
        let has_one = so_far.drafts.iter().any(|draft| draft.desk == self.desk);
        if has_one { 1 } else { 2 }
    }

    /// What the decision did so far hands the conversation to the desk at which it left a draft, unless the rule did so itself.
    pub(crate) fn hand_over(&self, stage: &mut Stage) {
        let Stage { contact, effects } = stage;
        let left_one = effects.drafts.iter().any(|draft| draft.desk == self.desk);
        let handed_over = effects
            .hand_offs
            .iter()
            .any(|hand_over| hand_over.desk == self.desk);
        if left_one && !handed_over {
            contact.last_desk = Some(self.desk.clone());
            effects.hand_offs.push(HandOver {
                desk: self.desk.clone(),
                note: format!("A reply waits for your approval (rule {}).", self.rule),
            });
        }
    }
}

/// Why a draft was not sent, or not dropped.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Undecided {
    /// The tenant has none with that id.
    #[error("there is no such draft")]
    Unknown,
    /// Somebody was quicker.
    #[error("this draft was {0} already")]
    Decided(ReplyDraftState),
    /// The gate refused it as it is now: it goes on waiting.
    #[error("{0}")]
    Refused(Refusal),
    /// The ledger failed: it goes on waiting.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Engine {
    /// A person sends a draft, in these words if they changed it. The gate judges it as it is now; on leaving it does so again (I6).
    /// Of all who send or drop it at once one does.
    pub async fn send_reply_draft(
        &self,
        tenant: &TenantId,
        id: ReplyDraftId,
        words: Option<&str>,
        by: Option<&str>,
    ) -> Result<ReplyDraft, Undecided> {
        let core = &self.core;
        let settings = core.plan.tenants.get(tenant).ok_or(Undecided::Unknown)?;
        let draft = waiting(core, tenant, id).await?;
        let now = core.clock.now();
        let message = reworded(&draft, words).map_err(Undecided::Refused)?;
        // Nothing is taken for granted from when the rule proposed it.
        let outbound = &draft.outbound;
        let personal = Personal {
            contact: &draft.contact,
            number: &outbound.number,
            cause: &outbound.cause,
            message,
            quoting: outbound.quoting.is_some(),
            token: outbound.token.clone(),
        };
        let admitted = admit(core, settings, personal, now).await?;
        let admitted = admitted.map_err(|NotAdmitted { refusal, .. }| {
            tracing::info!(%tenant, draft = %id, refusal = refusal.word(), "a draft was refused when a person sent it");
            Undecided::Refused(refusal)
        })?;
        let sent = core
            .ledger
            .send_reply_draft(tenant, id, admitted, by, now)
            .await?;
        let draft = decided(core, tenant, id, sent).await?;
        core.outbox.wake();
        Ok(draft)
    }

    /// A person drops a draft: it is never sent.
    pub async fn drop_reply_draft(
        &self,
        tenant: &TenantId,
        id: ReplyDraftId,
        by: Option<&str>,
    ) -> Result<ReplyDraft, Undecided> {
        let core = &self.core;
        waiting(core, tenant, id).await?;
        let now = core.clock.now();
        let dropped = core.ledger.drop_reply_draft(tenant, id, by, now).await?;
        decided(core, tenant, id, dropped).await
    }
}

/// The draft, if nobody has decided on it.
async fn waiting(
    core: &Core,
    tenant: &TenantId,
    id: ReplyDraftId,
) -> Result<ReplyDraft, Undecided> {
    let draft = core.ledger.reply_draft(tenant, id).await?;
    let draft = draft.ok_or(Undecided::Unknown)?;
    match draft.state {
        ReplyDraftState::Pending => Ok(draft),
        state => Err(Undecided::Decided(state)),
    }
}

/// The draft as it stands after a decision on it, which was ours or another's.
async fn decided(
    core: &Core,
    tenant: &TenantId,
    id: ReplyDraftId,
    is_ours: bool,
) -> Result<ReplyDraft, Undecided> {
    let draft = core.ledger.reply_draft(tenant, id).await?;
    let draft = draft.ok_or(Undecided::Unknown)?;
    if !is_ours {
        return Err(Undecided::Decided(draft.state));
    }
    tracing::info!(%tenant, draft = %id, state = %draft.state, "a person decided on a draft");
    core.tell();
    Ok(draft)
}

fn reworded(draft: &ReplyDraft, words: Option<&str>) -> Result<Outgoing, Refusal> {
    let message = &draft.outbound.message;
    match words {
        None => Ok(message.clone()),
        Some(words) => message.reworded(words).ok_or_else(|| Refusal::Invalid {
            what: format!(
                "a {} has no words of its own to change: send it as it is, or drop it",
                message.kind()
            ),
        }),
    }
}
