//! Marketing messages, or none.

use super::*;

fn chosen(members: &Json, contacts: &Json) -> Parsed {
    let part = with(
        json!({ "wa_id": "5511900000001", "category": "marketing_messages", "value": "stop", "timestamp": 1_700_000_000,
        "detail": "User requested to stop marketing messages" }),
        members,
    );
    only(&changed(
        "user_preferences",
        &json!({ "metadata": metadata(), "contacts": contacts, "user_preferences": [part] }),
    ))
    .clone()
}

#[test]
fn a_stop_is_a_stop_and_a_resume_a_resume() {
    for (members, wants) in [
        (json!({}), false),
        (json!({ "value": "resume" }), true),
        (json!({ "value": "signup" }), true),
        (json!({ "value": " STOP " }), false),
        (json!({ "category": null }), false),
        (json!({ "timestamp": "1700000000" }), false),
    ] {
        let found = chosen(&members, &json!([]));
        let preference = preference(&found);
        assert_eq!(
            (preference.wants_marketing, who(&preference.from)),
            (wants, (Some("5511900000001"), None)),
            "{members}"
        );
        assert_eq!(
            (found.at, preference.at),
            (Some(Moment(1_700_000_000_000)), Moment(1_700_000_000_000))
        );
        assert!(found.key.as_str().starts_with("x:"));
    }
    let late = chosen(&json!({ "timestamp": null }), &json!([]));
    assert_eq!((late.at, preference(&late).at), (None, NOW));
}

#[test]
fn whose_it_is_may_stand_beside_it() {
    let ana = json!([{ "wa_id": "5511900000001", "user_id": "BR.1" }]);
    for members in [
        json!({}),
        json!({ "wa_id": null }),
        json!({ "wa_id": null, "user_id": "BR.1" }),
    ] {
        assert_eq!(
            who(&preference(&chosen(&members, &ana)).from),
            (Some("5511900000001"), Some("BR.1")),
            "{members}"
        );
    }
    let nobody = chosen(&json!({ "wa_id": null }), &json!([]));
    assert_eq!(
        (
            unreadable(&nobody).what.as_str(),
            unreadable(&nobody).cause.as_str()
        ),
        ("preference", "it does not say whose it is")
    );
}

#[test]
fn what_we_have_no_word_for_is_kept() {
    for members in [
        json!({ "category": "order_updates" }),
        json!({ "value": "later" }),
        json!({ "value": null }),
        json!({ "value": true }),
    ] {
        let found = chosen(&members, &json!([]));
        assert_eq!(
            (update(&found).name.as_str(), &update(&found).detail),
            ("user_preferences", &Detail::Other),
            "{members}"
        );
        assert_eq!(update(&found).raw["wa_id"], "5511900000001");
    }
}

#[test]
fn older_versions_tell_it_among_the_messages() {
    let told = |system: Json| {
        let part = a_message(&json!({ "type": "system", "system": system }));
        only(&read(
            &json!({ "metadata": metadata(), "messages": [part] }),
        ))
        .clone()
    };
    let stop = told(
        json!({ "type": "user_preference_changed", "marketing": "stop", "body": "User requested to stop" }),
    );
    assert_eq!(
        (
            preference(&stop).wants_marketing,
            who(&preference(&stop).from)
        ),
        (false, (Some("5511900000001"), None))
    );
    let odd = told(json!({ "type": "user_preference_changed", "marketing": "perhaps" }));
    assert_eq!(words(&[odd]), [("message", "system")]);
}
