//! `limit` and `stage`, all the way: never one answer too many, and a shadow that nobody notices.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what fails in a test fails the test"
)]

mod house;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use house::{ANA, BO, House, Wishes, tenant};
use knowledge::Knowledge;
use lookup::{Caller, Lookup};
use model::{
    Answer, Asked, ContactId, Decision, Ending, Look, LookResult, LookupAnswer, Question, RuleName,
    SendToken, StepResult, TenantId, Verdict,
};
use serde_json::json;
use tokio::sync::Semaphore;

const HEAD: &str = "rules_version = 1\nlanguages = [\"en\"]\n";

fn rules(rules: &str) -> String {
    format!("{HEAD}{rules}")
}

fn name(rule: &str) -> RuleName {
    RuleName::new(rule).unwrap()
}

/// The rules that ran, in order, and whether they count.
fn steps(decision: &Decision) -> Vec<(&str, StepResult)> {
    let steps = decision.steps.iter();
    steps
        .map(|step| (step.rule.as_str(), step.result))
        .collect()
}

/// Why a rule did not apply.
fn missed<'a>(decision: &'a Decision, rule: &str) -> (&'a str, &'a str) {
    let looks: Vec<&Look> = decision
        .looks
        .iter()
        .filter(|look| look.rule.as_str() == rule)
        .collect();
    match looks.as_slice() {
        [
            Look {
                result: LookResult::Missed { condition, seen },
                ..
            },
        ] => (condition, seen),
        other => panic!("{rule} was looked at once, and missed: {other:?}"),
    }
}

/// So many contacts.
fn crowd(many: usize) -> Vec<String> {
    (0..many)
        .map(|which| format!("551190001{which:04}"))
        .collect()
}

const LIMITED: &str = r#"
[[rule]]
name = "voucher"
when.words = ["voucher"]
use = "asking-guest"
with.act = "ask"
with.of = "faq"
limit = ["5 per week", "1 per contact per week"]

[[rule]]
name = "sorry"
reply.en = "They are all gone."
"#;

/// All of them have read that there is room before the first of them settles.
#[tokio::test]
async fn i03_of_many_contacts_at_once_a_limit_over_all_answers_exactly_so_many() {
    let faq = Faq::with_room_for(0);
    let house = House::build(&rules(LIMITED), knowing(&faq)).await;
    let contacts = crowd(engine::limits::ASKED_AT_ONCE);
    let mut messages = Vec::new();
    for from in &contacts {
        messages.push(house.say(from, "my voucher!").await);
    }
    house
        .until("all of them to ask", async || {
            (faq.calls() == contacts.len()).then_some(())
        })
        .await;
    faq.lets_go.add_permits(contacts.len());
    let mut answered = 0;
    for message in &messages {
        let decision = house.decided(message).await;
        match decision.answered_by().map(RuleName::as_str) {
            Some("voucher") => answered += 1,
            Some("sorry") => {
                assert!(decision.attempt > 1, "it had read that there is room");
                assert_eq!(
                    missed(&decision, "voucher"),
                    ("limit", "answered all contacts together 5 times this week")
                );
            }
            other => panic!("{other:?}: {:?}", decision.ending),
        }
    }
    assert_eq!(answered, 5);
    assert_eq!(faq.calls(), contacts.len(), "nobody was asked twice");
    let mut texts = BTreeMap::new();
    for from in &contacts {
        for text in house.receives(from, 1).await {
            *texts.entry(text).or_insert(0) += 1;
        }
    }
    let others = contacts.len() - 5;
    let expected = [("as it is written", 5), ("They are all gone.", others)];
    assert_eq!(
        texts,
        expected.map(|(text, many)| (text.to_owned(), many)).into()
    );
    // Whoever comes later does not even run it.
    let late = house.decided(&house.say(ANA, "my voucher!").await).await;
    assert_eq!(
        (late.attempt, late.answered_by()),
        (1, Some(&name("sorry")))
    );
    house.end().await;
}

