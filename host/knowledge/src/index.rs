//! The index over a folder's passages: BM25 finds the passages, and how well each covers the question is its score.
//!
//! The score is a share, in thousandths, and does not grow or shrink with the folder: each word of the question weighs by how
//! seldom passages have it, and a passage earns the weight of the words that it has: all of it where the word stands in the
//! passage's own heading, nine tenths where it stands twice in the text, eight tenths where it stands there once, three quarters
//! where it stands in a heading or title above. Words that people ask with (`please`, `how`) weigh nothing; among passages of the
//! same score BM25 decides, and it knows them. A word that nowhere stands is looked for by its relatives (`deliver`, `delivery`), which earn six tenths of
//! that; without any it weighs like a rare one, so that a question about something else stays unanswered.

use std::collections::{BTreeMap, BTreeSet};

use model::Question;
use tantivy::collector::TopDocs;
use tantivy::postings::Postings as _;
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, Occur, Query, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{PreTokenizedString, Token};
use tantivy::{DocId, DocSet as _, Searcher, TERMINATED, TantivyDocument, Term};

use crate::document::{Document, Draft};
use crate::limits;
use crate::passage::Passage;
use crate::scan::{self, Listing, Problem};
use crate::tongue::Tongue;
use crate::words::{Word, Words, folded};

/// A folder's documents, ready to be asked.
pub(crate) struct Index {
    documents: Vec<Document>,
    /// One for each language, so that a word is as rare as it is in that language.
    by_tongue: BTreeMap<Option<Tongue>, TongueIndex>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) passages: usize,
}

/// A passage that fits, and how well.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Hit {
    document: usize,
    passage: usize,
    /// In thousandths.
    pub(crate) score: u16,
    bm25: f32,
}

struct TongueIndex {
    words: Words,
    searcher: Searcher,
    fields: Fields,
    /// Document and passage of each entry.
    entries: Vec<(usize, usize)>,
}

/// A word of a question, as it is looked for.
struct Asked {
    forms: Vec<String>,
    /// What of a word's weight finding it earns.
    worth: f64,
}

#[derive(Clone, Copy)]
struct Fields {
    /// The passage's own heading.
    heading: Field,
    /// The document's title and the headings above.
    above: Field,
    text: Field,
    mark: Field,
}

/// A word in the heading says more of what a passage is about than one in its text.
const HEADING_BOOST: f32 = 2.0;
const ABOVE_BOOST: f32 = 1.2;
/// A word that people ask with hardly tells passages apart.
const FILLER_BOOST: f32 = 0.2;
/// A word in a second place adds a little.
const TIE_BREAK: f32 = 0.2;

/// A word that one passage in this many has is as telling as words get.
const TELLING: f64 = 20.0;
/// The least a word weighs: if every passage has it, it still was asked for.
const LEAST_WEIGHT: f64 = 0.1;
/// What a word weighs that no passage has.
const UNKNOWN_WEIGHT: f64 = 0.9;
/// What finding a relative is worth, of the word itself.
const KIN_WORTH: f64 = 0.6;
/// Letters that relatives begin with alike, and the most that follow.
const KIN_ALIKE: usize = 5;
const KIN_REST: usize = 4;
/// As many passages without the word are imagined beside the real ones: in a folder of three, a word of all three is not common.
const IMAGINED: f64 = 8.0;

impl Index {
    /// Reads what is listed, and indexes it.
    pub(crate) fn build(listing: &Listing) -> tantivy::Result<Self> {
        let mut problems = listing.problems.clone();
        let mut drafts = Vec::new();
        for (source, stamp) in &listing.files {
            let mut report = |why: String| {
                problems.push(Problem {
                    path: source.clone(),
                    why,
                });
            };
            match scan::read(stamp) {
                Ok(text) => drafts.push(Draft::read(source, &text, &mut report)),
                Err(why) => report(why),
            }
        }
        let likely: BTreeSet<Tongue> = drafts.iter().filter_map(Draft::named_tongue).collect();
        let likely: Vec<Tongue> = likely.into_iter().collect();
        let mut documents: Vec<Document> = drafts
            .into_iter()
            .map(|draft| draft.finish(&likely))
            .collect();
        let mut passages = 0;
        for document in &mut documents {
            if document.passages.is_empty() {
                problems.push(Problem {
                    path: document.source.clone(),
                    why: "holds no text".to_owned(),
                });
            }
            let room = limits::PASSAGES - passages;
            if document.passages.len() > room {
                document.passages.truncate(room);
                problems.push(Problem {
                    path: document.source.clone(),
                    why: format!(
                        "is cut short: a folder may have {} passages",
                        limits::PASSAGES
                    ),
                });
            }
            passages += document.passages.len();
        }
        let mut by_tongue = BTreeMap::new();
        let tongues: BTreeSet<Option<Tongue>> =
            documents.iter().map(|document| document.tongue).collect();
        for tongue in tongues {
            by_tongue.insert(tongue, TongueIndex::build(tongue, &documents)?);
        }
        problems.sort();
        Ok(Self {
            documents,
            by_tongue,
            problems,
            passages,
        })
    }

