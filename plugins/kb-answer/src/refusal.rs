//! Whether an answer is a model's way of saying that it has none.
//!
//! The whole answer has to be that: every sentence of it is one that refuses, or one that only goes with refusing ("Please
//! rephrase your question."). A refusal within an answer that says more is left alone.

/// Sentences that refuse, folded; `*` stands for some words, but not for a turn of the sentence ("…, but …").
const REFUSING: &[&str] = &[
    // English
    "i am * unable to assist *",
    "i am * unable to help *",
    "i am * unable to answer *",
    "i am * unable to find *",
    "i am * unable to provide *",
    "i am * not able to *",
    "i cannot assist *",
    "i cannot help you *",
    "i cannot help with *",
    "i cannot answer *",
    "i cannot find *",
    "i cannot provide *",
    "i could not find *",
    "i did not find *",
    "i do not have * information *",
    "i do not have an answer *",
    "i do not have the answer *",
    "i do not know *",
    "the model cannot find *",
    "the search results do not *",
    "the provided * do not contain *",
    "the provided * does not contain *",
    "the context does not *",
    "there is no information *",
    "no answer",
    "no answer found",
    "no relevant * found",
    // Portuguese
    "nao posso ajudar *",
    "nao posso ajuda lo *",
    "nao posso ajudar te *",
    "nao posso responder *",
    "nao consigo ajudar *",
    "nao consigo responder *",
    "nao consigo encontrar *",
    "nao consegui encontrar *",
    "nao foi possivel encontrar *",
    "nao encontrei *",
    "nao tenho * informacao *",
    "nao tenho * informacoes *",
    "nao ha informacao *",
    "nao ha informacoes *",
    "nao sei *",
    "os resultados da * nao *",
    // Spanish
    "no puedo ayudar *",
    "no puedo ayudarte *",
    "no puedo ayudarle *",
    "no puedo ayudarlo *",
    "no puedo responder *",
    "no puedo encontrar *",
    "no pude encontrar *",
    "no he podido encontrar *",
    "no he encontrado *",
    "no encontre *",
    "no tengo * informacion *",
    "no hay informacion *",
    "no se",
    "no se la respuesta *",
    "los resultados de * no *",
    // French
    "je ne peux pas * aider *",
    "je ne peux pas * repondre *",
    "je ne suis pas en mesure *",
    "je n ai pas trouve *",
    "je n ai pas pu trouver *",
    "je n ai pas * information *",
    "je n ai pas * informations *",
    "je ne dispose pas *",
    "je ne trouve pas *",
    "je ne sais pas *",
    "il n y a pas d information *",
    // German
    "ich kann * nicht helfen",
    "ich kann * nicht beantworten",
    "ich kann * nicht weiterhelfen",
    "ich konnte keine * finden",
    "ich habe keine * informationen *",
    "ich habe keine * gefunden",
    "kann ich * nicht helfen",
    "kann ich * nicht beantworten",
    "kann ich * nicht weiterhelfen",
    "konnte ich keine * finden",
    "habe ich keine * gefunden",
    "ich weiss es nicht",
    "das weiss ich nicht",
    "es liegen keine informationen *",
    // Italian
    "non posso aiutar *",
    "non posso aiutarti *",
    "non posso aiutarla *",
    "non posso rispondere *",
    "non sono in grado *",
    "non ho trovato *",
    "non ho * informazioni *",
    "non lo so",
];

/// Sentences that go with refusing and answer nothing.
const BESIDE: &[&str] = &[
    "please rephrase *",
    "please try *",
    "please contact *",
    "please provide *",
    "could you *",
    "is there anything else *",
    "i apologize *",
    "sorry *",
    "por favor *",
    "posso ajudar * mais *",
    "desculpe *",
    "lo siento *",
    "puedo ayudarte * mas *",
    "veuillez *",
    "merci de *",
    "desole *",
    "bitte *",
    "es tut mir leid *",
    "mi dispiace *",
    "per favore *",
];

/// Words before a refusal that change nothing about it.
const BEFORE: &[&str] = &[
    "sorry but",
    "sorry",
    "i am sorry but",
    "i am sorry",
    "i apologize but",
    "i apologize",
    "unfortunately",
    "desculpe mas",
    "desculpe",
    "desculpa",
    "sinto muito mas",
    "sinto muito",
    "infelizmente",
    "lo siento pero",
    "lo siento",
    "lamentablemente",
    "desole mais",
    "desole",
    "je suis desole mais",
    "je suis desole",
    "malheureusement",
    "es tut mir leid aber",
    "es tut mir leid",
    "leider",
    "mi dispiace ma",
    "mi dispiace",
    "purtroppo",
];

