//! `[opt_out]` and `[opt_in]`: no rules, always first. The host commits the change whatever becomes of the plugin that words
//! the confirmation.

use model::{
    ConsentChange, ConsentScope, Content, Evidence, Grants, Interface, Language, Outgoing,
    PluginName, Proposal, Purpose, Recipient, RuleName,
};
use rulebook::Draft;

/// Whether a message is a stop: whole message only, text, caption and taps alike.
pub(crate) fn is_stop(draft: &Draft, content: &Content) -> bool {
    said(content).any(|words| draft.is_stop(words))
}

/// Whether a message asks to be let back in.
pub(crate) fn is_start(draft: &Draft, content: &Content) -> bool {
    said(content).any(|words| draft.is_start(words))
}

fn said(content: &Content) -> impl Iterator<Item = &str> {
    let payload = match content {
        Content::Tap { id, .. } => Some(id.as_str()),
        _ => None,
    };
    content.words().into_iter().chain(payload)
}

/// One of the two sections, at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    OptOut,
    OptIn,
}

impl Section {
    /// The name it bears in decisions, and that the plugin sees as the rule.
    pub(crate) fn name(self) -> Option<RuleName> {
        RuleName::new(match self {
            Self::OptOut => "opt_out",
            Self::OptIn => "opt_in",
        })
        .ok()
    }

    pub(crate) fn purpose(self) -> Purpose {
        match self {
            Self::OptOut => Purpose::Confirmation,
            Self::OptIn => Purpose::Reply,
        }
    }

    /// The change of consent that the message means.
    pub(crate) fn change(
        self,
        scope: ConsentScope,
        message: &model::Message,
        now: model::Moment,
    ) -> ConsentChange {
        let evidence = Evidence {
            source: "message".into(),
            message: Some(message.id.clone()),
            text: message.content.words().map(str::to_owned),
        };
        ConsentChange {
            scope,
            opted_in: self == Self::OptIn,
            evidence,
            at: now,
        }
    }

    /// What goes out should the plugin fail to word it.
    pub(crate) fn built_in(self, language: &Language) -> Proposal {
        let language = language.as_str().get(..2).unwrap_or("en");
        let body = match (self, language) {
            (Self::OptOut, "pt") => "Pronto. Não enviaremos mais mensagens.",
            (Self::OptOut, "es") => "Listo. No le enviaremos más mensajes.",
            (Self::OptOut, _) => "Done. We will not message you again.",
            (Self::OptIn, "pt") => "Que bom ter você de volta!",
            (Self::OptIn, "es") => "¡Qué bueno tenerle de vuelta!",
            (Self::OptIn, _) => "Welcome back!",
        };
        Proposal::Send {
            to: Recipient::Contact,
            from: None,
            message: Outgoing::Text { body: body.into() },
            quoting: false,
        }
    }
}

/// The plugin that words confirmations.
pub(crate) fn plugin() -> PluginName {
    #[expect(clippy::expect_used, reason = "`opt-out` is a plugin's name")]
    PluginName::new("opt-out").expect("a plugin's name")
}

/// What the host itself may do when it words a confirmation: send, and nothing else.
pub(crate) fn host_grants() -> Grants {
    Grants {
        interfaces: [Interface::Gate].into(),
        ..Grants::default()
    }
}
