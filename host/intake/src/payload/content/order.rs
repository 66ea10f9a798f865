//! Baskets.

use model::{Order, OrderItem};

use super::super::part::Part;

/// A basket is read whole or kept raw: one that lost an article on the way would be believed.
pub(super) fn read(part: Part<'_>) -> Option<Order> {
    let items = part.at("product_items");
    if !items.is_absent() && !items.is_list() {
        return None;
    }
    let catalog = part.at("catalog_id").own_label();
    if catalog.is_none() && items.count() == 0 {
        return None;
    }
    Some(Order {
        catalog: catalog.unwrap_or_default(),
        text: part.at("text").own_words(),
        items: items.elements().map(item).collect::<Option<_>>()?,
    })
}

fn item(item: Part<'_>) -> Option<OrderItem> {
    Some(OrderItem {
        product: item.at("product_retailer_id").own_label()?,
        quantity: quantity(item.at("quantity"))?,
        price: item.at("item_price").own_label(),
        currency: item.at("currency").own_words(),
    })
}

/// A whole number, with or without a fraction of nothing.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it has no fraction; the bounds stand beside it"
)]
fn quantity(part: Part<'_>) -> Option<u32> {
    if let Some(whole) = part.whole() {
        return whole.try_into().ok();
    }
    let number = part.number().filter(|number| number.fract() == 0.0)?;
    (0.0..=f64::from(u32::MAX))
        .contains(&number)
        .then_some(number as u32)
}
