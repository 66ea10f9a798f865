//! Baskets.

use model::{Order, OrderItem};

use super::super::part::Part;

/// A basket is read whole or kept raw: one that lost an article on the way would be believed.
pub(super) fn read(part: Part<'_>) -> Option<Order> {
    let items = part.at("product_items");
    if !items.is_absent() && !items.is_list() {
        return None;
    }
    Some(Order {
        catalog: part.at("catalog_id").own_label()?,
        text: part.at("text").own_words(),
        items: items.elements().map(item).collect::<Option<_>>()?,
    })
}

fn item(item: Part<'_>) -> Option<OrderItem> {
    Some(OrderItem {
        product: item.at("product_retailer_id").own_label()?,
        quantity: item.at("quantity").whole()?.try_into().ok()?,
        price: item.at("item_price").own_label(),
        currency: item.at("currency").own_words(),
    })
}
