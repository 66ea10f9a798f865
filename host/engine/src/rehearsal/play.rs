//! Plays a test: each turn is accepted, decided and settled as the host does it, one after the other.

use std::sync::{Arc, Mutex};

use gate::Rates;
use ledger::sqlite::SqliteLedger;
use ledger::{Acceptance, Head, Lane, MemoryWrite, Next, ReplyDraftFilter, Settled};
use model::{
    Ad, Channel, Contact, ContactKey, Content, Decision, DeskName, Ending, Entry, Language, Look,
    MemoryScope, Message, Moment, Notice, NoticeBody, NoticeKey, NumberId, Outgoing, Pause,
    Permission, Phone, Span, TenantId, Wamid,
};
use rulebook::{Draft, Earlier, Facts, Opted, RuleTest, Said, What};
use sandbox::Sandbox;

use super::Heard;
use crate::settlement::{Course, Frame, default_language, settlement};
use crate::stage::{Effects, Stage};
use crate::{Clock, Core, Edition, Parts, Plan, arrival, attempt, limits, locked};

/// Who writes, if a test does not say: a number of no country, so that it suggests no language.
const SOMEBODY: &str = "99900000001";
/// The message of ours that reactions and replies are about: what the test was sent, or something from before it.
const OURS: &str = "wamid.TEST.OURS";
/// Between two messages, unless a test waits: long enough to be no machine.
const BREATH: Span = Span::from_seconds(20);
/// What a test gives to remember is remembered through it.
const REMEMBERED: Span = Span::from_hours(400 * 24);

/// One turn, with what the rules were looked at with, and how the contact stood after it.
pub(super) struct Turn {
    pub(super) heard: Heard,
    pub(super) scene: Scene,
    pub(super) contact: Contact,
    pub(super) now: Moment,
}

/// What the search for a rule saw.
pub(super) struct Scene {
    message: Message,
    contact: Contact,
    number: NumberId,
    number_name: String,
}

impl Turn {
    /// What each rule had to say to it, in order.
    pub(super) fn looks(&self, draft: &Draft) -> Vec<Look> {
        let scene = &self.scene;
        draft.looks(&Facts {
            message: &scene.message,
            contact: &scene.contact,
            number: &scene.number,
            number_name: &scene.number_name,
            language: &self.heard.decision.language,
            channel: &Channel::WhatsApp,
            // The decision itself says which limits over all contacts were reached.
            counts: &[],
            now: self.now,
        })
    }
}

/// A test that could not be played to its end, which is no fault of the rules.
pub(super) struct Stuck {
    pub(super) turns: Vec<Turn>,
    pub(super) cause: String,
}

/// The time in a test: it moves when the test says so.
struct StageClock(Mutex<Moment>);

impl Clock for StageClock {
    fn now(&self) -> Moment {
        *locked(&self.0)
    }
}

impl StageClock {
    fn pass(&self, span: Span) {
        let mut now = locked(&self.0);
        *now = now.plus(span);
    }
}

struct Player<'a> {
    core: Arc<Core>,
    clock: Arc<StageClock>,
    draft: &'a Draft,
    tenant: &'a TenantId,
    number: NumberId,
    test: &'a RuleTest,
    /// Messages sent so far: names the next.
    sent: usize,
}

pub(super) async fn play(
    tenant: &TenantId,
    plan: Arc<Plan>,
    sandbox: Arc<Sandbox>,
    edition: Arc<Edition>,
    test: &RuleTest,
) -> Result<Vec<Turn>, Stuck> {
    let mut turns = Vec::new();
    match play_turns(tenant, plan, sandbox, edition, test, &mut turns).await {
        Ok(()) => Ok(turns),
        Err(cause) => Err(Stuck { turns, cause }),
    }
}

