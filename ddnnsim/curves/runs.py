"""The runs behind a curve: a sweep, or single runs, as a tidy table of what they differ in and came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ddnnsim.curves.parameter import UNSAID, Parameter, parameter_of
from ddnnsim.errors import ResultError, UserError
from ddnnsim.results import load_result
from ddnnsim.scenario.settings import settings_of, value_text
from ddnnsim.scenario.wording import did_you_mean
from ddnnsim.sweeps import ResultSet
from ddnnsim.sweeps.layout import RESULTS, RUNS
from ddnnsim.sweeps.numbers import SINGLE, numbers_of
from ddnnsim.vocabulary import si_value

if TYPE_CHECKING:
    import pandas as pd

SEED = "run.seed"
NO_PARAMETER = ("name", "description", "source", SEED)
"""What changes nothing, or tells replications of one point apart."""
LABEL = "label"
KEYS = ("point", "replication", "seed", "run", "part", "draw")
"""What tells runs apart, in a table of them; the last two where points are taken together."""


@dataclass(frozen=True)
class Runs:
    """Finished runs of the points of one scenario, each perhaps in several replications."""

    name: str
    jobs: pd.DataFrame
    """A row for each run: `point`, `replication`, `seed`, `run` (its folder), and the numbers of its summary."""
    texts: Mapping[str, Mapping[int, str]]
    """By path, then by point, the settings in which points differ, as a file would have them."""
    words: Mapping[str, str] = field(default_factory=dict)
    """By path, what settings are called in the place of what they are usually."""
    together: tuple[str, ...] = ()
    """Settings over whose values numbers are taken together: jobs have `part`, the point that a run was of before, and
    `draw`, its value of the first of these."""

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """Return by path what the runs differ in."""
        found = {path: parameter_of(path, texts) for path, texts in self.texts.items()}
        renamed = {path: found[path].quantity._replace(words=words) for path, words in self.words.items()}
        return found | {path: found[path]._replace(quantity=quantity) for path, quantity in renamed.items()}

    @property
    def told_by_label(self) -> set[str]:
        """Return the paths of settings that follow from the label of a point."""
        labels = self.texts.get(LABEL, {})
        return {path for path, texts in self.texts.items() if path != LABEL and _follows(texts, labels)}

    @property
    def telling(self) -> list[Parameter]:
        """Return the parameters that tell points apart: of what follows from the label, the label alone."""
        known = self.told_by_label
        return [of for path, of in self.parameters.items() if path not in known and len(of.names) > 1]

    def parameter(self, path: str) -> Parameter:
        """Return the parameter *path*. Raise UserError where the runs do not differ in it."""
        if path in self.together:
            raise UserError(
                f"{path}: its values are taken together, so it is no axis; leave it out there, or in --over"
            )
        if path not in self.parameters:
            raise UserError(f"{self.name}: runs do not differ in {path!r}; {self._meant(path, self.parameters)}")
        return self.parameters[path]

    def number(self, path: str) -> pd.Series[float]:
        """Return by run the number at *path* of its summary, NaN where it has none. Raise UserError for no number."""
        if path in self.jobs:
            return self.jobs[path].astype(float)
        single = path.partition(".")[0] in SINGLE
        summaries = [numbers_of(load_result(Path(run)).summary) for run in self.jobs["run"]] if single else []
        if not any(path in summary for summary in summaries):
            known = [*self.numbers, *dict.fromkeys(name for summary in summaries for name in summary)]
            raise UserError(f"{self.name}: no number {path!r} in a summary; {self._meant(path, known)}")
        import pandas as pd

        values = [summary.get(path) for summary in summaries]
        return pd.Series(values, index=self.jobs.index, dtype=float)

    def draws(self, path: str) -> dict[int, list[float]]:
        """Return by point, where points are taken together, the number at *path* for each value of the first setting.

        It is the mean over the other settings of means over the runs that have it; values of which none has it are
        left out.
        """
        jobs = self.jobs
        parts = self.number(path).groupby([jobs["point"], jobs["draw"], jobs["part"]]).mean()
        means = parts.groupby(level=["point", "draw"]).mean().groupby(level="point")
        return {int(str(point)): values.dropna().tolist() for point, values in means}

    def replications(self, path: str, point: int) -> pd.Series[float]:
        """Return by seed the number at *path* in the runs of *point* that have it."""
        rows = self.jobs["point"] == point
        return self.number(path)[rows].set_axis(self.jobs["seed"][rows]).dropna()

    def called(self, words: Mapping[str, str]) -> Runs:
        """Return the runs with settings, by path, called by *words*. Raise UserError for one in which none differ."""
        for path in words:
            self.parameter(path)
        return replace(self, words={**self.words, **words})

    def among(self, settings: Mapping[str, str]) -> Runs:
        """Return those of the runs that have *settings*, by path. Raise UserError where there are none."""
        points = set(self.jobs["point"])
        for path, text in settings.items():
            parameter = self.parameter(path)
            chosen = {point for point in points if self._is(parameter, point, text)}
            if not chosen:
                known = list(dict.fromkeys(self.texts[path][point] or UNSAID for point in sorted(points)))
                raise UserError(f"{self.name}: no run with {path}={text}; there are {', '.join(known)}")
            points = chosen
        texts = {path: {p: text for p, text in of.items() if p in points} for path, of in self.texts.items()}
        return replace(self, jobs=self.jobs[self.jobs["point"].isin(points)], texts=texts)

    def over(self, paths: Sequence[str]) -> Runs:
        """Return the runs with points that differ in the settings *paths* alone taken together, as what was drawn.

        Each value of the first of *paths* is a draw: what it comes to is the mean over those of the others, and over
        replications. Raises UserError for a setting in which runs do not differ, and where no points come together.
        """
        for path in paths:
            if len(self.parameter(path).names) < 2:
                raise UserError(f"{self.name}: all runs have the same {path}: nothing to take together over it")
        if not paths:
            return self
        points = sorted(set(self.jobs["point"].astype(int)))
        kept = {path: of for path, of in self.texts.items() if path not in paths}
        places: dict[tuple[str, ...], int] = {}
        at = {point: places.setdefault(tuple(of[point] for of in kept.values()), point) for point in points}
        if len(places) == len(points):
            at_once = [path for path, of in kept.items() if _follows(self.texts[paths[0]], of)]
            too = f", but in {' and '.join(at_once)}, too: name it with --over, too" if at_once else ""
            raise UserError(f"{self.name}: no two points differ in {' and '.join(paths)} alone{too}")
        part = self.jobs["point"].astype(int)
        jobs = self.jobs.assign(point=part.map(at), part=part, draw=part.map(self.texts[paths[0]]))
        texts = {path: {point: of[point] for point in places.values()} for path, of in kept.items()}
        words = {path: called for path, called in self.words.items() if path not in paths}
        return replace(self, jobs=jobs, texts=texts, words=words, together=tuple(paths))

    def _is(self, parameter: Parameter, point: int, text: str) -> bool:
        path, value = parameter.quantity.path, si_value(text)
        same_number = value is not None and parameter.values[point] == value[0]
        return same_number or (self.texts[path][point] or UNSAID) == text

    @property
    def numbers(self) -> list[str]:
        """Return the numbers of all summaries by path, but those of single links and nodes."""
        return [name for name in self.jobs.columns if name not in KEYS]

    @staticmethod
    def _meant(path: str, known: Sequence[str] | Mapping[str, object]) -> str:
        return did_you_mean(path, known) or f"there are {len(known)}, such as {', '.join(list(known)[:6])}"


def _follows(texts: Mapping[int, str], labels: Mapping[int, str]) -> bool:
    """Return whether *texts*, by point, are the same for the same of *labels*."""
    pairs = {(label, texts[point]) for point, label in labels.items()}
    return bool(pairs) and len(pairs) == len(set(labels.values()))


def is_sweep(path: Path) -> bool:
    """Return whether the folder *path* is that of a sweep."""
    return (path / RESULTS).is_file()


def open_runs(paths: Sequence[Path]) -> Runs:
    """Return the runs in the folder of a sweep, or in folders of runs. Raise ResultError for what is neither."""
    sweeps = [path for path in paths if is_sweep(path)]
    if sweeps and len(paths) > 1:
        for path in (path for path in paths if path not in sweeps):
            load_result(path)  # where there is none, that is what is wrong
        raise ResultError(f"{sweeps[0]}: a sweep goes into a figure or a table by itself; name it alone")
    return _sweep(sweeps[0]) if sweeps else _single_runs(paths)


def _sweep(path: Path) -> Runs:
    """Return the finished runs of the sweep in the folder *path*."""
    result_set = ResultSet.load(path)
    points = {point["number"]: point for point in result_set.manifest["points"]}
    paths = list(points[0]["values"])
    table = result_set.to_pandas().drop(columns=[LABEL, *paths], errors="ignore")
    if table.empty:
        raise ResultError(f"{path}: no run of the sweep is finished; run its scenario again")
    keys = ["point", "replication"]
    jobs = table.join(result_set.jobs.set_index(keys)[["seed", "run"]], keys)
    jobs["run"] = [str(path / RUNS / run) for run in jobs["run"]]
    done = sorted(set(jobs["point"]))
    texts = {name: {point: value_text(points[point]["values"][name]) for point in done} for name in paths}
    if any(points[point][LABEL] for point in done):
        texts[LABEL] = {point: points[point][LABEL] for point in done}
    return Runs(path.name, jobs, texts)


def _single_runs(paths: Sequence[Path]) -> Runs:
    """Return single runs, whose points are what their scenarios differ in, but for the seed of the run.

    Raises ResultError for two runs of one point with the same seed, which are no two draws.
    """
    import pandas as pd

    results = [load_result(path) for path in paths]
    settings = [settings_of(result.scenario) for result in results]
    names = [name for name in dict.fromkeys(name for of in settings for name in of) if name not in NO_PARAMETER]
    differing = [name for name in names if len({of.get(name, "") for of in settings}) > 1]
    points: dict[tuple[str, ...], int] = {}
    rows: list[dict[str, object]] = []
    for result, of in zip(results, settings, strict=True):
        point = points.setdefault(tuple(of.get(name, "") for name in differing), len(points))
        seed, others = int(of[SEED]), [row for row in rows if row["point"] == point]
        if twin := next((row["run"] for row in others if row["seed"] == seed), None):
            raise ResultError(
                f"{twin} and {result.path}: one run twice, of the same settings and the same seed {seed}; leave one "
                f"of them out, or run the scenario with another {SEED}"
            )
        numbers = {path: n for path, n in numbers_of(result.summary).items() if path.partition(".")[0] not in SINGLE}
        told = {"point": point, "replication": len(others), "seed": seed, "run": str(result.path)}
        rows.append({**told, **numbers})
    texts = {name: {point: key[number] for key, point in points.items()} for number, name in enumerate(differing)}
    return Runs(paths[0].parent.name if len(paths) > 1 else paths[0].name, pd.DataFrame(rows), texts)
