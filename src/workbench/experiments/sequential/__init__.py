"""Evidence that stays valid however often one looks, and thresholds for looks that were planned."""

from workbench.experiments.sequential.evidence import log_e_value
from workbench.experiments.sequential.group import probability_thresholds
from workbench.experiments.sequential.sample_ratio import SampleRatio, sample_ratio, sample_ratio_by_epoch

__all__ = ["SampleRatio", "log_e_value", "probability_thresholds", "sample_ratio", "sample_ratio_by_epoch"]
