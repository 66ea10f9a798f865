// What a rule may write under `with`, and what is wrong with it.

import { mistakes } from './texts.js';

// WhatsApp's limits, in characters.
const TEXT_CHARS = 4096;
const TEXT_WITH_BUTTONS_CHARS = 1024;
const BUTTONS = 3;
const TITLE_CHARS = 20;
const ID_CHARS = 256;

const texts = { type: 'object', minProperties: 1, additionalProperties: { type: 'string' } };

export const schema = {
  type: 'object',
  properties: {
    first: { ...texts, description: 'The greeting, by language.' },
    again: { ...texts, description: 'The greeting for who was here before; `{visits}` is how often.' },
    buttons: {
      type: 'array',
      maxItems: BUTTONS,
      items: {
        type: 'object',
        properties: { id: { type: 'string', maxLength: ID_CHARS }, title: texts },
        required: ['id', 'title'],
        additionalProperties: false,
      },
    },
  },
  required: ['first'],
  additionalProperties: false,
};

// Each with its path, as TOML has it below `with`.
export function problems(settings, known) {
  const always = new Map(known.values.map((value) => [value.name, value.always]));
  always.set('visits', true);
  return [...inSettings(settings, known.languages, always)];
}

function* inSettings(settings, languages, always) {
  for (const key of Object.keys(settings)) {
    if (!(key in schema.properties)) {
      yield problem(key, `\`${key}\` is no setting of hello-js`, `it has ${Object.keys(schema.properties).join(', ')}`);
    }
  }
  const { first, again, buttons = [] } = settings;
  const limit = buttons.length > 0 ? TEXT_WITH_BUTTONS_CHARS : TEXT_CHARS;
  if (first === undefined) yield problem('', 'there is no greeting', `add \`with.first.${languages[0]} = "…"\``);
  for (const [path, greeting] of Object.entries({ first, again })) {
    if (greeting === undefined) continue;
    yield* inTexts(path, greeting, limit, languages);
    for (const [language, text] of Object.entries(greeting)) {
      for (const { message, help } of mistakes(String(text), always)) yield problem(`${path}.${language}`, message, help);
    }
  }
  yield* inButtons(buttons, languages);
}

function* inButtons(buttons, languages) {
  if (!Array.isArray(buttons)) return yield problem('buttons', 'this is no list', 'write `[{ id = "…", title = { … } }]`');
  if (buttons.length > BUTTONS) {
    yield problem('buttons', `there are ${buttons.length} buttons`, `WhatsApp shows at most ${BUTTONS}`);
  }
  const ids = buttons.map((button) => button?.id);
  for (const [index, button] of buttons.entries()) {
    const path = `buttons.${index}`;
    if (typeof button?.id !== 'string' || button.id === '' || characters(button.id) > ID_CHARS) {
      yield problem(`${path}.id`, 'a button needs an id', `write a text of one to ${ID_CHARS} characters`);
    } else if (ids.indexOf(button.id) !== index) {
      yield problem(`${path}.id`, `another button has the id \`${button.id}\``, 'write another: a tap brings back the id alone');
    }
    yield* inTexts(`${path}.title`, button?.title, TITLE_CHARS, languages);
  }
}

// One text in several languages. The first language of the rule's file is the fallback for every other.
function* inTexts(path, texts, limit, languages) {
  if (texts === null || typeof texts !== 'object' || Array.isArray(texts)) {
    return yield problem(path, 'this is no text by language', `write \`${languages[0]} = "…"\` below it`);
  }
  const [fallback] = languages;
  if (!texts[fallback]) yield problem(path, `there is no text for \`${fallback}\``, 'every other language falls back on it');
  for (const [language, text] of Object.entries(texts)) {
    const place = `${path}.${language}`;
    if (!languages.includes(language)) {
      yield problem(place, `\`${language}\` is no language of this rule file`, `its languages are ${languages.join(', ')}`);
    }
    if (typeof text !== 'string') {
      yield problem(place, 'this is no text', 'write `"…"`');
    } else if (text.trim() === '') {
      yield problem(place, 'the text is empty', 'write the text, or take the key out');
    } else if (characters(text) > limit) {
      yield problem(place, `it has ${characters(text)} characters`, `shorten it to ${limit}`);
    }
  }
}

function characters(text) {
  return [...text].length;
}

function problem(path, message, help) {
  return { path, message, help };
}
