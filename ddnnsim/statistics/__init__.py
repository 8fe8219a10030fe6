"""What numbers are worth: intervals over replications, over one long run, of differences, and of quantiles."""

from ddnnsim.statistics.estimate import Estimate
from ddnnsim.statistics.precision import Precision, more_needed, precision
from ddnnsim.statistics.replications import answers_needed, mean_interval, quantile_interval_of_runs
from ddnnsim.statistics.too_short import TooShortError

__all__ = [
    "Estimate",
    "Precision",
    "TooShortError",
    "answers_needed",
    "mean_interval",
    "more_needed",
    "precision",
    "quantile_interval_of_runs",
]
