"""The persona that the hub asks a model for."""

import json

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 80},
        "age": {"type": "integer", "minimum": 13, "maximum": 110},
        "occupation": {"type": "string", "maxLength": 120},
        "city": {"type": "string", "maxLength": 120},
        "bio": {"type": "string", "maxLength": 800},
        "voice": {"type": "string", "maxLength": 300},
        "interests": {
            "type": "array",
            "items": {"type": "string", "maxLength": 60},
            "minItems": 1,
            "maxItems": 8,
        },
    },
    "required": ["name", "age", "occupation", "city", "bio", "voice", "interests"],
    "additionalProperties": False,
}


def assert_persona(text):
    """Checks text, or what was read from it, against the schema; gives back the object."""
    persona = json.loads(text) if isinstance(text, str) else text
    assert list(persona) == SCHEMA["required"], persona
    assert 13 <= persona["age"] <= 110 and 1 <= len(persona["interests"]) <= 8, persona
    assert 1 <= len(persona["name"]) <= 80, persona
    for name in ("occupation", "city", "bio", "voice"):
        assert isinstance(persona[name], str), persona
        assert len(persona[name]) <= SCHEMA["properties"][name]["maxLength"], persona
    return persona