#[tokio::test]
async fn a_limit_per_contact_is_each_contacts_own() {
    let own = r#"
[[rule]]
name = "help"
when.words = ["help"]
reply.en = "Here I am."
limit = "2 per contact per week"
"#;
    let house = House::with_rules(&rules(own)).await;
    for _ in 0..2 {
        for from in [ANA, BO] {
            let decision = house.decided(&house.say(from, "help").await).await;
            assert_eq!(decision.answered_by(), Some(&name("help")));
        }
    }
    let third = house.decided(&house.say(ANA, "help").await).await;
    assert_eq!(third.ending, Ending::NoRule);
    assert_eq!(
        missed(&third, "help"),
        ("limit", "answered this contact 2 times this week")
    );
    let ana = contact(&house, third.contact).await;
    assert_eq!(
        ana.counts.len(),
        1,
        "one count, and not one for each answer"
    );
    assert_eq!(
        (ana.counts[0].rule.as_str(), ana.counts[0].times),
        ("help", 2)
    );
    house.end().await;
}

async fn contact(house: &House, id: ContactId) -> model::Contact {
    let found = house.engine.ledger().contact(&tenant(), id).await;
    found.unwrap().unwrap()
}

#[tokio::test]
async fn a_limit_counts_what_was_said_and_not_what_was_refused_or_unanswered() {
    let asks = r#"
[[rule]]
name = "know"
when.words = ["know"]
use = "asking-guest"
with.act = "ask"
with.of = "faq"
limit = ["1 per week", "1 per contact per week"]
"#;
    let faq = Faq::new();
    let house = House::build(&rules(asks), knowing(&faq)).await;
    for _ in 0..3 {
        let decision = house
            .decided(&house.say(ANA, "know the unknown").await)
            .await;
        assert!(matches!(decision.ending, Ending::Unanswered { .. }));
        assert_eq!(contact(&house, decision.contact).await.counts, []);
    }
    house.say(BO, "stop").await;
    house.receives(BO, 1).await;
    let refused = house.decided(&house.say(BO, "you know").await).await;
    assert_eq!(refused.refusals().count(), 1);
    let answered = house.decided(&house.say(ANA, "you know").await).await;
    assert_eq!(answered.answered_by(), Some(&name("know")));
    let full = house.decided(&house.say(ANA, "you know").await).await;
    assert_eq!(full.ending, Ending::NoRule);
    house.end().await;
}

const LED_TO: &str = r#"
[[rule]]
name = "question"
when.words = ["question"]
use = "asking-guest"
with.act = "ask"
with.of = "faq"
if_no_answer = "expert"
call = "goodbye"

[[rule]]
name = "expert"
only = "called"
reply.en = "Let me think."
limit = "1 per week"

[[rule]]
name = "goodbye"
only = "called"
reply.en = "Anything else?"
once_per = "12h"
"#;

#[tokio::test]
async fn what_bounds_a_rule_bounds_it_where_another_names_it_too() {
    let house = House::build(&rules(LED_TO), knowing(&Faq::new())).await;
    let first = house
        .decided(&house.say(ANA, "question unknown").await)
        .await;
    let stands = StepResult::Stands;
    assert_eq!(steps(&first), [("question", stands), ("expert", stands)]);
    let second = house
        .decided(&house.say(BO, "question unknown").await)
        .await;
    assert_eq!(
        steps(&second),
        [("question", stands), ("goodbye", stands)],
        "as though there were no if_no_answer"
    );
    assert_eq!(
        missed(&second, "expert"),
        ("limit", "answered all contacts together once this week")
    );
    let third = house
        .decided(&house.say(BO, "question unknown").await)
        .await;
    assert_eq!(steps(&third), [("question", stands)]);
    assert_eq!(missed(&third, "goodbye").0, "once_per");
    house.end().await;
}

