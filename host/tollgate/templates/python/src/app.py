"""The plugin {{name}}: greets whoever writes, in their language, and counts how often they came.

Every turn runs in a fresh instance: variables do not outlive it, the host's memory does.
"""

import json

import wit_world
from componentize_py_types import Err
from wit_world.imports import gate, memory, types

# How long a contact is remembered: 30 days.
REMEMBERED_MS = 30 * 24 * 3_600_000

SETTINGS_SCHEMA = {
    "type": "object",
    "properties": {
        "greeting": {
            "description": "The greeting, one for each language; {visits} stands for how often they came",
            "type": "object",
            "additionalProperties": {"type": "string"},
        },
    },
    "required": ["greeting"],
    "additionalProperties": False,
}


class WitWorld(wit_world.WitWorld):
    def describe(self) -> types.Description:
        return types.Description(
            name="{{name}}",
            version="0.1.0",
            wants=[
                types.Want("gate", "it greets the contact"),
                types.Want("memory", "it counts how often a contact came"),
            ],
            settings_schema=json.dumps(SETTINGS_SCHEMA),
        )

    def check(self, settings: str, known: types.Known) -> list[types.Problem]:
        """What is wrong with the settings of a rule, when it is saved."""
        fallback = known.languages[0]
        if json.loads(settings).get("greeting", {}).get(fallback):
            return []
        message = f"there is no greeting in `{fallback}`"
        return [types.Problem("greeting", message, help=f'add `with.greeting.{fallback} = "…"`')]

    def handle(self, turn: types.Turn, settings: str) -> types.Outcome:
        try:
            greet(turn, json.loads(settings)["greeting"])
            return types.Outcome_Handled()
        except Err:
            # The gate or the memory refused; `value` says why.
            return types.Outcome_Unanswered(types.Unanswered.REFUSED)
        except Exception as error:
            # A mistake. Left as it is, it would end the turn without a message.
            raise Err(types.Failure(f"{type(error).__name__}: {error}")) from error


def greet(turn: types.Turn, greeting: dict[str, str]) -> None:
    entry = memory.get("visits")
    visits = int(entry.value if entry else 0) + 1
    memory.set("visits", str(visits), REMEMBERED_MS)
    text = greeting.get(turn.language) or greeting[turn.languages[0]]
    message = types.Outgoing_Text(text.replace("{visits}", str(visits)))
    gate.send(types.Recipient_Contact(), message, gate.SendOptions(from_=None, quoting=False))
