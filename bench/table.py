#!/usr/bin/env python3
"""Prints the benchmarks' figures as tables: medians in nanoseconds, and ratios within one run.

    bench/table.py build/bench/json
"""
import json
import pathlib
import sys


def medians(file):
    """Name -> (nanoseconds per item, bytes per second), medians where a benchmark was repeated."""
    runs = json.loads(file.read_text())["benchmarks"]
    kept = [r for r in runs if r.get("aggregate_name", "median") == "median"]
    kept.sort(key=lambda r: (r["family_index"], r["per_family_instance_index"]))
    unit = {"ns": 1, "us": 1e3, "ms": 1e6}
    result = {}
    for run in kept:
        name = run["run_name"].replace("/real_time", "")
        per_item = 1e9 / run["items_per_second"] if "items_per_second" in run else None
        result[name] = (per_item, run.get("bytes_per_second"), run["real_time"] * unit[run["time_unit"]])
    return result


def table(title, head, rows):
    print(f"\n{title}\n")
    widths = [max(len(str(row[k])) for row in [head] + rows) for k in range(len(head))]
    for row in [head] + rows:
        print("  " + "  ".join(str(cell).ljust(w) if k == 0 else str(cell).rjust(w)
                               for k, (cell, w) in enumerate(zip(row, widths))))


def ns(value):
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def times(a, b):
    return f"{a / b:.2f} x"


def noise(f):
    m = medians(f["noise"])
    rows = [(name, ns(m[key][0]), times(m[f"std/{scalar}"][0], m[key][0]), times(m[f"boost/{scalar}"][0], m[key][0]))
            for name, key, scalar in [
                ("float, samples of 8192", "ours<float>/8192", "float"),
                ("float, samples of 2", "ours<float>/2", "float"),
                ("double, samples of 8192", "ours<double>/8192", "double"),
                ("double, samples of 2", "ours<double>/2", "double"),
                ("double, one sample of 2, draws ahead", "ahead<double>/2", "double")]]
    table("Normals", ("", "ns a number", "faster than std", "than Boost's ziggurat"), rows)


def fused(f):
    m = medians(f["fused"])
    rows = [(f"{scalar}, {size} elements", ns(m[f"fused<{scalar}>/{size}"][0]), ns(m[f"noise_alone<{scalar}>/{size}"][0]),
             times(m[f"fused<{scalar}>/{size}"][0], m[f"noise_alone<{scalar}>/{size}"][0]))
            for scalar in ("float", "double") for size in (3072, 196608, 3145728)]
    table("A row with noise", ("", "ns an element", "the noise alone", "ratio"), rows)


def row(f):
    m = medians(f["row"])
    rows = []
    for terms in (2, 3, 5):
        for size in (3072, 196608, 3145728):
            ours, eigen, limit = (m[f"{which}/{n}/{size}"][0] for which, n in
                                  (("kernel", terms), ("eigen", terms), ("kernel", 2)))
            share = (terms + 1) / 3 * limit / ours
            rows.append((f"{terms} terms, {size} floats", ns(ours), times(eigen, ours), f"{100 * share:.0f} %"))
    table("Update rows in place", ("", "ns an element", "faster than Eigen", "of axpby's bandwidth"), rows)


def small_state(f):
    m = medians(f["small_state"])
    rows = [(name.split("/")[1], ns(value[0])) for name, value in m.items()]
    table("A step for one sample of two doubles, a trivial model included", ("", "ns"), rows)


