"""What the folder of a sweep holds."""

from __future__ import annotations

RUNS = "runs"
"""The folder of the results of jobs."""
MANIFEST, SCENARIO = "manifest.json", "scenario.yaml"
POINTS, JOBS, RESULTS, SUMMARY = "points.csv", "jobs.csv", "results.csv", "summary.csv"
