"""Values that have broken others: for text, for numbers, for instants, and for the parsers before them."""

from typing import Any

#: What can stand in a path, a query and a header too.
TEXTS: tuple[str, ...] = (
    "",
    " ",
    "null",
    "undefined",
    "0",
    "-1",
    "true",
    "NaN",
    "1e9999",
    "' OR '1'='1",
    "'; DROP TABLE events; --",
    "\\",
    "%",
    "%s %d {0} ${x}",
    ":event_id",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "a,b;c=d",
    "x" * 2_000,
    "2027-03-01T10:00:00+03:00",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "00000000-0000-0000-0000-000000000000",
    "*",
    'W/"1.1"',
    '"',
)

#: What only JSON brings as far as us: by escapes, since not all of it is text.
JSON_TEXTS: tuple[str, ...] = (
    *TEXTS,
    "a\x00b",
    "\x1b[31m",
    "a\r\nb\rc\nd",
    "\ud800",
    "a\udfffb",
    "\ude00\ud83d",
    "\ufffe",
    "\uffff",
    "\U0001fffe",
    "\ufeff",
    "\u202e\u2066",
    "Ω≈ç√ 田中さん ⁰⁴⁵ 👩‍👩‍👧 Z̮̞̠͙͔ͅ",
    "İıſß",
    "x" * 100_000,
    "ж" * 5_001,
    "1969-12-31T23:59:59Z",
    "2101-01-01T00:00:00-14:00",
    "2027-02-30T00:00:00Z",
    "2027-03-01T10:00:00",
    "2027-03-01T10:00:60Z",
    "2027-03-01T10:00:00+99:99",
    "2027-03-01T10:00:00.123456789Z",
    "anna@example.org",
    "@",
    "Europe/../Europe/Berlin",
    "Factory",
    "localtime",
)

#: JSON texts as they stand in a body, for what no Python value is written as.
RAW: tuple[str, ...] = (
    "2147483647",
    "2147483648",
    "-2147483649",
    "9223372036854775808",
    "18446744073709551616",
    "1" + "0" * 400,
    "1e9999",
    "-1e9999",
    "-0.0",
    "0.1",
    "1e-400",
    "1.0",
    "true",
    "null",
    "[]",
    "{}",
    "[[]]",
    '[null, 1, "a"]',
    '{"in_app": {"in_app": {"in_app": true}}}',
    '{"": 1, "\\u0000": 2, "__proto__": {}}',
    "[" * 400 + "]" * 400,
    '"\\ud800"',
    '["00000000-0000-0000-0000-000000000000"]',
    '["0", "00000000-0000-0000-0000-000000000000"]',
    '["anna@example.org", "ANNA@example.org"]',
    '["\\u0000@example.org"]',
    "[-1, 0, 40321]",
    "[15, 15]",
    "[" + ",".join(["15"] * 10_000) + "]",
)


def list_fields(document: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    """The fields of a request body."""
    names = [schema] if "$ref" in schema else schema.get("anyOf", [])
    return [
        field
        for part in names
        if "$ref" in part
        for field in document["components"]["schemas"][part["$ref"].rpartition("/")[2]]["properties"]
    ]
