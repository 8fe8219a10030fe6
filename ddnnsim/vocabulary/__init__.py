"""What the numbers of a summary and the settings of a scenario are called, and in which units people read them.

Both go by their path. Tables have them in SI units: s, B, bit/s, operations/s, 1/s, W, J, J/B, and shares of one.
"""

from ddnnsim.vocabulary.numbers import number_in_words
from ddnnsim.vocabulary.quantity import SHARE, Quantity, Scale, exact_texts, number_text, scale_of, scaled
from ddnnsim.vocabulary.settings import setting_in_words, si_value

__all__ = [
    "SHARE", "Quantity", "Scale", "exact_texts", "number_in_words", "number_text", "scale_of", "scaled",
    "setting_in_words", "si_value",
]  # fmt: skip
