"""Many runs of one scenario: other settings, and each of them several times with other draws."""

from ddnnsim.sweeps.cluster import Cluster, dask_cluster
from ddnnsim.sweeps.forecast import Forecast, forecast
from ddnnsim.sweeps.job import Job, Outcome
from ddnnsim.sweeps.layout import RUNS
from ddnnsim.sweeps.plan import Plan, load_plan
from ddnnsim.sweeps.result_set import ResultSet
from ddnnsim.sweeps.reuse import elsewhere
from ddnnsim.sweeps.rounds import carry_out, carry_out_part, sweep
from ddnnsim.sweeps.shard import Shard, parse_shard

__all__ = [
    "RUNS", "Cluster", "Forecast", "Job", "Outcome", "Plan", "ResultSet", "Shard", "carry_out", "carry_out_part",
    "dask_cluster", "elsewhere", "forecast", "load_plan", "parse_shard", "sweep",
]  # fmt: skip
