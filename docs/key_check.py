"""Finds API keys and client secrets of Portcullis in text, and says which are real by their checksum. Asks nobody.

    python3 docs/key_check.py < FILE

The reference for secret scanners; docs/credentials.md has the rule in words. Prints one line per real key: where it stands and its
first eight characters, never the key. Ends with 1 if there was one.
"""

import re
import sys
import zlib

PATTERN = re.compile(r"\bpcl_[0-9A-Za-z]{38}\b")
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def checksum(body):
    rest, digits = zlib.crc32(body.encode()), ""
    for _ in range(6):
        rest, digit = divmod(rest, 62)
        digits = DIGITS[digit] + digits
    return digits


def is_real(candidate):
    return checksum(candidate[:36]) == candidate[36:]


def main():
    found = 0
    for number, line in enumerate(sys.stdin, 1):
        for match in filter(lambda match: is_real(match.group()), PATTERN.finditer(line)):
            found += 1
            print(f"{number}:{match.start() + 1} {match.group()[:8]}…")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
