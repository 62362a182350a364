#!/usr/bin/env python3
"""Reads a Portcullis repository from its documented format alone (repository-format.md).

    repository_reader.py --key-file state.key list  DIRECTORY
    repository_reader.py --key-file state.key dump  DIRECTORY ORG SNAPSHOT OUTPUT_DIRECTORY

SNAPSHOT is a number, an id or the beginning of one, or `latest`. A passphrase, of the repository or of the key file, is read from
the environment variable PORTCULLIS_PASSPHRASE. Needs the PyPI packages cryptography (44 or newer), zstandard and blake3.
It never writes to the repository.
"""
import argparse, base64, json, os, pathlib, sys, urllib.parse

from blake3 import blake3
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
import zstandard


def fail(message):
    sys.exit(f"error: {message}")


def derive(context, material):
    return blake3(material, derive_key_context=context).digest()


def unseal(key, counter, about, data):
    return AESGCM(key).decrypt(bytes(4) + counter.to_bytes(8, "big"), data, about)


def unzstd(data, length):
    decoded = zstandard.ZstdDecompressor().decompress(data, max_output_size=length) if length else b""
    if len(decoded) != length:
        fail("decoded data has another length than written")
    return decoded


def stretch(salt, memory_kib, passes, lanes):
    passphrase = os.environ.get("PORTCULLIS_PASSPHRASE") or fail("set PORTCULLIS_PASSPHRASE")
    kdf = Argon2id(salt=salt, length=32, iterations=passes, lanes=lanes, memory_cost=memory_kib)
    return kdf.derive(passphrase.encode())


def key_in(key_file):
    match pathlib.Path(key_file).read_text().split():
        case ["portcullis-key-1", key]:
            return base64.b64decode(key, validate=True)
        case ["portcullis-key-2", "passphrase", "argon2id", cost, salt, sealed]:
            memory_kib, passes, lanes = (int(part[2:]) for part in cost.split(","))
            stretched = stretch(base64.b64decode(salt, validate=True), memory_kib, passes, lanes)
            sealed = base64.b64decode(sealed, validate=True)
            about = f"portcullis key file argon2id {cost} {salt}".encode()
            return AESGCM(stretched).decrypt(sealed[1:13], sealed[13:], about)
        case _:
            fail(f"{key_file} is not a key file, or one that only its command opens")