    /// How many documents there are.
    pub(crate) fn documents(&self) -> usize {
        self.documents.len()
    }

    /// The document and the passage of a hit.
    pub(crate) fn passage(&self, hit: &Hit) -> Option<(&Document, &Passage)> {
        let document = self.documents.get(hit.document)?;
        Some((document, document.passages.get(hit.passage)?))
    }

    /// The passages that fit, best first: in the question's language, or without a language.
    pub(crate) fn find(&self, question: &Question) -> tantivy::Result<Vec<Hit>> {
        let asked = Tongue::parse(question.language.as_str());
        let mut hits = Vec::new();
        for tongue in BTreeSet::from([asked, None]) {
            if let Some(index) = self.by_tongue.get(&tongue) {
                hits.extend(index.find(question)?);
            }
        }
        hits.sort_by(|one, other| {
            let by_score = other
                .score
                .cmp(&one.score)
                .then(other.bm25.total_cmp(&one.bm25));
            by_score.then((one.document, one.passage).cmp(&(other.document, other.passage)))
        });
        Ok(hits)
    }
}

impl Hit {
    /// Where it stands among the others of its document.
    pub(crate) fn place(&self) -> (usize, usize) {
        (self.document, self.passage)
    }
}

impl Fields {
    fn of_words(self) -> [Field; 3] {
        [self.heading, self.above, self.text]
    }
}

impl TongueIndex {
    fn build(tongue: Option<Tongue>, documents: &[Document]) -> tantivy::Result<Self> {
        let mut schema = Schema::builder();
        // Words are told apart here, not by the index: the tokenizer's name is never looked up.
        let indexing = TextFieldIndexing::default()
            .set_tokenizer("raw")
            .set_index_option(IndexRecordOption::WithFreqs);
        let words_field = TextOptions::default().set_indexing_options(indexing);
        let fields = Fields {
            heading: schema.add_text_field("heading", words_field.clone()),
            above: schema.add_text_field("above", words_field.clone()),
            text: schema.add_text_field("text", words_field),
            mark: schema.add_text_field("mark", STRING),
        };
        let mut words = Words::of(tongue);
        let mut entries = Vec::new();
        let builder = tantivy::Index::builder().schema(schema.build());
        // One segment: entries keep their order, and the same documents make the same index.
        let mut writer = builder.single_segment_index_writer(
            tantivy::directory::RamDirectory::create(),
            limits::BUILD_BYTES,
        )?;
        for (number, document) in documents.iter().enumerate() {
            if document.tongue != tongue {
                continue;
            }
            for (place, passage) in document.passages.iter().enumerate() {
                writer.add_document(entry(document, passage, fields, &mut words))?;
                entries.push((number, place));
            }
        }
        let searcher = writer.finalize()?.reader()?.searcher();
        Ok(Self {
            words,
            searcher,
            fields,
            entries,
        })
    }

    fn find(&self, question: &Question) -> tantivy::Result<Vec<Hit>> {
        let text: String = question.text.chars().take(limits::QUESTION_CHARS).collect();
        let (telling, filler) = self.words.clone().of_question(&text);
        let mut words = Vec::new();
        for word in telling.into_iter().take(limits::QUESTION_WORDS) {
            words.push(self.asked(word)?);
        }
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let candidates = self.searcher.search(
            &self.query(question, &words, &filler),
            &TopDocs::with_limit(limits::CANDIDATES).order_by_score(),
        )?;
        let mut found: BTreeMap<DocId, f32> = BTreeMap::new();
        for (bm25, address) in candidates {
            found.insert(address.doc_id, bm25);
        }
        let scores = self.scores(&words, &found.keys().copied().collect::<Vec<_>>())?;
        let hits = found
            .into_iter()
            .zip(scores)
            .filter_map(|((entry, bm25), score)| {
                let (document, passage) = *self.entries.get(usize::try_from(entry).ok()?)?;
                Some(Hit {
                    document,
                    passage,
                    score,
                    bm25,
                })
            });
        Ok(hits.collect())
    }

