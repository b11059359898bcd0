"""The page of the API, from the OpenAPI document."""

from __future__ import annotations

from typing import Any

from tocsin.web.app import api_document

HEAD = """# The API

Made by `tools/write_reference.py` from the OpenAPI document, which a running desk serves at `/api/openapi.json` and
the repository keeps in `docs/reference/openapi.json`. Change the code, then run `make reference`.

"""

Doc = dict[str, Any]


def written() -> str:
    """The page as the file holds it."""
    doc = api_document()
    parts = [HEAD, doc["info"]["description"], "\n\n## Addresses\n\n", *_index(doc)]
    for path, item in doc["paths"].items():
        for method, operation in item.items():
            parts += _operation(method, path, operation)
    parts.append("\n## Types\n")
    for name, schema in doc["components"]["schemas"].items():
        parts += _type(name, schema)
    return "".join(parts)


def _index(doc: Doc) -> list[str]:
    rows = ["| address | what |\n| --- | --- |\n"]
    for path, item in doc["paths"].items():
        for method, operation in item.items():
            rows.append(f"| `{method.upper()} {path}` | {operation['summary']} |\n")
    return rows


def _operation(method: str, path: str, operation: Doc) -> list[str]:
    parts = [f"\n### {method.upper()} {path}\n\n{operation['summary']}. {line(operation.get('description', ''))}\n"]
    parameters = operation.get("parameters", [])
    if parameters:
        parts.append("\n| parameter | in | type | what |\n| --- | --- | --- | --- |\n")
        parts += [
            f"| `{p['name']}` | {p['in']} | {_kind(p['schema'])} | {line(p.get('description', ''))} |\n"
            for p in parameters
        ]
    if "requestBody" in operation:
        bodies = [f"`{media}`: {_kind(body['schema'])}" for media, body in operation["requestBody"]["content"].items()]
        parts.append(f"\nBody: {'; '.join(bodies)}.\n")
    parts.append("\n| status | answer |\n| --- | --- |\n")
    parts += [f"| {status} | {_answer(answer)} |\n" for status, answer in sorted(operation["responses"].items())]
    return parts


def _answer(answer: Doc) -> str:
    said = line(answer["description"])
    for media, content in answer.get("content", {}).items():
        if media == "application/problem+json":
            return said
        kind = _kind(content["schema"])
        return kind if said == "Successful Response" else f"{kind}. {said}"
    return said


def _type(name: str, schema: Doc) -> list[str]:
    parts = [f"\n### {name}\n"]
    if schema.get("description"):
        parts.append(f"\n{line(schema['description'])}\n")
    if schema.get("properties"):
        required = schema.get("required", [])
        parts.append("\n| key | type | |\n| --- | --- | --- |\n")
        parts += [
            f"| `{key}` | {_kind(field)} | {'' if key in required else 'optional'} |\n"
            for key, field in schema["properties"].items()
        ]
    return parts


def _kind(schema: Doc) -> str:
    """A type in words, with its bounds."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " or ".join(_kind(part) for part in schema[key])
    if "allOf" in schema:
        tags = [f"`{key}`: {_kind(field)}" for key, field in schema.get("properties", {}).items()]
        return " with ".join([*(_kind(part) for part in schema["allOf"]), *tags])
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"map to {_kind(schema['additionalProperties'])}"
    return _plain(schema)


_BOUNDS = {
    "minimum": "≥ {}",
    "exclusiveMinimum": "> {}",
    "maximum": "≤ {}",
    "exclusiveMaximum": "< {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
}


def _plain(schema: Doc) -> str:
    kind = "time" if schema.get("format") == "date-time" else str(schema.get("type", "anything"))
    bounds = [text.format(f"{schema[key]:g}") for key, text in _BOUNDS.items() if key in schema]
    return f"{kind} ({', '.join(bounds)})" if bounds else kind


def line(text: str) -> str:
    """One line of a table."""
    return " ".join(text.replace("|", "\\|").split())
