//! What a plugin's calls do: each that acts becomes a proposal and gets the host's verdict.

use std::any::Any;
use std::time::{Duration, Instant};

use model::{
    ConsentChange, ConsentScope, DeskName, Evidence, HandOver, MemoryScope, Moment, Proposal,
    Refusal, Span, Turn, Verdict, Wamid,
};
use wasmtime::Result;

use crate::contract::{consent, desk, gate, knowledge, log, lookup, memory, shared_memory, types};
use crate::limits::RunLimits;
use crate::meter::{Meter, Stop};
use crate::wasi::Wasi;
use crate::{Host, convert};

/// What one run's store holds.
pub(crate) struct Calls {
    pub(crate) meter: Meter,
    /// Who answers; nobody while a plugin is described or checks settings.
    pub(crate) host: Option<Box<dyn AnyHost>>,
    evidence: Option<(Evidence, Moment)>,
    /// What it said before it trapped.
    pub(crate) last_words: Option<String>,
    pub(crate) wasi: Wasi,
    started: Instant,
    in_host: Duration,
}

/// A host whose type is known to whoever lent it.
pub(crate) trait AnyHost: Host + Any {}

impl<H: Host> AnyHost for H {}

impl Calls {
    /// For a plugin that must not act.
    pub(crate) fn mute(limits: RunLimits) -> Self {
        Self {
            meter: Meter::new(limits),
            host: None,
            evidence: None,
            last_words: None,
            wasi: Wasi::new(Moment(0), [0; 32]),
            started: Instant::now(),
            in_host: Duration::ZERO,
        }
    }

    /// For a turn.
    pub(crate) fn turn(limits: RunLimits, turn: &Turn, host: Box<dyn AnyHost>) -> Self {
        let evidence = Evidence {
            source: "message".to_owned(),
            message: Some(turn.message.id.clone()),
            text: turn.message.content.words().map(str::to_owned),
        };
        Self {
            host: Some(host),
            evidence: Some((evidence, turn.now)),
            wasi: Wasi::new(turn.now, turn.seed),
            ..Self::mute(limits)
        }
    }

    /// How long the plugin itself has run.
    pub(crate) fn own_time(&self) -> Duration {
        self.started.elapsed().saturating_sub(self.in_host)
    }

    /// The turn's message.
    fn message(&self) -> Option<&Wamid> {
        self.evidence.as_ref()?.0.message.as_ref()
    }

    async fn propose(&mut self, call: &'static str, proposal: Proposal) -> Result<Answer> {
        let host = asked(&mut self.host, call)?;
        let is_send = matches!(proposal, Proposal::Send { .. });
        let asked = Instant::now();
        let verdict = host.propose(proposal).await;
        self.in_host += asked.elapsed();
        match verdict {
            Verdict::Admitted => {
                if is_send {
                    self.meter.count_send()?;
                }
                Ok(Ok(()))
            }
            Verdict::Refused(refusal) => Ok(Err(convert::refusal(&refusal))),
        }
    }

    /// What cannot even become a proposal: refused here, and noted where people look.
    fn refuse_as_invalid(&mut self, call: &'static str, what: String) -> Result<Answer> {
        if self.host.is_none() {
            return Err(Stop::OutsideOfHandle { call }.into());
        }
        self.meter.log("refused", &format!("{call}: {what}"))?;
        Ok(Err(convert::refusal(&Refusal::Invalid { what })))
    }
}

type Answer = std::result::Result<(), types::Refusal>;
type Recalled = std::result::Result<Option<types::Entry>, types::Refusal>;

impl types::Host for Calls {}

impl gate::Host for Calls {
    async fn send(
        &mut self,
        to: types::Recipient,
        message: types::Outgoing,
        options: gate::SendOptions,
    ) -> Result<Answer> {
        const CALL: &str = "gate.send";
        self.meter.count_host_call()?;
        self.meter.cross(convert::outgoing_bytes(&message))?;
        let told = (|| {
            Ok((
                convert::recipient(to)?,
                convert::number(options.from)?,
                convert::outgoing(message, self.message())?,
            ))
        })();
        let (to, from, message) = match told {
            Ok(told) => told,
            Err(what) => return self.refuse_as_invalid(CALL, what),
        };
        self.propose(
            CALL,
            Proposal::Send {
                to,
                from,
                message,
                quoting: options.quoting,
            },
        )
        .await
    }
}

