"""Kinds of links as they typically are; each names its source and what was chosen of it.

Rates are what a sender gets of an otherwise idle channel. Where the source is a measurement of throughput, headers are
in it and none are added; where it is a standard, `header` has the bytes that a frame has on the air beside its
payload, and `overhead` what else it occupies the channel for: gaps, backoff, preambles of symbols, and the receiver's
acknowledgement. Delays are one way: half of a measured round trip.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from .document import Raw


class Preset(NamedTuple):
    """What stands for the keys of a link, as a file would have them."""

    values: Mapping[str, Raw]
    source: str
    """Where the numbers come from, which of them are a choice, and what is not in them."""


def _preset(source: str, **values: Raw) -> Preset:
    return Preset(MappingProxyType(values), source)


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        # A single-antenna station, 20 MHz, 800 ns guard interval: MCS 7 sends 65 Mbit/s. A frame has a header
        # and check (26 + 4 B), LLC and SNAP (8 B); beside its bits it takes DIFS 34 us, mean backoff 67.5 us, preamble
        # 36 us, SIFS 16 us and acknowledgement 28 us. So 1500 B take 371 us: 32 Mbit/s, without aggregation. What
        # collides is sent again by the MAC; that is the jitter, of up to one more contention window of 31 slots of
        # 9 us.
        "wifi": _preset(
            "IEEE Std 802.11-2020: table 19-27 (HT rates of 20 MHz), 9.2.4 (frames), 10.3 (DCF), 19.3 (preamble)",
            rate="65 Mbit/s",
            delay="1 us",
            jitter={"uniform": ["0 us", "279 us"]},
            mtu="1500 B",
            header="38 B",
            overhead="181.5 us",
            medium="shared",
        ),
        # Medians over users in the United States, with one link to itself each; the way to a server near by is in the
        # round trip.
        "lte": _preset(
            "J. Huang et al., A close examination of performance and power characteristics of 4G LTE networks, MobiSys "
            "2012: median throughput 13 Mbit/s down and 6 Mbit/s up (abstract), round trip about 70 ms (sec. 4)",
            rate={"up": "6 Mbit/s", "down": "13 Mbit/s"},
            delay="35 ms",
            mtu="1500 B",
        ),
        # What 95 % of users are to have at least in a dense city: far from the peaks that are advertised, and near to
        # the 100 to 250 Mbit/s that users of bands below 6 GHz report. Of the radio network alone.
        "5g": _preset(
            "ITU-R Report M.2410-0 (11/2017): sec. 4.3 (user experienced data rate, 100 Mbit/s down, 50 Mbit/s up), "
            "4.7.1 (user plane latency, 4 ms): what IMT-2020 requires of the radio part, not a measurement",
            rate={"up": "50 Mbit/s", "down": "100 Mbit/s"},
            delay="4 ms",
            mtu="1500 B",
        ),
        # EU863-870, data rate 3 (SF9, 125 kHz), between the range of DR0 and the speed of DR5. Header: MHDR 1, FHDR 7,
        # FPort 1, MIC 4 B. Overhead: a frame of n bytes takes 12.25 + 8 + 5 (8 n + 8) / 36 symbols of 4.096 ms, but for
        # the ceil (Semtech AN1200.13, SF9, coding 4/5): 87.5 ms + 8 n / 1758 bit/s. Propagation of 3 km.
        "lora": _preset(
            "LoRaWAN 1.0.3 Regional Parameters, sec. 2.2 (EU863-870: DR3 1760 bit/s, N = 115 B); LoRaWAN 1.0.3 "
            "Specification, sec. 4 (frames). The limit of 1 % of the time on air (EU863-870) is not in it: the load "
            "has to keep it",
            rate="1760 bit/s",
            delay="10 us",
            mtu="115 B",
            header="13 B",
            overhead="87.5 ms",
            medium="shared",
        ),
        # Category NB1 in good coverage, without repetitions, with one HARQ process. Up: grant 1 ms, gap 8 ms, 1000 bit
        # in 4 ms, gap 3 ms: 62.5 kbit/s. Down: grant 1 ms, gap 4 ms, 680 bit in 3 ms, gap 12 ms, acknowledgement 2 ms,
        # gap 3 ms and one to the next search space: 26 kbit/s. The delay is a choice, for the request of a grant and
        # the core network; waking up from idle takes seconds and is not in it.
        "nbiot": _preset(
            "3GPP TS 36.213 release 13, sec. 16 (transport blocks of 1000 and 680 bit, gaps between NPDCCH, NPUSCH and "
            "NPDSCH). The delay is a choice",
            rate={"up": "62.5 kbit/s", "down": "26 kbit/s"},
            delay="100 ms",
            mtu="1358 B",
            header="10 B",
        ),
        # Without beacons. A frame of at most 127 B holds 102 B under the largest header; preamble, delimiter and length
        # are 6 B. Overhead: acknowledgement (11 B, 352 us) and turnaround (192 us). Jitter: the first backoff of 0 to 7
        # periods of 320 us.
        "zigbee": _preset(
            "IEEE Std 802.15.4-2020: sec. 6.2.5.1 (CSMA-CA), 7.2 (frames), 8.4 (constants), 12 (O-QPSK PHY, 2.4 GHz)",
            rate="250 kbit/s",
            delay="1 us",
            jitter={"uniform": ["0 us", "2240 us"]},
            mtu="102 B",
            header="31 B",
            overhead="544 us",
            medium="shared",
        ),
        # LE 1M with packets of 251 B: L2CAP and ATT take 7 B of it, preamble, access address, header and check are 10 B
        # more. Overhead: two gaps of 150 us and an empty acknowledgement of 80 us. A connection event comes every
        # 30 ms, so that a message waits for up to that long.
        "ble": _preset(
            "Bluetooth Core Specification 5.2, vol. 6, part B: sec. 2.1 (packets), 4.1 (T_IFS), 4.5.1 (connection "
            "events), 4.5.10 (data length)",
            rate="1 Mbit/s",
            delay="1 us",
            jitter={"uniform": ["0 ms", "30 ms"]},
            mtu="244 B",
            header="17 B",
            overhead="380 us",
            medium="shared",
        ),
        # Preamble and delimiter 8 B, header 14 B, check 4 B; overhead: the gap of 12 byte times. 100 m of copper at 2/3
        # of the speed of light.
        "ethernet": _preset(
            "IEEE Std 802.3-2018: sec. 3 (frames), 4.4.2 (gap), 25 (100BASE-TX)",
            rate="100 Mbit/s",
            delay="500 ns",
            mtu="1500 B",
            header="26 B",
            overhead="960 ns",
        ),
        "gigabit": _preset(
            "IEEE Std 802.3-2018: sec. 3 (frames), 4.4.2 (gap), 40 (1000BASE-T)",
            rate="1 Gbit/s",
            delay="500 ns",
            mtu="1500 B",
            header="26 B",
            overhead="96 ns",
        ),
        # Frankfurt to New York is 6,200 km; fibre takes 5 us for each, and is taken to be 1.3 times as long as the
        # great circle, a good way through conduits: 40 ms. The rate is a choice: what a rented machine often has.
        "wan-eu-us": _preset(
            "ITU-T Rec. G.114 (05/2003), table A.1 (5 us/km of fibre); I. N. Bozkurt et al., Dissecting latency in the "
            "Internet's fiber infrastructure, arXiv 1811.10737 (1.3 times as long). The rate is a choice",
            rate="100 Mbit/s",
            delay="40 ms",
            mtu="1500 B",
        ),
    }
)
"""By name."""


def with_preset(link: dict[str, Raw]) -> dict[str, Raw]:
    """Return *link* with the values of its preset where it gives none itself; as it is without such a preset."""
    name = link.get("preset")
    if not isinstance(name, str) or name not in PRESETS:
        return link
    given = {key: value for key, value in link.items() if key != "preset"}
    values = dict(PRESETS[name].values)
    if given.get("trace") is not None:
        del values["rate"]  # a trace stands in its place
    return values | given
