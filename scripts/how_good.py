"""Writes docs/how-good.md, its pictures and its figures from what `crampwatch evaluate --json` said.

    python scripts/how_good.py RUN.json [RUN.json ...]      the page and its figures, from one or several runs
    python scripts/how_good.py --pictures COHORT NIGHTS     its pictures of single moments, too
    python scripts/how_good.py --card                       what the shipped bundle's card says, without a run
    python scripts/how_good.py --fit PEOPLE                 what a personal fit changes, measured on so many people

No figure on the page is typed: all come from docs/how-good.json, which holds the runs and the scores of the model's
card.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE, FIGURES, PICTURES = ROOT / "docs/how-good.md", ROOT / "docs/how-good.json", ROOT / "docs/how-good"
CARD = ROOT / "models/bundles/additive-1/card.json"
WORDS = ROOT / "scripts/how_good_words.md"
# Moments a picture shows.
MOST = 5
Json = Mapping[str, Any]


def main() -> None:
    """Do what the arguments ask for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("runs", nargs="*", type=Path)
    parser.add_argument("--pictures", nargs=2, metavar=("COHORT", "NIGHTS"), action="append", default=[])
    parser.add_argument("--fit", type=int, metavar="PEOPLE", default=0)
    parser.add_argument("--card", action="store_true")
    asked = parser.parse_args()
    if asked.runs:
        runs = [json.loads(path.read_text("utf-8")) for path in asked.runs]
        earlier = json.loads(FIGURES.read_text("utf-8")) if FIGURES.exists() else {}
        # It is measured apart, and once for a model is enough.
        kept = earlier.get("personal_fit") if earlier.get("model") == runs[0]["model"] else None
        keep({**merged(runs), "personal_fit": kept})
    if asked.card:
        keep({**json.loads(FIGURES.read_text("utf-8")), **of_card()})
    if asked.fit:
        keep({**json.loads(FIGURES.read_text("utf-8")), "personal_fit": fit_effect(asked.fit)})
    if asked.pictures:
        draw_reliability(json.loads(FIGURES.read_text("utf-8")))
    for cohort, nights in asked.pictures:
        from models.evaluate_pictures import draw

        for path in draw(cohort, int(nights), PICTURES, MOST):
            print(path)
    PAGE.write_text(page(json.loads(FIGURES.read_text("utf-8"))), "utf-8")
    print(PAGE)


def keep(figures: Json) -> None:
    """Write the figures that the page is made of."""
    FIGURES.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", "utf-8")


def fit_effect(people: int) -> Json:
    """Return what usual limits and personal ones find in people of unusually weak and strong signal."""
    from crampwatch.calibrate import EFFECT_HOURS
    from models.fit_effect import measure_effect

    return {"people": people, "rows": [asdict(one) for one in measure_effect(people, EFFECT_HOURS)]}


def merged(runs: Sequence[Json]) -> Json:
    """Return several runs of one model as one; single persons are left out."""
    models = sorted({run["model"] for run in runs})
    if len(models) != 1:
        raise SystemExit(f"expected runs of one model, got {', '.join(models)}")
    cohorts = {name: one for run in runs for name, one in run["cohorts"].items()}
    for one in cohorts.values():
        for target in one["report"]["targets"].values():
            target.pop("by_subject", None)
        threshold = one["yardstick"]["targets"]["cramp"]
        kept = {name: threshold[name] for name in ("sensitivity", "false_per_night")}
        one["yardstick"] = {"targets": {"cramp": kept}}
    real = next((run["real_recordings"] for run in runs if run.get("real_recordings")), [])
    return {**runs[0], "cohorts": cohorts, "real_recordings": real, **of_card()}


def of_card() -> Json:
    """Return what the card of the shipped bundle says of people who were not learnt from."""
    card = json.loads(CARD.read_text("utf-8"))
    return {"scores": card["scores"], "events": card["events"]}


