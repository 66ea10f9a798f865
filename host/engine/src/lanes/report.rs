//! One line of the log for each decision.

use model::{Cost, Decision, Ending, RunResult, StepResult};

/// One line for each decision. No text and no number (I12).
pub(super) fn report(decision: &Decision) {
    let rule = match &decision.ending {
        Ending::Answered { rule } | Ending::Unanswered { rule, .. } => rule.as_str(),
        Ending::Aside | Ending::NoRule | Ending::TooOld | Ending::DeadLetter { .. } => "",
    };
    let refused: Vec<&str> = decision.refusals().map(model::Refusal::word).collect();
    let (tenant, contact, wamid) = (
        &decision.id.tenant,
        decision.contact,
        decision.id.message.masked(),
    );
    let (edition, refused, Cost { fuel, micros }) =
        (&decision.edition, refused.join(","), decision.cost);
    if let Ending::DeadLetter { cause } = &decision.ending {
        let failure = decision
            .steps
            .iter()
            .filter(|step| step.result != StepResult::Shadow)
            .flat_map(|step| &step.runs)
            .find_map(|run| match &run.result {
                RunResult::Failed(failure) => Some((run.plugin.as_str(), failure.word())),
                RunResult::Ended(_) => None,
            });
        // A plugin's own words may quote the contact. They are in the decision; the log gets their kind.
        let (plugin, cause) = failure.unwrap_or(("", cause));
        tracing::error!(%tenant, %contact, wamid, edition, refused, fuel, micros, plugin, cause, "dead letter");
        return;
    }
    let ending = match &decision.ending {
        Ending::Answered { .. } => "answered",
        Ending::Unanswered { .. } => "unanswered",
        Ending::Aside => "aside",
        Ending::NoRule => "no rule",
        Ending::TooOld => "too old",
        Ending::DeadLetter { .. } => "dead letter",
    };
    tracing::info!(%tenant, %contact, wamid, edition, rule, refused, fuel, micros, "{ending}");
}