class Repository:
    def __init__(self, directory, key_file):
        self.root = pathlib.Path(directory)
        config = json.loads((self.root / "config.json").read_bytes())
        if config["format"] != 1:
            fail(f"format {config['format']} is not known here")
        wrapped = base64.b64decode(config["key"]["master"], validate=True)
        about = f"portcullis repository {config['id']} master key".encode()
        self.master = AESGCM(self.wrapping_key(config["key"], key_file)).decrypt(wrapped[1:13], wrapped[13:], about)
        self.object_key = derive("portcullis repository 1 object ids", self.master)
        self.org_key = derive("portcullis repository 1 org folders", self.master)

    @staticmethod
    def wrapping_key(key, key_file):
        if key["kind"] == "key_file":
            if not key_file:
                fail("this repository opens with a key file: give --key-file")
            return key_in(key_file)
        return stretch(base64.b64decode(key["salt"]), key["memory_kib"], key["passes"], 1)

    # Packs

    def index(self):
        """Object id -> (pack, number of the block, block, offset of the object in the decoded block, its length)."""
        places = {}
        for path in sorted((self.root / "packs").glob("*")):
            data = path.read_bytes()
            if blake3(data).hexdigest() != path.name:
                print(f"warning: {path.name} is damaged", file=sys.stderr)
                continue
            trailer = data[-48:]
            salt, raw, sealed = trailer[:32], int.from_bytes(trailer[32:36], "big"), int.from_bytes(trailer[36:40], "big")
            key = derive("portcullis repository 1 pack", self.master + salt)
            blocks = json.loads(unzstd(unseal(key, 0, trailer, data[-48 - sealed:-48]), raw))
            for number, block in enumerate(blocks, 1):
                offset = 0
                for object_id, length in block["objects"]:
                    places.setdefault(object_id, (path, key, number, block, offset, length))
                    offset += length
        return places

    def block(self, path, key, number, block):
        with path.open("rb") as file:
            file.seek(block["offset"])
            return unzstd(unseal(key, number, b"portcullis pack block", file.read(block["length"])), block["raw"])

    # Manifests

    def manifest(self, path):
        data = path.read_bytes()
        if data[:8] != b"PORTSNP1":
            fail(f"{path} is not a manifest")
        head_end = 44 + int.from_bytes(data[40:44], "big")
        key = derive("portcullis repository 1 manifest", self.master + data[8:40])
        name = path.relative_to(self.root).as_posix().encode()
        head = json.loads(unseal(key, 0, b"portcullis manifest head\0" + name + b"\0" + data[:44], data[44:head_end]))
        head["id"] = blake3(data[:head_end]).hexdigest()
        if blake3(data[head_end:]).hexdigest() != head["body_hash"]:
            fail(f"{path}: the body is not the one the head was written for")
        body = json.loads(unzstd(unseal(key, 1, b"portcullis manifest body", data[head_end:]), head["body_raw"]))
        return head, body["groups"]

    def manifests(self):
        for path in sorted((self.root / "snapshots").glob("*/*")):
            yield path, self.manifest(path)

    def chain(self, org, wanted):
        """The manifests to apply, oldest first."""
        folder = self.root / "snapshots" / blake3(org.encode(), key=self.org_key).hexdigest()[:32]
        known = [self.manifest(path) for path in sorted(folder.glob("*"))]
        fits = [n for n, (head, _) in enumerate(known)
                if str(head["sequence"]) == wanted or (not wanted.isdigit() or len(wanted) > 10) and head["id"].startswith(wanted)]
        if wanted == "latest":
            fits = [len(known) - 1] if known else []
        if len(fits) != 1:
            fail(f"`{wanted}` fits {len(fits)} snapshots of org {org}")
        first = fits[0] - known[fits[0]][0]["deltas"]
        chain = known[first:fits[0] + 1]
        for before, after in zip(chain, chain[1:]):
            if after[0]["parent"] != before[0]["id"]:
                fail(f"snapshot {after[0]['sequence']} does not continue the one before it")
        return chain

    def contents(self, org, wanted):
        groups = {}
        for head, changes in self.chain(org, wanted):
            groups = {group: objects for group, objects in groups.items() if group in changes}
            for group, change in changes.items():
                objects = groups.setdefault(group, {})
                for key in change.get("removed", []):
                    objects.pop(key, None)
                objects.update(change.get("put", {}))
        if {group: len(objects) for group, objects in groups.items()} != head["groups"]:
            fail("the lists do not add up to the counts in the head")
        return groups

    def objects(self, org, wanted):
        """Yields group, key and bytes; decodes a block once as long as objects come in the order of the blocks."""
        places, last, decoded = self.index(), None, b""
        contents = [(group, key, object_id) for group, objects in self.contents(org, wanted).items()
                    for key, object_id in objects.items()]
        missing = [item for item in contents if item[2] not in places]
        if missing:
            fail(f"{len(missing)} objects are missing, for example {missing[0][0]} {missing[0][1]}")
        for group, key, object_id in sorted(contents, key=lambda item: (str(places[item[2]][0]), places[item[2]][2])):
            path, pack_key, number, block, offset, length = places[object_id]
            if last != (path, number):
                last, decoded = (path, number), self.block(path, pack_key, number, block)
            data = decoded[offset:offset + length]
            if blake3(data, key=self.object_key).hexdigest()[:32] != object_id:
                fail(f"{group} {key} differs from its id")
            yield group, key, data


def main():
    parser = argparse.ArgumentParser(description="Reads a Portcullis repository.")
    parser.add_argument("--key-file")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("list").add_argument("directory")
    dump = verbs.add_parser("dump")
    for name in ("directory", "org", "snapshot", "output"):
        dump.add_argument(name)
    arguments = parser.parse_args()
    repository = Repository(arguments.directory, arguments.key_file)
    if arguments.verb == "list":
        for _, (head, _) in repository.manifests():
            print(head["org"], head["sequence"], head["id"], head["finished"], sum(head["groups"].values()), sep="\t")
        return
    count = 0
    for group, key, data in repository.objects(arguments.org, arguments.snapshot):
        # Keys may hold anything: percent-encode them into one path segment each.
        folder = pathlib.Path(arguments.output) / urllib.parse.quote(group, safe=" ")
        folder.mkdir(parents=True, exist_ok=True)
        name = urllib.parse.quote(key, safe=" ").replace(".", "%2E")
        (folder / f"{name}.json").write_bytes(data)
        count += 1
    print(f"{count} objects written to {arguments.output}", file=sys.stderr)


if __name__ == "__main__":
    main()
