"""Greets a contact in their language, and knows how often it did.

Every turn runs in a fresh instance: what a variable of this module holds is gone with the turn, so that visits are counted in
the host's memory. What an import refuses is raised as an `Err`, with the refusal as its `value`.
"""

import json
from typing import Any

import wit_world
from componentize_py_types import Err
from wit_world.imports import gate, log, memory, types

import settings as rule_settings
from texts import chosen, rendered

VISITS = "visits"
# Who stays away for longer is greeted as if for the first time.
KEPT_MS = 90 * 24 * 60 * 60 * 1000


class WitWorld(wit_world.WitWorld):
    def describe(self) -> types.Description:
        return types.Description(
            name="hello-python",
            version="0.1.0",
            wants=[
                types.Want("gate", "it sends the greeting"),
                types.Want("memory", "it counts how often a contact was greeted"),
            ],
            settings_schema=json.dumps(rule_settings.SCHEMA),
        )

    def check(self, settings: str, known: types.Known) -> list[types.Problem]:
        return list(rule_settings.problems(json.loads(settings), known))

    def handle(self, turn: types.Turn, settings: str) -> types.Outcome:
        try:
            return greet(turn, json.loads(settings))
        except Err as error:
            log.line(log.Level.WARN, f"refused: {type(error.value).__name__}")
            return types.Outcome_Unanswered(types.Unanswered.REFUSED)
        except Exception as error:
            # A mistake of this plugin's. Raised as it is, it would end the turn without a word about what it was.
            raise Err(types.Failure(f"{type(error).__name__}: {error}")) from error


def greet(turn: types.Turn, greeting: dict[str, Any]) -> types.Outcome:
    entry = memory.get(VISITS)
    visit = int(entry.value if entry else 0) + 1
    gate.send(types.Recipient_Contact(), message(greeting, visit, turn), gate.SendOptions(from_=None, quoting=False))
    memory.set(VISITS, str(visit), KEPT_MS)
    log.line(log.Level.INFO, f"visit {visit}")
    return types.Outcome_Handled()


def message(greeting: dict[str, Any], visit: int, turn: types.Turn) -> types.Outgoing:
    first = greeting["first"]
    values = {value.name: value.text for value in turn.values} | {"visits": str(visit)}
    body = rendered(chosen(first if visit == 1 else greeting.get("again", first), turn), values)
    buttons = [types.Button(button["id"], chosen(button["title"], turn)) for button in greeting.get("buttons", [])]
    if not buttons:
        return types.Outgoing_Text(body)
    return types.Outgoing_Buttons(types.TextWithButtons(body, buttons, header=None, footer=None))
