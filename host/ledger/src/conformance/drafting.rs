//! Replies that wait for a person: each is sent or dropped once, whoever is how quick.

use std::sync::Arc;

use model::{
    ContactKey, DeskName, Purpose, Refusal, ReplyDraftId, ReplyDraftState, RuleName, SendState,
};
use tokio::task::JoinSet;

use super::Make;
use super::shop::{ANA, BRUNO, Shop, admitted, at, both, phone, policy, the_gate, token, user};
use crate::{
    Arrived, Departure, Drafted, Head, Joined, Lane, Ledger, ReplyDraft, ReplyDraftFilter, Settled,
    Settlement,
};

const FIRST: ReplyDraftId = ReplyDraftId(1);

/// What the gate admitted, left at a desk.
pub(super) fn drafted(head: &Head, with: &str, desk: &str, second: u64) -> Drafted {
    Drafted {
        desk: DeskName::new(desk).unwrap(),
        rule: RuleName::new("refund").unwrap(),
        send: admitted(head, with, Purpose::Reply, second),
    }
}

/// A draft as pages and tests name it: id, desk, token, state.
pub(super) fn named(draft: &ReplyDraft) -> (String, &str, &str, ReplyDraftState) {
    let token = draft.outbound.token.as_str();
    (
        draft.id.to_string(),
        draft.desk.as_str(),
        token,
        draft.state,
    )
}

impl Shop {
    /// A contact writes, and these are left at the desk: token and desk. Gives the head that they answer.
    async fn drafts(
        &self,
        from: ContactKey,
        id: &str,
        left: &[(&str, &str)],
        second: u64,
    ) -> (Lane, Head) {
        let lane = self.hears_from(from, id, second).await;
        let head = self.head(&lane).await;
        let drafts = left
            .iter()
            .map(|(with, desk)| drafted(&head, with, desk, second));
        let settlement = Settlement {
            drafts: drafts.collect(),
            ..self.settlement(&lane, second).await
        };
        assert_eq!(self.settle(settlement).await, Settled::Done);
        (lane, head)
    }

    pub(super) async fn pending(&self) -> Vec<ReplyDraft> {
        let filter = ReplyDraftFilter {
            state: Some(ReplyDraftState::Pending),
            desk: None,
        };
        let found = self.ledger.reply_drafts(&self.tenant, filter, None, 10);
        found.await.unwrap()
    }

    async fn draft(&self, id: ReplyDraftId) -> ReplyDraft {
        let found = self.ledger.reply_draft(&self.tenant, id).await.unwrap();
        found.expect("the draft is there")
    }

    /// A person sends it, as the gate admits it now.
    async fn sends_draft(&self, id: ReplyDraftId, head: &Head, with: &str, second: u64) -> bool {
        let send = admitted(head, with, Purpose::Person, second);
        self.ledger
            .send_reply_draft(&self.tenant, id, send, Some("Rita"), at(second))
            .await
            .unwrap()
    }

    async fn drops_draft(&self, id: ReplyDraftId, second: u64) -> bool {
        self.ledger
            .drop_reply_draft(&self.tenant, id, None, at(second))
            .await
            .unwrap()
    }
}

/// By desk, and by what became of them.
pub async fn drafts_are_listed_onwards_by_desk_and_state(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let left = [("a1", "support"), ("a2", "sales")];
    let (lane, head) = shop.drafts(phone(ANA), "wamid.1", &left, 1).await;
    shop.drafts(phone(BRUNO), "wamid.2", &[("b1", "support")], 2)
        .await;
    assert!(shop.sends_draft(FIRST, &head, "a1", 3).await);
    let tokens = async |desk: Option<&str>, state, after, most| {
        let filter = ReplyDraftFilter {
            desk: desk.map(|desk| DeskName::new(desk).unwrap()),
            state,
        };
        let found = shop.ledger.reply_drafts(&shop.tenant, filter, after, most);
        let found = found.await.unwrap();
        let tokens = found
            .into_iter()
            .map(|draft| draft.outbound.token.to_string());
        tokens.collect::<Vec<_>>().join(" ")
    };
    let pending = Some(ReplyDraftState::Pending);
    assert_eq!(tokens(None, None, None, 10).await, "a1 a2 b1");
    assert_eq!(tokens(None, None, None, 2).await, "a1 a2");
    assert_eq!(tokens(None, None, Some(2), 10).await, "b1");
    assert_eq!(tokens(None, pending, None, 10).await, "a2 b1");
    assert_eq!(tokens(Some("support"), pending, None, 10).await, "b1");
    assert_eq!(tokens(Some("support"), None, None, 10).await, "a1 b1");
    let sent = Some(ReplyDraftState::Sent);
    assert_eq!(tokens(None, sent, None, 10).await, "a1");
    let draft = shop.draft(ReplyDraftId(2)).await;
    assert_eq!(
        (draft.rule.as_str(), draft.message.as_str(), draft.at),
        ("refund", "wamid.1", at(1))
    );
    assert_eq!(draft.contact, shop.contact(&lane).await);
    assert_eq!(draft.outbound.message.body(), "answer a2");
    assert_eq!(draft.asked, Some(head.message), "whoever decides reads it");
}

