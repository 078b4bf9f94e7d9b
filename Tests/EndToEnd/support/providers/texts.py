"""What the doubles generate: stories, objects that satisfy a schema, pictures; the same for the same request."""

import hashlib
import random
import re
import struct
import zlib

_SENTENCES = (
    "This morning the kiln was still warm, and the café across the road had its first bread.",
    "I threw twelve bowls today — two survived my own opinion.",
    "A friend asked: “Does clay remember?” I think it does, for 1\u202f200 °C at least. 🏺",
    "Salt & ash do <what they like>; you only open the door.",
    "Whoever buys the crooked one gets it for the price of a story.",
    "日本の友人 sent a glaze recipe, and a warning.",
    "Tomorrow I will be patient. Tonight I scrape the shelf.",
)
_PERSONA = {
    "name": ("Inês Duarte", "Mads Vestergård", "Aiko Tanaka", "Tomás Ó Briain"),
    "occupation": ("ceramic artist", "boat builder", "pastry chef"),
    "city": ("Lisbon", "Århus", "Kyōto", "Galway"),
    "bio": ("Works with salt glazes and old tools, and shows what fails as well as what works.",),
    "voice": ("Dry and warm; short sentences, one joke a post.",),
    "interests": ("kilns", "surfing", "tide tables", "bread", "repairing things"),
}


def chance(*parts):
    """Random numbers that depend on nothing but the parts."""
    return random.Random(hashlib.sha256(repr(parts).encode()).digest())


def story(source, paragraphs=2):
    """Plain text of some paragraphs."""
    return "\n\n".join(" ".join(source.sample(_SENTENCES, k=3)) for _ in range(paragraphs))


_CODE = {
    "HTML": '<main>\n  <h1>Kiln & <em>café</em></h1>\n  <button id="go">Fire</button>\n  <output id="out"></output>\n</main>',
    "CSS": "```css\nh1 { color: teal; }\n\nbutton { min-height: 2.75rem; }\n```",
    "JavaScript": "```js\nconst out = document.querySelector('#out');\n"
    "document.querySelector('#go').addEventListener('click', () => {\n  out.textContent = `fired`;\n});\n"
    "```\n\nThis makes the button work. Enjoy!\n",
}


def written(source, prompt):
    """What a model answers in words: code where that is asked for, partly in fences, and else a story."""
    for language, code in _CODE.items():
        if f"Answer with the {language} " in prompt:
            return code
    if "You write an article in " in prompt:
        return _part_of_article(source, prompt)
    return story(source)


def _part_of_article(source, prompt):
    count = re.search(r"Answer with (\d+) headings", prompt)
    if count:
        return "\n".join(f"{number}. Heading {number}: بخش {number}" for number in range(1, int(count[1]) + 1))
    if '"Q:"' in prompt:
        return "Q: What is it?\nA: A kiln.\n\nQ: چیست؟\nA: یک کوره."
    return story(source)


def code(language):
    """The code alone, without what stands around it."""
    text = _CODE[language]
    return text.split("\n", 1)[1].split("\n```")[0] if text.startswith("```") else text


def tokens(text):
    """The text in pieces about as long as a model's tokens; together they are the text."""
    return re.findall(r"\s*[^\s]{1,5}|\s+", text)


def prompt_tokens(text):
    """About as many tokens as a model would count."""
    return max(1, len(text) // 4)


def fill(schema, source, name=""):
    """A value that satisfies a JSON Schema, as far as personas and the like need it."""
    if "enum" in schema:
        return source.choice(schema["enum"])
    if "const" in schema:
        return schema["const"]
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if kind == "object":
        properties = schema.get("properties", {})
        return {key: fill(value, source, key) for key, value in properties.items()}
    if kind == "array":
        count = min(max(schema.get("minItems", 0), 3), schema.get("maxItems", 3))
        known = source.sample(_PERSONA["interests"], k=3)
        made = [fill(schema.get("items", {}), source, name) for _ in range(count)]
        return known[:count] if name == "interests" else made
    if kind in ("integer", "number"):
        return source.randint(schema.get("minimum", 18), schema.get("maximum", 80))
    if kind in ("boolean", "null"):
        return True if kind == "boolean" else None
    text = source.choice(_PERSONA.get(name, ("clay",)))
    return text[: schema.get("maxLength", 1000)].ljust(schema.get("minLength", 0), ".")


def picture(source, width=64, height=64, padding=0):
    """A PNG of one colour and that size, in a few hundred bytes and `padding` more."""

    def chunk(kind, data):
        checksum = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)

    palette = bytes(source.randrange(256) for _ in range(3))
    rows = (b"\x00" + bytes((width + 7) // 8)) * height
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 3, 0, 0, 0))
        + chunk(b"PLTE", palette)
        + (
            chunk(b"tEXt", b"Comment\0" + source.randbytes(padding).hex().encode()[:padding])
            if padding
            else b""
        )
        + chunk(b"IDAT", zlib.compress(rows, 9))
        + chunk(b"IEND", b"")
    )


def size_of(png):
    """The width and height of a PNG whose checksums are right; raises otherwise."""
    if png[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError(f"no PNG: {png[:16]!r}")
    at, size = 8, None
    while True:
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack(">I", png[at + 8 + length : at + 12 + length])
        if zlib.crc32(kind + data) != checksum:
            raise ValueError(f"a bad checksum in {kind!r}")
        if kind == b"IHDR":
            size = struct.unpack(">II", data[:8])
        if kind == b"IEND":
            return size
        at += 12 + length