async fn play_turns(
    tenant: &TenantId,
    plan: Arc<Plan>,
    sandbox: Arc<Sandbox>,
    edition: Arc<Edition>,
    test: &RuleTest,
    turns: &mut Vec<Turn>,
) -> Result<(), String> {
    let number = test.number.clone().or_else(|| {
        let settings = plan.tenants.get(tenant)?;
        settings.lines.keys().next().cloned()
    });
    let number = number.ok_or("the tenant has no number")?;
    let clock = Arc::new(StageClock(Mutex::new(test.at)));
    // Making it blocks, and a running host has messages to answer.
    let ledger = tokio::task::spawn_blocking(SqliteLedger::in_memory);
    let ledger = ledger.await.map_err(in_words)?.map_err(in_words)?;
    let draft = edition.rulebook(tenant).ok_or("the tenant has no rules")?;
    let parts = Parts {
        plan,
        ledger: Arc::new(ledger),
        sandbox,
        edition: Arc::clone(&edition),
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        // I9: a test goes the same way each time, chance included.
        secret: [0; 32],
    };
    let mut player = Player {
        core: Arc::new(Core::new(parts, Rates::default())),
        clock,
        draft,
        tenant,
        number,
        test,
        sent: 0,
    };
    player.prologue(&edition).await?;
    for said in &test.says {
        match said {
            Said::Wait(span) => player.clock.pass(*span),
            Said::Message { what, ad, quoting } => {
                let turn = player
                    .turn(what, ad.as_deref(), *quoting, turns.is_empty())
                    .await?;
                turns.push(turn);
                player.clock.pass(BREATH);
            }
        }
    }
    Ok(())
}

