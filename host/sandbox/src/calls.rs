//! What a plugin's calls do: each that acts becomes a proposal and gets the host's verdict.

use std::any::Any;
use std::time::{Duration, Instant};

use model::{
    ConsentChange, ConsentScope, DeskName, Evidence, HandOver, Moment, Proposal, Refusal, Span,
    Turn, Verdict,
};
use wasmtime::Result;

use crate::contract::{consent, desk, gate, log, types};
use crate::limits::RunLimits;
use crate::meter::{Meter, Stop};
use crate::{Host, convert};

/// What one run's store holds.
pub(crate) struct Calls {
    pub(crate) meter: Meter,
    /// Who answers; nobody while a plugin is described or checks settings.
    pub(crate) host: Option<Box<dyn AnyHost>>,
    evidence: Option<(Evidence, Moment)>,
    /// What it said before it trapped.
    pub(crate) last_words: Option<String>,
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
            ..Self::mute(limits)
        }
    }

    /// How long the plugin itself has run.
    pub(crate) fn own_time(&self) -> Duration {
        self.started.elapsed().saturating_sub(self.in_host)
    }

    async fn propose(&mut self, call: &'static str, proposal: Proposal) -> Result<Answer> {
        let Some(host) = &mut self.host else {
            return Err(Stop::OutsideOfHandle { call }.into());
        };
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
        let (to, from) = match (convert::recipient(to), convert::number(options.from)) {
            (Ok(to), Ok(from)) => (to, from),
            (Err(what), _) | (_, Err(what)) => return self.refuse_as_invalid(CALL, what),
        };
        let message = convert::outgoing(message);
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
                span: Span::from_millis(span_ms),
            },
        )
        .await
    }

    async fn resume(&mut self) -> Result<Answer> {
        self.meter.count_host_call()?;
        self.propose("desk.resume", Proposal::Resume).await
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
