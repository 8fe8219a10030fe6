"""What a scenario says of its data, and what it is told of it: no file is opened."""

from __future__ import annotations

import pytest
from texts import ALONE, SMALL

from ddnnsim.scenario import JpegEncoding, RawEncoding, cameras_used, dump, load_scenario, scenario_hash
from ddnnsim.scenario.document import parse_document

SOURCES = {
    "digits": ("digits", (1, 24, 24)),
    "street": ("street", (3, 32, 32)),
    "mvmc": ("mvmc, path: a/m.npz", (3, 32, 32)),
    "npz": ("npz, path: a/m.npz, classes: [cat, dog], shape: [1, 20, 30]", (1, 20, 30)),
    "idx": ("idx, path: a", (1, 32, 16)),
    "idx of another shape": ("idx, path: a, shape: [40, 60], padding: 0, limit: 500, classes: [a, b]", (1, 40, 30)),
    "cifar10": ("cifar10, path: a", (3, 32, 16)),
}


def text(data: str, views: int = 2) -> str:
    return SMALL.replace("source: digits, views: 2", f"source: {data}, views: {views}")


@pytest.mark.parametrize(("data", "view_shape"), SOURCES.values(), ids=list(SOURCES))
@pytest.mark.parametrize("encoding", ["", ", encoding: {format: png}", ", encoding: {format: jpeg, quality: 30}"])
def test_every_source_is_loaded_and_dumped(tmp_path, data, view_shape, encoding):
    path = tmp_path / "s.yaml"
    path.write_text(text(data + encoding))
    scenario = load_scenario(path)
    assert scenario.data.view_shape == view_shape
    if "path" in data:
        assert scenario.data.path.startswith(str(tmp_path.resolve() / "a"))
    (tmp_path / "elsewhere").mkdir()
    again = tmp_path / "elsewhere" / "again.yaml"
    again.write_text(dump(scenario))
    assert load_scenario(again) == scenario
    assert load_scenario(scenario) == scenario


def test_paths_that_no_file_gave_start_from_here(tmp_path, monkeypatch):
    (tmp_path / "s.yaml").write_text(text("mvmc, path: a/m.npz"))
    there = tmp_path / "there"
    there.mkdir()
    monkeypatch.chdir(there)
    own = {"module": "own/net.py:build", "weights": "own/w.safetensors"}
    by_setting = load_scenario(tmp_path / "s.yaml", {"model": own}, ["data.path=b/m.npz"])
    by_python = load_scenario(parse_document(text("mvmc, path: b/m.npz"), "s").data, {"model": own})
    for scenario in (by_setting, by_python):
        assert scenario.data.path == str(there.resolve() / "b/m.npz")
        assert scenario.model.module == str(there.resolve() / "own/net.py:build")
        assert scenario.model.weights == str(there.resolve() / "own/w.safetensors")
    monkeypatch.chdir(tmp_path)
    assert load_scenario(by_setting) == by_setting
    assert load_scenario(by_setting, {"model.module": "pkg.net:build"}).model.module == "pkg.net:build"


@pytest.mark.parametrize(
    ("presence", "told"),
    [
        ("[0, 0]", "presence [0.0, 0.0]: 2 shares in (0, 1], at least 1 in sum, are needed"),
        ("[40 %, 0.5]", "presence [0.4, 0.5]: 2 shares in (0, 1], at least 1 in sum, are needed"),
        ("[0, 1]", "presence [0.0, 1.0]: 2 shares in (0, 1], at least 1 in sum, are needed"),
        ("[1]", "1 shares for 2 views; write one for each view, in their order"),
    ],
)
def test_a_presence_that_leaves_samples_unseen_is_told(faults, presence, told):
    assert faults(text(f"street, presence: {presence}")) == [f"s.yaml:3:34: {told}"]


def test_shares_are_summed_as_they_are_written():
    tenths = text(f"street, presence: {[0.1] * 10}", views=10)
    assert load_scenario(parse_document(tenths, "s").data).data.presence == (0.1,) * 10


