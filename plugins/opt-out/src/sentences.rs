//! The built-in sentences. START brings a contact back and STOP ends it in every language: both are built-in words of the host.

use sdk::Turn;

/// What a contact has just said.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Said {
    LeftEverything,
    LeftMarketing,
    BackToEverything,
    BackToMarketing,
}

type Sentences = [(&'static str, &'static str); 6];

const LEFT_EVERYTHING: Sentences = [
    (
        "en",
        "You are unsubscribed and will get no more messages from us. To come back, send START.",
    ),
    (
        "pt",
        "Sua inscrição foi cancelada e você não vai mais receber mensagens nossas. Para voltar, envie START.",
    ),
    (
        "es",
        "Tu suscripción está cancelada y no te enviaremos más mensajes. Para volver, envía START.",
    ),
    (
        "fr",
        "Vous êtes désinscrit et ne recevrez plus de messages de notre part. Pour revenir, envoyez START.",
    ),
    (
        "de",
        "Sie sind abgemeldet und bekommen keine Nachrichten mehr von uns. Um zurückzukommen, senden Sie START.",
    ),
    (
        "it",
        "La tua iscrizione è annullata e non riceverai più messaggi da noi. Per tornare, invia START.",
    ),
];

const LEFT_MARKETING: Sentences = [
    (
        "en",
        "Done: we will send you no more offers. We still answer when you write to us. To get offers again, send START.",
    ),
    (
        "pt",
        "Pronto: você não vai mais receber ofertas nossas. Se escrever, continuamos respondendo. Para receber ofertas de novo, envie START.",
    ),
    (
        "es",
        "Listo: no te enviaremos más ofertas. Si nos escribes, te seguimos respondiendo. Para recibir ofertas otra vez, envía START.",
    ),
    (
        "fr",
        "C'est fait : vous ne recevrez plus nos offres. Si vous nous écrivez, nous répondons toujours. Pour les recevoir de nouveau, envoyez START.",
    ),
    (
        "de",
        "Erledigt: Sie bekommen keine Angebote mehr von uns. Wenn Sie uns schreiben, antworten wir weiterhin. Um Angebote wieder zu bekommen, senden Sie START.",
    ),
    (
        "it",
        "Fatto: non riceverai più le nostre offerte. Se ci scrivi, continuiamo a rispondere. Per riceverle di nuovo, invia START.",
    ),
];

const BACK_TO_EVERYTHING: Sentences = [
    (
        "en",
        "Welcome back! You will get our messages again. To leave, send STOP.",
    ),
    (
        "pt",
        "Que bom ter você de volta! Você vai receber nossas mensagens de novo. Para sair, envie STOP.",
    ),
    (
        "es",
        "¡Qué bueno tenerte de vuelta! Recibirás nuestros mensajes otra vez. Para salir, envía STOP.",
    ),
    (
        "fr",
        "Content de vous revoir ! Vous recevrez de nouveau nos messages. Pour partir, envoyez STOP.",
    ),
    (
        "de",
        "Schön, dass Sie wieder da sind! Sie bekommen unsere Nachrichten wieder. Um sich abzumelden, senden Sie STOP.",
    ),
    (
        "it",
        "Bentornato! Riceverai di nuovo i nostri messaggi. Per uscire, invia STOP.",
    ),
];

const BACK_TO_MARKETING: Sentences = [
    (
        "en",
        "Welcome back! You will get our offers again. To get none, send STOP.",
    ),
    (
        "pt",
        "Que bom! Você vai receber nossas ofertas de novo. Para parar, envie STOP.",
    ),
    (
        "es",
        "¡Qué bueno! Recibirás nuestras ofertas otra vez. Para dejar de recibirlas, envía STOP.",
    ),
    (
        "fr",
        "Avec plaisir ! Vous recevrez de nouveau nos offres. Pour ne plus les recevoir, envoyez STOP.",
    ),
    (
        "de",
        "Gern! Sie bekommen unsere Angebote wieder. Um keine mehr zu bekommen, senden Sie STOP.",
    ),
    (
        "it",
        "Bene! Riceverai di nuovo le nostre offerte. Per non riceverle più, invia STOP.",
    ),
];

impl Said {
    /// The sentence for a turn: in its language, else in the first of the rule file's that there is one in, else in English.
    pub(crate) fn sentence(self, turn: &Turn) -> &'static str {
        let sentences = match self {
            Self::LeftEverything => LEFT_EVERYTHING,
            Self::LeftMarketing => LEFT_MARKETING,
            Self::BackToEverything => BACK_TO_EVERYTHING,
            Self::BackToMarketing => BACK_TO_MARKETING,
        };
        let [(_, english), ..] = sentences;
        let wanted = std::iter::once(&turn.language).chain(&turn.languages);
        wanted
            .map(|language| language.split('_').next().unwrap_or(language))
            .find_map(|wanted| sentences.iter().find(|(language, _)| *language == wanted))
            .map_or(english, |(_, sentence)| sentence)
    }
}
