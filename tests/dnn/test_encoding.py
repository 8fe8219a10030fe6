"""Encodings: what is sent of a view, and what the network then sees."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from networks import digits, network_with, training
from PIL import Image

from ddnnsim.dnn.cache import weights_key
from ddnnsim.dnn.data.datasets import load_dataset
from ddnnsim.dnn.data.encoding import encoded
from ddnnsim.scenario import JpegEncoding, PngEncoding, RawEncoding

RAW, PNG = RawEncoding(format="raw"), PngEncoding(format="png")
RANDOM = np.random.default_rng(0)
SLOPE = np.add.outer(np.arange(32), np.arange(16)) * 5


def jpeg(quality: int = 75) -> JpegEncoding:
    return JpegEncoding(format="jpeg", quality=quality)


def pictures(channels: int) -> np.ndarray:
    """Return a smooth view and a noisy one of each of two samples, (2, 2, channels, 32, 16)."""
    smooth = np.stack([SLOPE[::turn] for turn in (1, -1) for _ in range(channels)]).reshape(2, 1, channels, 32, 16)
    noisy = np.clip(smooth + RANDOM.normal(0, 40, smooth.shape), 0, 255)
    return np.concatenate([smooth, noisy], axis=1).astype(np.uint8)


@pytest.mark.parametrize("channels", [1, 3])
def test_raw_is_a_byte_per_pixel_and_channel(channels):
    images = pictures(channels)
    sizes, same = encoded(images, RAW)
    assert (sizes.tolist(), sizes.dtype) == ([[512 * channels] * 2] * 2, np.int64)
    assert same is images


@pytest.mark.parametrize("channels", [1, 3])
def test_png_keeps_the_pixels_and_is_smaller_where_they_are_smooth(channels):
    images = pictures(channels)
    sizes, same = encoded(images, PNG)
    np.testing.assert_array_equal(same, images)
    assert (sizes[:, 0] < 512 * channels / 2).all()
    assert (sizes[:, 0] < sizes[:, 1]).all()


@pytest.mark.parametrize("channels", [1, 3])
def test_jpeg_is_what_its_file_shows(channels):
    images = pictures(channels)
    before = images.copy()
    sizes, decoded = encoded(images, jpeg(30))
    np.testing.assert_array_equal(images, before)
    assert (decoded.shape, decoded.dtype) == (images.shape, np.uint8)
    file = BytesIO()
    picture = images[1, 1].transpose(1, 2, 0)
    Image.fromarray(picture if channels == 3 else picture[..., 0]).save(
        file, "JPEG", quality=30, optimize=True, subsampling="4:2:0"
    )
    assert sizes[1, 1] == len(file.getvalue())
    shown = np.asarray(Image.open(file)).reshape(32, 16, channels)
    np.testing.assert_array_equal(decoded[1, 1].transpose(1, 2, 0), shown)
    assert 0 < abs(decoded[:, 0].astype(int) - images[:, 0]).mean() < 5


def test_a_better_jpeg_is_larger_and_nearer():
    images = pictures(1)
    sizes, errors = [], []
    for quality in (5, 30, 60, 95):
        of_file, decoded = encoded(images, jpeg(quality))
        sizes.append(of_file.sum())
        errors.append(abs(decoded.astype(int) - images).mean())
    assert sizes == sorted(sizes)
    assert errors == sorted(errors, reverse=True)


def test_a_data_set_is_encoded(cache):
    plain, png, small = (load_dataset(digits(views=2, encoding=e)).splits["test"] for e in (RAW, PNG, jpeg(10)))
    assert np.unique(plain.raw_bytes).tolist() == [24 * 24]
    np.testing.assert_array_equal(png.images, plain.images)
    np.testing.assert_array_equal(png.raw_bytes, encoded(plain.images, PNG).sizes)
    np.testing.assert_array_equal(small.images, encoded(plain.images, jpeg(10)).images)
    np.testing.assert_array_equal(small.labels, plain.labels)
    assert small.raw_bytes.mean() < plain.raw_bytes.mean()


def test_only_what_changes_pixels_changes_the_weights(monkeypatch):
    def key(encoding) -> str:
        return weights_key(digits(encoding=encoding), network_with(), training())

    assert key(RAW) == key(PNG)
    assert len({key(RAW), key(jpeg(50)), key(jpeg(51))}) == 3
    before = key(RAW), key(jpeg())
    monkeypatch.setattr("ddnnsim.dnn.data.origin.codecs", lambda: {"pillow": "0"})
    assert key(RAW) == before[0]
    assert key(jpeg()) != before[1]