#[tokio::test]
async fn a_canary_answers_its_share_however_it_is_reached() {
    let shares = r#"
[[rule]]
name = "new"
when.words = ["hello"]
reply.en = "Hello from the new rule."
stage = "canary 50%"

[[rule]]
name = "old"
when.words = ["hello"]
reply.en = "Hello."
call = "survey"

[[rule]]
name = "survey"
only = "called"
reply.en = "How was it?"
stage = "canary 50%"
"#;
    let house = House::with_rules(&rules(shares)).await;
    let mut seen: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    for from in crowd(40) {
        let first = house.decided(&house.say(&from, "hello").await).await;
        let ran: Vec<String> = first
            .steps
            .iter()
            .map(|step| step.rule.to_string())
            .collect();
        if ran == ["old"] {
            let no_share = ("stage", "this contact is not among the canary's share");
            assert_eq!(missed(&first, "new"), no_share);
            assert_eq!(missed(&first, "survey"), no_share);
        }
        let second = house.decided(&house.say(&from, "hello").await).await;
        assert_eq!(steps(&first), steps(&second), "always the same ones");
        *seen.entry(ran).or_default() += 1;
    }
    let count =
        |ran: &[&str]| seen.get(&ran.iter().map(|&rule| rule.to_owned()).collect::<Vec<_>>());
    assert!(
        count(&["new"]).is_some_and(|many| (8..=32).contains(many)),
        "{seen:?}"
    );
    assert!(
        count(&["old"]).is_some() && count(&["old", "survey"]).is_some(),
        "{seen:?}"
    );
    assert_eq!(seen.len(), 3, "{seen:?}");
    house.end().await;
}

/// One of everything that can be left behind.
const SHADOWED: &str = r#"
[[rule]]
name = "notes"
stage = "shadow"
use = "asking-guest"
with.act = "note"
limit = ["1 per week", "1 per contact per week"]
once_per = "12h"
call = "hands-over"

[[rule]]
name = "hands-over"
only = "called"
hand_to = "support"
pause_bot = "1h"
tag = "seen"
limit = "1 per week"
call = "counts"

[[rule]]
name = "counts"
only = "called"
use = "asking-guest"
with.act = "count-shared"

[[rule]]
name = "fails"
stage = "shadow"
use = "test-guest"
with.act = "send-then-trap"
if_fails = "apology"

[[rule]]
name = "apology"
only = "called"
reply.en = "Sorry."

[[rule]]
name = "everything"
stage = "shadow"
use = "test-guest"
with.act = "everything"
"#;

const LIVE: &str = r#"
[[rule]]
name = "recall"
use = "asking-guest"
with.act = "recall"
also = true

[[rule]]
name = "again"
reply.en = "And again."
"#;

/// The tokens of what was sent for a message: they tell of any send that shifted.
async fn tokens(house: &House, decision: &Decision) -> Vec<SendToken> {
    let sends = house.engine.ledger().sends(&decision.id).await.unwrap();
    sends.into_iter().map(|send| send.outbound.token).collect()
}

#[tokio::test]
async fn i03_a_shadow_runs_is_recorded_and_leaves_nothing() {
    let house = House::with_rules(&rules(&format!("{SHADOWED}{LIVE}"))).await;
    let shadow = StepResult::Shadow;
    let stands = StepResult::Stands;
    for (round, many) in [(1, 2), (2, 4)] {
        let decision = house.decided(&house.say(ANA, "hello").await).await;
        assert_eq!(
            steps(&decision),
            [
                ("notes", shadow),
                ("hands-over", shadow),
                ("counts", shadow),
                ("fails", shadow),
                ("apology", shadow),
                ("everything", shadow),
                ("recall", stands),
                ("again", stands),
            ],
            "round {round}: a shadow counts nothing that would bound it"
        );
        assert_eq!(decision.answered_by(), Some(&name("again")));
        let texts = house.receives(ANA, many).await;
        assert_eq!(
            texts[many - 2..],
            ["own None shared None".to_owned(), "And again.".to_owned()],
            "nothing was kept"
        );
        let counted = &decision.steps[2].runs[0];
        assert!(
            counted
                .proposed
                .iter()
                .all(|one| one.verdict == Verdict::Admitted)
                && counted.proposed.len() == 2
                && counted.asked.len() == 1,
            "judged and recorded: {counted:?}"
        );
        let found = contact(&house, decision.contact).await;
        assert!(found.tags.is_empty() && found.pause.is_none() && found.last_desk.is_none());
        assert!(found.fired.is_empty() && found.counts.is_empty());
        assert_eq!(found.last_rule.map(|(rule, _)| rule), Some(name("again")));
        assert_eq!(found.consent, model::Consent::default());
        let ledger = house.engine.ledger();
        assert!(
            ledger
                .hand_offs(&tenant(), None, 9)
                .await
                .unwrap()
                .is_empty()
        );
        assert!(ledger.dead_letters(&tenant(), 9).await.unwrap().is_empty());
        assert!(
            ledger
                .notes(&tenant(), decision.contact, 9)
                .await
                .unwrap()
                .is_empty()
        );
        assert!(
            ledger
                .consent_log(&tenant(), decision.contact)
                .await
                .unwrap()
                .is_empty()
        );
        assert_eq!(ledger.sends(&decision.id).await.unwrap().len(), 2);
    }
    house.quiet().await;
    assert_eq!(
        house.received(ANA).await.len(),
        4,
        "and nothing came after it"
    );
    house.end().await;
}

