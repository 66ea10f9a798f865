// Texts in several languages, with placeholders: `{contact.first_name}`, `{contact.first_name|there}`; `{{` is a brace.

// A brace, a placeholder with its name and its default, or a brace that opens nothing.
const PIECES = /\{\{|\{([^{}|]*)(?:\|([^{}]*))?\}|\{/g;

// The text for a turn: in its language, else in the same without region, else in the first of the file's that there is.
export function chosen(texts, { language, languages }) {
  const [base] = language.split('_');
  const found = [language, base, ...languages].find((candidate) => texts[candidate]);
  if (found === undefined) throw new Error(`there is no text for ${language}, nor for ${languages.join(', ')}`);
  return texts[found];
}

// The text with its placeholders filled in. What a value says is never read as a placeholder again.
export function rendered(text, values) {
  return text.replace(PIECES, (piece, name, otherwise = '') => {
    if (name === undefined) return '{';
    const value = values.get(name.trim());
    return value?.trim() ? value : otherwise;
  });
}

// What is wrong with a text's placeholders: messages with the line that helps. `always` says of each known name whether
// every turn has it.
export function* mistakes(text, always) {
  for (const [piece, name, otherwise] of text.matchAll(PIECES)) {
    if (piece === '{{') continue;
    if (name === undefined) {
      yield { message: 'a placeholder opens and does not end', help: 'write `{name}`, `{name|default}`, or `{{` for a brace' };
    } else if (!always.has(name.trim())) {
      yield { message: `\`${piece}\` is no known placeholder`, help: `known are ${[...always.keys()].join(', ')}` };
    } else if (!always.get(name.trim()) && otherwise === undefined) {
      const help = `write \`{${name}|…}\` with what stands there then`;
      yield { message: `\`${piece}\` may be missing and has no default`, help };
    }
  }
}
