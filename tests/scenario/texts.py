from __future__ import annotations

from pathlib import Path

QUICKSTART = Path(__file__).parents[2] / "scenarios" / "quickstart.yaml"

SMALL = """\
name: small
configuration: c
data: {source: digits, views: 2}
model:
  levels:
    device: {convp: [4]}
    cloud: {convp: [16]}
topology:
  nodes:
    camera: {tier: device}
    gate: {tier: gateway}
    cloud: {tier: cloud}
  links:
    radio: {from: camera, to: gate, rate: 250 kbit/s}
    wan: {from: gate, to: cloud, rate: 10 Mbit/s, delay: 20 ms}
exits:
  local: {at: gate, threshold: 0.8}
  cloud: {}
workload: {arrivals: poisson, rate: 5 /s}
"""
