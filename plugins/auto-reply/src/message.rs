//! From settings and a turn to a message.

use sdk::limits::{self, Limit};
use sdk::{Failure, Link, Menu, Outgoing, OutgoingMedia, Template, Texts, Turn, placeholder};

use crate::settings::{File, Form, Head, Page, Param, Settings, source};

impl Settings {
    /// What answers this turn, but for reaction and template; nothing if the settings name neither words nor a file.
    pub(crate) fn message(&self, turn: &Turn) -> Result<Option<Outgoing>, Failure> {
        if let Some(file) = &self.media {
            return Ok(Some(self.file(file, turn)?.into()));
        }
        if self.reply.is_empty() {
            return Ok(None);
        }
        let body = say(&self.reply, turn, self.body_limit(), "the reply")?;
        let (header, footer) = (
            self.header.say(turn, limits::HEADER),
            self.footer.say(turn, limits::FOOTER),
        );
        let message = if let Some(choices) = &self.menu {
            let label = say(&choices.label, turn, limits::MENU_LABEL, "the menu's label")?;
            let mut menu = sdk::menu(body, label);
            for row in &choices.rows {
                let title = say(&row.title, turn, limits::ROW_TITLE, "a row's title")?;
                menu = match row.description.say(turn, limits::ROW_DESCRIPTION) {
                    Some(description) => menu.row_about(&row.id, title, description),
                    None => menu.row(&row.id, title),
                };
            }
            Menu {
                header,
                footer,
                ..menu
            }
            .into()
        } else if let Some(Page { label, url }) = &self.link {
            let label = say(label, turn, limits::LINK_LABEL, "the link's label")?;
            let link = sdk::link(body, label, placeholder::render_url(url, turn));
            Link {
                header,
                footer,
                ..link
            }
            .into()
        } else if !self.buttons.is_empty() {
            let mut buttons = sdk::buttons(body);
            for offer in &self.buttons {
                let title = say(&offer.title, turn, limits::BUTTON_TITLE, "a button's title")?;
                buttons = buttons.button(&offer.id, title);
            }
            sdk::TextWithButtons {
                header,
                footer,
                ..buttons
            }
            .into()
        } else {
            sdk::text(body)
        };
        Ok(Some(message))
    }

    /// What the reply may hold, by what stands beneath it.
    pub(crate) fn body_limit(&self) -> Limit {
        if self.media.is_some() {
            limits::CAPTION
        } else if self.menu.is_some() {
            limits::MENU_BODY
        } else if self.link.is_some() {
            limits::LINK_BODY
        } else if self.buttons.is_empty() {
            limits::TEXT
        } else {
            limits::BUTTONS_BODY
        }
    }

    fn file(&self, file: &File, turn: &Turn) -> Result<OutgoingMedia, Failure> {
        Ok(OutgoingMedia {
            kind: file.kind.into(),
            source: source(file.id.as_ref(), file.link.as_ref())
                .ok_or_else(|| Failure::new("the file has neither `id` nor `link`"))?,
            caption: self.reply.say(turn, limits::CAPTION),
            filename: file.filename.clone(),
        })
    }
}

impl Form {
    /// The template, filled in, in the language nearest to the turn's that it has been approved in.
    pub(crate) fn fill(&self, turn: &Turn) -> Result<Template, Failure> {
        let (language, code) = self
            .languages
            .choice(&turn.language, &turn.languages)
            .ok_or_else(|| Failure::new("the template has no language"))?;
        // Its own words are in that language, so what fills it has to be.
        let turn = Turn {
            language: language.unwrap_or(&turn.language).to_owned(),
            ..turn.clone()
        };
        let mut template = sdk::template(&self.name, code, self.category.into());
        for Param { name, text } in &self.params {
            let text = say(
                text,
                &turn,
                limits::TEMPLATE_PARAMETER,
                "a template's parameter",
            )?;
            template = match name {
                Some(name) => template.fill_named(name, text),
                None => template.fill(text),
            };
        }
        if let Some(head) = &self.header {
            template = head.fill(template, &turn)?;
        }
        for button in &self.buttons {
            template = match (&button.payload, &button.url_suffix) {
                (Some(payload), _) => template.payload(button.index, payload),
                (None, Some(suffix)) => {
                    template.url_suffix(button.index, placeholder::render_url(suffix, &turn))
                }
                (None, None) => template,
            };
        }
        Ok(template)
    }
}

impl Head {
    fn fill(&self, template: Template, turn: &Turn) -> Result<Template, Failure> {
        let Some(kind) = self.kind else {
            let text = say(&self.text, turn, limits::HEADER, "the template's header")?;
            return Ok(template.header_text(text));
        };
        let source = source(self.id.as_ref(), self.link.as_ref())
            .ok_or_else(|| Failure::new("the template's header has neither `id` nor `link`"))?;
        Ok(template.header_media(kind.into(), source))
    }
}

/// A text of values alone that are all blank is none, and the gate refuses it: what a contact writes makes no plugin fail.
fn say(texts: &Texts, turn: &Turn, limit: Limit, what: &str) -> Result<String, Failure> {
    match texts.say(turn, limit) {
        Some(text) => Ok(text),
        None if !texts.is_empty() => Ok(String::new()),
        None => Err(Failure::new(format!("{what} has no text in any language"))),
    }
}
