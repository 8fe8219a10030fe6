"""Many runs of one scenario: other settings, and each of them several times with other draws."""

from ddnnsim.sweeps.plan import Plan, load_plan
from ddnnsim.sweeps.result_set import ResultSet
from ddnnsim.sweeps.rounds import carry_out, sweep

__all__ = ["Plan", "ResultSet", "carry_out", "load_plan", "sweep"]
