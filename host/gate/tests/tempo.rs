//! Two machines against each other end within ten turns, and people do not: told apart by nothing but tempo.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test, a panic is the answer"
)]

mod fine;

use fine::{Fine, NOW};
use gate::{limits, tempo};
use model::{Content, Moment, Span, TapOrigin, Tempo};

/// One side of a conversation that answers whatever it hears, as the engine does.
struct Bot {
    scene: Fine,
    turns: u32,
}

impl Bot {
    fn new() -> Self {
        Self {
            scene: Fine::new(),
            turns: 0,
        }
    }

    /// Hears a message that was accepted `at`, when its turn comes `now`. True if it answers.
    fn hears(&mut self, content: &Content, at: Moment, now: Moment) -> bool {
        let Fine {
            contact, policy, ..
        } = &mut self.scene;
        policy
            .bounds
            .loops
            .hear(&mut contact.tempo, at, content, now);
        contact.last_inbound.insert(fine::number(1), at);
        self.scene.now = now;
        match self.scene.judge().verdict {
            Ok(_) => {
                tempo::send(&mut self.scene.contact.tempo, 1, now);
                tempo::speak(&mut self.scene.contact.tempo, now);
                self.turns += 1;
                true
            }
            Err(refusal) => {
                assert_eq!(refusal.word(), "loop-suspected");
                false
            }
        }
    }

    /// Of people who write so long after the bot's answer each time: how many of these does it answer?
    fn answers(&mut self, content: &Content, pauses: impl IntoIterator<Item = u64>) -> u32 {
        let mut now = NOW;
        for pause in pauses {
            now = now.plus(Span::from_millis(pause));
            if !self.hears(content, now, now) {
                break;
            }
        }
        self.turns
    }
}

fn words() -> Content {
    Content::Text {
        body: "Thank you for your message.".into(),
    }
}

fn tap() -> Content {
    Content::Tap {
        id: "next".into(),
        title: "Next".into(),
        origin: TapOrigin::Menu,
    }
}

#[test]
fn two_machines_end_at_the_desk_within_ten_turns_whatever_their_delay() {
    for delay in [1, 100, 500, 1000, 2500, 4900, 5000] {
        let turns = Bot::new().answers(&words(), std::iter::repeat(delay));
        assert_eq!(
            turns,
            limits::LOOP_TURNS - 1,
            "{delay} ms: the tenth is refused"
        );
    }
}

/// Each with the breaker. What one says is answered after both have taken their time.
#[test]
fn two_of_our_own_bots_end_it_between_them() {
    for (delay, most) in [
        (50, limits::LOOP_TURNS - 1),
        (1_000, limits::LOOP_TURNS - 1),
        (2_450, limits::LOOP_TURNS - 1),
        (4_900, limits::LOOP_HOURLY),
    ] {
        let mut bots = [Bot::new(), Bot::new()];
        let mut now = NOW;
        let said = (0..1000)
            .take_while(|turn| {
                now = now.plus(Span::from_millis(delay));
                bots[turn % 2].hears(&words(), now, now)
            })
            .count();
        assert!(said < 1000, "they go on for ever at {delay} ms");
        for bot in &bots {
            assert!(bot.turns <= most, "{} turns at {delay} ms", bot.turns);
        }
    }
}

#[test]
fn a_machine_that_takes_its_time_ends_with_the_hour() {
    for delay in [5_001, 6_000, 60_000, 110_000] {
        let turns = Bot::new().answers(&words(), std::iter::repeat(delay));
        assert_eq!(turns, limits::LOOP_HOURLY, "{delay} ms");
    }
}

#[test]
fn a_brisk_person_is_none() {
    // Between six and twenty seconds, in no order: twenty-nine messages.
    let pauses = (0..29_u64).map(|turn| 6_000 + turn * 7_919 % 14_000);
    assert_eq!(Bot::new().answers(&words(), pauses), 29);
    // All day long, a message each three minutes or so.
    let pauses = (0..300_u64).map(|turn| 130_000 + turn * 7_919 % 100_000);
    assert_eq!(Bot::new().answers(&words(), pauses), 300);
    // Quick ones now and then: "yes", "ok", "thanks".
    let pauses = (0..29_u64).map(|turn| if turn % 8 == 7 { 9_000 } else { 2_500 });
    assert_eq!(Bot::new().answers(&words(), pauses), 29);
}

