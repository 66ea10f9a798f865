// The plugin {{name}}: greets whoever writes, in their language, and counts how often they came.
//
// Every turn runs in a fresh instance: variables do not outlive it, the host's memory does.

import { send } from 'tollgate:plugin/gate@1.0.0';
import { get, set } from 'tollgate:plugin/memory@1.0.0';

// How long a contact is remembered: 30 days.
const REMEMBERED_MS = 30n * 24n * 3_600_000n;

const settingsSchema = {
  type: 'object',
  properties: {
    greeting: {
      description: 'The greeting, one for each language; {visits} stands for how often they came',
      type: 'object',
      additionalProperties: { type: 'string' },
    },
  },
  required: ['greeting'],
  additionalProperties: false,
};

export function describe() {
  return {
    name: '{{name}}',
    version: '0.1.0',
    wants: [
      { interface: 'gate', reason: 'it greets the contact' },
      { interface: 'memory', reason: 'it counts how often a contact came' },
    ],
    settingsSchema: JSON.stringify(settingsSchema),
  };
}

// What is wrong with the settings of a rule, when it is saved.
export function check(settings, known) {
  const { greeting } = JSON.parse(settings);
  const [fallback] = known.languages;
  if (greeting?.[fallback]) return [];
  const help = `add \`with.greeting.${fallback} = "…"\``;
  return [{ path: 'greeting', message: `there is no greeting in \`${fallback}\``, help }];
}

export function handle(turn, settings) {
  const { greeting } = JSON.parse(settings);
  const text = greeting[turn.language] ?? greeting[turn.languages[0]];
  try {
    const visits = Number(get('visits')?.value ?? 0) + 1;
    set('visits', String(visits), REMEMBERED_MS);
    send({ tag: 'contact' }, { tag: 'text', val: text.replaceAll('{visits}', visits) }, { quoting: false });
    return { tag: 'handled' };
  } catch (error) {
    // A refusal carries a payload that says which. Anything else is a mistake, and fails the turn with its message.
    if (error.payload === undefined) throw error;
    return { tag: 'unanswered', val: 'refused' };
  }
}
