"""The HTTP and WebSocket interface as an OpenAPI document, made from the table of doors and the types of answers."""

import inspect
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dashboard import api_lab_shapes as lab
from dashboard import api_shapes as shapes
from dashboard.doors import EVERYBODY, Door

# 3.1 takes JSON Schema as it is.
_OPENAPI = "3.1.0"
# Of the interface; a change that breaks a reader is another first number.
_VERSION = "1.0"
_REF = "#/components/schemas/{model}"
_PLACE = re.compile(r"\{(\w+)(?::\w+)?\}")
_JSON, _BYTES = "application/json", "application/octet-stream"
_SCHEME = "session"


@dataclass(frozen=True, slots=True)
class Operation:
    """What a door takes and gives.

    Attributes:
        gives: Type of its answer, or its media type.
        takes: Type of what is sent, or its media type.
        status: HTTP status code where all is well.
        query: What the address may name, and the schema of each.
        needs: Which of these it must name.
    """

    gives: Any = shapes.Done
    takes: Any = None
    status: int = 200
    query: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    needs: frozenset[str] = frozenset()


_SECONDS = {"type": "number", "minimum": 0, "description": "seconds since 1970"}
_SPAN = {"t0": _SECONDS, "t1": _SECONDS}
_TEXT = {"type": "string"}
_WINDOW: Mapping[str, Mapping[str, Any]] = _SPAN | {"px": {"type": "integer", "minimum": 1}, "ch": _TEXT}
_TABLE = "text/tab-separated-values"
# By method and path. A door that is not here is described by its own words alone.
OPERATIONS: Mapping[tuple[str, str], Operation] = MappingProxyType(
    {
        ("POST", "/api/answers"): Operation(takes=shapes.GivenAnswer, status=202),
        ("POST", "/api/acts"): Operation(takes=shapes.GivenAct, status=202),
        ("POST", "/api/denials"): Operation(takes=shapes.GivenDenial, status=202),
        ("GET", "/api/earlier"): Operation(shapes.EarlierAlarms),
        ("GET", "/api/nights/{name}"): Operation(shapes.Night),
        ("GET", "/api/nights/{name}/wave"): Operation(_BYTES, query=_WINDOW, needs=frozenset(_WINDOW)),
        ("GET", "/api/nights/{name}/labels"): Operation(shapes.SaidLabels),
        ("POST", "/api/nights/{name}/labels"): Operation(shapes.SaidLabels, shapes.GivenLabel),
        ("POST", "/api/nights/{name}/labels/undo"): Operation(shapes.SaidLabels, shapes.GivenUndo),
        ("GET", "/api/nights/{name}/event"): Operation(
            shapes.EventInFull, query={"id": _TEXT}, needs=frozenset({"id"})
        ),
        ("GET", "/api/nights/{name}/selection.edf"): Operation(_BYTES, query=_SPAN, needs=frozenset(_SPAN)),
        ("GET", "/api/nights/{name}/selection.csv"): Operation(
            "text/csv", query=_SPAN, needs=frozenset(_SPAN)
        ),
        ("GET", "/api/nights/{name}/labels.tsv"): Operation(_TABLE, query={"by": _TEXT}),
        ("GET", "/api/nights/{name}/opinions"): Operation(list[lab.Opinion]),
        ("POST", "/api/nights/{name}/comparison"): Operation(lab.Comparison, lab.GivenComparison),
        ("POST", "/api/lab/recordings"): Operation(lab.Taken, _BYTES, 201, {"name": _TEXT}),
        ("POST", "/api/lab/nights"): Operation(lab.Taken, lab.GivenName, 201),
        ("GET", "/api/lab/recordings/{item}"): Operation(lab.OnShelf),
        ("GET", "/api/lab/recordings/{item}/wave"): Operation(
            _BYTES, query=_WINDOW, needs=frozenset(_WINDOW)
        ),
        ("GET", "/api/lab/recordings/{item}/events.tsv"): Operation(_TABLE),
        ("POST", "/api/lab/recordings/{item}/run"): Operation(),
        ("POST", "/api/lab/recordings/{item}/stop"): Operation(),
        ("POST", "/api/lab/recordings/{item}/remove"): Operation(),
        ("POST", "/api/lab/recordings/{item}/truth"): Operation(lab.Scored, _TABLE),
        ("GET", "/api/tables/{name}.csv"): Operation("text/csv"),
        ("POST", "/api/diary/{date}"): Operation(shapes.Sheet, dict[str, Any]),
        ("POST", "/api/diary/{date}/undo"): Operation(shapes.Sheet),
        ("POST", "/api/profile"): Operation(shapes.Sheet, dict[str, Any]),
        ("POST", "/api/login"): Operation(shapes.Home, shapes.GivenLogin),
        ("POST", "/api/welcome"): Operation(shapes.Home, shapes.GivenToken),
        ("POST", "/api/logout"): Operation(shapes.Home),
        ("GET", "/api/visitor"): Operation(shapes.Visitor),
        ("GET", "/api/openapi.json"): Operation(dict[str, Any]),
    }
)


