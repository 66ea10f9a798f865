//! By what a second copy is known.

use std::collections::BTreeSet;

use super::*;

#[test]
fn the_same_update_is_known_again_in_whatever_order_its_members_stand() {
    let key = |body: &str| parse(body.as_bytes(), NOW).unwrap()[0].key.clone();
    let one = key(r#"{"field":"x","value":{"a":1,"b":[true,null]}}"#);
    assert_eq!(
        key(r#" { "value": {"b": [true, null], "a": 1}, "field": "x" } "#),
        one
    );
    assert_ne!(key(r#"{"field":"x","value":{"a":2,"b":[true,null]}}"#), one);
}

#[test]
fn what_bears_no_time_of_its_own_is_told_apart_by_its_entrys() {
    let keys = |change: &Json, times: &[Json]| -> BTreeSet<String> {
        let key = |time: &Json| {
            let body = json!({ "entry": [{ "id": "1", "time": time, "changes": [change] }] });
            only(&parsed(&body)).key.as_str().to_owned()
        };
        times.iter().map(key).collect()
    };
    let of = |field: &str, value: Json| json!({ "field": field, "value": value });
    let preferred = |timestamp: Json| json!({ "user_preferences": [{ "wa_id": "5511900000001", "value": "stop", "timestamp": timestamp }] });
    let quality = json!({ "event": "DOWNGRADE", "current_limit": "TIER_1K" });
    let times = [json!(1_700_000_000), json!(1_700_000_001), json!(null)];
    for timeless in [
        of("user_preferences", preferred(json!(null))),
        of("phone_number_quality_update", quality.clone()),
        of("messages", json!({ "errors": [{ "code": 1 }] })),
        of("messages", json!({ "messages": ["text"] })),
        of("calls", json!({ "calls": [{ "id": "wacid.1" }] })),
        json!("text"),
    ] {
        assert_eq!(keys(&timeless, &times).len(), 3, "{timeless}");
        let again = [json!(1_700_000_000), json!(1_700_000_000)];
        assert_eq!(
            keys(&timeless, &again).len(),
            1,
            "a second copy is known: {timeless}"
        );
    }
    let long = json!("9".repeat(1000));
    let odd = [json!(null), json!({}), json!([1]), json!(""), long];
    let timeless = of("user_preferences", preferred(json!(null)));
    assert_eq!(keys(&timeless, &odd).len(), 1, "what is no time is none");
    for timed in [
        of("user_preferences", preferred(json!(1_700_000_000))),
        of(
            "phone_number_quality_update",
            with(quality, &json!({ "timestamp": 1_700_000_000 })),
        ),
        of(
            "messages",
            json!({ "messages": [a_message(&json!({ "id": null }))] }),
        ),
    ] {
        assert_eq!(keys(&timed, &times).len(), 1, "{timed}");
    }
}