#[tokio::test]
async fn i09_what_answers_is_the_same_with_a_shadow_and_without() {
    let mut seen = Vec::new();
    for rules in [rules(&format!("{SHADOWED}{LIVE}")), rules(LIVE)] {
        let house = House::with_rules(&rules).await;
        let message = house
            .deliver(json!({"from": ANA, "message": {"id": "wamid.same", "type": "text", "text": {"body": "hello"}}}))
            .await;
        let decision = house.decided(&message).await;
        let live: Vec<_> = decision
            .steps
            .iter()
            .filter(|step| step.result != StepResult::Shadow)
            .cloned()
            .map(|mut step| {
                let runs = step.runs.iter_mut();
                let checks = runs
                    .flat_map(|run| &mut run.proposed)
                    .flat_map(|one| &mut one.checks);
                // How long ago it was said differs from run to run.
                checks
                    .filter(|check| check.name == "window")
                    .for_each(|check| check.saw.clear());
                step
            })
            .collect();
        seen.push((live, tokens(&house, &decision).await));
        house.end().await;
    }
    assert_eq!(seen[0].1.len(), 2);
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_shadow_that_fails_every_time_puts_no_plugin_into_quarantine() {
    let fails = r#"
[[rule]]
name = "fails"
stage = "shadow"
use = "test-guest"
with.act = "panic"

[[rule]]
name = "answers"
use = "test-guest"
with.act = "send"
with.count = 1
"#;
    let house = House::with_rules(&rules(fails)).await;
    let many = engine::limits::FAILURES_IN_A_ROW as usize + 2;
    for _ in 0..many {
        let decision = house.decided(&house.say(ANA, "hello").await).await;
        assert_eq!(decision.answered_by(), Some(&name("answers")));
    }
    assert_eq!(house.engine.standings(), []);
    assert_eq!(house.receives(ANA, many).await.len(), many);
    house.end().await;
}

#[tokio::test]
async fn a_shadow_of_a_plugin_in_quarantine_is_not_run_and_takes_nobodys_probe() {
    let fails = r#"
[[rule]]
name = "breaks"
when.words = ["break"]
use = "test-guest"
with.act = "panic"

[[rule]]
name = "shadow"
stage = "shadow"
use = "test-guest"
with.act = "send"
with.count = 1
"#;
    let house = House::with_rules(&rules(fails)).await;
    for _ in 0..engine::limits::FAILURES_IN_A_ROW {
        house.decided(&house.say(ANA, "break").await).await;
    }
    let before = house.engine.standings();
    assert_eq!(before.len(), 1);
    let decision = house.decided(&house.say(ANA, "hello").await).await;
    let run = &decision.steps[0].runs[0];
    assert!(
        matches!(&run.result, model::RunResult::Failed(failure) if failure.word() == "quarantine"),
        "{run:?}"
    );
    assert_eq!(house.engine.standings(), before);
    house.end().await;
}

/// Answers, and counts who asked.
struct Faq {
    calls: AtomicUsize,
    /// Who asks waits for one of these.
    lets_go: Semaphore,
}

impl Faq {
    fn new() -> Arc<Self> {
        Self::with_room_for(Semaphore::MAX_PERMITS)
    }

    fn with_room_for(answers: usize) -> Arc<Self> {
        Arc::new(Self {
            calls: AtomicUsize::new(0),
            lets_go: Semaphore::new(answers),
        })
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Knowledge for Faq {
    async fn ask(&self, _: &TenantId, question: &Question) -> Answer {
        self.calls.fetch_add(1, Ordering::SeqCst);
        self.lets_go.acquire().await.unwrap().forget();
        if question.text.contains("unknown") {
            return Answer::NoAnswer;
        }
        Answer::Found {
            text: "as it is written".to_owned(),
            citations: vec![],
            session: None,
        }
    }
}

/// Remembers under which id each request came.
#[derive(Default)]
struct Orders {
    seen: Mutex<Vec<String>>,
}

#[async_trait]
impl Lookup for Orders {
    async fn ask(&self, _: &TenantId, caller: &Caller, _: &model::Lookup) -> LookupAnswer {
        self.seen.lock().unwrap().push(caller.request.clone());
        LookupAnswer::Answered {
            status: 200,
            body: "on its way".to_owned(),
        }
    }
}

fn knowing(faq: &Arc<Faq>) -> Wishes {
    let faq = Arc::clone(faq) as Arc<dyn Knowledge>;
    Wishes {
        knowledge: [("faq".to_owned(), faq)].into(),
        ..Wishes::default()
    }
}

#[tokio::test]
async fn what_a_shadow_asks_is_really_asked_and_no_typing_shows() {
    let asks = r#"
[[rule]]
name = "tries"
stage = "shadow"
use = "asking-guest"
with.act = "ask"
with.of = "faq"
if_no_answer = "looks-up"

[[rule]]
name = "looks-up"
only = "called"
use = "asking-guest"
with.act = "look-up"
with.of = "orders"
"#;
    let faq = Faq::new();
    let orders = Arc::new(Orders::default());
    let wishes = || Wishes {
        endpoints: [("orders".to_owned(), Arc::clone(&orders) as Arc<dyn Lookup>)].into(),
        ..knowing(&faq)
    };
    let house = House::build(&rules(asks), wishes()).await;
    let decision = house
        .decided(&house.say(ANA, "something unknown").await)
        .await;
    let shadow = StepResult::Shadow;
    assert_eq!(steps(&decision), [("tries", shadow), ("looks-up", shadow)]);
    assert_eq!(decision.ending, Ending::NoRule);
    assert_eq!(faq.calls(), 1);
    assert_eq!(orders.seen.lock().unwrap().len(), 1);
    let answers: Vec<_> = decision
        .steps
        .iter()
        .flat_map(|step| &step.runs[0].asked)
        .collect();
    assert!(
        matches!(
            answers[..],
            [
                Asked::Knowledge {
                    answer: Ok(Answer::NoAnswer),
                    ..
                },
                Asked::Lookup {
                    answer: Ok(LookupAnswer::Answered { status: 200, .. }),
                    ..
                }
            ]
        ),
        "{answers:?}"
    );
    house.quiet().await;
    assert_eq!(house.marks().await, [] as [serde_json::Value; 0]);
    house.end().await;

    // The same, live: then it shows.
    let house = House::build(&rules(&asks.replace("stage = \"shadow\"", "")), wishes()).await;
    house.say(ANA, "something unknown").await;
    house.receives(ANA, 1).await;
    house
        .until("the mark", async || {
            (house.marks().await.len() == 1).then_some(())
        })
        .await;
    house.end().await;
}

#[tokio::test]
async fn a_shadow_that_a_live_rule_names_runs_as_a_shadow_and_the_live_one_goes_on_without_it() {
    let led = r#"
[[rule]]
name = "question"
when.words = ["question"]
use = "asking-guest"
with.act = "ask"
with.of = "faq"
if_no_answer = "new-expert"
call = "goodbye"

[[rule]]
name = "breaks"
when.words = ["break"]
use = "test-guest"
with.act = "panic"
if_fails = "new-expert"

[[rule]]
name = "new-expert"
only = "called"
stage = "shadow"
reply.en = "Let me think."
call = "goodbye"

[[rule]]
name = "goodbye"
only = "called"
reply.en = "Anything else?"
"#;
    let house = House::build(&rules(led), knowing(&Faq::new())).await;
    let (shadow, stands) = (StepResult::Shadow, StepResult::Stands);
    let decision = house
        .decided(&house.say(ANA, "question unknown").await)
        .await;
    assert_eq!(
        steps(&decision),
        [
            ("question", stands),
            ("new-expert", shadow),
            ("goodbye", shadow),
            ("goodbye", stands)
        ]
    );
    assert_eq!(house.receives(ANA, 1).await, ["Anything else?"]);
    let decision = house.decided(&house.say(ANA, "break").await).await;
    assert_eq!(
        steps(&decision),
        [
            ("breaks", StepResult::Failed),
            ("new-expert", shadow),
            ("goodbye", shadow)
        ]
    );
    assert!(
        matches!(decision.ending, Ending::DeadLetter { .. }),
        "as though there were no if_fails: {:?}",
        decision.ending
    );
    house.end().await;
}

/// More shadows than may run, each of which keeps more than the record of all of them holds.
#[tokio::test]
async fn i14_shadows_are_bounded_and_take_nothing_from_those_that_answer() {
    let mut text = String::from(HEAD);
    for which in 0..engine::limits::SHADOW_STEPS_PER_DECISION + 5 {
        text.push_str(&format!(
            "[[rule]]\nname = \"shadow-{which}\"\nstage = \"shadow\"\nuse = \"asking-guest\"\nwith.act = \"fill\"\nwith.of = \"20\"\n"
        ));
    }
    for which in 0..engine::limits::STEPS_PER_DECISION - 1 {
        text.push_str(&format!(
            "[[rule]]\nname = \"live-{which}\"\nalso = true\nreply.en = \"live {which}\"\n"
        ));
    }
    text.push_str("[[rule]]\nname = \"fill\"\nuse = \"asking-guest\"\nwith.act = \"fill\"\nwith.of = \"30\"\n");
    let house = House::with_rules(&text).await;
    let decision = house.decided(&house.say(ANA, "hello").await).await;
    let shadows = decision
        .steps
        .iter()
        .filter(|step| step.result == StepResult::Shadow);
    assert_eq!(shadows.count(), engine::limits::SHADOW_STEPS_PER_DECISION);
    assert_eq!(decision.answered_by(), Some(&name("fill")));
    let texts = house
        .receives(ANA, engine::limits::STEPS_PER_DECISION)
        .await;
    assert_eq!(
        texts.last().map(String::as_str),
        Some("kept 30"),
        "there was room for all that answered"
    );
    let stored = serde_json::to_vec(&decision).unwrap().len();
    assert!(stored <= model::limits::DECISION_BYTES, "{stored} bytes");
    house.end().await;
}

/// The tests beside rules see limits and stages as they are, and their own clock.
#[tokio::test]
async fn a_rehearsal_counts_by_its_own_clock_and_expects_no_shadow() {
    let good = rules(
        r#"timezone = "America/Sao_Paulo"

[[rule]]
name = "shadow"
stage = "shadow"
reply.en = "Nobody hears this."

[[rule]]
name = "hello"
reply.en = "Hello."
limit = ["1 per contact per hour", "2 per day"]

[[test]]
name = "once an hour, twice a day"
at = "2026-11-23 09:50"
says = ["hi", "hi", { wait = "15m" }, "hi", { wait = "2h" }, "hi", { wait = "12h" }, "hi"]
expect.rules = ["hello", "none", "hello", "none", "hello"]
"#,
    );
    let mut house = House::with_rules(&rules(LIVE)).await;
    house.watch_files();
    let file = house.folder.path().join("rules/10-test.toml");
    let before = house.engine.edition().hash().to_owned();
    std::fs::write(
        &file,
        good.replace(
            "expect.rules = [\"hello\", \"none\"",
            "expect.rules = [\"shadow\", \"none\"",
        ),
    )
    .unwrap();
    let refused = house
        .until("a refusal", async || house.engine.last_refusal())
        .await;
    assert!(
        refused.to_string().contains("expected shadow, seen hello"),
        "{refused}"
    );
    std::fs::write(&file, good).unwrap();
    house
        .until("the edition", async || {
            (house.engine.edition().hash() != before).then_some(())
        })
        .await;
    house.end().await;
}
