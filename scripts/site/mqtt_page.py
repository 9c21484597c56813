"""The MQTT reference, made from the schemas, the table of topics and the table of roles."""

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any, get_args

from detector.roles import COMMANDS
from detector.topics import DELIVERY, PREFIX, Name

Schema = Mapping[str, Any]
_INTRODUCTION = f"""# Messages over MQTT

Everything is said over MQTT 3.1.1 under `{PREFIX}/SENSOR/`; a sensor's name matches `^[a-z0-9-]{{1,32}}$`. The JSON
Schemas in `detector/schemas` are the contract, and this page is made from them: tests hold real messages against them.
Receivers ignore keys that they do not know.

An event is stored before it is sent, and sent until the night log's `logged` mark covers it. Receivers that key on
`(id, revision)` see nothing twice.

| topic | QoS | retained |
| --- | --- | --- |
"""


def mqtt_page() -> str:
    """Return the page: topics, commands, and the keys of every message."""
    topics = "\n".join(
        f"| `{PREFIX}/SENSOR/{name}` | {delivery.qos} | {'yes' if delivery.retained else 'no'} |"
        for name, delivery in DELIVERY.items()
    )
    roles = "\n".join(
        f"| `{role}` | {', '.join(f'`{name}`' for name in sorted(names))} |"
        for role, names in COMMANDS.items()
    )
    parts = [
        _INTRODUCTION + topics + f"\n| `{PREFIX}/SENSOR/command/ROLE/NAME` | 1 | never honoured |\n",
        "## Who may ask for what\n\nThe role is in the topic, so that the broker's access list can hold it.\n",
        f"| role | commands |\n| --- | --- |\n{roles}\n",
    ]
    return "\n".join([*parts, *_messages()])


def _messages() -> Iterator[str]:
    for name in (*get_args(Name), "command"):
        source = files("detector").joinpath("schemas", f"{name}.json")
        if not source.is_file():
            continue
        schema: Schema = json.loads(source.read_text(encoding="utf-8"))
        yield f"## `{name}`\n\n{schema['title']}. {schema.get('description', '')}\n"
        rows = list(_rows(schema, schema, prefix=""))
        if rows:
            yield "| key | type | meaning |\n| --- | --- | --- |"
            yield "\n".join(rows) + "\n"
        else:
            yield f"The payload: {_type(schema, schema)}.\n"


def _rows(schema: Schema, whole: Schema, prefix: str) -> Iterator[str]:
    required = set(schema.get("required", ()))
    for key, entry in schema.get("properties", {}).items():
        resolved = _resolved(entry, whole)
        optional = "" if key in required else " (optional)"
        meaning = entry.get("description") or resolved.get("description", "")
        yield f"| `{prefix}{key}` | {_type(resolved, whole)}{optional} | {_cell(meaning)} |"
        inner = _resolved(resolved.get("items", resolved), whole)
        if "properties" in inner:
            yield from _rows(inner, whole, f"{prefix}{key}{'[]' if 'items' in resolved else ''}.")


def _resolved(entry: Schema, whole: Schema) -> Schema:
    reference = entry.get("$ref", "")
    return whole["$defs"][reference.rpartition("/")[2]] if reference.startswith("#/$defs/") else entry


def _type(entry: Schema, whole: Schema) -> str:
    if "const" in entry:
        return f"`{json.dumps(entry['const'])}`"
    if "enum" in entry:
        return " · ".join(f"`{json.dumps(value)}`" for value in entry["enum"])
    for several in ("anyOf", "oneOf"):
        if several in entry:
            return " or ".join(_type(_resolved(one, whole), whole) for one in entry[several])
    kinds = entry.get("type", "any")
    return " or ".join(kinds) if isinstance(kinds, list) else str(kinds)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