    /// A word as it is looked for: by its relatives if it stands nowhere itself.
    fn asked(&self, word: Word) -> tantivy::Result<Asked> {
        let known = Asked {
            forms: word.0,
            worth: 1.0,
        };
        if self.frequency(&known)? > 0 {
            return Ok(known);
        }
        let mut kin = BTreeSet::new();
        for form in &known.forms {
            self.gather_kin(form, &mut kin)?;
        }
        if kin.is_empty() {
            return Ok(known);
        }
        Ok(Asked {
            forms: kin.into_iter().take(limits::KIN).collect(),
            worth: KIN_WORTH,
        })
    }

    /// Words that begin as this one does and are not much longer.
    fn gather_kin(&self, form: &str, kin: &mut BTreeSet<String>) -> tantivy::Result<()> {
        let stem: String = form.chars().take(KIN_ALIKE).collect();
        let most = KIN_ALIKE + KIN_REST;
        let letters = form.chars().count();
        if letters < KIN_ALIKE || letters > most || !form.chars().all(char::is_alphabetic) {
            return Ok(());
        }
        let Some(segment) = self.searcher.segment_readers().first() else {
            return Ok(());
        };
        for field in self.fields.of_words() {
            let inverted = segment.inverted_index(field)?;
            let mut terms = inverted.terms().range().ge(&stem).into_stream()?;
            while terms.advance() {
                let Ok(term) = std::str::from_utf8(terms.key()) else {
                    continue;
                };
                if !term.starts_with(&stem) || kin.len() >= limits::KIN * 4 {
                    break;
                }
                if term.chars().count() <= most {
                    kin.insert(term.to_owned());
                }
            }
        }
        Ok(())
    }

    /// How many passages have a word, in the field where most have it.
    fn frequency(&self, word: &Asked) -> tantivy::Result<u64> {
        let mut most = 0;
        for field in self.fields.of_words() {
            for form in &word.forms {
                most = most.max(
                    self.searcher
                        .doc_freq(&Term::from_field_text(field, form))?,
                );
            }
        }
        Ok(most)
    }

    fn query(&self, question: &Question, words: &[Asked], filler: &[Word]) -> BooleanQuery {
        let any: Vec<(Occur, Box<dyn Query>)> = words
            .iter()
            .map(|word| (Occur::Should, self.word_query(&word.forms)))
            .collect();
        let mut all: Vec<(Occur, Box<dyn Query>)> =
            vec![(Occur::Must, Box::new(BooleanQuery::new(any)))];
        for word in filler.iter().take(limits::QUESTION_WORDS) {
            let query = BoostQuery::new(self.word_query(&word.0), FILLER_BOOST);
            all.push((Occur::Should, Box::new(query)));
        }
        for filter in question.filters.iter().take(limits::FILTERS) {
            let term = Term::from_field_text(
                self.fields.mark,
                &mark(&folded(&filter.key), &folded(&filter.value)),
            );
            let query = TermQuery::new(term, IndexRecordOption::Basic);
            all.push((
                Occur::Must,
                Box::new(ConstScoreQuery::new(Box::new(query), 0.0)),
            ));
        }
        BooleanQuery::new(all)
    }

    fn word_query(&self, forms: &[String]) -> Box<dyn Query> {
        let Fields {
            heading,
            above,
            text,
            ..
        } = self.fields;
        let mut places: Vec<Box<dyn Query>> = Vec::new();
        for (field, boost) in [(heading, HEADING_BOOST), (above, ABOVE_BOOST), (text, 1.0)] {
            for form in forms {
                let term = TermQuery::new(
                    Term::from_field_text(field, form),
                    IndexRecordOption::WithFreqs,
                );
                places.push(Box::new(BoostQuery::new(Box::new(term), boost)));
            }
        }
        Box::new(DisjunctionMaxQuery::with_tie_breaker(places, TIE_BREAK))
    }

