import struct
import zlib

import numpy as np
import pytest

from tocsin.adapters.packs.rasters import read_raster
from tocsin.errors import BadReport


def geotiff(values, west=10.0, north=51.0, step=0.01, *, order="<", deflate=False, no_data=None, model=2, more=()):
    """A little raster in strips of one row."""
    rows, columns = values.shape
    kind = {"f": 3, "i": 2, "u": 1}[values.dtype.kind]
    strips = [row.astype(values.dtype.newbyteorder(order)).tobytes() for row in values]
    strips = [zlib.compress(s) for s in strips] if deflate else strips
    body = b"".join(strips)
    tags = [
        (256, "H", (columns,)), (257, "H", (rows,)), (258, "H", (values.dtype.itemsize * 8,)),
        (259, "H", (8 if deflate else 1,)), (273, "I", None), (277, "H", (1,)), (278, "H", (1,)),
        (279, "I", tuple(map(len, strips))), (339, "H", (kind,)), (33550, "d", (step, step, 0.0)),
        (33922, "d", (0.0, 0.0, 0.0, west, north, 0.0)), (34735, "H", (1, 1, 0, 1, 1024, 0, 1, model)), *more,
    ]  # fmt: skip
    start, codes = 8 + len(body), {"H": 3, "I": 4, "d": 12, "s": 2}
    after, entries, extra = start + 2 + 12 * (len(tags) + (no_data is not None)) + 4, b"", b""
    ats = np.cumsum([8, *map(len, strips)])[:-1]
    said = [(t, f, tuple(map(int, ats)) if v is None else v) for t, f, v in tags]
    if no_data is not None:
        said.append((42113, "s", f"{no_data}".encode() + b"\0"))
    for tag, letter, content in sorted(said):
        raw = content if letter == "s" else struct.pack(f"{order}{len(content)}{letter}", *content)
        count = len(content)
        if len(raw) <= 4:
            entries += struct.pack(f"{order}HHI", tag, codes[letter], count) + raw.ljust(4, b"\0")
        else:
            entries += struct.pack(f"{order}HHII", tag, codes[letter], count, after + len(extra))
            extra += raw
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", start)
    return head + body + struct.pack(f"{order}H", len(said)) + entries + struct.pack(f"{order}I", 0) + extra


VALUES = np.array([[1.0, 2.0, 3.0], [4.0, -9.0, 6.0]])


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("deflate", [False, True])
@pytest.mark.parametrize("dtype", ["f8", "f4", "i2", "u1"])
def test_values_and_places(order, deflate, dtype):
    values = np.abs(VALUES).astype(dtype)
    raster = read_raster(geotiff(values, order=order, deflate=deflate), "people.tif")
    assert raster.values.tolist() == values.astype(float).tolist()
    assert raster.lon == pytest.approx([10.005, 10.015, 10.025])
    assert raster.lat == pytest.approx([50.995, 50.985])


def test_what_stands_for_no_data_is_no_number():
    raster = read_raster(geotiff(VALUES, no_data=-9), "people.tif")
    assert np.isnan(raster.values).tolist() == [[False, False, False], [False, True, False]]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\3\4 zip", "no TIFF"),
        (geotiff(VALUES)[:60], "no GeoTIFF that can be read"),
        (geotiff(VALUES, model=1), "degrees"),
        (geotiff(VALUES, more=((317, "H", (2,)),)), "compressed"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(data, words):
    with pytest.raises(BadReport, match=words):
        read_raster(data, "people.tif")
