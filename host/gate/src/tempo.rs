//! How fast a conversation goes, counted in [`Tempo`]: what we said, and how soon it was answered.
//!
//! Two machines that answer each other do so at once, each time, and never stop. People take a while, or tap: nothing but a person
//! taps on a button, a menu or a form.

use model::{Content, Moment, Tempo, TempoSlice};

use crate::{LoopBreaker, limits};

impl LoopBreaker {
    /// A message was accepted `at`, and its turn has come `now`. What was accepted before we spoke is no answer to it, and says
    /// nothing: whoever writes three messages in a row has not read a reply in between.
    pub fn hear(&self, tempo: &mut Tempo, at: Moment, content: &Content, now: Moment) {
        tidy(tempo, now);
        match told_by(content) {
            Told::Person => return relax(tempo),
            Told::Nothing => return,
            Told::Answer => {}
        }
        let Some(spoke) = tempo.spoke_at.filter(|spoke| *spoke <= at) else {
            return;
        };
        // One answer for each thing said: what else they write then is about the same.
        tempo.spoke_at = None;
        tempo.answered_at_once = if at.since(spoke) <= self.within {
            tempo.answered_at_once.saturating_add(1)
        } else {
            0
        };
    }

    /// Whether one more automatic turn would go on with a loop, and what that rests on.
    pub(crate) fn suspects(&self, tempo: &Tempo, now: Moment) -> (String, bool) {
        let turns = turns_within_the_hour(tempo, now);
        let saw = format!(
            "{} turns in a row answered within {}, {turns} of {} automatic turns of the hour",
            tempo.answered_at_once, self.within, self.hourly
        );
        let is_quick = tempo.answered_at_once.saturating_add(1) >= self.at_once;
        (saw, is_quick || turns >= self.hourly)
    }
}

/// We answered a message by ourselves.
pub fn speak(tempo: &mut Tempo, now: Moment) {
    tempo.spoke_at = Some(now);
    if let Some(slice) = slice(tempo, now) {
        slice.turns = slice.turns.saturating_add(1);
    }
}

/// So many more sends were decided on, a person's or our own.
pub fn send(tempo: &mut Tempo, sends: u32, now: Moment) {
    if sends > 0
        && let Some(slice) = slice(tempo, now)
    {
        slice.sends = slice.sends.saturating_add(sends);
    }
}

/// A person is at work, on this side or on the other: what looked like a loop is none any more. Sends stay counted.
pub fn relax(tempo: &mut Tempo) {
    tempo.answered_at_once = 0;
    tempo.spoke_at = None;
    for slice in &mut tempo.lately {
        slice.turns = 0;
    }
}

/// Automatic turns of the last hour.
#[must_use]
pub fn turns_within_the_hour(tempo: &Tempo, now: Moment) -> u32 {
    lately(tempo, now).fold(0, |sum, slice| sum.saturating_add(slice.turns))
}

/// Sends of the last hour.
#[must_use]
pub fn sends_within_the_hour(tempo: &Tempo, now: Moment) -> u32 {
    lately(tempo, now).fold(0, |sum, slice| sum.saturating_add(slice.sends))
}

/// What a message tells of who sent it.
enum Told {
    /// Nothing but a person does this.
    Person,
    /// It is no answer.
    Nothing,
    /// A person or a machine.
    Answer,
}

fn told_by(content: &Content) -> Told {
    match content {
        Content::Tap { .. } | Content::Form(_) | Content::Order(_) => Told::Person,
        Content::Reaction { .. }
        | Content::Edit { .. }
        | Content::Revoke { .. }
        | Content::CallPermission { .. }
        | Content::System(_) => Told::Nothing,
        _ => Told::Answer,
    }
}

/// The slices that reach into the last hour: rather a few minutes too many than a send too many.
fn lately(tempo: &Tempo, now: Moment) -> impl Iterator<Item = &TempoSlice> {
    tempo
        .lately
        .iter()
        .filter(move |slice| is_lately(slice, now))
}

fn is_lately(slice: &TempoSlice, now: Moment) -> bool {
    slice.since.plus(limits::TEMPO_SLICE) > now.minus(limits::TEMPO_HOUR)
}

/// The slice that `now` is in.
fn slice(tempo: &mut Tempo, now: Moment) -> Option<&mut TempoSlice> {
    tidy(tempo, now);
    let since = slice_of(now);
    if tempo.lately.last().is_none_or(|last| last.since != since) {
        tempo.lately.push(TempoSlice {
            since,
            turns: 0,
            sends: 0,
        });
    }
    tempo.lately.last_mut()
}

/// Forgets what is over, and takes what happened in a future that never came, because the clock was set back, as happening now.
///
/// I14: at most the slices of an hour are left, and the two that it begins and ends in.
fn tidy(tempo: &mut Tempo, now: Moment) {
    let since = slice_of(now);
    tempo.lately.retain_mut(|slice| {
        slice.since = slice.since.min(since);
        is_lately(slice, now)
    });
    tempo.lately.dedup_by(|later, earlier| {
        let is_same = later.since == earlier.since;
        if is_same {
            earlier.turns = earlier.turns.saturating_add(later.turns);
            earlier.sends = earlier.sends.saturating_add(later.sends);
        }
        is_same
    });
    tempo.spoke_at = tempo.spoke_at.filter(|spoke| *spoke <= now);
}

fn slice_of(now: Moment) -> Moment {
    let length = limits::TEMPO_SLICE.milliseconds().max(1);
    Moment(now.0.saturating_sub(now.0.rem_euclid(length)))
}