def test_encodings_have_defaults():
    plain = load_scenario(parse_document(SMALL, "s").data)
    assert plain.data.encoding == RawEncoding(format="raw")
    jpeg = load_scenario(plain, {"data.encoding": {"format": "jpeg"}})
    assert jpeg.data.encoding == JpegEncoding(format="jpeg", quality=75)
    assert load_scenario(jpeg, {"data.encoding.quality": 10}).data.encoding.quality == 10


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        ("pictures", ["3:16: 'pictures' is not known here; write digits, street, mvmc, npz, idx, cifar10 or numbers"]),
        ("idx", ["3:1: 'path' is missing"]),
        (
            "npz, path: x",
            [
                "3:1: 'classes' is missing; write e.g. 'classes: ['cat', 'dog']'",
                "3:1: 'shape' is missing; write e.g. 'shape: [3, 32, 32]'",
            ],
        ),
        (
            "npz, path: x, classes: [cat, cat], shape: [2, 32, 32]",
            [
                "3:39: ['cat', 'cat'] are not two different names or more; write e.g. [cat, dog]",
                "3:58: [2, 32, 32] is not the shape of a view; write channels, 1 or 3, height and width, e.g. [3, 32, 32]",  # noqa: E501
            ],
        ),
        (
            "npz, path: x, classes: [0, 1], shape: [32, 32]",
            [
                "3:39: [0, 1] is not a list of names; write e.g. [cat, dog]; '0' in quotes",
                "3:54: [32, 32] is not the shape of a view; write channels, 1 or 3, height and width, e.g. [3, 32, 32]",
            ],
        ),
        (
            "idx, path: x, shape: 28, limit: 1",
            [
                "3:37: 28 is not the shape of a picture; write height and width, e.g. [28, 28]",
                "3:48: 1 is less than 10; write at least 10",
            ],
        ),
        ("digits, encoding: jpeg", ["3:34: 'jpeg' is not a mapping; write 'key: value' lines"]),
        ("digits, encoding: {quality: 5}", ["3:24: 'format' is missing; write one of jpeg, png or raw"]),
        ("digits, encoding: {format: gif}", ["3:43: 'gif' is not known here; write raw, png or jpeg"]),
        ("digits, encoding: {format: png, quality: 5}", ["3:48: unknown key 'quality'; write 'format'"]),
        ("digits, encoding: {format: jpeg, quality: 96}", ["3:58: 96 is more than 95; write at most 95"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(faults, data, lines):
    assert faults(text(data)) == [f"s.yaml:{line}" for line in lines]


@pytest.mark.parametrize("data", ["idx, path: x", "cifar10, path: x"])
def test_more_tiles_than_a_picture_has_room_for_are_told(faults, data):
    (line,) = faults(text(data, views=11))
    assert "11 views of a picture of 32x32 are 1 by 11 tiles of 32x2; choose a number whose tiles have" in line


def test_as_many_blocks_as_a_tile_has_room_for(faults):
    """A tile of 16x10 becomes 8x5, 4x3, 2x2 and 1x1."""
    (line,) = faults(text("cifar10, path: x", views=6).replace("[16]", "[1, 1, 1, 1]"))
    assert "block 5 from the bottom would get a picture of 1x1; a view of 16x10 has room for 4 blocks" in line


CAMERAS = SMALL.replace("views: 2", "views: 6, cameras: [5, 2, 6]")


def test_a_device_for_each_camera_that_is_named():
    scenario = load_scenario(parse_document(CAMERAS, "s").data)
    assert cameras_used(scenario.data) == (5, 2, 6)
    assert scenario.devices() == ["camera1", "camera2", "camera3"]
    again = load_scenario(parse_document(dump(scenario), "s").data)
    assert again == scenario
    assert load_scenario(again, {"data.cameras": [1, 4]}).devices() == ["camera1", "camera2"]
    assert len(load_scenario(again, {"data.cameras": None}).devices()) == 6
    assert load_scenario(scenario, {"data": {"source": "street", "cameras": [3]}}).devices() == ["camera1"]


def test_all_cameras_in_their_order_are_the_same_as_none_named():
    plain = load_scenario(parse_document(SMALL, "s").data)
    named = load_scenario(parse_document(SMALL, "s").data, {"data.cameras": [1, 2]})
    turned = load_scenario(parse_document(SMALL, "s").data, {"data.cameras": [2, 1]})
    assert named == plain
    assert scenario_hash(turned) != scenario_hash(plain)


def test_the_only_device_may_have_one_camera_of_many():
    scenario = load_scenario(parse_document(ALONE.replace("digits", "digits, cameras: [6]"), "s").data)
    assert (scenario.data.views, cameras_used(scenario.data), scenario.devices()) == (6, (6,), ["camera"])
    everyone = load_scenario(parse_document(ALONE.replace("digits", "digits, cameras: [1], views: 1"), "s").data)
    assert everyone == load_scenario(parse_document(ALONE, "s").data)


@pytest.mark.parametrize(
    ("base", "data", "lines"),
    [
        (SMALL, "cameras: [2, 0]", ["3:47: 0 is less than 1; write at least 1"]),
        (SMALL, "cameras: [3, 1]", ["3:44: no camera 3: data.views is 2; write numbers from 1 to 2"]),
        (SMALL, "cameras: [2, 2]", ["3:47: camera 2 is named twice; a device has one of its own"]),
        (SMALL, "cameras: []", ["3:43: an empty list; write at least one, e.g. [5, 6]"]),
        (SMALL, "cameras: 2", ["3:43: 2 is not a list; write e.g. [5, 6]"]),
        (ALONE, "cameras: [2, 1]", ["3:43: 2 cameras, but configuration b has one device, which sees one; name one"]),
    ],
)  # fmt: skip
def test_cameras_that_cannot_be_used_are_told(faults, base, data, lines):
    text = base.replace("digits, views: 2", "digits").replace("digits", f"digits, views: 2, {data}")
    assert faults(text) == [f"s.yaml:{line}" for line in lines]


def test_devices_that_are_not_as_many_as_the_cameras_are_told(faults):
    text = CAMERAS.replace("{tier: device}", "{tier: device, count: 2}")
    (line,) = faults(text)
    assert line.endswith("2 device nodes, but data.cameras names 3; give one device for each view")
