//! What is stopped: by an operator on a bad day, or by WhatsApp.

use model::{NumberId, Outgoing, Refusal, StopSwitch, StopTarget, StoppedBy};

use crate::checks::Checks;

impl Checks {
    /// Neither tenant nor number nor template is stopped, whoever stopped it: what is proposed now would wait for nobody knows how
    /// long, so whoever proposes it is told, and the rule can lead to a desk.
    pub(crate) fn stops(
        &mut self,
        number: &NumberId,
        message: &Outgoing,
        stops: &[StopSwitch],
    ) -> Result<(), Refusal> {
        let stopped = stops.iter().find(|stop| holds(stop, number, message));
        self.pass_switch(stopped)
    }

    /// The same for what was admitted before: an operator's switch takes it back, and so does a template's, which may never be right
    /// again. What WhatsApp stopped waits.
    pub(crate) fn stops_for_good(
        &mut self,
        number: &NumberId,
        message: &Outgoing,
        stops: &[StopSwitch],
    ) -> Result<(), Refusal> {
        let stopped = stops
            .iter()
            .find(|stop| holds(stop, number, message) && !is_waited_for(stop));
        self.pass_switch(stopped)
    }

    fn pass_switch(&mut self, stopped: Option<&StopSwitch>) -> Result<(), Refusal> {
        match stopped {
            None => self.note("stop", "nothing is stopped"),
            Some(stop) => {
                let saw = format!("{} is stopped: {}", stop.target, stop.why);
                return self.pass_unless("stop", &saw, Some(Refusal::Stopped));
            }
        }
        Ok(())
    }
}

/// Whether something is stopped that will be lifted before what waits for it is worth nothing.
pub(crate) fn is_waiting(number: &NumberId, message: &Outgoing, stops: &[StopSwitch]) -> bool {
    stops
        .iter()
        .any(|stop| holds(stop, number, message) && is_waited_for(stop))
}

fn is_waited_for(stop: &StopSwitch) -> bool {
    matches!(stop.by, StoppedBy::Network(_)) && !matches!(stop.target, StopTarget::Template(_))
}

fn holds(stop: &StopSwitch, number: &NumberId, message: &Outgoing) -> bool {
    match (&stop.target, message) {
        (StopTarget::Tenant, _) => true,
        (StopTarget::Number(stopped), _) => stopped == number,
        (StopTarget::Template(name), Outgoing::Template(template)) => *name == template.name,
        (StopTarget::Template(_), _) => false,
    }
}
