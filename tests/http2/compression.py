"""RFC 7541, HPACK: what header blocks may say, and what they may not."""

from casebook import case
from expecting import answered, farewell
from talking import COMPRESSION, END_HEADERS, END_STREAM, HEADERS, HEADER_TABLE_SIZE, SETTINGS, frame, settings


def whole(talk, block, stream=1):
    return talk.say(frame(HEADERS, END_HEADERS | END_STREAM, stream, block))


def text(word):
    """A string literal without Huffman's code, below 127 bytes."""
    return bytes([len(word)]) + word.encode()


def literal(first, name, value):
    """A literal field with a new name, in the representation that `first` stands for."""
    return bytes([first]) + text(name) + text(value)


@case("HPACK 2.3", "a field that was indexed before is found by its index")
def _(talk):
    for stream in (1, 3, 5):
        whole(talk, talk.block(), stream)
        answered(talk, stream)


@case("HPACK 2.3.3", "an indexed field beyond the tables is a COMPRESSION_ERROR")
def _(talk):
    whole(talk, talk.block() + b"\xfe")
    farewell(talk, COMPRESSION)


for first in (0x7F, 0x0F, 0x1F):
    @case("HPACK 2.3.3", f"a literal field {first:#x} with a name beyond the tables is a COMPRESSION_ERROR", first=first)
    def _(talk, first):
        whole(talk, talk.block() + bytes([first, 0x70]) + text("x"))
        farewell(talk, COMPRESSION)


@case("HPACK 4.2", "a table size at the end of a block is a COMPRESSION_ERROR")
def _(talk):
    whole(talk, talk.block() + b"\x20")
    farewell(talk, COMPRESSION)


@case("HPACK 4.2", "a table size at the beginning of a block is taken")
def _(talk):
    whole(talk, b"\x20\x3f\xe1\x1f" + talk.block(huffman=False))
    answered(talk)


@case("HPACK 4.2", "two table sizes at the beginning of a block are taken")
def _(talk):
    whole(talk, b"\x20\x3f\xe1\x1f" + talk.block())
    answered(talk)


@case("HPACK 4.3", "a table emptied by its size forgets its fields")
def _(talk):
    whole(talk, talk.block() + literal(0x40, "x-kept", "1"))
    answered(talk)
    whole(talk, b"\x20\x3f\xe1\x1f" + b"\xbe", 3)
    farewell(talk, COMPRESSION)


@case("HPACK 5.1", "an integer that overflows is a COMPRESSION_ERROR")
def _(talk):
    whole(talk, talk.block() + b"\xff" + b"\xff" * 12 + b"\x7f")
    farewell(talk, COMPRESSION)


@case("HPACK 5.1", "an integer that is cut off is a COMPRESSION_ERROR")
def _(talk):
    whole(talk, talk.block() + b"\xff\x80")
    farewell(talk, COMPRESSION)


@case("HPACK 5.2", "a string longer than its block is a COMPRESSION_ERROR")
def _(talk):
    whole(talk, talk.block() + b"\x00\x01x\x7f\xff\x7f")
    farewell(talk, COMPRESSION)


for name, value in (("padding of more than 7 bits", b"\x84\x49\x50\x9f\xff"), ("padding that is not of ones", b"\x83\x49\x50\x90"),
                    ("the code of EOS", b"\x87\xf2\xb2\x4a\x87\xff\xff\xff")):
    @case("HPACK 5.2", f"{name} in a Huffman string is a COMPRESSION_ERROR", value=value)
    def _(talk, value):
        whole(talk, talk.block() + b"\x00" + text("x-test") + value)
        farewell(talk, COMPRESSION)


@case("HPACK 5.2", "strings without Huffman's code are taken")
def _(talk):
    whole(talk, talk.block(huffman=False))
    answered(talk)


@case("HPACK 6.1", "index 0 is a COMPRESSION_ERROR")
def _(talk):
    whole(talk, talk.block() + b"\x80")
    farewell(talk, COMPRESSION)


for name, first in (("with incremental indexing", 0x40), ("without indexing", 0x00), ("never indexed", 0x10)):
    @case("HPACK 6.2", f"a literal field {name} is taken", first=first)
    def _(talk, first):
        whole(talk, talk.block() + literal(first, "x-test", "value"))
        answered(talk)


@case("HPACK 6.2.1", "a field that was added is there in the next block, one that was not is not")
def _(talk):
    whole(talk, talk.block() + literal(0x00, "x-gone", "1"))
    answered(talk)
    whole(talk, talk.block() + b"\xff\x22", 3)
    farewell(talk, COMPRESSION)


@case("HPACK 6.3", "a table size above the setting is a COMPRESSION_ERROR")
def _(talk):
    whole(talk, b"\x3f\xe1\xff\x03" + talk.block())
    farewell(talk, COMPRESSION)


@case("HPACK 6.3", "the server's own table keeps to the client's setting", initial=((HEADER_TABLE_SIZE, 0),))
def _(talk):
    talk.decoder.max_allowed_table_size = 0
    for stream in (1, 3):
        talk.ask(stream)
        answered(talk, stream)


@case("HPACK 6.3", "a smaller table in the middle of a connection is kept to")
def _(talk):
    talk.ask()
    answered(talk)
    talk.say(frame(SETTINGS, body=settings((HEADER_TABLE_SIZE, 64))))
    talk.ask(3)
    answered(talk, 3)
