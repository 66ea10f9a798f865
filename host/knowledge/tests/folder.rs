//! A folder of a shop's documents in three languages, asked as customers ask.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests may fail loudly too"
)]

use std::fs;
use std::path::Path;
use std::time::Duration;

use knowledge::{Folder, FolderOptions, Knowledge as _, OpenError, limits};
use model::{Answer, Citation, Filter, Language, Question, TenantId};

fn shop() -> Folder {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    Folder::open(&corpus, FolderOptions::default()).unwrap()
}

fn question(language: &str, text: &str) -> Question {
    Question {
        base: "help".to_owned(),
        text: text.to_owned(),
        language: Language::new(language).unwrap(),
        filters: Vec::new(),
        session: None,
        passages: 3,
    }
}

async fn ask(folder: &Folder, question: &Question) -> Answer {
    folder.ask(&TenantId::new("shop").unwrap(), question).await
}

async fn citations(folder: &Folder, question: &Question) -> Vec<Citation> {
    match ask(folder, question).await {
        Answer::Found { citations, .. } => citations,
        _ => Vec::new(),
    }
}

/// The source and the beginning of the passage that an answer rests on first.
async fn first(folder: &Folder, language: &str, text: &str) -> String {
    match citations(folder, &question(language, text)).await.first() {
        Some(citation) => format!("{}: {}", citation.source, citation.passage),
        None => "no answer".to_owned(),
    }
}

