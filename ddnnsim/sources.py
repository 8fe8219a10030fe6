"""What stands behind a scenario - its network and the files that it names - and whether a result is still of that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Union

from ddnnsim.errors import DataError, NetworkError, PolicyError, ResultError, UserError
from ddnnsim.guest import OBJECTS, file_of, files_behind
from ddnnsim.inputs import digest
from ddnnsim.network import network_of
from ddnnsim.numbers import Numbered
from ddnnsim.policy.objects import policy_digest
from ddnnsim.profile import raw_bytes
from ddnnsim.progress import Progress, silent
from ddnnsim.provenance import code_digest
from ddnnsim.scenario import EXITS, FromFile, GivenModel, NumberedModel, OwnPolicy, Scenario, scenario_hash

if TYPE_CHECKING:
    from torch import nn

    from ddnnsim.dnn.given import Given
    from ddnnsim.dnn.trained import Trained
    from ddnnsim.results import Result


Source = Union["Trained", "Given", Numbered]
"""What answers for the network of a scenario."""
Behind = Callable[[Scenario, Progress], Source]
"""Gives the network of a scenario; the progress of its training is told."""


def network_behind(
    scenario: Scenario,
    progress: Progress = silent,
    sections: Sequence[Sequence[nn.Module]] | None = None,
    key: str | None = None,
) -> Source:
    """Return what answers for the network of *scenario*: as `train`, or what is given by numbers.

    *key* is that of the weights, where it is known.
    """
    if isinstance(scenario.model, NumberedModel):
        requests = scenario.workload.requests
        assert requests is not None, "loading asks for them"
        raw = raw_bytes(scenario.data.view_shape)
        return Numbered(network_of(scenario), scenario.model, raw, requests, scenario.run.seed)
    if isinstance(scenario.model, GivenModel):
        from ddnnsim.dnn.given import Given

        return Given(scenario.data, network_of(scenario), scenario.model, sections)
    from ddnnsim.dnn.trained import Trained

    def epoch_done(epoch: int, epochs: int, _losses: tuple[float, ...]) -> None:
        progress("training", epoch, epochs)

    return Trained(scenario.data, network_of(scenario), scenario.model.training, epoch_done, key)


def finished(scenario: Scenario, out: Path, behind: Behind = network_behind) -> Result | None:
    """Return the finished result of *scenario* under *out*, unless what it was made of has changed since.

    That is a file that it names, all that determines the weights - also the code and the libraries that train - and the
    code that simulates. Nor is it one whose own files are damaged. *behind* gives its network.
    """
    from ddnnsim.results import find

    result = find(scenario, out)
    if result is None or not _is_whole(result):
        return None
    recorded = result.manifest.get("inputs_sha256")
    if recorded is None or "weights" not in result.manifest:
        return None  # one that does not tell what it was made of
    if result.manifest["scenario_sha256"] != scenario_hash(scenario):
        return None  # of another one, whose hash begins alike
    if result.manifest.get("code_sha256") != code_digest():
        return None
    try:
        named = set(map(str, _named_files(scenario)))
        same = result.manifest["weights"]["key"] == behind(scenario, silent).key
    except (DataError, NetworkError, PolicyError):
        named, same = set(), True  # one is gone, and what it gave is still what the scenario tells
    changed = [path for path, told in recorded.items() if Path(path).is_file() and digest(Path(path)) != told]
    return result if same and not changed and named <= set(recorded) else None


def _is_whole(result: Result) -> bool:
    """Return whether the files of *result* are those that it was saved with."""
    try:
        return all(digest(result.path / name) == told for name, told in result.manifest["files_sha256"].items())
    except (ResultError, DataError, KeyError):
        return False


def _named_files(scenario: Scenario) -> list[Path]:
    """Return the files that *scenario* names. Raises DataError, NetworkError or PolicyError where one is missing."""
    files = _files_told(scenario) + policy_files(scenario)
    if isinstance(scenario.model, GivenModel):
        from ddnnsim.dnn.given import network_files

        files += network_files(scenario.model)
    return files


def _files_told(scenario: Scenario) -> list[Path]:
    """Return the files of data, workload and traces. Raises DataError where one of the data is missing."""
    from ddnnsim.topology import trace_files

    files = [Path(scenario.workload.path)] if isinstance(scenario.workload, FromFile) else []
    files += trace_files(scenario.topology)
    if isinstance(scenario.model, NumberedModel):
        return files
    from ddnnsim.dnn.data.origin import data_files

    return data_files(scenario.data) + files


def input_hashes(scenario: Scenario, network: Source) -> dict[str, str]:
    """Return by path the SHA-256, in hex, of each file behind *scenario* with its *network*, when it has been run."""
    files = [*graph_files(scenario), *_files_told(scenario), *network.files, *policy_files(scenario)]
    for policy in scenario.policy:
        files += files_behind(policy.use)
    return {str(path): digest(path) for path in files}


def graph_files(scenario: Scenario) -> list[Path]:
    """Return the file that the topology of *scenario* was made from."""
    graph = (scenario.recipe or {}).get("graph")
    return [Path(graph["path"])] if isinstance(graph, dict) and graph.get("kind") == "file" else []


def policy_files(scenario: Scenario) -> list[Path]:
    """Return the files of policies that *scenario* names. Raises PolicyError where one is missing."""
    files = [file for policy in scenario.policy if (file := file_of(policy.use)) is not None]
    for path in files:
        if not path.is_file():
            raise PolicyError(f"{path}: no such file")
    return files


def with_objects(scenario: Scenario, sections: Sequence[Sequence[nn.Module]]) -> Scenario:
    """Return *scenario* with a name for *sections* in the place of what would build them: other objects, another name.

    Raises UserError where there is no such place.
    """
    from ddnnsim.dnn.given import network_digest

    if not isinstance(scenario.model, GivenModel):
        raise UserError(f"{scenario.name}: sections are given, but the scenario has no model.module to stand for")
    model = scenario.model.model_copy(update={"module": f"{OBJECTS}:n{network_digest(sections)}"})
    return scenario.model_copy(update={"model": model})


def with_policy(scenario: Scenario, policy: object) -> Scenario:
    """Return *scenario* with a name for *policy*, a class or an object, at every exit but the last."""
    name = f"{OBJECTS}:p{policy_digest(policy)}"
    exits = [exit_ for exit_ in scenario.exits if exit_ != EXITS[-1]]
    if not exits:
        raise UserError(f"{scenario.name}: a policy is given, but the scenario has no exit below the last")
    own = tuple(OwnPolicy(use=name, exit=exit_) for exit_ in exits)
    return scenario.model_copy(update={"policy": own})
