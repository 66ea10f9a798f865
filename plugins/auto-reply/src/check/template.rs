//! Templates, as far as they can be judged by what fills them: their own words are WhatsApp's.

use sdk::{Known, Problems, limits, placeholder};

use super::files::check_source;
use crate::settings::{Form, Head};

pub(super) fn check(form: &Form, known: &Known, problems: &mut Problems) {
    check_name(&form.name, problems);
    check_languages(form, known, problems);
    check_params(form, known, problems);
    if let Some(header) = &form.header {
        check_header(header, known, problems);
    }
    check_buttons(form, known, problems);
}

fn check_name(name: &str, problems: &mut Problems) {
    if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c.is_control()) {
        let help = "write it as WhatsApp has it: `order_sent`";
        problems.add_with_help(
            "template.name",
            format!("`{name}` is no template's name"),
            help,
        );
    }
    limits::TEMPLATE_NAME.check(name, "template.name", problems);
}

fn check_languages(form: &Form, known: &Known, problems: &mut Problems) {
    let path = "template.languages";
    if form.languages.with_paths(path).next().is_none() {
        let language = known.languages.first().map_or("en", String::as_str);
        problems.add_with_help(
            path,
            "the template has no language",
            format!("add `{language} = \"…\"` with the code it was approved under"),
        );
    }
    form.languages.check(path, known, problems);
    for (path, code) in form.languages.with_paths(path) {
        if !code.trim().is_empty() && !is_language_code(code) {
            let help = "write it as WhatsApp has it: `pt_BR`, `en`";
            problems.add_with_help(path, format!("`{code}` is no language code"), help);
        }
    }
}

/// `pt`, `fil`, `pt_BR`, `zh_Hans`.
fn is_language_code(code: &str) -> bool {
    let (language, region) = code
        .split_once('_')
        .map_or((code, None), |(language, region)| (language, Some(region)));
    let is_language =
        matches!(language.len(), 2 | 3) && language.chars().all(|c| c.is_ascii_lowercase());
    let is_region = |region: &str| {
        (2..=4).contains(&region.len()) && region.chars().all(|c| c.is_ascii_alphanumeric())
    };
    is_language && region.is_none_or(is_region)
}

fn check_params(form: &Form, known: &Known, problems: &mut Problems) {
    let named = form.params.iter().filter(|param| param.name.is_some());
    let named = named.count();
    if named != 0 && named != form.params.len() {
        let message = format!("{named} of {} parameters have a name", form.params.len());
        let help = "a template's places are all named or all numbered";
        problems.add_with_help("template.params", message, help);
    }
    let mut names = Vec::new();
    let mut longest = 0;
    for (index, param) in form.params.iter().enumerate() {
        let path = format!("template.params.{index}");
        let text = match &param.name {
            Some(name) => {
                let name_path = format!("{path}.name");
                if name.is_empty() || name.contains(char::is_whitespace) {
                    problems.add(&name_path, "the name is empty or holds a blank");
                } else if names.contains(&name) {
                    problems.add(&name_path, format!("`{name}` is filled already"));
                } else {
                    names.push(name);
                }
                format!("{path}.text")
            }
            None => path,
        };
        let what = "text for the parameter";
        param
            .text
            .check_needed(&text, what, limits::TEMPLATE_PARAMETER, known, problems);
        let counts = param
            .text
            .with_paths(&text)
            .map(|(_, text)| placeholder::chars(text));
        longest += counts.max().unwrap_or(0);
    }
    let most = limits::TEMPLATE_PARAMETER.chars;
    if longest > most && form.params.len() > 1 {
        let message = format!("the parameters have {longest} characters together");
        let help = format!(
            "a template holds at most {most}: shorten them by {}",
            longest - most
        );
        problems.add_with_help("template.params", message, help);
    }
}

fn check_header(head: &Head, known: &Known, problems: &mut Problems) {
    let path = "template.header";
    let has_source = head.id.is_some() || head.link.is_some();
    match head.kind {
        None if has_source => problems.add_with_help(
            path,
            "it does not say what kind of file it is",
            "add `kind`: image, video or document",
        ),
        None => head.text.check_needed(
            "template.header.text",
            "text for the header",
            limits::HEADER,
            known,
            problems,
        ),
        Some(kind) => {
            if !kind.is_shown() {
                let message = format!("a file of kind {} does not go into a header", kind.word());
                let help = "image, video and document do";
                problems.add_with_help("template.header.kind", message, help);
            }
            if !head.text.is_empty() {
                problems.add_with_help(path, "it has both words and a file", "keep one");
            }
            check_source(head.id.as_ref(), head.link.as_ref(), path, problems);
        }
    }
}

fn check_buttons(form: &Form, known: &Known, problems: &mut Problems) {
    let most = limits::TEMPLATE_BUTTONS;
    let mut places = Vec::new();
    for (place, button) in form.buttons.iter().enumerate() {
        let path = format!("template.buttons.{place}");
        if usize::from(button.index) >= most {
            let message = format!("there is no button {}", button.index);
            let help = format!("a template has at most {most}, counted from 0");
            problems.add_with_help(format!("{path}.index"), message, help);
        } else if places.contains(&button.index) {
            let message = format!("button {} is filled already", button.index);
            problems.add(format!("{path}.index"), message);
        } else {
            places.push(button.index);
        }
        match (&button.payload, &button.url_suffix) {
            (Some(payload), None) => {
                let path = format!("{path}.payload");
                if payload.trim().is_empty() || payload.contains(char::is_control) {
                    problems.add(&path, "the payload is empty or holds a control character");
                }
                if payload.chars().count() > limits::BUTTON_ID.chars {
                    let help = format!("a payload holds at most {}", limits::BUTTON_ID.chars);
                    let message = format!("it has {} characters", payload.chars().count());
                    problems.add_with_help(&path, message, help);
                }
            }
            (None, Some(suffix)) => {
                let path = format!("{path}.url_suffix");
                if suffix.trim().is_empty() {
                    problems.add(&path, "the end of the address is empty");
                }
                placeholder::check(suffix, &path, known, problems);
            }
            (None, None) => problems.add_with_help(
                path,
                "it does not say what fills the button",
                "add `payload` for a quick reply, or `url_suffix` for a page",
            ),
            (Some(_), Some(_)) => {
                problems.add_with_help(path, "it has both `payload` and `url_suffix`", "keep one");
            }
        }
    }
}