/// It leaves as any send does, in its contact's order, and is found by the message that it answers.
pub async fn a_draft_is_sent_behind_what_waits_already(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let left = [("a1", "support")];
    let (_, head) = shop.drafts(phone(ANA), "wamid.1", &left, 1).await;
    assert!(shop.due(2).await.is_empty(), "nobody has looked at it yet");
    let (lane, other) = shop.drafts(phone(ANA), "wamid.2", &[], 2).await;
    assert_eq!(other.sequence, 2);
    shop.serves(ANA, "wamid.3", &["a2"], 3).await;
    assert!(shop.sends_draft(FIRST, &head, "a1", 4).await);
    assert_eq!(shop.due(4).await, ["a2"]);
    shop.departs("a2", 5).await;
    shop.arrives("a2", Arrived::Sent(None), 6).await;
    let (pass, attempt) = shop.departs("a1", 7).await;
    assert_eq!(
        (pass.outbound().purpose, pass.outbound().contact, attempt),
        (Purpose::Person, lane.contact, 1)
    );
    let draft = shop.draft(FIRST).await;
    assert_eq!(
        (draft.state, draft.by.as_deref(), draft.changed_at),
        (ReplyDraftState::Sent, Some("Rita"), at(4))
    );
    let id = model::DecisionId {
        tenant: shop.tenant.clone(),
        number: shop.number.clone(),
        message: head.message.id.clone(),
    };
    let sends = shop.ledger.sends(&id).await.unwrap();
    assert_eq!(sends.len(), 1);
    assert_eq!(sends[0].outbound.token, token("a1"));
}

/// Two people press Send, a third one Drop.
pub async fn i02_of_all_who_decide_on_a_draft_at_once_one_does(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let left = [("a1", "support")];
    let (_, head) = shop.drafts(phone(ANA), "wamid.1", &left, 1).await;
    let mut decide = JoinSet::new();
    for person in 0..12 {
        let (shop, head) = (shop.clone(), head.clone());
        decide.spawn(async move {
            if person % 4 == 3 {
                (shop.drops_draft(FIRST, 2).await, ReplyDraftState::Dropped)
            } else {
                let sent = shop.sends_draft(FIRST, &head, "a1", 2).await;
                (sent, ReplyDraftState::Sent)
            }
        });
    }
    let decided = decide.join_all().await;
    let did: Vec<_> = decided.into_iter().filter(|(did, _)| *did).collect();
    let state = shop.draft(FIRST).await.state;
    assert_eq!(did, [(true, state)]);
    let sent = shop.ledger.outbox(&shop.tenant, None, 10).await.unwrap();
    assert_eq!(sent.len(), usize::from(state == ReplyDraftState::Sent));
}

/// Not by anybody, and not later.
pub async fn a_draft_that_was_dropped_is_never_sent(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let left = [("a1", "support"), ("a2", "support")];
    let (_, head) = shop.drafts(phone(ANA), "wamid.1", &left, 1).await;
    assert!(shop.drops_draft(FIRST, 2).await);
    assert!(!shop.drops_draft(FIRST, 3).await, "it is gone");
    assert!(!shop.sends_draft(FIRST, &head, "a1", 3).await);
    let none = ReplyDraftId(99);
    assert!(!shop.drops_draft(none, 3).await && !shop.sends_draft(none, &head, "a1", 3).await);
    assert!(
        !shop.sends_draft(ReplyDraftId(2), &head, "a1", 3).await,
        "what was admitted is another draft"
    );
    assert!(shop.due(4).await.is_empty());
    assert_eq!(shop.draft(FIRST).await.changed_at, at(2));
    assert_eq!(shop.pending().await.len(), 1);
}

