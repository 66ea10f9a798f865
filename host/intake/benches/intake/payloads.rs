//! The bodies: as Meta writes them, without blanks, and with everything beyond ASCII and every slash escaped.

use std::fmt::Write as _;

/// A text of about 600 characters that quotes another, from a contact with name and user id: 1.2 KB.
pub(crate) fn one_message() -> Vec<u8> {
    let words = "Ol\\u00e1! Comprei ontem na loja da rua principal um par de sapatos, pedido 4711, e o tamanho n\\u00e3o \
        serviu. Posso trocar por um n\\u00famero maior ou preciso devolver primeiro? Moro longe, ent\\u00e3o prefiro enviar pelo \
        correio, se for poss\\u00edvel. Segue o que o site diz: https:\\/\\/shop.example\\/trocas, mas l\\u00e1 n\\u00e3o fala nada sobre o frete. \
        Tamb\\u00e9m queria saber se a cor azul ainda est\\u00e1 dispon\\u00edvel no n\\u00famero 38, porque no aplicativo aparece \
        como esgotada. Obrigada \\ud83d\\ude4f";
    envelope(&change(1, words)).into_bytes()
}

/// A thousand such changes with shorter texts: what Meta puts into one body at most.
pub(crate) fn thousand_messages() -> Vec<u8> {
    let changes: Vec<String> = (0..1000)
        .map(|number| change(number, "Oi, voc\\u00eas abrem hoje?"))
        .collect();
    envelope(&changes.join(",")).into_bytes()
}

fn envelope(changes: &str) -> String {
    format!(
        r#"{{"object":"whatsapp_business_account","entry":[{{"id":"100000000000009","changes":[{changes}]}}]}}"#
    )
}

fn change(number: u32, words: &str) -> String {
    let mut change = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        change,
        r#"{{"value":{{"messaging_product":"whatsapp","metadata":{{"display_phone_number":"15550100000","phone_number_id":"100000000000001"}},"contacts":[{{"profile":{{"name":"Ana L\u00facia"}},"wa_id":"55119000{number:05}","user_id":"BR.10000000000{number:05}"}}],"messages":[{{"context":{{"from":"15550100000","id":"wamid.HBgNNTUxMTkwMDAwMDAwMRUCABEYEjAwMDAwMDAwMDAwMDAwMDAwMAA="}},"from":"55119000{number:05}","from_user_id":"BR.10000000000{number:05}","id":"wamid.HBgNNTUxMTkwMDAwMDAwMRUCABIYFDAwMDAwMDAwMDAwMDAwM{number:05}==","timestamp":"1790000000","text":{{"body":"{words}"}},"type":"text"}}]}},"field":"messages"}}"#
    );
    change
}
