"""The engine and other programs on the same graph, in one run: what does the hub reach, and by which best path?

    python3 -m venv VENV                      # outside of the tree
    VENV/bin/pip install -r benches/peers/requirements.txt
    VENV/bin/python benches/peers/compare.py --size 100000 --shape segmented
    VENV/bin/python benches/peers/compare.py --plot times.csv   # the CSV of `cargo bench --bench engine -- … --csv times.csv`

The engine bench builds the estate, writes the product of systems and layers (arcs and factors of the high end) and then
answers on its standard input, one run a line. Every peer is a process of its own that has loaded that graph and answers the
same way. Peers come one after the other; every round asks ours and the peer in turn, so that noise hits both, and the ratio
is that of the medians of these rounds. Loading is never counted, what a peer's call itself converts is.

A weight is -ln(factor), so that the likeliest path is the shortest; a factor of 1 has the weight 0, which a small graph
shows to be right in every peer before it is asked anything. Of parallel arcs peers get only the best: scipy would add them.
"""

import argparse
import json
import math
import os
import select
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

QUESTIONS = ("reach", "best")
TITLES = {"reach": "reach from the hub", "best": "best paths from the hub"}
PATIENCE = 300  # seconds that loading or one answer may take
EPSILON = 1e-13  # in place of a weight of 0, for a peer that would drop it
TOLERANCE = 1e-9


# --- Peers: each takes arrays, and gives functions for both questions that return distances or a count. ---


def scipy(nodes, sources, targets, weights, hub):
    from scipy.sparse import csgraph, csr_array

    # The arrays are sorted by source and have no parallel arcs, so that nothing is added up; zeros stay explicit.
    start = numpy().searchsorted(sources, numpy().arange(nodes + 1)).astype("int32")
    graph = csr_array((weights, targets.astype("int32"), start), shape=(nodes, nodes))
    return {
        "reach": lambda: len(csgraph.breadth_first_order(graph, hub, directed=True, return_predecessors=False)),
        "best": lambda: csgraph.dijkstra(graph, directed=True, indices=hub),
    }


def rustworkx(nodes, sources, targets, weights, hub):
    import rustworkx

    graph = rustworkx.PyDiGraph(multigraph=True)
    graph.add_nodes_from([None] * nodes)
    for begin in range(0, len(sources), 1_000_000):
        part = slice(begin, begin + 1_000_000)
        graph.add_edges_from(list(zip(sources[part].tolist(), targets[part].tolist(), weights[part].tolist())))
    return {
        "reach": lambda: len(rustworkx.descendants(graph, hub)) + 1,
        "best": lambda: mapped(rustworkx.digraph_dijkstra_shortest_path_lengths(graph, hub, float), nodes, hub),
    }


def igraph(nodes, sources, targets, weights, hub):
    import igraph

    graph = igraph.Graph(nodes, numpy().column_stack((sources, targets)).astype("int64"), directed=True)
    graph.es["weight"] = weights.tolist()
    return {
        "reach": lambda: len(graph.subcomponent(hub, mode="out")),
        "best": lambda: graph.distances(source=hub, weights="weight", mode="out", algorithm="dijkstra")[0],
    }


def networkit(nodes, sources, targets, weights, hub):
    import networkit

    graph = networkit.GraphFromCoo((weights, (sources, targets)), n=nodes, weighted=True, directed=True)

    def reach():
        search = networkit.distance.BFS(graph, hub, storePaths=False).run()
        return int((numpy().asarray(search.getDistances(asarray=True)) < 1e300).sum())

    def best():
        return networkit.distance.Dijkstra(graph, hub, storePaths=False).run().getDistances(asarray=True)

    return {"reach": reach, "best": best}


def duckdb(nodes, sources, targets, weights, hub):
    import duckdb

    base = duckdb.connect()
    base.execute("SET enable_progress_bar = false")
    base.register("arrays", {"source": sources, "target": targets, "weight": weights})
    base.execute("CREATE TABLE arcs AS SELECT * FROM arrays ORDER BY source")
    reach = f"""WITH RECURSIVE reached(node) AS (
        SELECT {hub}::UINTEGER UNION SELECT arcs.target FROM reached JOIN arcs ON arcs.source = reached.node
    ) SELECT count(*) FROM reached"""
    best = f"""WITH RECURSIVE best(node, length) USING KEY (node) AS (
        SELECT {hub}::UINTEGER, 0::DOUBLE
        UNION
        SELECT arcs.target, min(best.length + arcs.weight)
        FROM best JOIN arcs ON arcs.source = best.node LEFT JOIN recurring.best AS known ON known.node = arcs.target
        WHERE known.length IS NULL OR best.length + arcs.weight < known.length
        GROUP BY arcs.target
    ) SELECT node, length FROM best"""

    def lengths():
        rows = base.execute(best).fetchnumpy()
        return filled(rows["node"], rows["length"], nodes)

    return {"reach": lambda: base.execute(reach).fetchone()[0], "best": lengths}