def page(run: Json) -> str:
    """Return the page: its words, with tables where they ask for one."""
    text = WORDS.read_text("utf-8")
    parts = {
        "model": run["model"],
        "cohorts": "\n".join(cohort_table(run)),
        "both": both_enriched(run),
        "real": "\n".join(real_table(run)),
        "by_snr": "\n".join(group_table(run, "by_snr")),
        "by_class": "\n".join(group_table(run, "by_class")),
        "false": "\n".join(false_table(run)),
        "warning": "\n".join(warning_table(run)),
        "reliability": "\n".join(reliability_table(run)),
        "verdicts": "\n".join(verdict_table(run)),
        "fit": "\n".join(fit_table(run)),
        "pictures": "\n\n".join(pictures()),
    }
    for name, part in parts.items():
        text = text.replace("{{" + name + "}}", part)
    return text


def share(one: Json) -> str:
    """Return hits of all, the share and its Wilson interval."""
    if not one["of"]:
        return "none to find"
    low, high = one["wilson_95"]
    return f"{one['hits']} of {one['of']}: {100 * one['value']:.1f} % ({100 * low:.1f}–{100 * high:.1f})"


def rate(one: Json | None) -> str:
    """Return a rate with its count, its exposure and its exact interval."""
    if one is None:
        return "–"
    low, high = one["exact_95"]
    return f"{one['value']:.2f} ({low:.2f}–{high:.2f}); {one['count']} in {one['exposure']:.1f}"


def cohort_table(run: Json) -> Iterator[str]:
    """Yield the figures of every cohort."""
    yield "| cohort | nights | cramps found | false cramps per 8 h | clonic runs found | false clonic per 8 h | decided after, median / 95 % | confused | threshold detector: false per 8 h |"  # noqa: E501
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for name, one in run["cohorts"].items():
        report = one["report"]
        cramp, clonic = report["targets"]["cramp"], report["targets"]["clonic"]
        latency = cramp["latency_s"]
        seconds = "–" if latency["median"] is None else f"{latency['median']:.1f} / {latency['p95']:.1f} s"
        cells = [
            name,
            str(report["recordings"]),
            share(cramp["sensitivity"]),
            rate(cramp["false_per_night"]),
            share(clonic["sensitivity"]),
            rate(clonic["false_per_night"]),
            seconds,
            share(report["confusion"]["confused"]),
            rate(one["yardstick"]["targets"]["cramp"]["false_per_night"]),
        ]
        yield f"| {' | '.join(cells)} |"


def both_enriched(run: Json) -> str:
    """Return the sensitivity on all enriched nights of the second generator, new and spent people together."""
    from detector.scoring_statistics import Proportion

    parts = []
    for target in ("cramp", "clonic"):
        found = [
            one["report"]["targets"][target]["sensitivity"]
            for name, one in run["cohorts"].items()
            if name in {"second-enriched", "spent-enriched"}
        ]
        both = Proportion(sum(one["hits"] for one in found), sum(one["of"] for one in found))
        known = {"hits": both.hits, "of": both.of, "value": both.value, "wilson_95": both.wilson}
        parts.append(f"{target} {share(known)}")
    return "; ".join(parts)


def group_table(run: Json, by: str) -> Iterator[str]:
    """Yield sensitivity by a property of the truth, all cohorts of the second generator's usual sensor together."""
    from detector.scoring import in_order

    yield "| target | group | found |"
    yield "| --- | --- | --- |"
    for target in ("cramp", "clonic"):
        counts: dict[str, list[int]] = {}
        for name, one in run["cohorts"].items():
            if name.startswith(("second-", "spent-")):
                for group in one["report"]["targets"][target][by]:
                    both = counts.setdefault(group["name"], [0, 0])
                    both[0] += group["sensitivity"]["hits"]
                    both[1] += group["sensitivity"]["of"]
        for group in in_order(counts):
            hits, of = counts[group]
            yield f"| {target} | {group} | {hits} of {of} |"


def false_table(run: Json) -> Iterator[str]:
    """Yield what truly lay under false alarms."""
    yield "| cohort | verdict | what was there | times |"
    yield "| --- | --- | --- | --- |"
    for name, one in run["cohorts"].items():
        for target in ("cramp", "clonic"):
            for there, times in one["report"]["targets"][target]["false_by_class"].items():
                yield f"| {name} | {target} | {there} | {times} |"


def warning_table(run: Json) -> Iterator[str]:
    """Yield what rises in tension were worth."""
    yield "| cohort | cramps announced | lead, median | rises without a cramp |"
    yield "| --- | --- | --- | --- |"
    for name, one in run["cohorts"].items():
        warnings = one["report"]["warnings"]
        median = warnings["lead_s"]["median"]
        lead = "–" if median is None else f"{median:.0f} s"
        yield f"| {name} | {share(warnings['announced'])} | {lead} | {share(warnings['idle'])} |"


