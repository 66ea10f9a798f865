//! What stands where something else belongs: no part of a body vanishes.

use super::*;

#[test]
fn what_stands_where_its_envelope_should_is_read_all_the_same() {
    let said = |id: &str| a_message(&json!({ "id": id }));
    let change = json!({ "value": { "messages": [said("wamid.C")] } });
    let lists = json!({ "messages": [said("wamid.A")], "statuses": [{ "id": "wamid.S", "status": "read" }] });
    let both = [("message", "text"), ("status", "read")];
    let object = json!({ "object": "whatsapp_business_account" });
    assert_eq!(words(&parsed(&with(object.clone(), &lists))), both);
    let changes = json!({ "changes": [change], "entry": null });
    assert_eq!(words(&parsed(&with(object.clone(), &changes))), both[..1]);
    assert_eq!(words(&parsed(&with(object, &change))), both[..1]);
    // Beside what is in its place, on every floor.
    let all = [("message", "text"), ("message", "text"), ("status", "read")];
    let entry = json!({ "changes": [change] });
    for body in [
        with(json!({ "entry": [entry] }), &lists),
        json!({ "entry": [with(entry, &lists)] }),
        json!({ "entry": [{ "changes": [with(change.clone(), &lists)] }] }),
    ] {
        assert_eq!(words(&parsed(&body)), all, "{body}");
    }
    let misplaced = json!({ "entry": [{ "changes": [with(change, &json!({ "messages": [] }))] }] });
    assert_eq!(words(&parsed(&misplaced)), all[..1], "nothing is nothing");
}

#[test]
fn a_list_that_is_none_is_told_beside_its_neighbours() {
    for (name, what) in [
        ("messages", "message"),
        ("statuses", "status"),
        ("message_echoes", "echo"),
        ("user_preferences", "preference"),
        ("calls", "call"),
        ("user_id_update", "user_id_update"),
        ("errors", "errors"),
    ] {
        let (list, good) = match name {
            "messages" => ("statuses", json!([{ "id": "wamid.S", "status": "read" }])),
            _ => ("messages", json!([a_message(&json!({}))])),
        };
        for wrong in [json!("abc"), json!(5), json!(false)] {
            let found = read(&json!({ "metadata": metadata(), list: good, name: wrong }));
            assert_eq!(found.len(), 2, "{name}: {wrong}: {found:?}");
            let told = found.iter().find(|one| one.body.word() == "unreadable");
            let told = unreadable(told.unwrap());
            assert_eq!(
                (told.what.as_str(), told.cause.as_str(), &told.raw),
                (what, "it is no list", &wrong)
            );
        }
        let found = read(&json!({ "metadata": metadata(), list: good, name: null }));
        assert_eq!(found.len(), 1, "{name}");
        let found = read(&json!({ "metadata": metadata(), name: "abc" }));
        assert_eq!(words(&found), [("unreadable", what)], "{name} by itself");
    }
    let value = json!({ "messages": 12 });
    let counts = changed("account_statistics", &value);
    assert_eq!(words(&counts), [("update", "account_statistics")]);
    assert_eq!(
        update(only(&counts)).raw["value"],
        value,
        "of another field such a member is that field's own"
    );
}

#[test]
fn the_same_nonsense_in_two_places_is_two() {
    let found = read(&json!({ "messages": "abc", "statuses": "abc" }));
    assert_eq!(
        words(&found),
        [("unreadable", "message"), ("unreadable", "status")]
    );
    assert_ne!(found[0].key, found[1].key);
}
