"""UUIDs that anybody can compute and on which a hash without a secret agrees."""

from uuid import UUID

#: `hash(UUID)` is its number modulo this prime.
_PYTHON_MODULUS = 2**61 - 1
_MASK = 2**32 - 1

# lookup3 as PostgreSQL has it (src/common/hashfn.c), by its rotations: `mix` from its end, then `final`.
_MIX = (("cba", 4), ("bac", 19), ("acb", 16), ("cba", 8), ("bac", 6), ("acb", 4))
_FINAL = (("cb", 24), ("ba", 14), ("ac", 4), ("cb", 16), ("ba", 25), ("ac", 11), ("cb", 14))


def make_python_collisions(number: int) -> list[str]:
    """UUIDs on which Python's `hash` agrees."""
    return [str(UUID(int=1 + n * _PYTHON_MODULUS)) for n in range(number)]


def make_postgres_collisions(number: int) -> list[str]:
    """UUIDs on which PostgreSQL's `uuid_hash` agrees: each is `final` and `mix` undone from one result."""
    return [str(_undo_lookup3(n)) for n in range(number)]


def _undo_lookup3(number: int) -> UUID:
    words = {"a": number, "b": 0, "c": 7}
    for (target, source), bits in _FINAL:
        words[target] = (words[target] + _rotate(words[source], bits)) & _MASK ^ words[source]
    # Any last word will do: `final` begins with the sum of it and `a`.
    last = 0
    # Each step of `mix` is x -= y; x ^= rotate(y); y += z.
    for (x, y, z), bits in _MIX:
        words[y] = (words[y] - words[z]) & _MASK
        words[x] = ((words[x] ^ _rotate(words[y], bits)) + words[y]) & _MASK
    start = (0x9E3779B9 + 16 + 3_923_095) & _MASK
    first = (((words[name] - start) & _MASK).to_bytes(4, "little") for name in "abc")
    return UUID(bytes=b"".join(first) + last.to_bytes(4, "little"))


def _rotate(value: int, bits: int) -> int:
    return ((value << bits) | (value >> (32 - bits))) & _MASK