def real_table(run: Json) -> Iterator[str]:
    """Yield the claims about real recordings."""
    yield "| claim | holds | seconds of real data |"
    yield "| --- | --- | --- |"
    for one in run["real_recordings"]:
        yield f"| {one['claim']} | {one['holds']} of {one['of']} | {one['seconds']:.0f} |"


def reliability_table(run: Json) -> Iterator[str]:
    """Yield how often a class was true, by how probable the model called it."""
    yield "| people | class | said | true | share of moments |"
    yield "| --- | --- | --- | --- | --- |"
    for people, classes in run["scores"].items():
        for name, score in classes.items():
            for said, true, weight in score["reliability"]:
                yield f"| {people} | {name} | {said:.2f} | {true:.2f} | {weight:.3f} |"


def verdict_table(run: Json) -> Iterator[str]:
    """Yield how often a verdict was true, by how likely the event itself said it was."""
    yield "| people | sensor | verdict | events | said | true |"
    yield "| --- | --- | --- | --- | --- | --- |"
    groups = {"lessons": [run.get("events", {})]}
    for name, one in run["cohorts"].items():
        kind = name.partition("-")[2] if name.startswith(("second-", "spent-")) else "other sensors"
        groups.setdefault(f"second generator, {kind}", []).append(one.get("verdicts", {}))
    for people, parts in groups.items():
        for (sense, verdict), (events, said, true) in sorted(summed(parts).items()):
            sensor = "EMG alone" if sense == "alone" else "with acceleration"
            cells = (people, sensor, verdict.replace("_", " "), str(events), f"{said:.2f}", f"{true:.2f}")
            yield f"| {' | '.join(cells)} |"


def summed(parts: Sequence[Json]) -> dict[tuple[str, str], tuple[int, float, float]]:
    """Return for each verdict how many events, the mean of what they said, and the share that was true."""
    sums: dict[tuple[str, str], list[float]] = {}
    for part in parts:
        for sense, by_verdict in part.items():
            for verdict, one in by_verdict.items():
                whole = sums.setdefault((sense, verdict), [0.0, 0.0, 0.0])
                for said, true, share_of in one["reliability"]:
                    events = share_of * one["events"]
                    whole[0] += events
                    whole[1] += events * said
                    whole[2] += events * true
    return {key: (round(events), said / events, true / events) for key, (events, said, true) in sums.items()}


def fit_table(run: Json) -> Iterator[str]:
    """Yield what a personal fit changes."""
    fit = run.get("personal_fit")
    if not fit:
        yield "Not measured with this model: `crampwatch calibrate --effect 10` measures it."
        return
    yield "| signal | limits | cramps found | false verdicts | hours |"
    yield "| --- | --- | --- | --- | --- |"
    for one in fit["rows"]:
        yield f"| {one['group']} | {one['fit']} | {one['found']} of {one['of']} | {one['false']} | {one['hours']:g} |"


def draw_reliability(run: Json) -> None:
    """Draw the same."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.5, 4.0), layout="constrained")
    axis = figure.subplots()
    axis.plot([0.0, 1.0], [0.0, 1.0], color="#9aa5b1", linewidth=0.8)
    for people, classes in run["scores"].items():
        for name, score in classes.items():
            said, true, _ = zip(*score["reliability"], strict=True)
            axis.plot(said, true, marker="o", markersize=3, label=f"{people}, {name}")
    axis.set(
        xlabel="probability that the model said", ylabel="how often it was true", xlim=(0, 1), ylim=(0, 1)
    )
    axis.legend(fontsize=7)
    axis.set_title("Synthetic people, moments", fontsize=8)
    PICTURES.mkdir(exist_ok=True)
    figure.savefig(PICTURES / "reliability.png", dpi=90, metadata={"Software": None})


def pictures() -> Iterator[str]:
    """Yield the pictures there are."""
    for path in sorted(PICTURES.glob("*_*.png")):
        yield f"![{path.stem.replace('_', ', ')}](how-good/{path.name})"


if __name__ == "__main__":
    main()
