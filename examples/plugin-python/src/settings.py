"""What a rule may write under `with`, and what is wrong with it."""

from collections.abc import Iterator
from typing import Any

from wit_world.imports.types import Known, Problem

from texts import mistakes

# WhatsApp's limits, in characters.
TEXT_CHARS = 4096
TEXT_WITH_BUTTONS_CHARS = 1024
BUTTONS = 3
TITLE_CHARS = 20
ID_CHARS = 256

TEXTS = {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string"}}

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "first": TEXTS | {"description": "The greeting, by language."},
        "again": TEXTS | {"description": "The greeting for who was here before; `{visits}` is how often."},
        "buttons": {
            "type": "array",
            "maxItems": BUTTONS,
            "items": {
                "type": "object",
                "properties": {"id": {"type": "string", "maxLength": ID_CHARS}, "title": TEXTS},
                "required": ["id", "title"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["first"],
    "additionalProperties": False,
}


def problems(settings: dict[str, Any], known: Known) -> Iterator[Problem]:
    """Each with its path, as TOML has it below `with`."""
    keys = SCHEMA["properties"]
    for key in settings:
        if key not in keys:
            yield Problem(key, f"`{key}` is no setting of hello-python", f"it has {', '.join(keys)}")
    if "first" not in settings:
        yield Problem("", "there is no greeting", f'add `with.first.{known.languages[0]} = "…"`')
    buttons = settings.get("buttons", [])
    limit = TEXT_WITH_BUTTONS_CHARS if buttons else TEXT_CHARS
    always = {value.name: value.always for value in known.values} | {"visits": True}
    for path in ("first", "again"):
        if path in settings:
            yield from in_texts(path, settings[path], limit, known.languages)
            yield from in_placeholders(path, settings[path], always)
    yield from in_buttons(buttons, known.languages)


def in_placeholders(path: str, texts: Any, always: dict[str, bool]) -> Iterator[Problem]:
    if isinstance(texts, dict):
        for language, text in texts.items():
            for message, help in mistakes(str(text), always):
                yield Problem(f"{path}.{language}", message, help)


def in_buttons(buttons: Any, languages: list[str]) -> Iterator[Problem]:
    if not isinstance(buttons, list):
        yield Problem("buttons", "this is no list", 'write `[{ id = "…", title = { … } }]`')
        return
    if len(buttons) > BUTTONS:
        yield Problem("buttons", f"there are {len(buttons)} buttons", f"WhatsApp shows at most {BUTTONS}")
    taken: set[str] = set()
    for index, button in enumerate(buttons):
        path = f"buttons.{index}"
        button = button if isinstance(button, dict) else {}
        id = button.get("id")
        if not isinstance(id, str) or not 1 <= len(id) <= ID_CHARS:
            yield Problem(f"{path}.id", "a button needs an id", f"write a text of one to {ID_CHARS} characters")
        elif id in taken:
            help = "write another: a tap brings back the id alone"
            yield Problem(f"{path}.id", f"another button has the id `{id}`", help)
        else:
            taken.add(id)
        yield from in_texts(f"{path}.title", button.get("title"), TITLE_CHARS, languages)


def in_texts(path: str, texts: Any, limit: int, languages: list[str]) -> Iterator[Problem]:
    """One text in several languages. The first language of the rule's file is the fallback for every other."""
    if not isinstance(texts, dict):
        yield Problem(path, "this is no text by language", f'write `{languages[0]} = "…"` below it')
        return
    if not texts.get(languages[0]):
        yield Problem(path, f"there is no text for `{languages[0]}`", "every other language falls back on it")
    for language, text in texts.items():
        place = f"{path}.{language}"
        if language not in languages:
            message = f"`{language}` is no language of this rule file"
            yield Problem(place, message, f"its languages are {', '.join(languages)}")
        if not isinstance(text, str):
            yield Problem(place, "this is no text", 'write `"…"`')
        elif not text.strip():
            yield Problem(place, "the text is empty", "write the text, or take the key out")
        elif len(text) > limit:
            yield Problem(place, f"it has {len(text)} characters", f"shorten it to {limit}")
