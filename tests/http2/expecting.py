"""What a case may end with. Each takes the connection and raises `Unmet` with what came instead."""

from talking import (ACK, CLOSED, END_STREAM, GOAWAY, HEADERS, PING, PROTOCOL, RST_STREAM, frame)


class Unmet(AssertionError):
    pass


def came(talk):
    return f"heard {[one for one in talk.heard if one.kind != 4]}, answers {talk.answers}, closed {talk.closed}"


def first(talk, fits):
    return lambda: next((one for one in talk.heard if fits(one)), None)


UNSPECIFIC = []  # what was refused with PROTOCOL_ERROR where a more telling code would fit


def farewell(talk, *codes):
    """A connection error: GOAWAY with one of the codes, then the end of the connection (section 5.4.1). PROTOCOL_ERROR, the error
    without a name of its own (section 7), stands for every other; how often it did is told in the end."""
    said = talk.until(first(talk, lambda one: one.kind == GOAWAY and one.error != 0))
    if not said or said.error not in (*codes, PROTOCOL):
        raise Unmet(f"expected GOAWAY {codes}; {came(talk)}")
    if said.error not in codes:
        UNSPECIFIC.append(codes)
    if not talk.until(lambda: talk.closed):
        raise Unmet(f"GOAWAY {said.error} came, and the connection stays open")


def ended(talk):
    """The end of the connection, with a GOAWAY or without (section 3.4)."""
    if not talk.until(lambda: talk.closed):
        raise Unmet(f"expected the end of the connection; {came(talk)}")


def broken(talk, stream, *codes):
    """A stream error: RST_STREAM with one of the codes, or the connection error that may stand for it (section 5.4.2)."""
    fits = lambda one: (one.kind == RST_STREAM and one.stream == stream and one.error) or (one.kind == GOAWAY and one.error)
    said = talk.until(first(talk, fits))
    if not said or said.error not in codes and said.kind == RST_STREAM:
        raise Unmet(f"expected RST_STREAM {codes} on {stream}; {came(talk)}")
    if said.kind == GOAWAY:
        farewell(talk, *codes)


def malformed(talk, stream=1):
    """A malformed request: a stream error PROTOCOL_ERROR, or an answer that says so before (section 8.1.1)."""
    def found():
        status = talk.answers.get(stream, {}).get(":status")
        if status in ("400", "413", "421", "431"):
            return True
        return first(talk, lambda one: one.kind in (RST_STREAM, GOAWAY) and one.error == PROTOCOL)()
    if not talk.until(found):
        raise Unmet(f"expected PROTOCOL_ERROR or a 400 on {stream}; {came(talk)}")


def answered(talk, stream=1, status="200"):
    """An answer with this status, to its end."""
    done = lambda: any(one.stream == stream and one.kind in (HEADERS, 0) and one.flags & END_STREAM for one in talk.heard)
    if not talk.until(done) or talk.answers.get(stream, {}).get(":status") != status:
        raise Unmet(f"expected {status} on {stream}; {came(talk)}")


def alive(talk):
    """Nothing happens: a PING is answered."""
    mark = b"alive?!!"
    talk.say(frame(PING, body=mark))
    if not talk.until(first(talk, lambda one: one.kind == PING and one.flags & ACK and one.body == mark)):
        raise Unmet(f"expected nothing but the answer to a PING; {came(talk)}")


def late(talk, stream, *codes):
    """Something on a stream that is over: a stream or connection error, or silence where the endpoint has forgotten it."""
    broken(talk, stream, CLOSED, *codes)
