from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddnnsim.errors import ScenarioError
from ddnnsim.scenario import load_scenario
from ddnnsim.scenario.document import parse_document, read_document


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001), ("1e3", 1000.0), (".5", 0.5), ("-1.", -1.0), ("010", 10), ("0o10", 8), ("0x1F", 31),
        ("+5", 5), ("no", "no"), ("yes", "yes"), ("on", "on"), ("off", "off"), ("12:30", "12:30"),
        ("1_000", "1_000"), ("0b1", "0b1"), ("2026-01-01", "2026-01-01"), ("true", True), ("FALSE", False),
        ("~", None), ("null", None), ("", None), ("'5'", "5"), ('"true"', "true"), ("5 /s", "5 /s"),
        ("80 %", "80 %"), ("-.inf", -math.inf), ("! 5", 5), ("=", "="),
    ],
)  # fmt: skip
def test_scalars_follow_the_core_schema_of_yaml_1_2(text, value):
    data = parse_document(f"k: {text}", "t").data
    assert data == {"k": value}
    assert type(data["k"]) is type(value)


def test_keys_are_text_as_written():
    assert parse_document("{1: a, no: b, 'c': d, ~: e}", "t").data == {
        "1": "a",
        "no": "b",
        "c": "d",
        "~": "e",
    }


def test_every_key_and_value_has_its_place():
    document = parse_document("a:\n  - {b: 1, é: 2}\n  - &x 3\nc: *x\n", "t")
    assert document.data == {"a": [{"b": 1, "é": 2}, 3], "c": 3}
    assert document.key_place(("a", 0, "é")).label == "t:2:12"
    assert document.value_place(("a", 0, "tag-of-a-union", "é")).label == "t:2:15"
    assert document.value_place(("c",)).label == "t:4:4"
    assert document.value_place(("a", 7, "gone")).label == "t:2:3"
    assert document.key_place(()).label == "t:1:1"


BOMB = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"", ["s.yaml:1:1: the file is empty; start with 'name: ...'"]),
        (b"# nothing\n", ["s.yaml:1:1: the file is empty; start with 'name: ...'"]),
        (b"~\n", ["s.yaml:1:1: a scenario is a mapping of keys, not nothing; start with 'name: ...'"]),
        (b"- a\n", ["s.yaml:1:1: a scenario is a mapping of keys, not a list; start with 'name: ...'"]),
        (b"hello\n", ["s.yaml:1:1: a scenario is a mapping of keys, not 'hello'; start with 'name: ...'"]),
        (b"\x7fELF\x00\x01", ["s.yaml:1:1: character U+007F is not text; is this a YAML file?"]),
        (b"a: 1\nb: \x00", ["s.yaml:2:4: character U+0000 is not text; is this a YAML file?"]),
        ("é: 1\nb: ".encode() + b"\xff", ["s.yaml:2:4: byte 0xff is not UTF-8 text; save the file as UTF-8"]),
        (b"a:\n\tb: 1\n", ["s.yaml:2:1: a tab in the indentation; indent with spaces"]),
        (b"a: b: c\n", ["s.yaml:1:5: not YAML: a second ':' on this line, or a line indented too far"]),
        (b"a: [1, 2\n", ["s.yaml:2:1: not YAML: a '[' that is not closed, or a ',' missing"]),
        (b"a: {b: 1\n", ["s.yaml:2:1: not YAML: a '{' that is not closed, or a ',' missing"]),
        (b"a: 'x\n", ["s.yaml:2:1: not YAML: a quote that is not closed"]),
        (b"a: 1\n---\nb: 2\n", ["s.yaml:2:1: a second document; keep one scenario in a file"]),
        (
            b"a: {b: 1}\nc: 1\na: 2\nc: 3\n",
            ["s.yaml:3:1: 'a' is given twice, first at 1:1; keep one",
             "s.yaml:4:1: 'c' is given twice, first at 2:1; keep one"],
        ),
        (
            b"a: &a {b: 1}\nc:\n  <<: *a\n  b: 2\n",
            ["s.yaml:3:3: '<<' (merge key) is not read here; write the keys out"],
        ),
        (b"a: &a [*a]\n", ["s.yaml:1:8: '*a' stands inside what it names; write the value out"]),
        (b"a: &one 1\nb: *ome\n", ["s.yaml:2:4: nothing is called '&ome' above; did you mean '*one'?"]),
        (BOMB.encode(), ["s.yaml:7:8: more than 2000000 values, aliases expanded; write a smaller file"]),
        (b"[" * 5000, ["s.yaml:1:42: nested more than 40 levels deep"]),
        (b"? [a]\n: 1\n", ["s.yaml:1:3: a key must be a word; write 'key: value'"]),
        (b"a: !!python/name:os.system x\n", ["s.yaml:1:4: tag 'tag:yaml.org,2002:python/name:os.system' is not read here; leave it out"]),  # noqa: E501
        (b"a: " + b"9" * 5000, ["s.yaml:1:4: a number of 5000 digits; write at most 40"]),
    ],
)  # fmt: skip
def test_refuses_what_is_no_single_mapping(faults, content, lines):
    assert faults(content) == lines


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: x\r\n")
    document = read_document(path)
    assert document.data == {"a": 1, "b": "x"}
    assert document.value_place(("b",)).order == (2, 4)


def test_names_the_file_that_is_not_there(tmp_path):
    (tmp_path / "crossing.yaml").write_text("")
    with pytest.raises(ScenarioError) as refused:
        load_scenario(tmp_path / "crosing.yaml")
    assert str(refused.value) == f"{tmp_path}/crosing.yaml: no such file; did you mean 'crossing.yaml'?"
    with pytest.raises(ScenarioError, match=r": is a folder; name a scenario file in it$"):
        load_scenario(str(tmp_path))
    with pytest.raises(ScenarioError, match=r"cannot be read: embedded null byte$"):
        load_scenario("a\0b")
    with pytest.raises(ScenarioError, match=r"^/dev/zero: is larger than 32 MiB$"):
        load_scenario(Path("/dev/zero"))


@given(st.text(alphabet=st.sampled_from("ab:-[]{}&*!|>'\"%@`#,?\n\t 1.<~\\é"), max_size=40) | st.text())
def test_any_text_is_read_or_refused(text):
    try:
        parse_document(text, "t")
    except ScenarioError as refused:
        assert refused.faults  # noqa: PT017
