#!/usr/bin/env python3
"""Checks a Portcullis audit trail from its documented format alone (audit.md). Standard library only; never writes.

    audit_reader.py DIRECTORY [--key KEY] [--witness FILE]...

DIRECTORY holds gateway/, jobs/, operator/ and keys. KEY is what `portcullis audit key` printed; without it the list of keys beside the
chains is believed. Exit code 1 and one line for the first thing that does not fit in each chain.
"""
import argparse, base64, hashlib, json, pathlib, sys

# Ed25519 verification as in RFC 8032, section 6: slow and short.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def add(one, two):
    a, b = (one[1] - one[0]) * (two[1] - two[0]), (one[1] + one[0]) * (two[1] + two[0])
    c, d = 2 * one[3] * two[3] * D, 2 * one[2] * two[2]
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point, scalar = add(point, point), scalar >> 1
    return result


def decompress(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(public, text, signature):
    key, r = decompress(public), decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or key is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + text).digest(), "little") % L
    left, right = times(s, BASE), add(r, times(h, key))
    return not (left[0] * right[2] - right[0] * left[2]) % P and not (left[1] * right[2] - right[1] * left[2]) % P


class Wrong(Exception):
    pass


def check(condition, what):
    if not condition:
        raise Wrong(what)


def key_of(text):
    name, key_id, data = text.split("+", 2)
    data = base64.b64decode(data, validate=True)
    expected = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
    check(data[0] == 1 and len(data) == 33 and expected.hex() == key_id, f"{text} is not a key")
    return name, expected, data[1:]


def is_signed_by(text, lines, key):
    name, key_id, public = key_of(key)
    for line in lines:
        dash, signer, data = line.split(" ")
        data = base64.b64decode(data, validate=True)
        if (dash, signer, data[:4]) == ("\u2014", name, key_id) and signed(public, text.encode(), data[4:]):
            return True
    return False


def notes(path):
    """Text and signature lines of each whole note of a file; what is not whole at its end is left out."""
    parts = path.read_bytes().decode(errors="replace").split("\n\n")[:-1] if path.exists() else []
    return [(text + "\n", signatures.split("\n")) for text, signatures in zip(parts[::2], parts[1::2])]


def keys_in(path, believed):
    keys = []
    for text, signatures in notes(path):
        lines = text.split("\n")
        check(lines[:2] == ["portcullis.audit keys", str(len(keys) + 1)], "the list of keys has another form")
        check(is_signed_by(text, signatures, lines[2]), "a key did not sign itself")
        if keys:
            check(lines[4] == f"after {keys[-1]}" and is_signed_by(text, signatures, keys[-1]), "a key was slipped in")
        keys.append(lines[2])
    if believed:
        check(not keys or believed in keys, "the key is not in the list of keys")
        keys = keys or [believed]
    check(keys, "there is no key")
    return keys


def checkpoint(text, signatures, keys):
    check(len(signatures) == 1 and any(is_signed_by(text, signatures, key) for key in reversed(keys)),
          f"no known key signed:\n{text}")
    origin, entries, digest, time, form, after, state, end = text.split("\n")
    after, after_hash = after.removeprefix("after ").split(" ")
    return {
        "chain": origin.removeprefix("portcullis.audit/"), "entries": int(entries),
        "hash": base64.b64decode(digest, validate=True).hex(), "time": time, "stopped": state == "stopped",
        "number": None if form == "head" else int(form.removeprefix("checkpoint ")),
        "after": (int(after), after_hash), "place": base64.b64encode(hashlib.sha256(text.encode()).digest()).decode(),
    }


def check_chain(directory, name, keys, witnessed):
    head = notes(directory / "head")
    check(len(head) == 1, "head is missing or not whole")
    head = checkpoint(*head[0], keys)
    listed = [checkpoint(*note, keys) for note in notes(directory / "checkpoints")]
    place = (0, base64.b64encode(hashlib.sha256(f"portcullis audit chain 2\n{name}\n".encode()).digest()).decode())
    for number, one in enumerate(listed, 1):
        check(one["number"] == number and one["after"] == place, f"checkpoint {number} does not follow the one before")
        place = (number, one["place"])
    check(head["number"] is None and 0 <= len(listed) - head["after"][0] <= 1, "head and checkpoints do not fit together")
    for one in witnessed:
        if one["number"]:
            check(one["number"] <= len(listed) and listed[one["number"] - 1] == one,
                  f"a witness saw another checkpoint {one['number']} than the chain has, or it was cut")
    promised = {}
    for one in [head, *listed, *witnessed]:
        check(one["chain"] == name, f"a checkpoint of {one['chain']} stands in {name}")
        check(promised.setdefault(one["entries"], one["hash"]) == one["hash"], f"two promises about entry {one['entries']}")
    previous, number = hashlib.sha256(f"portcullis audit chain 2\n{name}\n".encode()).hexdigest(), 0
    check(promised.pop(0, previous) == previous, "the chain began otherwise")
    files = sorted(directory.glob("*.jsonl"))
    check([int(file.stem) for file in files] == list(range(1, len(files) + 1)), "a file is missing")
    for file in files:
        data = file.read_bytes()
        for position, line in enumerate(data.split(b"\n")[:-1], 1):
            where = f"{file} line {position}"
            try:
                hashed, digest = line[:-75], line[-75:]
                check(digest == f',"hash":"{hashlib.sha256(hashed).hexdigest()}"}}'.encode(), f"{where}: edited")
                entry = json.loads(line)
                check((entry["seq"], entry["prev"]) == (number + 1, previous), f"{where}: not the next entry")
            except (Wrong, ValueError, KeyError):
                torn = file == files[-1] and number >= head["entries"] and not head["stopped"]
                if torn:
                    break
                raise
            number, previous = entry["seq"], entry["hash"]
            check(promised.pop(number, previous) == previous, f"{where}: not the entry that was signed")
        else:
            rest = data.rpartition(b"\n")[2]
            check(not rest or (file == files[-1] and not head["stopped"]), f"{file}: ends in half a line")
    check(not promised, f"entries up to {max(promised, default=0)} were signed; the chain ends at {number}")
    check(not head["stopped"] or number == head["entries"], "entries follow an orderly stop")
    return number, len(listed)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--key")
    parser.add_argument("--witness", type=pathlib.Path, action="append", default=[])
    asked = parser.parse_args()
    broken = 0
    try:
        keys = keys_in(asked.directory / "keys", asked.key)
        seen = [checkpoint(*note, keys) for file in asked.witness for note in notes(file)]
    except (Wrong, ValueError) as error:
        sys.exit(f"broken: {error}")
    chains = {f"{path.parent.name}/{path.name}" for path in asked.directory.glob("*/*") if path.is_dir()}
    for name in sorted(chains | {one["chain"] for one in seen}):
        try:
            check(name in chains, "the whole chain is missing; a witness has seen it")
            entries, listed = check_chain(asked.directory / name, name, keys, [one for one in seen if one["chain"] == name])
            print(f"{name}: {entries} entries, {listed} checkpoints, unbroken")
        except (Wrong, ValueError, KeyError, IndexError, OSError) as error:
            broken += 1
            print(f"{name}: broken: {error}")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
