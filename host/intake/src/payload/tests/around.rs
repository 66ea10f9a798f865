//! What stands around a message's content, and the message's own members.

use model::{Ad, Product, Wamid};

use super::*;

fn said(members: &Json) -> Message {
    message(only(&read(
        &json!({ "metadata": metadata(), "messages": [a_message(members)] }),
    )))
    .clone()
}

fn id(text: &str) -> Wamid {
    Wamid::new(text).unwrap()
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn nonsense() -> [Json; 6] {
    [
        json!(null),
        json!(7),
        json!(""),
        json!([]),
        json!({}),
        json!(true),
    ]
}

#[test]
fn what_stands_around_a_message_is_read_or_left_out() {
    let with = |key: &str, value: Json| said(&json!({ key: value }));
    let reply = with(
        "context",
        json!({ "from": "15550100000", "id": "wamid.ours" }),
    );
    assert_eq!(
        (reply.quoting, reply.forwarded),
        (Some(id("wamid.ours")), false)
    );
    for mark in ["forwarded", "frequently_forwarded"] {
        let passed_on = with("context", json!({ mark: true }));
        assert_eq!((passed_on.quoting, passed_on.forwarded), (None, true));
        assert_eq!(passed_on.forwarded_often, mark == "frequently_forwarded");
        assert!(!with("context", json!({ mark: "true", "id": 7 })).forwarded);
    }
    for key in ["context", "referral"] {
        for value in nonsense() {
            let plain = with(key, value.clone());
            assert_eq!(
                (
                    plain.content.words(),
                    plain.quoting,
                    plain.forwarded,
                    plain.ad
                ),
                (Some("oi"), None, false, None),
                "{key}: {value}"
            );
        }
    }
}

#[test]
fn an_advertisement_is_told_as_far_as_it_goes() {
    let ad = |referral: Json| said(&json!({ "referral": referral })).ad;
    let referral = json!({ "source_id": "120", "source_type": "ad", "source_url": "https://ads.example/120",
        "headline": "Half price", "body": "Today", "media_type": "image", "image_url": "https://ads.example/120.jpg", "ctwa_clid": "abc" });
    let all = Ad {
        id: "120".into(),
        url: some("https://ads.example/120"),
        headline: some("Half price"),
        body: some("Today"),
        source: some("ad"),
        media: some("image"),
        click: some("abc"),
    };
    assert_eq!(ad(referral), Some(all));
    let bare = Ad {
        id: "120".into(),
        ..Ad::default()
    };
    assert_eq!(
        ad(json!({ "source_id": 120, "source_url": null, "headline": 7, "body": [] })),
        Some(bare)
    );
    let without_id = Ad {
        url: some("https://ads.example"),
        ..Ad::default()
    };
    assert_eq!(
        ad(json!({ "source_url": "https://ads.example" })),
        Some(without_id)
    );
    assert_eq!(ad(json!({ "source_id": "" })), None);
}

#[test]
fn a_message_may_ask_about_a_product_or_be_said_in_a_group() {
    let product =
        |referred: Json| said(&json!({ "context": { "referred_product": referred } })).product;
    let sku = |catalog: Option<&str>| {
        Some(Product {
            catalog: catalog.map(str::to_owned),
            product: "sku-1".into(),
        })
    };
    assert_eq!(
        product(json!({ "catalog_id": "900", "product_retailer_id": "sku-1" })),
        sku(Some("900"))
    );
    assert_eq!(
        product(json!({ "catalog_id": 900, "product_retailer_id": "sku-1" })),
        sku(Some("900"))
    );
    assert_eq!(
        product(json!({ "catalog_id": [], "product_retailer_id": "sku-1" })),
        sku(None)
    );
    for referred in nonsense() {
        assert_eq!(product(referred), None);
    }
    let group = |id: Json| {
        said(&json!({ "group_id": id }))
            .group
            .map(|group| group.to_string())
    };
    assert_eq!(group(json!("Y2FwaV9ncm91cDo=")), some("Y2FwaV9ncm91cDo="));
    assert_eq!(group(json!(null)), None);
    assert_eq!(group(json!("two words")), None);
}

#[test]
fn a_time_is_read_however_it_is_written_and_never_demanded() {
    let seconds = 1_700_000_000;
    for (stamp, expected) in [
        (json!("1700000000"), Some(seconds * 1000)),
        (json!(1_700_000_000), Some(seconds * 1000)),
        (json!(" 1700000000 "), Some(seconds * 1000)),
        (json!("1700000000.75"), Some(seconds * 1000)),
        (json!(1_700_000_000.75), Some(seconds * 1000)),
        (json!("1700000000123"), Some(seconds * 1000 + 123)),
        (json!(1_700_000_000_123_i64), Some(seconds * 1000 + 123)),
        (json!("1700000000123456"), Some(seconds * 1000 + 123)),
        (json!("1700000000123456789"), Some(seconds * 1000 + 123)),
        (json!("0"), Some(0)),
        (json!(u64::MAX), Some(18_446_744_073_709)),
        (json!("99999999999999999999999999"), None),
        (json!(-5), None),
        (json!("-5"), None),
        (json!("soon"), None),
        (json!("NaN"), None),
        (json!(1e300), None),
        (json!(""), None),
        (json!(true), None),
        (json!([1]), None),
        (json!({}), None),
        (json!(null), None),
    ] {
        let found = read(
            &json!({ "metadata": metadata(), "messages": [a_message(&json!({ "timestamp": stamp }))] }),
        );
        let sent_at = message(only(&found)).sent_at;
        if stamp == json!(u64::MAX) {
            assert_eq!(
                (only(&found).at, sent_at),
                (None, NOW),
                "a time that no clock counts"
            );
            continue;
        }
        assert_eq!(
            (only(&found).at, sent_at),
            (expected.map(Moment), expected.map_or(NOW, Moment)),
            "{stamp}"
        );
    }
}

#[test]
fn ids_may_be_numbers() {
    let found = said(&json!({ "id": 17, "from": 5_511_900_000_001_u64, "context": { "id": 18 } }));
    assert_eq!((found.id, found.quoting), (id("17"), Some(id("18"))));
    assert_eq!(who(&found.from), (Some("5511900000001"), None));
}
