//! Templates, as far as they can be judged by what fills them: their own words are WhatsApp's.

use std::collections::BTreeSet;

use model::{
    Language, MediaKind, Template, TemplateButton, TemplateButtonFill, TemplateHeader,
    TemplateParameter,
};

use super::{at_most_of, files, line, lines, opaque};
use crate::limits;

pub(super) fn template(template: &Template) -> Result<(), String> {
    opaque(
        "the template's name",
        &template.name,
        limits::TEMPLATE_NAME_CHARS,
    )?;
    Language::new(&*template.language).map_err(|error| {
        format!(
            "the template's language {:?} is {error}",
            template.language.chars().take(20).collect::<String>()
        )
    })?;
    header(template.header.as_ref())?;
    parameters(&template.parameters)?;
    buttons(&template.buttons)
}

fn header(header: Option<&TemplateHeader>) -> Result<(), String> {
    match header {
        None => Ok(()),
        Some(TemplateHeader::Text(text)) => {
            line("the template's header", text, limits::FRAME_CHARS)
        }
        Some(TemplateHeader::Media(
            MediaKind::Image | MediaKind::Video | MediaKind::Document,
            source,
        )) => files::source(source),
        Some(TemplateHeader::Media(kind, _)) => Err(format!(
            "{} in the template's header, and only images, videos and documents are allowed",
            files::one(*kind)
        )),
    }
}

fn parameters(parameters: &[TemplateParameter]) -> Result<(), String> {
    let named = parameters
        .iter()
        .filter(|found| found.name.is_some())
        .count();
    if named != 0 && named != parameters.len() {
        return Err(format!(
            "{named} of {} template parameters have a name, and it is all of them or none",
            parameters.len()
        ));
    }
    let mut names = BTreeSet::new();
    let mut count = 0;
    for parameter in parameters {
        let what = "a template parameter";
        lines(what, &parameter.text, limits::TEMPLATE_BODY_CHARS)?;
        count += parameter.text.chars().count();
        if let Some(name) = &parameter.name {
            opaque(
                "a template parameter's name",
                name,
                limits::PARAMETER_NAME_CHARS,
            )?;
            if !names.insert(name) {
                return Err(format!("two template parameters with the name {name:?}"));
            }
        }
    }
    // What the template says itself comes on top, so more cannot fit.
    at_most_of(
        "what fills the template",
        count,
        limits::TEMPLATE_BODY_CHARS,
    )
}

fn buttons(buttons: &[TemplateButton]) -> Result<(), String> {
    let most = limits::TEMPLATE_BUTTONS;
    if buttons.len() > most {
        return Err(format!(
            "{} template buttons, and {most} are allowed",
            buttons.len()
        ));
    }
    let mut places = BTreeSet::new();
    for button in buttons {
        if usize::from(button.index) >= most {
            return Err(format!(
                "a template button with the index {}, and 0 to {} are allowed",
                button.index,
                most - 1
            ));
        }
        if !places.insert(button.index) {
            return Err(format!(
                "two template buttons with the index {}",
                button.index
            ));
        }
        match &button.fill {
            TemplateButtonFill::Payload(payload) => line(
                "a template button's payload",
                payload,
                limits::BUTTON_ID_CHARS,
            )?,
            TemplateButtonFill::UrlSuffix(end) => {
                files::address_end("a template button's address", end)?;
            }
        }
    }
    Ok(())
}
