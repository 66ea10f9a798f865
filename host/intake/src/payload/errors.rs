//! What the network says went wrong.

use model::NetworkError;

use super::part::Part;
use super::wording::own_line;
use crate::limits;

/// Those of a list.
pub(super) fn read(list: Part<'_>) -> Vec<NetworkError> {
    let errors = list.elements().filter_map(one);
    errors.take(limits::ERRORS_PER_NOTICE).collect()
}

/// One, if it says anything: older versions word it in other members.
fn one(part: Part<'_>) -> Option<NetworkError> {
    let line = |part: Part<'_>| own_line(part.text(), limits::ERROR_CHARS);
    let code = part.at("code").whole();
    let details = line(part.at("error_data").at("details")).or_else(|| line(part.at("details")));
    let message = line(part.at("message"));
    let (title, details) = match line(part.at("title")) {
        Some(title) => (Some(title), details.or(message)),
        None => (message, details),
    };
    if code.is_none() && title.is_none() && details.is_none() {
        return None;
    }
    Some(NetworkError {
        code: code.unwrap_or(0),
        details: details.filter(|details| title.as_ref() != Some(details)),
        title: title.unwrap_or_default(),
    })
}
