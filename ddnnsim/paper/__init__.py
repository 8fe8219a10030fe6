"""The paper, again: its tables and figures, its configurations side by side, and the baselines, from shipped scenarios.

Teerapittayanon, McDanel, Kung: *Distributed Deep Neural Networks over the Cloud, the Edge and End Devices*, ICDCS 2017.
"""

from .account import PAGE, regenerate
from .campaign import Campaign, mvmc_file
from .studies import studies, studies_named
from .study import Study

__all__ = ["PAGE", "Campaign", "Study", "mvmc_file", "regenerate", "studies", "studies_named"]
