//! A made-up shop: rules in Portuguese, English and Spanish about as many products as it takes, and what its customers write.

use std::fmt::Write as _;

use rulebook::Source;

/// Rules of one file: no file may be longer than a megabyte.
const RULES_PER_FILE: usize = 500;
/// Rules that are about the same product, one after the other.
const RULES_PER_PRODUCT: usize = 5;

/// One language: how people ask, and what about.
struct Tongue {
    asks: [&'static str; 8],
    things: [&'static str; 24],
    kinds: [&'static str; 24],
    chats: [&'static str; 8],
}

const TONGUES: [Tongue; 3] = [
    Tongue {
        asks: [
            "preço",
            "quanto custa",
            "valor do",
            "disponibilidade de",
            "comprar",
            "trocar",
            "prazo de entrega do",
            "garantia do",
        ],
        things: [
            "tênis",
            "sapato",
            "sandália",
            "camisa",
            "calça",
            "vestido",
            "casaco",
            "mochila",
            "relógio",
            "óculos",
            "boné",
            "meia",
            "cinto",
            "carteira",
            "bolsa",
            "jaqueta",
            "saia",
            "pijama",
            "luva",
            "cachecol",
            "bermuda",
            "chinelo",
            "bota",
            "guarda-chuva",
        ],
        kinds: [
            "azul",
            "vermelho",
            "preto",
            "branco",
            "infantil",
            "masculino",
            "feminino",
            "de couro",
            "de algodão",
            "impermeável",
            "de inverno",
            "de verão",
            "em promoção",
            "tamanho grande",
            "tamanho pequeno",
            "importado",
            "nacional",
            "de corrida",
            "de festa",
            "escolar",
            "para presente",
            "usado",
            "novo",
            "sob medida",
        ],
        chats: [
            "Oi, bom dia! Vocês ainda têm {} na loja do centro?",
            "Quanto fica {} com frete para Campinas?",
            "Olá, comprei ontem e queria saber de {}, por favor",
            "{}",
            "boa tarde, alguém pode me ajudar com {}? obrigada 🙏",
            "Vi no anúncio {} e gostei muito, dá pra parcelar em três vezes?",
            "Meu marido pediu {} mas veio errado. O que eu faço agora?",
            "Tem {}?",
        ],
    },
    Tongue {
        asks: [
            "price",
            "how much is",
            "cost of the",
            "availability of",
            "buy",
            "exchange",
            "delivery time of the",
            "warranty of the",
        ],
        things: [
            "sneaker", "shoe", "sandal", "shirt", "trousers", "dress", "coat", "backpack", "watch",
            "glasses", "cap", "sock", "belt", "wallet", "handbag", "jacket", "skirt", "pyjamas",
            "glove", "scarf", "shorts", "slipper", "boot", "umbrella",
        ],
        kinds: [
            "blue",
            "red",
            "black",
            "white",
            "for kids",
            "for men",
            "for women",
            "made of leather",
            "made of cotton",
            "waterproof",
            "for winter",
            "for summer",
            "on sale",
            "large size",
            "small size",
            "imported",
            "local",
            "for running",
            "for a party",
            "for school",
            "as a gift",
            "used",
            "new",
            "made to measure",
        ],
        chats: [
            "Hi there! Do you still have {} at the store downtown?",
            "What would {} be with shipping to Boston?",
            "Hello, I bought one yesterday and want to ask about {}, please",
            "{}",
            "good afternoon, can anybody help me with {}? thanks 🙏",
            "I saw {} in your ad and like it a lot, can I pay in three parts?",
            "My husband ordered {} but got the wrong one. What do I do now?",
            "Any {}?",
        ],
    },
    Tongue {
        asks: [
            "precio",
            "cuánto cuesta",
            "valor del",
            "disponibilidad de",
            "comprar",
            "cambiar",
            "plazo de entrega del",
            "garantía del",
        ],
        things: [
            "zapatilla",
            "zapato",
            "sandalia",
            "camisa",
            "pantalón",
            "vestido",
            "abrigo",
            "mochila",
            "reloj",
            "gafas",
            "gorra",
            "calcetín",
            "cinturón",
            "cartera",
            "bolso",
            "chaqueta",
            "falda",
            "pijama",
            "guante",
            "bufanda",
            "bermudas",
            "chancla",
            "bota",
            "paraguas",
        ],
        kinds: [
            "azul",
            "rojo",
            "negro",
            "blanco",
            "infantil",
            "de hombre",
            "de mujer",
            "de cuero",
            "de algodón",
            "impermeable",
            "de invierno",
            "de verano",
            "en oferta",
            "talla grande",
            "talla pequeña",
            "importado",
            "nacional",
            "de correr",
            "de fiesta",
            "escolar",
            "para regalo",
            "usado",
            "nuevo",
            "a medida",
        ],
        chats: [
            "¡Hola, buenos días! ¿Todavía tienen {} en la tienda del centro?",
            "¿Cuánto sale {} con envío a Rosario?",
            "Hola, compré ayer y quería saber de {}, por favor",
            "{}",
            "buenas tardes, ¿alguien me puede ayudar con {}? gracias 🙏",
            "Vi {} en el anuncio y me gustó mucho, ¿se puede pagar en tres cuotas?",
            "Mi marido pidió {} pero llegó otro. ¿Qué hago ahora?",
            "¿Hay {}?",
        ],
    },
];

/// Numbers that look drawn, and are the same every time.
pub(crate) struct Drawn(u64);

impl Drawn {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or_default() % most.max(1)
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list.get(self.below(list.len()))
            .copied()
            .unwrap_or_default()
    }
}

/// So many rules.
pub(crate) fn rulebook(rules: usize) -> Vec<Source> {
    let numbers: Vec<usize> = (0..rules).collect();
    let files = numbers.chunks(RULES_PER_FILE).enumerate();
    files
        .map(|(file, numbers)| {
            let mut text = String::from(
                "rules_version = 1\nowner = \"store-support\"\ntimezone = \"America/Sao_Paulo\"\nlanguages = [\"pt\", \"en\", \"es\"]\n",
            );
            if file == 0 {
                text.push_str("[hours.shop]\nmon-fri = \"09:00-18:00\"\n");
            }
            for number in numbers {
                rule(*number, &mut text);
            }
            Source {
                name: format!("{:02}-products.toml", file + 10),
                text,
            }
        })
        .collect()
}

fn tongue(number: usize) -> &'static Tongue {
    let product = number / RULES_PER_PRODUCT;
    &TONGUES[product % TONGUES.len()]
}

/// A rule that answers to its product's name alone, at such a part of a rulebook, in hundredths, or near it.
pub(crate) fn rule_at(hundredths: usize, rules: usize, drawn: &mut Drawn) -> usize {
    let products = rules / RULES_PER_PRODUCT;
    let around = (products / 10).max(1);
    let begin = (products * hundredths / 100).min(products - around);
    (begin + drawn.below(around)) * RULES_PER_PRODUCT + RULES_PER_PRODUCT - 1
}

/// A word of its own for each product: `maroti`, `selvanda`.
pub(crate) fn product(number: usize) -> String {
    const SYLLABLES: [&str; 24] = [
        "ma", "ro", "ti", "sel", "van", "da", "pe", "lu", "ka", "bri", "no", "fe", "zo", "mi",
        "tra", "gu", "la", "ven", "so", "cri", "ju", "do", "par", "ni",
    ];
    let mut rest = number / RULES_PER_PRODUCT;
    let mut name = String::from("z");
    for _ in 0..3 {
        name.push_str(SYLLABLES[(rest * 7 + 5) % SYLLABLES.len()]);
        rest /= SYLLABLES.len();
    }
    name
}

/// One rule. Of each five about a product one answers to its name alone; the others listen for more, or to fewer people.
fn rule(number: usize, into: &mut String) {
    let mut drawn = Drawn::new(number as u64 + 1);
    let tongue = tongue(number);
    let product = product(number);
    let mut words = Vec::new();
    let so_many = 4 + drawn.below(9);
    let by_product = number % RULES_PER_PRODUCT;
    for place in 0..so_many {
        words.push(match (place % 3, by_product) {
            // Nothing that an earlier rule about the product listens for alone.
            (0, 2) => format!("{} {product}", drawn.of(&tongue.asks)),
            (0, 3) => format!("{product} {}", drawn.of(&tongue.kinds)),
            _ => format!(
                "{} {} {} {}",
                drawn.of(&tongue.asks),
                drawn.of(&tongue.things),
                drawn.of(&tongue.kinds),
                number
            ),
        });
    }
    let product_itself = format!("\"{product}\", ");
    let (own, others) = match (by_product, number % 50) {
        (_, 2) => {
            let code = product.to_uppercase();
            let _ = writeln!(
                into,
                "[[rule]]\nname = \"r{number}\"\nwhen.pattern = '\\b{code}[- ]?(\\d{{4,6}})\\b'"
            );
            return reply(into);
        }
        (0, _) => (product_itself.as_str(), "when.tags = \"vip\"\n"),
        (1, rest) if rest % 10 == 6 => ("", "when.kind = \"image\"\n"),
        (1, _) => (product_itself.as_str(), "when.hours = \"shop\"\n"),
        (2, rest) if rest % 10 == 7 => {
            let _ = writeln!(
                into,
                "[option.o{number}]\npt = \"Opção\"\nen = \"Choice\"\nes = \"Opción\"\n[[rule]]\nname = \"r{number}\"\nwhen.option = \"o{number}\""
            );
            return reply(into);
        }
        (3, rest) if rest % 10 == 8 => {
            let _ = writeln!(
                into,
                "[[rule]]\nname = \"r{number}\"\nwhen.after = \"r{}\"\nwhen.max_words = 3",
                number - 1
            );
            return reply(into);
        }
        (4, _) => (product_itself.as_str(), ""),
        _ => ("", ""),
    };
    let list: Vec<_> = words.iter().map(|word| format!("\"{word}\"")).collect();
    let _ = writeln!(
        into,
        "[[rule]]\nname = \"r{number}\"\nwhen.words = [{own}{}]\n{others}",
        list.join(", ")
    );
    reply(into);
}

fn reply(into: &mut String) {
    into.push_str(
        "reply.pt = \"Temos!\"\nreply.en = \"We have it!\"\nreply.es = \"¡Tenemos!\"\n\n",
    );
}

/// What somebody writes who means a rule's product, or (none) nothing that any rule knows.
pub(crate) fn message(about: Option<usize>, drawn: &mut Drawn) -> String {
    let tongue = about.map_or_else(|| &TONGUES[drawn.below(TONGUES.len())], tongue);
    let what = match about {
        Some(rule) => product(rule),
        None => format!("{} {}", drawn.of(&tongue.things), drawn.of(&tongue.kinds)),
    };
    drawn.of(&tongue.chats).replace("{}", &what)
}