PEERS = {peer.__name__: peer for peer in (scipy, rustworkx, igraph, networkit, duckdb)}


def numpy():
    import numpy

    return numpy


def filled(places, lengths, nodes):
    all_lengths = numpy().full(nodes, math.inf)
    all_lengths[places] = lengths
    return all_lengths


def mapped(lengths, nodes, hub):
    """rustworkx leaves the source out. The mapping is unpacked later, outside of the time."""
    return lambda: filled([hub, *lengths.keys()], [0.0, *lengths.values()], nodes)


def distances(answer):
    """The distances of an answer as an array, with everything that is not reached infinite."""
    lengths = numpy().asarray(answer() if callable(answer) else answer, dtype="float64")
    lengths[lengths > 1e300] = math.inf
    return lengths


# --- A peer's process. ---


def keeps_zeros(peer):
    """Whether a weight of 0 is a weight: 0 → 1 → 2 costs 0 + .5, and 0 → 2 costs .7."""
    np = numpy()
    arrays = (np.array([0, 0, 1], "uint32"), np.array([1, 2, 2], "uint32"), np.array([0.0, 0.7, 0.5]))
    answers = peer(3, *arrays, 0)
    return answers["reach"]() == 3 and distances(answers["best"]()).tolist() == [0.0, 0.0, 0.5]


def best_of_parallel(nodes, sources, targets, factors):
    """The arcs sorted by source and target, of parallel ones the likeliest."""
    np = numpy()
    key = sources.astype("uint64") * np.uint64(nodes) + targets
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
    return sources[order][first], targets[order][first], np.maximum.reduceat(factors[order], first)


def serve(name, directory):
    np = numpy()
    meta = json.loads((directory / "meta.json").read_text())
    arrays = (np.fromfile(directory / f"{file}", kind) for file, kind in (("from.u32", "<u4"), ("to.u32", "<u4"), ("factor.f64", "<f8")))
    sources, targets, factors = best_of_parallel(meta["nodes"], *arrays)
    weights = np.abs(-np.log(factors))
    zeros = keeps_zeros(PEERS[name])
    if not zeros:
        weights[weights == 0.0] = EPSILON
    ours = np.fromfile(directory / "best.f64", "<f8")
    begin = time.perf_counter()
    answers = PEERS[name](meta["nodes"], sources, targets, weights, meta["hub"])
    loaded = time.perf_counter() - begin
    print(json.dumps({"version": version(name), "zeros": zeros, "loaded": loaded, "arcs": len(weights)}), flush=True)
    for line in sys.stdin:
        question = line.strip()
        begin = time.perf_counter()
        answer = answers[question]()
        milliseconds = (time.perf_counter() - begin) * 1000.0
        reply = {"milliseconds": milliseconds, "reached": answer if question == "reach" else None}
        if question == "best":
            values = np.exp(-distances(answer))
            scale = np.where(ours > 0.0, ours, 1.0)
            reply |= {"reached": int((values > 0.0).sum()), "sum": values.sum(), "off": float((np.abs(values - ours) / scale).max())}
        print(json.dumps(reply), flush=True)


# --- The comparison. ---


class Program:
    """A process that answers a line with a line."""

    def __init__(self, command, **options):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options)

    def line(self, patience=PATIENCE):
        """The next line of its answer; none if it takes too long or ends."""
        if not select.select([self.process.stdout], [], [], patience)[0]:
            return None
        return self.process.stdout.readline().decode() or None

    def ask(self, question):
        self.process.stdin.write(f"{question}\n".encode())
        self.process.stdin.flush()
        return self.line()

    def end(self, patience=10):
        """Ends it: by the end of its input, or by force where it does not listen."""
        try:
            self.process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def ours(arguments, directory):
    """The engine bench with its graph written, ready to answer."""
    bench = ["cargo", "bench", "--quiet", *arguments.cargo.split(), "--bench", "engine", "--"]
    request = [str(arguments.size), arguments.shape, "--export", str(directory), "--serve"]
    program = Program([*bench, *request], cwd=Path(__file__).parent, bufsize=0)
    while (line := program.line(3600)) is not None:
        if line.strip() == "ready":
            return program
        print(line, end="")
    sys.exit("the engine bench did not start")


def our_answer(engine, question):
    milliseconds, reached, total = engine.ask(question).split()
    return float(milliseconds), int(reached), float(total)


