"""What numbers are worth: intervals over replications, over one long run, of differences, and of quantiles."""

from ddnnsim.statistics.autocorrelation import autocorrelation_time
from ddnnsim.statistics.batch_means import batch_means
from ddnnsim.statistics.estimate import Estimate
from ddnnsim.statistics.mser import Truncation, mser_5
from ddnnsim.statistics.order_statistics import quantile_interval
from ddnnsim.statistics.paired import Paired, paired
from ddnnsim.statistics.precision import Precision, more_needed, precision
from ddnnsim.statistics.replications import answers_needed, mean_interval, quantile_interval_of_runs
from ddnnsim.statistics.too_short import TooShortError
from ddnnsim.statistics.unpaired import unpaired

__all__ = [
    "Estimate",
    "Paired",
    "Precision",
    "TooShortError",
    "Truncation",
    "answers_needed",
    "autocorrelation_time",
    "batch_means",
    "mean_interval",
    "more_needed",
    "mser_5",
    "paired",
    "precision",
    "quantile_interval",
    "quantile_interval_of_runs",
    "unpaired",
]