#[test]
fn a_person_who_writes_in_bursts_is_none() {
    let mut bot = Bot::new();
    let mut now = NOW;
    for _ in 0..9 {
        // Three messages, a second apart, each answered at once; then they read.
        for _ in 0..3 {
            now = now.plus(Span::from_seconds(1));
            assert!(bot.hears(&words(), now, now));
        }
        now = now.plus(Span::from_seconds(12));
    }
    assert_eq!(bot.turns, 27);
}

/// Their turn comes later than they came: what was accepted before we spoke is no answer.
#[test]
fn what_was_written_before_we_spoke_is_no_answer() {
    let mut bot = Bot::new();
    for turn in 0..25 {
        let now = NOW.plus(Span::from_seconds(1 + turn));
        assert!(bot.hears(&words(), NOW, now));
        assert_eq!(bot.scene.contact.tempo.answered_at_once, 0);
    }
}

#[test]
fn a_person_who_taps_through_menus_is_none_however_fast_and_however_long() {
    let mut bot = Bot::new();
    // Sixty an hour are the budget of a contact, whoever they are.
    bot.scene.policy.bounds.contact_hourly.most = 1000;
    assert_eq!(bot.answers(&tap(), std::iter::repeat_n(2_000, 500)), 500);
}

#[test]
fn one_tap_says_that_it_is_a_person() {
    let mut bot = Bot::new();
    assert_eq!(bot.answers(&words(), std::iter::repeat_n(1_000, 9)), 9);
    let now = bot.scene.now.plus(Span::from_seconds(1));
    assert!(bot.hears(&tap(), now, now), "the tenth, tapped");
    let next = now.plus(Span::from_seconds(1));
    assert!(bot.hears(&words(), next, next));
}

#[test]
fn what_nobody_answers_by_is_no_answer() {
    let reaction = Content::Reaction {
        message: fine::wamid("wamid.ours"),
        emoji: Some("👍".into()),
    };
    let mut bot = Bot::new();
    assert!(bot.hears(&words(), NOW, NOW));
    let soon = NOW.plus(Span::from_seconds(1));
    bot.hears(&reaction, soon, soon);
    assert_eq!(bot.scene.contact.tempo.answered_at_once, 0);
}

#[test]
fn an_hour_is_counted_in_slices_and_never_too_low() {
    let mut counted = Tempo::default();
    let mut spoken: Vec<Moment> = Vec::new();
    for step in 0..400_u64 {
        let now = NOW.plus(Span::from_seconds(step * 97));
        tempo::speak(&mut counted, now);
        tempo::send(&mut counted, 2, now);
        spoken.push(now);
        let within = |span: Span| {
            let recent = spoken.iter().filter(|at| now.since(**at) < span);
            u32::try_from(recent.count()).unwrap()
        };
        let hour = limits::TEMPO_HOUR;
        let turns = tempo::turns_within_the_hour(&counted, now);
        assert!(turns >= within(hour), "{turns} at {step}");
        assert!(
            turns <= within(hour.plus(limits::TEMPO_SLICE)),
            "{turns} at {step}"
        );
        assert_eq!(tempo::sends_within_the_hour(&counted, now), turns * 2);
        assert!(counted.lately.len() <= 14, "I14: {}", counted.lately.len());
    }
}

#[test]
fn a_clock_that_was_set_back_forgets_nothing_and_silences_nobody_for_ever() {
    let mut counted = Tempo::default();
    let later = NOW.plus(Span::from_hours(5));
    tempo::send(&mut counted, 40, later);
    tempo::speak(&mut counted, later);
    tempo::send(&mut counted, 1, NOW);
    assert_eq!(tempo::sends_within_the_hour(&counted, NOW), 41);
    assert_eq!(counted.spoke_at, None, "that moment never was");
    let over = NOW.plus(limits::TEMPO_HOUR).plus(limits::TEMPO_SLICE);
    assert_eq!(tempo::sends_within_the_hour(&counted, over), 0);
}
