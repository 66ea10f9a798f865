//! What holds of any body.

use proptest::prelude::*;

use super::*;

const LISTS: [&str; 6] = [
    "messages",
    "statuses",
    "message_echoes",
    "user_preferences",
    "calls",
    "user_id_update",
];

fn any_json() -> impl Strategy<Value = Json> {
    let names = [
        "object",
        "entry",
        "changes",
        "field",
        "value",
        "messages",
        "statuses",
        "message_echoes",
        "user_preferences",
        "calls",
        "user_id_update",
        "errors",
        "contacts",
        "metadata",
        "phone_number_id",
        "display_phone_number",
        "id",
        "type",
        "from",
        "to",
        "from_user_id",
        "user_id",
        "wa_id",
        "profile",
        "name",
        "timestamp",
        "status",
        "system",
        "text",
        "body",
        "interactive",
        "button_reply",
        "nfm_reply",
        "response_json",
        "order",
        "product_items",
        "edit",
        "message",
        "original_message_id",
        "context",
        "referral",
        "code",
        "title",
        "vcard",
        "recipient_id",
        "recipient_type",
    ];
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        ".{0,8}".prop_map(Json::from),
        prop::sample::select(vec![
            "whatsapp_business_account",
            "text",
            "interactive",
            "system",
            "order",
            "edit",
            "contacts",
            "image",
            "15550100000",
            "wamid.A",
            "BR.1",
            "1700000000",
            "failed",
            "group",
            "stop",
            "{}",
            "user_changed_user_id",
            "from a to b",
            "history",
            "smb_message_echoes",
        ])
        .prop_map(Json::from),
    ];
    leaf.prop_recursive(6, 64, 4, move |inner| {
        let members =
            prop::collection::vec((prop::sample::select(names.to_vec()), inner.clone()), 0..8);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Json::from),
            members.prop_map(|members| members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()),
        ]
    })
}

/// What is stored must be readable again.
fn demand_storable(found: &[Parsed]) {
    for parsed in found {
        let stored = serde_json::to_string(&parsed.body).unwrap();
        let again: NoticeBody = serde_json::from_str(&stored).unwrap();
        assert_eq!(again.word(), parsed.body.word());
        assert!(
            parsed.body.kind().chars().count() <= limits::KIND_CHARS
                && !parsed.body.kind().contains(char::is_control)
        );
    }
}

proptest! {
    #[test]
    fn no_json_makes_it_panic(body in any_json()) {
        if let Ok(found) = parse(body.to_string().as_bytes(), NOW) {
            demand_storable(&found);
        }
        let _ = crate::envelope::open(body.to_string().as_bytes(), NOW);
    }

    #[test]
    fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..200), text in ".{0,200}") {
        let _ = parse(&body, NOW);
        let _ = parse(text.as_bytes(), NOW);
    }

    #[test]
    fn a_body_that_is_cut_off_is_refused(cut in 0_usize..400) {
        let whole = json!({ "entry": [{ "changes": [{ "value": { "metadata": metadata(), "messages": [a_message(&json!({}))] } }] }] }).to_string();
        let cut = cut.min(whole.len() - 1);
        prop_assert!(parse(&whole.as_bytes()[..cut], NOW).is_err());
    }

    #[test]
    fn every_part_of_a_batch_comes_out_once(lists in prop::array::uniform6(prop::collection::vec(any_json(), 0..5)), around in any_json(), field in any_json()) {
        let mut value = json!({ "metadata": metadata(), "contacts": around });
        for (name, list) in LISTS.iter().zip(&lists) {
            value[name] = json!(list);
        }
        let expected = lists.iter().map(Vec::len).sum::<usize>();
        let found = parsed(&json!({ "entry": [{ "changes": [{ "field": field, "value": value }] }] }));
        // A change with nothing in it is one update.
        prop_assert_eq!(found.len(), expected.max(1));
        demand_storable(&found);
    }

    #[test]
    fn no_member_that_is_a_list_of_ours_vanishes(members in prop::array::uniform6(any_json()), floor in 0_usize..4, field in prop::option::of(prop::sample::select(vec!["messages", "calls", "account_update", "history"]))) {
        let mut part = json!({});
        for (name, member) in LISTS.iter().zip(&members) {
            part[name] = member.clone();
        }
        let usual = json!({ "metadata": metadata(), "messages": [a_message(&json!({}))] });
        let (body, beside) = match floor {
            0 => (with(json!({ "object": "whatsapp_business_account" }), &part), 0),
            1 => (with(json!({ "entry": [{ "changes": [{ "field": field, "value": usual }] }] }), &part), 1),
            2 => (json!({ "entry": [with(json!({ "changes": [{ "field": field, "value": usual }] }), &part)] }), 1),
            _ => (json!({ "entry": [{ "changes": [{ "field": field, "value": part }] }] }), 0),
        };
        let found = parsed(&body);
        let expected: usize = members.iter().map(|member| match member {
            Json::Null => 0,
            Json::Array(list) => list.len(),
            _ => 1,
        }).sum();
        // What holds nothing that we know is kept whole.
        let is_kept_whole = floor == 3 && matches!(&found[..], [one] if matches!(&one.body, NoticeBody::Update(kept) if kept.raw["value"] == part));
        let least = if floor == 0 || floor == 3 { 1 } else { 0 };
        prop_assert!(is_kept_whole || found.len() == (beside + expected).max(least), "{body}: {found:?}");
    }
}