def solvers(f):
    m = medians(f["solvers"])
    names = list(dict.fromkeys(name.split("/")[0] for name in m if not name.startswith(("limit", "preconditioned"))))
    for scalar in ("float", "double"):
        rows = []
        for name in names:
            row = [name]
            for size in (2, 3072, 196608, 3145728):
                per_nfe, rate, _ = m[f"{name}/{scalar}/{size}"]
                share = rate / m[f"limit/{scalar}/{size}"][1]
                row.append(f"{ns(per_nfe if size == 2 else per_nfe / size)} ({100 * share:.0f} %)")
            rows.append(tuple(row))
        table(f"Every solver, {scalar}: ns an evaluation of 2 numbers, then ns an element and evaluation, and the "
              "share of axpby's bandwidth", ("", "2", "3072", "196608", "3145728"), rows)
    sizes = (3072, 196608, 3145728)
    rows = [(f"{name}, {scalar}",
             *(times(m[f"{name}/{scalar}/{size}"][0], m[f"dpmpp_2m/{scalar}/{size}"][0]) for size in sizes))
            for scalar in ("float", "double") for name in ("preconditioned", "preconditioned by hand")]
    table("EDM's preconditioning, of the time of dpmpp_2m without", ("", *map(str, sizes)), rows)


def planning(f):
    m = medians(f["planning"])
    table("Plans of 50 steps", ("", "us a step"), [(name, ns(value[0] / 1000)) for name, value in m.items()])


def peers(f):
    m = medians(f["peers"])
    pairs = [("ours/euler", "by_hand/euler"), ("ours/dpmpp_2m", "by_hand/dpmpp_2m"),
             ("ours/euler_ancestral", "by_hand/euler_ancestral"),
             ("ours/rk4_time", "odeint/rk4_time"), ("ours/rk4_time", "odeint/dopri5")]
    rows = [(f"{ours[5:]} against {theirs.replace('by_hand', 'Eigen by hand,').replace('/', ' ')}",
             *(times(m[f"{theirs}/{size}"][0], m[f"{ours}/{size}"][0]) for size in (2, 3072, 196608, 3145728)))
            for ours, theirs in pairs]
    table("Faster than others, an evaluation of a cheap model included (elements)", ("", 2, 3072, 196608, 3145728), rows)


def blocks(f):
    m = medians(f["blocks"])
    rows = [(solver, ns(m[f"whole/{solver}"][0]), times(m[f"whole/{solver}"][0], m[f"blocks/{solver}"][0]),
             times(m[f"whole/{solver}"][0], m[f"two_threads/{solver}"][0]))
            for solver in ("dpmpp_2m", "euler_maruyama")]
    table("40000 samples of 112 floats", ("", "ns an element, whole", "in blocks", "and on two threads"), rows)


def tuning(f):
    m = medians(f["tuning"])
    rows = [(f"{name}, {n} evaluations", ns(m[f"{name}/{n}"][0] / 1e6)) for name in ("tune", "universal") for n in (5, 10, 20)]
    table("Plans fitted, with a network that costs nothing beside it", ("", "ms"), rows)
    rows = [(name, *(f"{ns(m[f'{name}/{n}'][0])} ({times(m[f'{name}/{n}'][0], m[f'dpmpp_2m/{n}'][0])})" for n in (5, 10, 20)))
            for name in ("dpmpp_2m", "window", "dense")]
    table("256 samples of 3072 floats: ns an element and evaluation, and of dpmpp_2m's (evaluations)", ("", 5, 10, 20), rows)


folder = pathlib.Path(sys.argv[1])
for flags, title in (("O2", "-O2"), ("O3marchnative", "-O3 -march=native")):
    files = {file.name.split(".")[1]: file for file in sorted(folder.glob(f"{flags}.*.json"))}
    if files:
        print(f"\n==== {title}")
    for question in (noise, fused, row, small_state, solvers, planning, peers, blocks, tuning):
        if question.__name__ in files:
            question(files)
compile_time = folder / "compile_time.json"
if compile_time.exists():
    programs = ("one sampler", "hello", "by name", "posterior", "likelihood")
    rows = [(compiler, f"{s['Eigen/Core']:.2f}", *(times(s[name], s["Eigen/Core"]) for name in programs))
            for compiler, s in json.loads(compile_time.read_text()).items()]
    table("Seconds to compile Eigen/Core at -O2, and how many times that for", ("", "Eigen/Core", *programs), rows)