def compare(arguments):
    disagreements = []
    with tempfile.TemporaryDirectory() as directory:
        engine = ours(arguments, Path(directory))
        meta = json.loads((Path(directory) / "meta.json").read_text())
        rows = []
        for name in arguments.peers:
            rows += peer_rows(arguments, name, engine, Path(directory), meta, disagreements)
            for row in rows[-len(QUESTIONS) :]:
                print("  ".join(row), flush=True)
        engine.end()
    print()
    print("| question | peer | median | ours beside it | times ours |")
    print("|---|---|--:|--:|--:|")
    for row in sorted(rows, key=lambda row: QUESTIONS.index(row[0])):
        print(f"| {TITLES[row[0]]} | {' | '.join(row[1:])} |")
    for disagreement in disagreements:
        print(f"\nDISAGREEMENT: {disagreement}")
    answers = sum(bool(row[-1]) for row in rows)
    if not disagreements:
        agreed = f"they agree on {meta['reached']} states and every best value to {TOLERANCE} of it"
        print(f"\n{answers} of {len(rows)} answers measured; {agreed}.")
    return 1 if disagreements else 0


def peer_rows(arguments, name, engine, directory, meta, disagreements):
    peer = Program([sys.executable, __file__, "--peer", name, "--graph", str(directory)], bufsize=0)
    ready = peer.line()
    if ready is None:
        peer.end()
        return [(question, name, f"not loaded within {PATIENCE} s", "", "") for question in QUESTIONS]
    ready = json.loads(ready)
    label = f"{name} {ready['version']}"
    zeros = "" if ready["zeros"] else f", which drops weights of 0: {EPSILON} in their place"
    print(f"{label}: {ready['arcs']} arcs without parallel ones, loaded in {ready['loaded']:.1f} s{zeros}")
    rows, is_ended = [], False
    for question in QUESTIONS:
        times = {"ours": [], "peer": []}
        for _ in range(arguments.rounds):
            milliseconds, reached, total = our_answer(engine, question)
            times["ours"].append(milliseconds)
            if reached != meta["reached"]:
                disagreements.append(f"ours, {question}: {reached} states, not {meta['reached']}")
            reply = None if is_ended else peer.ask(question)
            if reply is None:
                is_ended = True
                break
            reply = json.loads(reply)
            times["peer"].append(reply["milliseconds"])
            if reply["reached"] != meta["reached"]:
                disagreements.append(f"{label}, {question}: {reply['reached']} states, ours {meta['reached']}")
            if question == "best" and not reply["off"] <= TOLERANCE:
                disagreements.append(f"{label}: a best value is off by {reply['off']:.1e} of it; their sum {reply['sum']}, ours {total}")
        if len(times["peer"]) < arguments.rounds:
            rows.append((question, label, f"left out: over {PATIENCE} s or failed", "", ""))
            continue
        theirs, own = statistics.median(times["peer"]), statistics.median(times["ours"])
        rows.append((question, label, f"{theirs:,.1f} ms", f"{own:,.1f} ms", f"{theirs / own:.2f}"))
    peer.end()
    return rows


# --- The plot. ---


def plot(source, target):
    import csv

    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams |= {"svg.hashsalt": "weaklink", "svg.fonttype": "none", "font.size": 9}
    import matplotlib.pyplot as pyplot

    lines = {}
    for row in csv.DictReader(source.open()):
        lines.setdefault(row["shape"], {}).setdefault(row["measure"], []).append((int(row["systems"]), float(row["milliseconds"])))
    figure, panels = pyplot.subplots(1, len(lines), figsize=(5 * len(lines), 4.2), sharey=True, squeeze=False, layout="constrained")
    for panel, (shape, measures) in zip(panels[0], lines.items()):
        questions = list(dict.fromkeys(measure.removesuffix(" by petgraph") for measure in measures))
        for measure, points in measures.items():
            question = questions.index(measure.removesuffix(" by petgraph"))
            look = {"color": f"C{question}", "marker": "os^D"[question % 4], "markersize": 4, "linewidth": 1.3}
            style = "--" if measure.endswith("petgraph") else "-"
            panel.plot(*zip(*sorted(points)), style, label=measure, **look)
        panel.set(xscale="log", yscale="log", title=f"{shape} estate", xlabel="systems (5 connections each)")
        panel.grid(True, which="major", linewidth=0.4, alpha=0.6)
    panels[0][0].set_ylabel("median time (ms)")
    handles, labels = panels[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    figure.savefig(target, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = Path(target).read_text()
    Path(target).write_text("\n".join(line.rstrip() for line in text.splitlines()) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=10_000, help="systems")
    parser.add_argument("--shape", choices=("segmented", "giant"), default="segmented")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--cargo", default="", help="more arguments for cargo")
    parser.add_argument("--plot", type=Path, metavar="CSV", help="only draw the engine bench's figures")
    parser.add_argument("--svg", type=Path, default=Path(__file__).with_name("scaling.svg"), help="where to draw them")
    parser.add_argument("--peer", choices=PEERS, help=argparse.SUPPRESS)
    parser.add_argument("--graph", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peer:
        return serve(arguments.peer, arguments.graph)
    if arguments.plot:
        return plot(arguments.plot, arguments.svg)
    return compare(arguments)


if __name__ == "__main__":
    sys.exit(main())
