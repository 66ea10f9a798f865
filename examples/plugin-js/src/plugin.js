// Greets a contact in their language, and knows how often it did.
//
// Every turn runs in a fresh instance: what a variable of this module holds is gone with the turn, so that visits are
// counted in the host's memory. What an import refuses is thrown, with the refusal as the error's `payload`.

import { send } from 'tollgate:plugin/gate@1.0.0';
import { line } from 'tollgate:plugin/log@1.0.0';
import { get, set } from 'tollgate:plugin/memory@1.0.0';

import { problems, schema } from './settings.js';
import { chosen, rendered } from './texts.js';

const VISITS = 'visits';
// Who stays away for longer is greeted as if for the first time.
const KEPT_MS = 90n * 24n * 60n * 60n * 1000n;

export function describe() {
  return {
    name: 'hello-js',
    version: '0.1.0',
    wants: [
      { interface: 'gate', reason: 'it sends the greeting' },
      { interface: 'memory', reason: 'it counts how often a contact was greeted' },
    ],
    settingsSchema: JSON.stringify(schema),
  };
}

export function check(settings, known) {
  return problems(JSON.parse(settings), known);
}

export function handle(turn, settings) {
  const greeting = JSON.parse(settings);
  try {
    const visit = earlierVisits() + 1;
    send({ tag: 'contact' }, message(greeting, visit, turn), { quoting: false });
    set(VISITS, String(visit), KEPT_MS);
    line('info', `visit ${visit}`);
    return { tag: 'handled' };
  } catch (error) {
    // Any other error is a mistake of this plugin's. Thrown out of `handle`, it fails the turn with its message.
    if (error.payload === undefined) throw error;
    line('warn', `refused: ${error.payload.tag}`);
    return { tag: 'unanswered', val: 'refused' };
  }
}

function earlierVisits() {
  return Number(get(VISITS)?.value ?? 0);
}

function message({ first, again = first, buttons = [] }, visit, turn) {
  const values = new Map(turn.values.map(({ name, text }) => [name, text]));
  values.set('visits', String(visit));
  const body = rendered(chosen(visit === 1 ? first : again, turn), values);
  if (buttons.length === 0) return { tag: 'text', val: body };
  const titled = buttons.map(({ id, title }) => ({ id, title: chosen(title, turn) }));
  return { tag: 'buttons', val: { body, buttons: titled } };
}
