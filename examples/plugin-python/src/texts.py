"""Texts in several languages, with placeholders: `{contact.first_name}`, `{contact.first_name|there}`; `{{` is a brace."""

import re
from collections.abc import Iterator

from wit_world.imports import types

# A brace, a placeholder with its name and its default, or a brace that opens nothing.
PIECES = re.compile(r"\{\{|\{([^{}|]*)(?:\|([^{}]*))?\}|\{")


def chosen(texts: dict[str, str], turn: types.Turn) -> str:
    """The text in the turn's language, else in the same without region, else in the first of the file's that there is."""
    base = turn.language.split("_")[0]
    for language in [turn.language, base, *turn.languages]:
        if texts.get(language):
            return texts[language]
    raise LookupError(f"there is no text for {turn.language}, nor for {', '.join(turn.languages)}")


def rendered(text: str, values: dict[str, str]) -> str:
    """The text with its placeholders filled in. What a value says is never read as a placeholder again."""

    def filled(piece: re.Match[str]) -> str:
        name, default = piece[1], piece[2]
        if name is None:
            return "{"
        value = values.get(name.strip(), "")
        return value if value.strip() else default or ""

    return PIECES.sub(filled, text)


def mistakes(text: str, always: dict[str, bool]) -> Iterator[tuple[str, str]]:
    """What is wrong with the placeholders, each with what helps. `always` says of each known name whether every turn has it."""
    for piece in PIECES.finditer(text):
        name, default = piece[1], piece[2]
        if piece[0] == "{{":
            continue
        if name is None:
            yield "a placeholder opens and does not end", "write `{name}`, `{name|default}`, or `{{` for a brace"
        elif name.strip() not in always:
            yield f"`{piece[0]}` is no known placeholder", f"known are {', '.join(always)}"
        elif not always[name.strip()] and default is None:
            yield f"`{piece[0]}` may be missing and has no default", f"write `{{{name}|…}}` with what stands there then"
