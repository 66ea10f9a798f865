use model::{
    Check, ContactKey, Content, Media, MediaKind, Message, Moment, Phone, Proposed, Run, Step,
    Wamid,
};
use serde_json::json;

use super::*;

/// An answer of `/v1/decision` to this message: one rule, whose plugin proposed this and was admitted.
fn answered(content: Content, proposal: Proposal) -> Value {
    let message = Message {
        forwarded: true,
        ..Message::new(
            Wamid::new("wamid.A").unwrap(),
            ContactKey::Phone(Phone::new("5511900000001").unwrap()),
            Moment(0),
            content,
        )
    };
    let checks = vec![Check {
        name: "content".into(),
        saw: "well formed".into(),
        passed: true,
        shadowed: false,
    }];
    let step = Step {
        rule: serde_json::from_value(json!("photos")).unwrap(),
        runs: vec![Run {
            plugin: serde_json::from_value(json!("auto-reply")).unwrap(),
            proposed: vec![Proposed {
                proposal: proposal.clone(),
                verdict: Verdict::Admitted,
                checks,
                drafted_to: None,
            }],
            result: RunResult::Ended(Outcome::Handled),
            log: vec!["a \u{1b}[2Jlog".into()],
            fuel: 1,
            asked: Vec::new(),
        }],
        result: StepResult::Stands,
    };
    let Proposal::Send { message: sent, .. } = proposal else {
        panic!("a send");
    };
    json!({
        "record": {
            "message": message,
            "decision": {
                "version": 1,
                "id": { "tenant": "shop", "number": "100000000000001", "message": "wamid.A" },
                "contact": 1, "sequence": 1, "edition": "e1", "now": 0, "attempt": 1, "language": "en",
                "looks": [], "looks_left_out": 0, "steps": [step],
                "ending": { "ending": "answered", "rule": "photos" },
                "cost": { "fuel": 1, "micros": 1 },
            },
        },
        "sends": [{ "state": "delivered", "outbound": { "message": sent } }],
    })
}

#[test]
fn the_story_tells_kinds_in_words() {
    let picture = Content::Media(Media {
        media: MediaKind::Image,
        id: None,
        caption: Some("broken".into()),
        mime_type: None,
        filename: None,
        sha256: None,
        url: None,
        animated: false,
    });
    let menu = json!({ "kind": "menu", "body": "What now?", "label": "Choose",
        "sections": [{ "title": null, "rows": [{ "id": "b", "title": "Money back", "description": null }] }] });
    let send = Proposal::Send {
        to: Recipient::Contact,
        from: None,
        message: serde_json::from_value(menu).unwrap(),
        quoting: false,
    };
    let story = decision(&answered(picture, send), false);
    for line in [
        "[image] \"broken\" · forwarded wamid.A\n",
        "    send [menu] What now? [Choose] → Money back: admitted\n",
        "  delivered  [menu] What now? [Choose] → Money back\n",
        "    log: a \\u{1b}[2Jlog\n",
    ] {
        assert!(story.contains(line), "no {line:?} in:\n{story}");
    }
}

#[test]
fn a_message_that_is_not_for_rules_says_so() {
    let text = Content::Text {
        body: "hello all".into(),
    };
    let send = Proposal::Send {
        to: Recipient::Contact,
        from: None,
        message: Outgoing::Text { body: "x".into() },
        quoting: false,
    };
    let mut found = answered(text, send);
    found["record"]["message"]["group"] = json!("group-1");
    found["record"]["decision"]["ending"] = json!({ "ending": "aside" });
    found["record"]["decision"]["steps"] = json!([]);
    found["sends"] = json!([]);
    let story = decision(&found, false);
    assert!(
        story.starts_with("\"hello all\" · in a group · forwarded wamid.A\nkept aside: in a group, from your own number, told by WhatsApp itself, or not available yet; no rule looked at it\n"),
        "{story}"
    );
    assert_eq!(
        summary(&found),
        "kept aside: in a group, from your own number, told by WhatsApp itself, or not available yet; no rule looked at it · en · nothing sent"
    );
}

#[test]
fn a_text_stands_in_quotation_marks_where_it_was_proposed() {
    let text = |body: String| Content::Text { body };
    let send = Proposal::Send {
        to: Recipient::Phone(Phone::new("15550100002").unwrap()),
        from: None,
        message: Outgoing::Text {
            body: "x".repeat(SHORT + 1),
        },
        quoting: false,
    };
    let story = decision(&answered(text("hello".into()), send), false);
    assert!(
        story.starts_with("\"hello\" · forwarded wamid.A\n"),
        "{story}"
    );
    let cut = format!(
        "    send to another number \"{}…\": admitted\n",
        "x".repeat(SHORT)
    );
    assert!(story.contains(&cut), "{story}");
    assert!(!story.contains("5550100002"), "{story}");
}