/// Words at which a sentence turns: what follows may be the answer.
const TURNS: &[&str] = &[
    "but",
    "however",
    "instead",
    "although",
    "mas",
    "porem",
    "entretanto",
    "pero",
    "aunque",
    "mais",
    "cependant",
    "aber",
    "jedoch",
    "sondern",
    "ma",
    "tuttavia",
];

/// The most words that a `*` stands for: a longer sentence says something.
const MOST_WORDS: usize = 20;

/// Whether the answer as a whole is a refusal.
pub(crate) fn is_refusal(answer: &str) -> bool {
    let mut refuses = false;
    for sentence in sentences(answer) {
        let words = folded(sentence);
        let words = without_apology(&words);
        if words.is_empty() {
            continue;
        }
        if fits_any(REFUSING, words) {
            refuses = true;
        } else if !fits_any(BESIDE, words) {
            return false;
        }
    }
    refuses
}

fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split(['.', '!', '?', '\n', '。', '！', '？'])
}

/// Lower case, without accents, contractions and punctuation.
fn folded(sentence: &str) -> Vec<String> {
    let lower: String = sentence.chars().flat_map(char::to_lowercase).collect();
    let lower = lower.replace('’', "'");
    let lower = lower.replace("can't", "cannot").replace("n't", " not");
    let lower = lower.replace("i'm", "i am").replace("i've", "i have");
    let plain = lower.chars().map(without_accent).collect::<String>();
    let plain = plain.replace('ß', "ss");
    plain
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn without_accent(letter: char) -> char {
    match letter {
        'á' | 'à' | 'â' | 'ã' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        other => other,
    }
}

fn without_apology(words: &[String]) -> &[String] {
    let mut rest = words;
    for _ in 0..3 {
        let begins = |phrase: &&&str| {
            let mut at = rest.iter();
            phrase
                .split(' ')
                .all(|word| at.next().is_some_and(|found| found == word))
        };
        match BEFORE
            .iter()
            .filter(begins)
            .max_by_key(|phrase| phrase.len())
        {
            Some(phrase) => rest = rest.get(phrase.split(' ').count()..).unwrap_or_default(),
            None => break,
        }
    }
    rest
}

fn fits_any(patterns: &[&str], words: &[String]) -> bool {
    patterns.iter().any(|pattern| {
        let pattern: Vec<_> = pattern.split(' ').collect();
        fits(&pattern, words)
    })
}

fn fits(pattern: &[&str], words: &[String]) -> bool {
    match pattern.split_first() {
        None => words.is_empty(),
        Some((&"*", rest)) => (0..=words.len().min(MOST_WORDS))
            .take_while(|count| {
                let taken = words.get(..*count).unwrap_or_default();
                taken
                    .last()
                    .is_none_or(|word| !TURNS.contains(&word.as_str()))
            })
            .any(|count| fits(rest, words.get(count..).unwrap_or_default())),
        Some((word, rest)) => match words.split_first() {
            Some((found, after)) => found == word && fits(rest, after),
            None => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_models_refusal_is_known_in_several_languages() {
        for answer in [
            "Sorry, I am unable to assist you with this request.",
            "Sorry, I'm unable to assist you with this request.",
            "I could not find an exact answer to the question.",
            "I couldn’t find an exact answer to your question. Please try rephrasing it.",
            "I'm sorry, but I don't have enough information to answer that question.",
            "The search results do not contain information about your order.",
            "I do not know.",
            "NO_ANSWER",
            "Desculpe, não posso ajudar com este pedido.",
            "Desculpe, mas não encontrei uma resposta para a sua pergunta.",
            "Infelizmente, não tenho informações suficientes sobre isso.",
            "Lo siento, no puedo ayudarte con esta solicitud.",
            "No he podido encontrar una respuesta exacta.",
            "Je suis désolé, mais je ne peux pas vous aider avec cette demande.",
            "Je n'ai pas trouvé de réponse exacte à votre question.",
            "Leider kann ich Ihnen dabei nicht helfen.",
            "Es tut mir leid, ich konnte keine passende Antwort finden.",
            "Mi dispiace, non sono in grado di aiutarti.",
        ] {
            assert!(is_refusal(answer), "{answer}");
        }
    }

    #[test]
    fn an_answer_that_says_something_is_none() {
        for answer in [
            "We are open from 9 to 18.",
            "Sorry, we are closed on Sundays.",
            "I could not find the size you ask for, but the blue one is there in M.",
            "I don't know about Sundays. On Saturdays we open at 9.",
            "Returns are free within 30 days. I am unable to help you with the courier's own site.",
            "You cannot return opened food.",
            "Não encontrei o tamanho P, mas temos o M em estoque.",
            "Se você não encontrar a nota fiscal, envie o número do pedido.",
            "No se aceptan devoluciones después de 30 días.",
            "If the page says \"no answer\", reload it.",
            "Please contact the store.",
            "",
        ] {
            assert!(!is_refusal(answer), "{answer}");
        }
    }
}