impl consent::Host for Calls {
    async fn change(
        &mut self,
        scope: consent::Scope,
        direction: consent::Direction,
    ) -> Result<Answer> {
        const CALL: &str = "consent.change";
        self.meter.count_host_call()?;
        let Some((evidence, at)) = self.evidence.clone() else {
            return Err(Stop::OutsideOfHandle { call: CALL }.into());
        };
        let scope = match scope {
            consent::Scope::Everything => ConsentScope::Everything,
            consent::Scope::Marketing => ConsentScope::Marketing,
        };
        let opted_in = matches!(direction, consent::Direction::OptIn);
        self.propose(
            CALL,
            Proposal::Consent(ConsentChange {
                scope,
                opted_in,
                evidence,
                at,
            }),
        )
        .await
    }
}

impl desk::Host for Calls {
    async fn hand_over(&mut self, desk: String, note: String) -> Result<Answer> {
        const CALL: &str = "desk.hand-over";
        self.meter.count_host_call()?;
        self.meter.cross(desk.len() + note.len())?;
        match DeskName::new(desk) {
            Ok(desk) => {
                self.propose(CALL, Proposal::HandOver(HandOver { desk, note }))
                    .await
            }
            Err(error) => self.refuse_as_invalid(CALL, error.to_string()),
        }
    }

    async fn pause(&mut self, span_ms: u64) -> Result<Answer> {
        self.meter.count_host_call()?;
        self.propose(
            "desk.pause",
            Proposal::Pause {
                // What is longer could not be read again from the record; the gate refuses it, whatever it is cut to.
                span: Span::from_millis(span_ms).min(Span::LONGEST),
            },
        )
        .await
    }

    async fn resume(&mut self) -> Result<Answer> {
        self.meter.count_host_call()?;
        self.propose("desk.resume", Proposal::Resume).await
    }

    async fn note(&mut self, text: String) -> Result<Answer> {
        self.meter.count_host_call()?;
        self.meter.cross(text.len())?;
        self.propose("desk.note", Proposal::Note { text }).await
    }

    async fn tag(&mut self, tag: String) -> Result<Answer> {
        self.meter.count_host_call()?;
        self.meter.cross(tag.len())?;
        self.propose("desk.tag", Proposal::Tag { tag }).await
    }

    async fn untag(&mut self, tag: String) -> Result<Answer> {
        self.meter.count_host_call()?;
        self.meter.cross(tag.len())?;
        self.propose("desk.untag", Proposal::Untag { tag }).await
    }
}

impl memory::Host for Calls {
    async fn get(&mut self, key: String) -> Result<Recalled> {
        self.recall("memory.get", MemoryScope::Contact, key).await
    }

    async fn set(&mut self, key: String, value: String, time_to_live_ms: u64) -> Result<Answer> {
        self.remember(
            "memory.set",
            MemoryScope::Contact,
            key,
            value,
            time_to_live_ms,
        )
        .await
    }

    async fn delete(&mut self, key: String) -> Result<Answer> {
        self.forget("memory.delete", MemoryScope::Contact, key)
            .await
    }
}

impl shared_memory::Host for Calls {
    async fn get(&mut self, key: String) -> Result<Recalled> {
        self.recall("shared-memory.get", MemoryScope::Shared, key)
            .await
    }

    async fn set(&mut self, key: String, value: String, time_to_live_ms: u64) -> Result<Answer> {
        self.remember(
            "shared-memory.set",
            MemoryScope::Shared,
            key,
            value,
            time_to_live_ms,
        )
        .await
    }

    async fn delete(&mut self, key: String) -> Result<Answer> {
        self.forget("shared-memory.delete", MemoryScope::Shared, key)
            .await
    }
}