#[test]
fn what_was_asked_of_the_world_is_told_with_what_came_of_it() {
    let lookup = json!({ "endpoint": "shop", "method": "get", "path": "orders/1", "query": [], "body": null });
    let question = json!({ "base": "faq", "text": "when?", "language": "en", "filters": [], "session": null, "passages": 3 });
    let citation =
        json!({ "source": "hours.md", "title": null, "url": null, "passage": "", "score": null });
    let found = json!({ "answer": "found", "text": "At 9.", "citations": [citation, citation], "session": null });
    let refusal = json!({ "refusal": "not-granted", "what": "memory" });
    let knowledge = |answer: Value| json!({ "asked": "knowledge", "question": question, "answer": { "Ok": answer }, "took_ms": 7 });
    let looked_up = |answer: Value| json!({ "asked": "lookup", "request": lookup, "answer": { "Ok": answer }, "took_ms": 7 });
    let memory = |scope: &str, answer: Value| json!({ "asked": "memory", "scope": scope, "key": "code", "answer": answer });
    for (one, what, came) in [
        (
            knowledge(found),
            "asked faq \"when?\"",
            "an answer from hours.md and 1 more, 7 ms",
        ),
        (
            knowledge(json!({ "answer": "no_answer" })),
            "asked faq \"when?\"",
            "nothing known, 7 ms",
        ),
        (
            looked_up(json!({ "lookup": "answered", "status": 404, "body": "no" })),
            "looked up shop \"orders/1\"",
            "status 404, 2 bytes, 7 ms",
        ),
        (
            looked_up(json!({ "lookup": "slow" })),
            "looked up shop \"orders/1\"",
            "it took too long, 7 ms",
        ),
        (
            memory("contact", json!({ "Ok": { "value": "4711", "until": 1 } })),
            "looked into memory \"code\"",
            "found",
        ),
        (
            memory("shared", json!({ "Ok": null })),
            "looked into memory for everybody \"code\"",
            "nothing there",
        ),
        (
            memory("contact", json!({ "Err": refusal })),
            "looked into memory \"code\"",
            "refused, not granted: memory",
        ),
    ] {
        let told = asked::words(&serde_json::from_value(one).unwrap());
        assert_eq!(told, (what.to_owned(), came.to_owned()));
    }
}

#[test]
fn a_draft_is_told_as_one_and_nothing_was_sent() {
    let content = Content::Text {
        body: "refund".into(),
    };
    let send = Proposal::Send {
        to: Recipient::Contact,
        from: None,
        message: serde_json::from_value(json!({"kind": "text", "body": "It is on its way."}))
            .unwrap(),
        quoting: false,
    };
    let mut found = answered(content, send);
    found["record"]["decision"]["steps"][0]["runs"][0]["proposed"][0]["drafted_to"] =
        json!("support");
    found["sends"] = json!([]);
    let story = decision(&found, false);
    for words in [
        "send \"It is on its way.\": admitted, a draft at support",
        "\n1 draft at support: a person sends, changes or drops what was written (tollgate desk drafts)\n",
    ] {
        assert!(story.contains(words), "{words:?} in\n{story}");
    }
    assert_eq!(
        summary(&found),
        "rule photos · en · 1 draft at support · nothing sent"
    );
    // What a step that passed would have left is not there.
    found["record"]["decision"]["steps"][0]["result"] = json!("passed");
    assert_eq!(summary(&found), "rule photos · en · nothing sent");
}

#[test]
fn a_shadow_says_that_nothing_of_it_was_sent() {
    let content = Content::Text {
        body: "hello".into(),
    };
    let send = Proposal::Send {
        to: Recipient::Contact,
        from: None,
        message: Outgoing::Text {
            body: "psst".into(),
        },
        quoting: false,
    };
    let mut found = answered(content, send);
    found["record"]["decision"]["steps"][0]["result"] = json!("shadow");
    found["record"]["decision"]["looks"] = json!([{ "rule": "voucher", "result": { "missed": {
        "condition": "limit", "seen": "answered all contacts together 200 times today" } } }]);
    found["record"]["decision"]["ending"] = json!({ "ending": "no_rule" });
    found["sends"] = json!([]);
    let story = decision(&found, false);
    for line in [
        "no rule applies\n",
        "  · voucher  limit: answered all contacts together 200 times today\n",
        "rule photos (a shadow: it ran, and nothing of it takes effect)\n",
        "    send \"psst\": would be admitted\n",
    ] {
        assert!(story.contains(line), "no {line:?} in:\n{story}");
    }
    assert_eq!(summary(&found), "no rule applies · en · nothing sent");

    let refused = json!({ "verdict": "refused", "refusal": "paused", "until": 0 });
    found["record"]["decision"]["steps"][0]["runs"][0]["proposed"][0]["verdict"] = refused;
    let story = decision(&found, false);
    assert!(
        story.contains("    send \"psst\": would be refused, "),
        "{story}"
    );
    assert_eq!(summary(&found), "no rule applies · en · nothing sent");

    let shadowed =
        json!({ "name": "contact", "saw": "61 of 60 sends", "passed": true, "shadowed": true });
    found["record"]["decision"]["steps"][0]["runs"][0]["proposed"][0]["checks"][0] = shadowed;
    let story = decision(&found, false);
    assert!(
        story.contains("      ! contact  61 of 60 sends\n"),
        "{story}"
    );
}
