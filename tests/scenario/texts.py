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

RAW = """\
name: raw
configuration: a
data: {source: digits, views: 2}
model: {levels: {device: {convp: [4]}, cloud: {convp: [16]}}}
topology:
  nodes: {camera: {tier: device}, cloud: {tier: cloud}}
  links: {wan: {from: camera, to: cloud, rate: 1 Mbit/s}}
exits: {cloud: {}}
workload: {arrivals: poisson, rate: 5 /s}
"""

ALONE = """\
name: alone
configuration: b
data: {source: digits}
model: {levels: {device: {convp: [4]}, cloud: {fc: [16]}}}
topology:
  nodes: {camera: {tier: device}, cloud: {tier: cloud}}
  links: {wan: {from: camera, to: cloud, rate: 1 Mbit/s}}
exits:
  local: {threshold: 0.8}
  cloud: {}
workload: {arrivals: poisson, rate: 5 /s}
"""

TOWER = """\
name: tower
configuration: d
data: {source: digits}
model: {levels: {device: {convp: [4]}, edge: {convp: [8]}, cloud: {fc: [16]}}}
topology:
  nodes:
    camera: {tier: device}
    edge: {tier: edge}
    cloud: {tier: cloud}
  links:
    radio: {from: camera, to: edge, rate: 1 Mbit/s}
    wan: {from: edge, to: cloud, rate: 1 Mbit/s}
exits:
  local: {threshold: 0.8}
  edge: {threshold: 0.8}
  cloud: {}
workload: {arrivals: poisson, rate: 5 /s}
"""

EDGE = """\
name: edge
configuration: e
data: {source: digits, views: 2}
model: {levels: {device: {convp: [4]}, edge: {convp: [8]}, cloud: {fc: [16]}}}
topology:
  nodes:
    camera: {tier: device}
    gate: {tier: gateway}
    edge: {tier: edge}
    cloud: {tier: cloud}
  links:
    radio: {from: camera, to: gate, rate: 1 Mbit/s}
    metro: {from: gate, to: edge, rate: 1 Mbit/s}
    wan: {from: edge, to: cloud, rate: 1 Mbit/s}
exits:
  local: {at: gate, threshold: 0.8}
  edge: {threshold: 0.8}
  cloud: {}
workload: {arrivals: poisson, rate: 5 /s}
"""

GROUPS = """\
name: groups
configuration: f
data: {source: digits, views: 5}
model:
  levels:
    device: {convp: [4]}
    edge: {convp: [8]}
    cloud: {fc: [16]}
topology:
  nodes:
    north: {tier: device, count: 3}
    south: {tier: device, count: 2}
    gate_n: {tier: gateway}
    edge: {tier: edge, count: 2}
    cloud: {tier: cloud}
  links:
    cell: {from: north, to: gate_n, rate: 1 Mbit/s}
    metro: {from: gate_n, to: edge1, rate: 1 Mbit/s}
    street: {from: south, to: edge2, rate: 1 Mbit/s}
    wan: {from: edge, to: cloud, rate: 1 Mbit/s}
placement:
  groups:
    n: {devices: north, edge: edge1}
    s: {devices: [south1, south2], edge: edge2}
exits:
  local: {at: {n: gate_n, s: edge2}, threshold: 0.8}
  edge: {at: edge1, threshold: 0.8}
  cloud: {}
workload: {arrivals: poisson, rate: 5 /s}
"""

FAULTY = (
    GROUPS.replace("    cloud: {tier: cloud}", "    cloud: {tier: cloud}\n    spare: {tier: cloud, compute: 1 GFLOP/s}")
    .replace(
        "  links:\n",
        "  regions: {east: [south, edge2], west: north}\n  links:\n"
        "    back: {from: spare, to: edge1, rate: 1 Mbit/s}\n    ring: {from: edge1, to: edge2, rate: 1 Mbit/s}\n",
    )
    .replace("s: edge2}, threshold: 0.8}", "s: edge2}, threshold: 0.8, deadline: 200 ms}")
    .replace("edge: {at: edge1, threshold: 0.8}", "edge: {at: edge1, threshold: 0.8, deadline: {after: 400 ms}}")
    .replace("  cloud: {}", "  cloud: {deadline: 1 s}")
    + """\
recovery:
  detector: {period: 1 s, timeout: 3 s}
  fallback: best_effort
  reroute: true
  delay: 2 s
  failover: {edge1: edge2, cloud: [spare, edge2]}
  retries: {attempts: 3, backoff: 50 ms, factor: 2}
  cancel: true
faults:
  - {crash: north2, from: 60 s, until: 90 s, on_crash: resume}
  - {outage: cell, mtbf: 10 min, mttr: {weibull: {scale: 30 s, shape: 1.5}}, each: true}
  - name: storm
    crash: east
    every: 1 h
    for: 30 s
    from: 10 s
    until: 10 h
    chance: 50 %
    then:
      - {outage: [wan, gate_n>edge1], after: 1 s, for: {exponential: 5 s}}
      - {slow: cloud, speed: 25 %, then: [{partition: west, after: 2 s}]}
  - {degrade: north1<>gate_n, at: [10 s, 20 s], for: 5 s, rate: 10 %, delay: 50 ms, loss: 5 %}
  - {sensor: [south, north3], kind: noisy, level: 0.2}
policy: {use: follow_load, exit: edge, queue_target: 50 ms}
run: {window: 10 s}
"""
)
"""Configuration f with all that can go wrong, and all that is done about it."""

TEXTS = {"a": RAW, "b": ALONE, "c": SMALL, "d": TOWER, "e": EDGE, "f": GROUPS}
"""By configuration, a small scenario of it."""