    /// How much of the question each entry covers, in thousandths; `entries` ascend.
    fn scores(&self, words: &[Asked], entries: &[DocId]) -> tantivy::Result<Vec<u16>> {
        let mut covered = vec![0.0; entries.len()];
        let mut whole = 0.0;
        for word in words {
            let weight = self.weight(word)?;
            whole += weight;
            let mut best = vec![0.0_f64; entries.len()];
            for (field, once, often) in [
                (self.fields.heading, 1.0, 1.0),
                (self.fields.above, 0.75, 0.75),
                (self.fields.text, 0.8, 0.9),
            ] {
                for form in &word.forms {
                    let found = self.frequencies(&Term::from_field_text(field, form), entries)?;
                    for (best, times) in best.iter_mut().zip(found) {
                        *best = best.max(match times {
                            0 => 0.0,
                            1 => once,
                            _ => often,
                        });
                    }
                }
            }
            for (covered, best) in covered.iter_mut().zip(best) {
                *covered += weight * word.worth * best;
            }
        }
        Ok(covered
            .into_iter()
            .map(|covered: f64| thousandths(covered / whole))
            .collect())
    }

    /// How often each entry has a term.
    fn frequencies(&self, term: &Term, entries: &[DocId]) -> tantivy::Result<Vec<u32>> {
        let mut found = vec![0; entries.len()];
        let Some(segment) = self.searcher.segment_readers().first() else {
            return Ok(found);
        };
        let Some(mut postings) = segment
            .inverted_index(term.field())?
            .read_postings(term, IndexRecordOption::WithFreqs)?
        else {
            return Ok(found);
        };
        for (entry, found) in entries.iter().zip(&mut found) {
            let at = if postings.doc() < *entry {
                postings.seek(*entry)
            } else {
                postings.doc()
            };
            if at == TERMINATED {
                break;
            }
            if at == *entry {
                *found = postings.term_freq();
            }
        }
        Ok(found)
    }

    /// How telling a word is: by the share of the passages that have it.
    fn weight(&self, word: &Asked) -> tantivy::Result<f64> {
        let most = self.frequency(word)?;
        if most == 0 {
            return Ok(UNKNOWN_WEIGHT);
        }
        #[allow(
            clippy::cast_precision_loss,
            reason = "passages are counted in thousands"
        )]
        let share = most as f64 / (self.searcher.num_docs() as f64 + IMAGINED);
        Ok(((1.0 / share).ln() / TELLING.ln()).clamp(LEAST_WEIGHT, 1.0))
    }
}

fn entry(
    document: &Document,
    passage: &Passage,
    fields: Fields,
    words: &mut Words,
) -> TantivyDocument {
    let mut entry = TantivyDocument::new();
    let (own, above) = match passage.headings.split_last() {
        Some((own, above)) => (own.as_str(), above),
        None => ("", passage.headings.as_slice()),
    };
    let title = document.title.as_deref().unwrap_or_default();
    let above = [title].into_iter().chain(above.iter().map(String::as_str));
    entry.add_pre_tokenized_text(fields.heading, tokens(words.of_document(own)));
    entry.add_pre_tokenized_text(
        fields.above,
        tokens(words.of_document(&above.collect::<Vec<_>>().join(" "))),
    );
    entry.add_pre_tokenized_text(fields.text, tokens(words.of_document(&passage.text)));
    for (key, value) in &document.marks {
        entry.add_text(fields.mark, mark(key, value));
    }
    entry
}

fn tokens(words: Vec<Word>) -> PreTokenizedString {
    let mut tokens = Vec::new();
    for (position, word) in words.into_iter().enumerate() {
        tokens.extend(word.0.into_iter().map(|text| Token {
            position,
            text,
            ..Token::default()
        }));
    }
    PreTokenizedString {
        text: String::new(),
        tokens,
    }
}

/// A key and a value as one term; neither holds the sign between them.
fn mark(key: &str, value: &str) -> String {
    format!(
        "{}\u{1f}{}",
        key.replace('\u{1f}', " "),
        value.replace('\u{1f}', " ")
    )
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and 1000"
)]
fn thousandths(share: f64) -> u16 {
    (share * 1000.0).round().clamp(0.0, 1000.0) as u16
}