#[tokio::test]
async fn the_right_passage_comes_first_however_the_question_is_put() {
    let folder = shop();
    let mut wrong = Vec::new();
    for (language, asked, expected) in [
        ("en", "What are your opening hours?", "en/hours.md: Monday"),
        (
            "en",
            "hi, when do you open on saturdays??",
            "en/hours.md: Monday",
        ),
        (
            "en",
            "Is the store open on a public holiday?",
            "en/hours.md: The store is closed",
        ),
        ("en", "where can I park", "en/hours.md: 12 Harbour"),
        ("en", "How do I return something?", "en/returns.md: "),
        ("en", "can i get a refund", "en/returns.md: "),
        (
            "en",
            "Which things cannot be returned?",
            "en/returns.md: Helmets that were worn",
        ),
        (
            "en",
            "When do I receive my refunded money?",
            "en/returns.md: We refund",
        ),
        (
            "en",
            "how much does SHIPPING cost",
            "en/delivery.md: Orders above",
        ),
        (
            "en",
            "how long does the delivery take?",
            "en/delivery.md: Parcels arrive",
        ),
        (
            "en",
            "Hello! Could you tell me how to track my parcel please",
            "en/delivery.md: As soon as",
        ),
        (
            "en",
            "is the bicycle's frame under warranty?",
            "en/warranty-bicycle.md: Frames",
        ),
        ("en", "do you deliver?", "en/delivery.md: "),
        (
            "en",
            "helmet warranties",
            "en/warranty-helmet.md: Helmets have",
        ),
        (
            "pt_BR",
            "Qual o horario de funcionamento de voces?",
            "pt/horario.md: De segunda",
        ),
        (
            "pt",
            "vcs abrem aos domingos?",
            "pt/horario.md: A loja fica fechada",
        ),
        (
            "pt",
            "Como faço para devolver um produto?",
            "pt/trocas.md: Você pode",
        ),
        (
            "pt",
            "até quando posso fazer a devolucao?",
            "pt/trocas.md: ",
        ),
        ("pt", "Quanto custa o FRETE", "entregas.pt.md: Pedidos"),
        (
            "pt",
            "em quantos dias chega a encomenda?",
            "entregas.pt.md: As encomendas",
        ),
        ("pt", "a garantia cobre os pneus?", "garantia.pt.txt: "),
        (
            "es",
            "¿Cuál es el horario de apertura?",
            "horario.es.md: De lunes",
        ),
        ("es", "abren los domingos?", "horario.es.md: De lunes"),
        (
            "es",
            "quisiera devolver un articulo",
            "devoluciones.md: Puede",
        ),
        ("es", "cuanto cuestan los envios?", "envios.md: Los pedidos"),
        (
            "es",
            "¿Cuándo me devuelven el dinero?",
            "devoluciones.md: Le devolvemos",
        ),
    ] {
        let found = first(&folder, language, asked).await;
        if !found.starts_with(expected) {
            wrong.push(format!(
                "{asked}\n  expected {expected}\n  found    {found}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn what_nobody_wrote_down_stays_unanswered() {
    let folder = shop();
    for (language, asked) in [
        ("en", "Who won the football match yesterday?"),
        ("en", "Can you write me a poem about autumn?"),
        ("en", "What is the capital of France"),
        ("en", "hello"),
        ("en", "Where are you and what do you do?"),
        ("en", "👍"),
        ("en", ""),
        ("pt", "Vocês vendem pizza de calabresa?"),
        ("pt", "Quem é o presidente da França?"),
        ("es", "¿Me recomienda un restaurante italiano?"),
        ("es", "hola buenas tardes"),
    ] {
        assert_eq!(
            ask(&folder, &question(language, asked)).await,
            Answer::NoAnswer,
            "{asked}"
        );
    }
}

#[tokio::test]
async fn an_answer_is_in_the_language_that_was_asked_for_or_there_is_none() {
    let folder = shop();
    assert!(
        first(&folder, "es_MX", "horario")
            .await
            .starts_with("horario.es.md")
    );
    assert!(
        first(&folder, "pt_BR", "horario")
            .await
            .starts_with("pt/horario.md")
    );
    assert_eq!(first(&folder, "fr", "horario").await, "no answer");
    assert_eq!(first(&folder, "en", "frete").await, "no answer");
}

#[tokio::test]
async fn an_answer_reads_well_in_a_chat_and_cites_what_it_is_made_of() {
    let mut question = question("en", "What cannot be returned?");
    question.passages = 1;
    let folder = shop();
    let Answer::Found {
        text,
        citations,
        session,
    } = ask(&folder, &question).await
    else {
        panic!("no answer");
    };
    assert_eq!(
        text,
        "*What cannot be returned*\nHelmets that were worn, gift cards and made-to-measure frames."
    );
    assert_eq!((citations.len(), session), (1, None));
    assert_eq!(citations[0].title.as_deref(), Some("Returns and refunds"));
    assert_eq!(
        citations[0].url.as_deref(),
        Some("https://shop.example/returns")
    );

    question.text = "bring back unused with receipt".to_owned();
    let Answer::Found { text, .. } = ask(&folder, &question).await else {
        panic!("no answer");
    };
    assert_eq!(
        text,
        "*Returns and refunds*\nYou can bring anything back within *30 days*, unused and with its receipt (https://shop.example/receipts)."
    );
}

#[tokio::test]
async fn an_answer_rests_on_no_more_passages_than_asked_for_best_first() {
    let folder = shop();
    let mut question = question("en", "warranty");
    let all = citations(&folder, &question).await;
    assert!(all.len() >= 2, "{all:?}");
    assert!(all.windows(2).all(|pair| pair[0].score >= pair[1].score));
    question.passages = 1;
    assert_eq!(citations(&folder, &question).await, all[..1]);
    question.passages = 0;
    assert_eq!(citations(&folder, &question).await.len(), 1);
}

#[tokio::test]
async fn filters_leave_only_documents_that_bear_all_marks() {
    let folder = shop();
    let with = |marks: &[(&str, &str)]| {
        let mut question = question("en", "warranty");
        question.filters = marks
            .iter()
            .map(|(key, value)| Filter {
                key: (*key).to_owned(),
                value: (*value).to_owned(),
            })
            .collect();
        question
    };
    let sources = async |marks: &[(&str, &str)]| {
        let cited = citations(&folder, &with(marks)).await;
        let mut sources: Vec<String> = cited.into_iter().map(|citation| citation.source).collect();
        sources.dedup();
        sources
    };
    assert_eq!(
        sources(&[("product", "helmet")]).await,
        ["en/warranty-helmet.md"]
    );
    assert_eq!(
        sources(&[("Product", "BICYCLE"), ("topic", "warranty")]).await,
        ["en/warranty-bicycle.md"]
    );
    assert_eq!(
        sources(&[("product", "helmet"), ("topic", "returns")]).await,
        Vec::<String>::new()
    );
    assert_eq!(sources(&[("product", "boat")]).await, Vec::<String>::new());
}

#[tokio::test]
async fn the_score_does_not_depend_on_how_many_documents_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let score = async || {
        let folder = Folder::open(folder.path(), FolderOptions::default()).unwrap();
        let cited = citations(
            &folder,
            &question("en", "how long is the warranty of a helmet"),
        )
        .await;
        cited
            .first()
            .and_then(|citation| citation.score)
            .unwrap_or_default()
    };
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("helmet.en.md", "# Helmets\n\nThe warranty is three years.");
    write(
        "delivery.en.md",
        "# Delivery\n\nParcels arrive in two days.",
    );
    let small = score().await;
    for number in 0..200 {
        write(
            &format!("page-{number}.en.md"),
            &format!("# Topic {number}\n\nSomething about subject number {number}, at length."),
        );
    }
    let large = score().await;
    assert!(
        small >= 500 && small.abs_diff(large) <= 100,
        "{small} {large}"
    );
}

#[tokio::test]
async fn the_same_question_has_the_same_answer_every_time() {
    let questions =
        ["warranty", "working days parcel arrive", "price"].map(|text| question("en", text));
    let (one, other) = (shop(), shop());
    for question in &questions {
        let expected = ask(&one, question).await;
        assert!(
            matches!(expected, Answer::Found { .. }),
            "{}",
            question.text
        );
        for _ in 0..5 {
            assert_eq!(ask(&one, question).await, expected);
        }
        assert_eq!(ask(&other, question).await, expected);
    }
}

#[tokio::test]
async fn a_changed_folder_is_read_again_and_a_vanished_one_still_answers() {
    let outer = tempfile::tempdir().unwrap();
    let path = outer.path().join("knowledge");
    fs::create_dir(&path).unwrap();
    fs::write(path.join("hours.en.md"), "# Opening hours\n\nFrom 9 to 17.").unwrap();
    let options = FolderOptions {
        look_every: Duration::ZERO,
        ..FolderOptions::default()
    };
    let folder = Folder::open(&path, options).unwrap();
    assert_eq!(
        first(&folder, "en", "opening hours").await,
        "hours.en.md: From 9 to 17."
    );
    fs::write(
        path.join("hours.en.md"),
        "# Opening hours\n\nFrom 10 to 16, and later in summer.",
    )
    .unwrap();
    folder.refresh().await;
    assert_eq!(
        first(&folder, "en", "opening hours").await,
        "hours.en.md: From 10 to 16, and later in summer."
    );
    // Without being told, too.
    fs::write(path.join("parking.en.md"), "# Parking\n\nBehind the house.").unwrap();
    let mut found = String::new();
    for _ in 0..50 {
        found = first(&folder, "en", "parking").await;
        if found != "no answer" {
            break;
        }
    }
    assert_eq!(found, "parking.en.md: Behind the house.");
    assert_eq!(folder.standing().documents, 2);

    fs::rename(&path, outer.path().join("gone")).unwrap();
    folder.refresh().await;
    assert_eq!(
        first(&folder, "en", "parking").await,
        "parking.en.md: Behind the house."
    );
    let standing = folder.standing();
    assert!(
        standing.problems[0].why.contains("still answers"),
        "{standing:?}"
    );
    fs::rename(outer.path().join("gone"), &path).unwrap();
    folder.refresh().await;
    assert_eq!(folder.standing().problems, []);
}

#[tokio::test]
async fn a_bad_document_is_told_and_the_others_answer() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("latin1.md", b"# Caf\xe9");
    write(
        "large.md",
        &vec![b'x'; usize::try_from(limits::FILE_BYTES).unwrap() + 1],
    );
    write("empty.md", b"");
    write("prices.pdf", b"%PDF");
    write(
        "front.en.md",
        b"---\nlang: english\nno key\n---\n# Parking\n\nBehind the house.",
    );
    let folder = Folder::open(folder.path(), FolderOptions::default()).unwrap();
    assert_eq!(
        first(&folder, "en", "parking").await,
        "front.en.md: Behind the house."
    );
    let told: Vec<String> = folder
        .standing()
        .problems
        .into_iter()
        .map(|problem| format!("{} {}", problem.path, problem.why))
        .collect();
    assert_eq!(told.len(), 6, "{told:#?}");
    for (told, expected) in told.iter().zip([
        "empty.md holds no text",
        "front.en.md \"english\" is no language that is known",
        "front.en.md line 3 of the front matter",
        "large.md has ",
        "latin1.md is not UTF-8 text",
        "prices.pdf is left out",
    ]) {
        assert!(told.starts_with(expected), "{told} / {expected}");
    }
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_an_error_that_says_what_to_do() {
    let error = Folder::open(Path::new("/nowhere/knowledge"), FolderOptions::default())
        .err()
        .unwrap();
    assert!(matches!(error, OpenError::Folder { .. }));
    assert!(
        error
            .to_string()
            .contains("create it and put documents (.md, .txt) into it"),
        "{error}"
    );
}

#[tokio::test]
async fn an_empty_folder_knows_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = Folder::open(folder.path(), FolderOptions::default()).unwrap();
    assert_eq!(
        ask(&folder, &question("en", "opening hours")).await,
        Answer::NoAnswer
    );
}
