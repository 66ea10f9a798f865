//! Broken hosts. Each breaks one promise on purpose, and the judge has to notice: a simulation that cannot fail proves nothing.

/// What is broken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sabotage {
    #[default]
    Nothing,
    /// I1: now and then it acknowledges what it did not store.
    AcknowledgesWithoutStoring,
    /// I2: it does not know again what it has seen.
    ForgetsKeys,
    /// I2: each request is made twice.
    DeliversTwice,
    /// I3: decisions settle without their sends.
    LosesSends,
    /// I3: and without what plugins keep.
    LosesMemory,
    /// I3: and without the counts of limited rules.
    LosesCounts,
    /// I3: and without the log of opt-ins and opt-outs.
    LosesConsentLog,
    /// I4: what comes in one delivery is taken in the wrong order.
    SwapsMessages,
    /// I4: the sends of one decision leave in the wrong order.
    ReversesSends,
    /// I5: a stop switch stops nothing.
    IgnoresSwitches,
    /// I6: a stop that was accepted counts only when it is decided.
    ForgetsStops,
    /// I6: an opt-out is settled, and the contact stays in.
    LosesConsent,
    /// I6: consent is not read again when a send leaves.
    IgnoresConsent,
    /// I6: nor are pauses.
    IgnoresPauses,
    /// I6: nor are windows.
    IgnoresWindows,
    /// I6: a person of ours who writes from elsewhere silences nobody.
    ForgetsEchoes,
    /// I10: a decision names another edition than the one that it was made on.
    SaysAnotherEdition,
    /// I11: what was in flight when the host died is in flight for ever.
    RecoversNothing,
    /// I11: what may have arrived is sent once more without evidence.
    ResendsBlindly,
    /// I13: sends leave on a number of the other tenant.
    CrossesTenants,
    /// The gate's rates begin anew with every host.
    ForgetsRates,
}

impl Sabotage {
    /// All that break something.
    pub const ALL: [Self; 21] = [
        Self::AcknowledgesWithoutStoring,
        Self::ForgetsKeys,
        Self::DeliversTwice,
        Self::LosesSends,
        Self::LosesMemory,
        Self::LosesCounts,
        Self::LosesConsentLog,
        Self::SwapsMessages,
        Self::ReversesSends,
        Self::IgnoresSwitches,
        Self::ForgetsStops,
        Self::LosesConsent,
        Self::IgnoresConsent,
        Self::IgnoresPauses,
        Self::IgnoresWindows,
        Self::ForgetsEchoes,
        Self::SaysAnotherEdition,
        Self::RecoversNothing,
        Self::ResendsBlindly,
        Self::CrossesTenants,
        Self::ForgetsRates,
    ];
}