impl Player<'_> {
    /// What plugins remember, and that the contact wrote before: an earlier message, settled with just that.
    async fn prologue(&mut self, edition: &Edition) -> Result<(), String> {
        let given = &self.test.given;
        if given.memory.is_empty() && given.last_seen.is_none() {
            return Ok(());
        }
        let earlier = self.test.at.minus(given.last_seen.unwrap_or(BREATH));
        *locked(&self.clock.0) = earlier;
        let (lane, head) = self.accept(Content::Welcome, None, false).await?;
        let stage = Stage {
            contact: head.contact.clone(),
            effects: Effects::default(),
        };
        let mut course = Course::new(stage);
        course.ending = Ending::NoRule;
        let mut settlement = settlement(
            &lane,
            &head,
            course,
            Frame {
                edition: edition.hash().to_owned(),
                now: earlier,
                attempt: 1,
                language: self.test.language.clone().unwrap_or_else(default_language),
                micros: 0,
            },
        );
        for plugin in edition.plugins() {
            settlement
                .memory
                .extend(given.memory.iter().map(|(key, value)| MemoryWrite {
                    plugin: plugin.name().clone(),
                    scope: MemoryScope::Contact,
                    key: key.clone(),
                    entry: Some(Entry {
                        value: value.clone(),
                        until: self.test.at.plus(REMEMBERED),
                    }),
                    expected: None,
                }));
        }
        self.core
            .ledger
            .settle(settlement)
            .await
            .map_err(in_words)?;
        *locked(&self.clock.0) = self.test.at;
        Ok(())
    }

    async fn turn(
        &mut self,
        what: &What,
        ad: Option<&str>,
        quoting: bool,
        is_first: bool,
    ) -> Result<Turn, String> {
        let fallback = self
            .draft
            .languages()
            .first()
            .cloned()
            .unwrap_or_else(default_language);
        let language = self
            .test
            .language
            .clone()
            .unwrap_or_else(|| fallback.clone());
        let earlier = Earlier {
            ours: Wamid::new(OURS).map_err(in_words)?,
            theirs: self.wamid()?,
        };
        let content = what.content(&language, &fallback, &earlier);
        let said = in_brief(&content);
        let now = self.clock.now();
        let (lane, mut head) = self.accept(content, ad, quoting).await?;
        if is_first {
            self.set_out(&mut head.contact, &language, now);
        }
        let scene = self.scene(&head);
        let (decision, hand_offs) = self.settle(&lane, head).await?;
        let sends = self
            .core
            .ledger
            .sends(&decision.id)
            .await
            .map_err(in_words)?;
        let replies: Vec<Outgoing> = sends
            .into_iter()
            .map(|send| send.outbound.message)
            .collect();
        let drafts = self.drafts(&decision.id.message).await?;
        let contact = self
            .core
            .ledger
            .contact(self.tenant, lane.contact)
            .await
            .map_err(in_words)?
            .ok_or("the contact vanished")?;
        Ok(Turn {
            heard: Heard {
                said,
                at: self.test.local(now),
                replies,
                drafts,
                hand_offs,
                answered: super::judge::answered(&decision),
                decision,
                why: None,
            },
            scene,
            contact,
            now,
        })
    }

    /// What a message left for a person to look at.
    async fn drafts(&self, message: &Wamid) -> Result<Vec<(DeskName, Outgoing)>, String> {
        let (all, most) = (ReplyDraftFilter::default(), ledger::limits::ROWS_PER_READ);
        let drafts = self.core.ledger.reply_drafts(self.tenant, all, None, most);
        let drafts = drafts.await.map_err(in_words)?.into_iter();
        let theirs = drafts.filter(|draft| draft.message == *message);
        Ok(theirs
            .map(|draft| (draft.desk, draft.outbound.message))
            .collect())
    }

    fn scene(&self, head: &Head) -> Scene {
        let tenant = self.core.plan.tenants.get(self.tenant);
        let line = tenant.and_then(|tenant| tenant.lines.get(&self.number));
        Scene {
            message: head.message.clone(),
            contact: head.contact.clone(),
            number: self.number.clone(),
            number_name: line.map_or_else(|| self.number.to_string(), |line| line.title.clone()),
        }
    }

    /// The id of the contact's last message.
    fn wamid(&self) -> Result<Wamid, String> {
        Wamid::new(format!("wamid.TEST{}", self.sent)).map_err(in_words)
    }

    /// The contact as the test gives it.
    fn set_out(&self, contact: &mut Contact, language: &Language, now: Moment) {
        let given = &self.test.given;
        contact.tags.clone_from(&given.tags);
        contact.language = self.test.language.as_ref().map(|_| language.clone());
        contact.previous_inbound = given.last_seen.map(|span| now.minus(span));
        contact.pause = given.paused.map(|span| Pause {
            until: now.plus(span),
            by: None,
        });
        match given.opted {
            Some(Opted::In) => contact.consent.everything = Permission::In(now),
            Some(Opted::Out) => contact.consent.everything = Permission::Out(now),
            Some(Opted::OutOfMarketing) => contact.consent.marketing = Permission::Out(now),
            None => {}
        }
    }

    /// Takes a message in, and gives it with its contact as the lane sees them.
    async fn accept(
        &mut self,
        content: Content,
        ad: Option<&str>,
        quoting: bool,
    ) -> Result<(Lane, Head), String> {
        self.sent += 1;
        let id = self.wamid()?;
        let ours = quoting.then(|| Wamid::new(OURS)).transpose();
        let phone = match &self.test.from {
            Some(phone) => phone.clone(),
            None => Phone::new(SOMEBODY).map_err(in_words)?,
        };
        let message = Message {
            name: self.test.given.name.clone(),
            quoting: ours.map_err(in_words)?,
            ad: ad.map(|id| Ad {
                id: id.to_owned(),
                ..Ad::default()
            }),
            ..Message::new(
                id.clone(),
                ContactKey::Phone(phone),
                self.clock.now(),
                content,
            )
        };
        let notice = Notice {
            tenant: self.tenant.clone(),
            number: self.number.clone(),
            channel: Channel::WhatsApp,
            key: NoticeKey::message(&id),
            body: NoticeBody::Message(message),
        };
        let edition = self.core.edition.load_full();
        let arrival = arrival(&self.core, &edition, notice);
        let accepted = self
            .core
            .ledger
            .accept(vec![arrival], self.clock.now())
            .await;
        match accepted.map_err(in_words)?.pop() {
            Some(Acceptance::Queued(lane)) => {
                match self.core.ledger.next(&lane).await.map_err(in_words)? {
                    Some(Next::Message(head)) => Ok((lane, head)),
                    _ => Err("the message vanished".to_owned()),
                }
            }
            other => Err(format!("the message was not queued: {other:?}")),
        }
    }

    async fn settle(
        &self,
        lane: &Lane,
        head: Head,
    ) -> Result<(Decision, Vec<model::HandOver>), String> {
        let answers = Arc::default();
        for attempt in 1..=limits::RACES_LOST {
            let settlement = attempt::decide(&self.core, lane, &head, attempt, &answers)
                .await
                .map_err(in_words)?;
            let (decision, hand_offs) = (settlement.decision.clone(), settlement.hand_offs.clone());
            match self
                .core
                .ledger
                .settle(settlement)
                .await
                .map_err(in_words)?
            {
                Settled::Done => return Ok((decision, hand_offs)),
                Settled::VersionLost => {}
                Settled::OutOfTurn => return Err("the message was done already".to_owned()),
            }
        }
        Err("the contact changed during every attempt".to_owned())
    }
}

/// What arrived, in one line.
fn in_brief(content: &Content) -> String {
    let words = match content {
        Content::Text { body } => return body.clone(),
        Content::Reaction { emoji, .. } => Some(emoji.as_deref().unwrap_or("taken away")),
        other => other.words(),
    };
    words.map_or_else(
        || format!("[{}]", content.kind()),
        |words| format!("[{}] {words}", content.kind()),
    )
}

fn in_words(error: impl std::fmt::Display) -> String {
    error.to_string()
}
