//! Baskets from a catalogue.

use model::{Order, OrderItem};
use serde_json::json;

use super::*;

#[test]
fn a_basket_is_read_whole_or_kept_raw() {
    let item = |quantity, price: Option<&str>, currency: Option<&str>| OrderItem {
        product: "sku-1".into(),
        quantity,
        price: price.map(str::to_owned),
        currency: currency.map(str::to_owned),
    };
    let order = |text: Option<&str>, items| {
        Content::Order(Order {
            catalog: "900".into(),
            text: text.map(str::to_owned),
            items,
        })
    };
    check(
        "order",
        &json!({ "catalog_id": "900", "text": "please", "product_items": [
            { "product_retailer_id": "sku-1", "quantity": "2", "item_price": "9.90", "currency": "BRL" },
            { "product_retailer_id": "sku-1", "quantity": 3, "item_price": 9.9, "currency": null },
        ] }),
        &order(
            Some("please"),
            vec![
                item(2, Some("9.90"), Some("BRL")),
                item(3, Some("9.9"), None),
            ],
        ),
    );
    check(
        "order",
        &json!({ "catalog_id": 900, "text": "", "product_items": [] }),
        &order(None, vec![]),
    );
    check(
        "order",
        &json!({ "catalog_id": "900" }),
        &order(None, vec![]),
    );
    let many = |quantity: serde_json::Value| json!([{ "product_retailer_id": "sku-1", "quantity": quantity }]);
    for two in [json!(2.0), json!("2.0"), json!(" 2 "), json!("2.")] {
        check(
            "order",
            &json!({ "catalog_id": "900", "product_items": many(two) }),
            &order(None, vec![item(2, None, None)]),
        );
    }
    check(
        "order",
        &json!({ "product_items": many(json!(2)) }),
        &Content::Order(Order {
            catalog: String::new(),
            text: None,
            items: vec![item(2, None, None)],
        }),
    );
    for quantity in [
        json!(2.5),
        json!("2.5"),
        json!(-2.0),
        json!(4_294_967_296_u64),
        json!(1e12),
        json!("inf"),
        json!(null),
    ] {
        kept(
            "order",
            &json!({ "catalog_id": "900", "product_items": many(quantity) }),
        );
    }
    for items in [
        json!("sku-1"),
        json!([{ "product_retailer_id": "sku-1" }]),
        json!([{ "product_retailer_id": "sku-1", "quantity": -1 }]),
        json!([{ "product_retailer_id": "sku-1", "quantity": "many" }]),
        json!([{ "product_retailer_id": "sku-1", "quantity": 1 }, null]),
        json!([{ "quantity": 1 }]),
    ] {
        kept(
            "order",
            &json!({ "catalog_id": "900", "product_items": items }),
        );
    }
    kept("order", &json!({ "product_items": [] }));
    for part in nonsense() {
        kept("order", &part);
    }
}