class ApiPages:
    """The door to the description itself.

    Args:
        doors: Every other door.
    """

    def __init__(self, doors: Iterable[Door]) -> None:
        self._doors = [*doors, *self.doors()]

    def doors(self) -> list[Door]:
        """Return what may be asked for here."""
        return [Door("/api/openapi.json", self.described, EVERYBODY)]

    async def described(self, _request: Request) -> Response:
        """Return this description."""
        return JSONResponse(describe(self._doors))


def describe(doors: Iterable[Door]) -> dict[str, Any]:
    """Return the OpenAPI document of those doors that programs use; pages are for people."""
    used = [door for door in doors if is_for_programs(door)]
    operations = {way: OPERATIONS.get(way, Operation(None)) for door in used for way in ways(door)}
    named, components = _schemas(operations.values())
    paths: dict[str, dict[str, Any]] = {}
    for door in used:
        for way in ways(door):
            described = _described(door, operations[way], named) | (
                {"x-websocket": True} if door.is_socket else {}
            )
            paths.setdefault(_path(door), {})[way[0].lower()] = described
    return {
        "openapi": _OPENAPI,
        "info": {
            "title": "crampwatch",
            "version": _VERSION,
            "description": "A comfort aid, not a medical device. On the base station itself nobody logs in; from "
            "beyond it a session's cookie is asked for. What changes anything must come from a page of its own "
            "(`Origin`).",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {_SCHEME: {"type": "apiKey", "in": "cookie", "name": "__Host-crampwatch"}},
        },
    }


def is_for_programs(door: Door) -> bool:
    """Tell an interface from a page."""
    return door.is_socket or door.path.startswith("/api/")


def ways(door: Door) -> list[tuple[str, str]]:
    """Return method and path of each way to use a door."""
    return [("GET" if door.is_socket else method, _path(door)) for method in door.methods]


def _path(door: Door) -> str:
    return _PLACE.sub(r"{\1}", door.path)


def _described(door: Door, operation: Operation, named: Mapping[str, Any]) -> dict[str, Any]:
    places = [
        {"name": name, "in": "path", "required": True, "schema": _TEXT} for name in _PLACE.findall(door.path)
    ]
    asked = [
        {"name": name, "in": "query", "required": name in operation.needs, "schema": dict(schema)}
        for name, schema in operation.query.items()
    ]
    described: dict[str, Any] = {
        "summary": inspect.getdoc(door.handler) or door.path,
        "parameters": places + asked,
        "responses": _responses(door, operation, named),
        "security": [{_SCHEME: []}] if door.roles else [],
        "x-roles": sorted(door.roles),
    }
    if operation.takes is not None:
        is_named = isinstance(operation.takes, str)
        content = {operation.takes: {}} if is_named else {_JSON: {"schema": named[_key(operation.takes)]}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _responses(door: Door, operation: Operation, named: Mapping[str, Any]) -> dict[str, Any]:
    refused = {"description": "not done, and why", "content": {_JSON: {"schema": named[_key(shapes.Why)]}}}
    if door.is_socket:
        return {"101": {"description": "JSON texts and binary curves, as they come"}}
    gives, answer = operation.gives, {"description": "done"}
    if isinstance(gives, str):
        return {str(operation.status): answer | {"content": {gives: {}}}, "default": refused}
    content = {} if gives is None else {"content": {_JSON: {"schema": named[_key(gives)]}}}
    return {str(operation.status): answer | content, "default": refused}


def _schemas(operations: Iterable[Operation]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the schema of each type, by its key, and what they refer to."""
    types = {_key(shapes.Why): shapes.Why}
    for operation in operations:
        for kind in (operation.gives, operation.takes):
            if kind is not None and not isinstance(kind, str):
                types[_key(kind)] = kind
    # Asked for now and then; the pages need not wait for it at their start.
    from pydantic import TypeAdapter

    inputs = [(key, "validation", TypeAdapter(kind)) for key, kind in types.items()]
    found, defined = TypeAdapter.json_schemas(inputs, ref_template=_REF)  # type: ignore[arg-type]
    return {key: schema for (key, _mode), schema in found.items()}, dict(defined.get("$defs", {}))


def _key(kind: Any) -> str:  # noqa: ANN401 - any type
    return repr(kind)