/// A person pressed Send, and the contact said stop before it left.
pub async fn i06_a_stop_after_a_person_sent_it_cancels_a_draft(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let left = [("a1", "support")];
    let (_, head) = shop.drafts(phone(ANA), "wamid.1", &left, 1).await;
    assert!(shop.sends_draft(FIRST, &head, "a1", 2).await);
    shop.hears_stop(ANA, "wamid.2", 3).await;
    let departure = shop.tries("a1", 4, the_gate(policy(), at(4))).await;
    assert!(matches!(departure, Departure::Cancelled(Refusal::OptedOut)));
    assert_eq!(shop.state("a1").await, SendState::Cancelled);
}

/// Neither read, nor sent, nor dropped; and each tenant counts by itself.
pub async fn i13_a_draft_is_its_tenants_own(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let elsewhere = shop.elsewhere();
    let left = [("a1", "support")];
    let (_, head) = shop.drafts(phone(ANA), "wamid.1", &left, 1).await;
    assert_eq!(elsewhere.pending().await, []);
    let found = elsewhere.ledger.reply_draft(&elsewhere.tenant, FIRST).await;
    assert_eq!(found.unwrap(), None);
    assert!(!elsewhere.sends_draft(FIRST, &head, "a1", 2).await);
    assert!(!elsewhere.drops_draft(FIRST, 2).await);
    let (_, theirs) = elsewhere.drafts(phone(ANA), "wamid.1", &left, 3).await;
    assert_eq!(elsewhere.pending().await[0].id, FIRST);
    assert!(
        !shop.sends_draft(FIRST, &theirs, "a1", 4).await,
        "what was admitted for one tenant is not sent by another"
    );
    assert_eq!(shop.draft(FIRST).await.state, ReplyDraftState::Pending);
}

/// They are the survivor's, also those that a person sends with what was admitted a moment before the join.
pub async fn a_join_moves_drafts(ledger: Arc<dyn Ledger>) {
    let shop = Shop::new(ledger);
    let left = [("p1", "support"), ("p2", "support")];
    let (remains, _) = shop
        .drafts(user("BR.1"), "wamid.1", &[("u1", "sales")], 0)
        .await;
    let (joins, head) = shop.drafts(phone(ANA), "wamid.2", &left, 1).await;
    assert_ne!(remains, joins);
    shop.hears_from(both(ANA, "BR.1"), "wamid.3", 2).await;
    assert_eq!(shop.joins(&joins, 3).await, Joined::Done(remains.clone()));
    let pending = shop.pending().await;
    let contact = shop.contact(&remains).await;
    for (draft, with) in pending.iter().zip(["u1", "p1", "p2"]) {
        assert_eq!(draft.outbound.token, token(with));
        assert_eq!(
            (&draft.contact, draft.outbound.contact),
            (&contact, remains.contact)
        );
    }
    assert!(shop.sends_draft(ReplyDraftId(2), &head, "p1", 4).await);
    let (pass, _) = shop.departs("p1", 5).await;
    assert_eq!(pass.outbound().contact, remains.contact);
}

/// Nothing of it is only in memory.
pub async fn drafts_are_there_when_the_store_is_opened_again(make: &impl Make) {
    let shop = Shop::new(make.open().await);
    let left = [("a1", "support"), ("a2", "support"), ("a3", "support")];
    let (_, head) = shop.drafts(phone(ANA), "wamid.1", &left, 1).await;
    assert!(shop.sends_draft(FIRST, &head, "a1", 2).await);
    assert!(shop.drops_draft(ReplyDraftId(2), 2).await);
    drop(shop);
    let shop = Shop::new(make.open().await);
    let all = ReplyDraftFilter::default();
    let found = shop.ledger.reply_drafts(&shop.tenant, all, None, 10).await;
    let found = found.unwrap();
    let states: Vec<_> = found.iter().map(|draft| named(draft).3).collect();
    use ReplyDraftState::{Dropped, Pending, Sent};
    assert_eq!(states, [Sent, Dropped, Pending]);
    assert!(!shop.sends_draft(FIRST, &head, "a1", 3).await);
    assert!(shop.sends_draft(ReplyDraftId(3), &head, "a3", 3).await);
    assert_eq!(shop.due(3).await, ["a1"]);
    let last = [("a4", "support")];
    shop.drafts(phone(ANA), "wamid.2", &last, 4).await;
    assert_eq!(shop.pending().await[0].id, ReplyDraftId(4));
}
