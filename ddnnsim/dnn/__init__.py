"""The distributed DNN itself: data sets, layers, joint training, and the oracle that answers for it.

The only package that uses torch.
"""

from ddnnsim.dnn.cache import Trained, trained
from ddnnsim.dnn.datasets import Dataset, Split, load_dataset
from ddnnsim.dnn.model import DDNN
from ddnnsim.dnn.oracle import TorchOracle
from ddnnsim.dnn.store import cache_folder

__all__ = [
    "DDNN",
    "Dataset",
    "Split",
    "TorchOracle",
    "Trained",
    "cache_folder",
    "load_dataset",
    "trained",
]
