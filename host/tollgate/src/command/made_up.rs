//! A message that nobody wrote, tried on the rule files themselves: no host is needed, and nothing is run or kept.

use std::sync::{Arc, Mutex};

use clap::Args;
use engine::why_not::{About, Ground, Nobody, nobody};
use engine::{Clock, SystemClock, Tenant, edition};
use gate::Rates;
use model::{Content, Language, NumberId, TenantId};
use rulebook::{Circumstances, Draft, Remedy};

use super::{ConfigFile, Failure, rehearsed};
use crate::wiring;

/// What somebody whom nobody knows might write.
#[derive(Debug, Args)]
#[command(next_help_heading = "A message that nobody wrote")]
pub(super) struct MadeUp {
    /// What is written; with --kind image, what stands beneath it
    #[arg(long, value_name = "TEXT")]
    pub(super) says: Option<String>,
    #[command(flatten)]
    config: ConfigFile,
    /// The language they used last, such as pt; else the text tells
    #[arg(long, value_name = "CODE")]
    lang: Option<String>,
    /// Tags that they bear
    #[arg(long, value_name = "TAG,…", value_delimiter = ',')]
    tags: Vec<String>,
    /// When, in the rules' timezone: "2026-11-22 15:00" or "Sun 15:00"; else now
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// The kind of message, such as image or voice; else a text
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// They tap this option instead of writing
    #[arg(long, value_name = "ID", conflicts_with = "kind")]
    option: Option<String>,
    /// It is the first that they ever wrote; else they wrote an hour before
    #[arg(long)]
    first: bool,
}

/// The rules as the files say, and a message to try on them.
pub(super) struct Trial {
    pub(super) draft: Draft,
    tenant: Arc<Tenant>,
    pub(super) circumstances: Circumstances,
    pub(super) about: About,
}

impl Trial {
    /// Asks it something.
    pub(super) fn ask<T>(&self, question: impl FnOnce(&Ground<'_>) -> T) -> T {
        let rates = Mutex::new(Rates::default());
        question(&Ground {
            edition: None,
            draft: &self.draft,
            tenant: &self.tenant,
            stops: &[],
            rates: &rates,
        })
    }
}

impl MadeUp {
    /// Whether there is one: a tap says something as well.
    pub(super) fn is_there(&self) -> bool {
        self.says.is_some() || self.option.is_some()
    }

    /// Refuses what only a made-up contact has, where a running host knows the contact.
    pub(super) fn refuse_for_a_host(&self) -> Result<(), Failure> {
        let given = [
            ("--config", self.config.config.is_some()),
            ("--lang", self.lang.is_some()),
            ("--tags", !self.tags.is_empty()),
            ("--at", self.at.is_some()),
            ("--kind", self.kind.is_some()),
            ("--option", self.option.is_some()),
            ("--first", self.first),
        ];
        match given.into_iter().find(|(_, is_given)| *is_given) {
            None => Ok(()),
            Some((flag, _)) => Err(Failure::usage(format!(
                "error: {flag}: a running host knows its contacts and its time\n  help: leave it out, or try a message that nobody wrote on the rule files, without --message and --contact"
            ))),
        }
    }

    /// Reads the rule files and makes the message up. Files with an error are told as `tollgate check` tells them.
    pub(super) fn read(
        &self,
        tenant: Option<&str>,
        number: Option<&str>,
    ) -> Result<Trial, Failure> {
        let (config, is_embedded) = self.config.read()?;
        let plan = wiring::plan_for_checking(&config, is_embedded)
            .map_err(|error| Failure::usage(format!("error: {error}")))?;
        let wanted =
            |(id, _): &(&TenantId, &Arc<Tenant>)| tenant.is_none_or(|tenant| id.as_str() == tenant);
        let mut tenants = plan.tenants.iter().filter(wanted);
        let (tenant_id, tenant) = match (tenants.next(), tenants.next()) {
            (Some((id, tenant)), None) => (id.clone(), Arc::clone(tenant)),
            (None, _) => {
                return Err(Failure::usage(
                    "error: there is no such tenant in the configuration",
                ));
            }
            _ => {
                let names: Vec<_> = plan.tenants.keys().map(TenantId::as_str).collect();
                return Err(Failure::usage(format!(
                    "error: there are several tenants\n  help: name one with --tenant, of {}",
                    names.join(", ")
                )));
            }
        };
        let number = match number {
            Some(number) => NumberId::new(number).ok(),
            None => tenant.lines.keys().next().cloned(),
        };
        let number = number
            .filter(|number| tenant.lines.contains_key(number))
            .ok_or_else(|| Failure::usage("error: that is no number of the tenant"))?;
        let draft =
            edition::rules(&plan, &tenant).map_err(|refused| rehearsed::refused(&refused))?;
        let (circumstances, about) = self.make((&tenant_id, &tenant, &draft), &number)?;
        Ok(Trial {
            draft,
            tenant,
            circumstances,
            about,
        })
    }

    fn make(
        &self,
        whose: (&TenantId, &Tenant, &Draft),
        number: &NumberId,
    ) -> Result<(Circumstances, About), Failure> {
        let (_, _, draft) = whose;
        let now = match &self.at {
            None => SystemClock.now(),
            Some(at) => draft.local_time(at).ok_or_else(|| {
                Failure::usage(format!(
                    "error: --at: {at:?} is no local time\n  help: write \"2026-11-22 15:00\" or \"Sun 15:00\""
                ))
            })?,
        };
        let language = match &self.lang {
            None => None,
            Some(code) => Some(Language::new(code.as_str()).map_err(|_| {
                Failure::usage(format!(
                    "error: --lang: {code:?} is no language\n  help: write a code such as pt or en"
                ))
            })?),
        };
        let who = Nobody {
            phone: None,
            language,
            tags: self.tags.iter().cloned().collect(),
            wrote_before: !self.first,
        };
        let content = Content::Text {
            body: self.says.clone().unwrap_or_default(),
        };
        let made = nobody(whose, number, content, who, now);
        let (mut circumstances, about) =
            made.ok_or_else(|| Failure::found("error: no message could be made up"))?;
        if let Some(kind) = &self.kind {
            let send = Remedy::Send { kind: kind.clone() };
            circumstances.make([&send]);
            if circumstances.message.content.kind() != kind {
                return Err(Failure::usage(format!(
                    "error: --kind: nobody can send {kind:?}\n  help: text, image, video, audio, voice, document, sticker, location, contacts, form, reaction, order, edit or revoke"
                )));
            }
        }
        if let Some(id) = &self.option {
            let title = draft.option_title(id, &circumstances.language);
            let Some(title) = title.map(str::to_owned) else {
                let options: Vec<_> = draft.options().collect();
                return Err(Failure::usage(format!(
                    "error: --option: there is no option {id:?}\n  help: there is {}",
                    options.join(", ")
                )));
            };
            circumstances.make([&Remedy::Tap {
                id: id.clone(),
                title,
                menu: false,
            }]);
        }
        Ok((circumstances, about))
    }
}