impl Calls {
    async fn recall(
        &mut self,
        call: &'static str,
        scope: MemoryScope,
        key: String,
    ) -> Result<Recalled> {
        self.meter.count_host_call()?;
        self.meter.cross(key.len())?;
        let host = asked(&mut self.host, call)?;
        let began = Instant::now();
        let recalled = host.recall(scope, &key).await;
        self.in_host += began.elapsed();
        match recalled {
            Ok(found) => {
                let bytes = found.as_ref().map_or(0, |entry| entry.value.len());
                self.meter.cross(bytes)?;
                Ok(Ok(found.map(convert::entry)))
            }
            Err(refusal) => Ok(Err(convert::refusal(&refusal))),
        }
    }

    async fn remember(
        &mut self,
        call: &'static str,
        scope: MemoryScope,
        key: String,
        value: String,
        time_to_live_ms: u64,
    ) -> Result<Answer> {
        self.meter.count_host_call()?;
        self.meter.cross(key.len() + value.len())?;
        let Some((_, now)) = &self.evidence else {
            return Err(Stop::OutsideOfHandle { call }.into());
        };
        let until = now.plus(Span::from_millis(time_to_live_ms));
        self.propose(
            call,
            Proposal::Remember {
                scope,
                key,
                value,
                until,
            },
        )
        .await
    }

    async fn forget(
        &mut self,
        call: &'static str,
        scope: MemoryScope,
        key: String,
    ) -> Result<Answer> {
        self.meter.count_host_call()?;
        self.meter.cross(key.len())?;
        self.propose(call, Proposal::Forget { scope, key }).await
    }
}

impl knowledge::Host for Calls {
    async fn ask(
        &mut self,
        question: knowledge::Question,
    ) -> Result<std::result::Result<knowledge::Answer, types::Refusal>> {
        const CALL: &str = "knowledge.ask";
        self.meter.count_host_call()?;
        self.meter.cross(convert::question_bytes(&question))?;
        let question = match convert::question(question) {
            Ok(question) => question,
            Err(what) => {
                return Ok(self
                    .refuse_as_invalid(CALL, what)?
                    .map(|()| knowledge::Answer::NoAnswer));
            }
        };
        let host = asked(&mut self.host, CALL)?;
        let began = Instant::now();
        let answer = host.ask(question).await;
        self.in_host += began.elapsed();
        match answer {
            Ok(answer) => {
                let (answer, bytes) = convert::answer(answer);
                self.meter.cross(bytes)?;
                Ok(Ok(answer))
            }
            Err(refusal) => Ok(Err(convert::refusal(&refusal))),
        }
    }
}

impl lookup::Host for Calls {
    async fn ask(
        &mut self,
        request: lookup::Request,
    ) -> Result<std::result::Result<lookup::Answer, types::Refusal>> {
        self.meter.count_host_call()?;
        self.meter.cross(convert::lookup_bytes(&request))?;
        let request = convert::lookup(request);
        let host = asked(&mut self.host, "lookup.ask")?;
        let began = Instant::now();
        let answer = host.look_up(request).await;
        self.in_host += began.elapsed();
        match answer {
            Ok(answer) => {
                let (answer, bytes) = convert::looked_up(answer);
                self.meter.cross(bytes)?;
                Ok(Ok(answer))
            }
            Err(refusal) => Ok(Err(convert::refusal(&refusal))),
        }
    }
}

/// Who answers, if anybody may be asked now.
fn asked<'a>(
    host: &'a mut Option<Box<dyn AnyHost>>,
    call: &'static str,
) -> Result<&'a mut Box<dyn AnyHost>> {
    host.as_mut()
        .ok_or_else(|| Stop::OutsideOfHandle { call }.into())
}

impl log::Host for Calls {
    fn line(&mut self, level: log::Level, text: String) -> Result<()> {
        let level = match level {
            log::Level::Debug => "debug",
            log::Level::Info => "info",
            log::Level::Warn => "warn",
            log::Level::Error => "error",
        };
        Ok(self.meter.log(level, &text)?)
    }

    fn last_words(&mut self, text: String) -> Result<()> {
        self.meter.cross(text.len())?;
        self.last_words = Some(text);
        Ok(())
    }
}
