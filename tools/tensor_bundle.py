"""Reads the variables of a TensorFlow checkpoint (PREFIX.index, PREFIX.data-00000-of-00001) without TensorFlow.

The index is a sorted table of blocks as LevelDB writes them: in each entry the part of the key that differs from the
entry before, and as the value a protocol buffer that says where in the data a variable lies. Written from the comments
of TensorFlow's tensor_bundle.proto and LevelDB's doc/table_format.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lowface_core.errors import WeightsError

#: At the end of every sorted table.
MAGIC = (0xDB4775248B80FB57).to_bytes(8, "little")
FOOTER = 48
#: Numbers of TensorFlow's types that are read.
TYPES = {1: "<f4", 2: "<f8", 3: "<i4", 9: "<i8"}
#: What the wire types 5 and 1 of protocol buffers take.
FIXED = {5: 4, 1: 8}


@dataclass(frozen=True)
class Entry:
    """Where a variable lies.

    Attributes:
        type: TensorFlow's number of its type.
        shard: number of the data file.
        offset, size: in bytes.
        checksum: masked CRC-32C of its bytes.
    """

    type: int
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int
    checksum: int


def read_bundle(prefix: Path) -> dict[str, np.ndarray]:
    """Every variable of a checkpoint by its name; of types other than numbers of 32 and 64 bits none.

    Args:
        prefix: the checkpoint's path without ``.index`` or ``.data-…``.

    Raises:
        WeightsError: a file is missing, damaged, or of a form that is not read: compressed, big-endian or sliced.
    """
    index = prefix.with_name(prefix.name + ".index")
    table = _bytes_of(index)
    try:
        entries = dict(_table(table))
        header = _fields(entries.pop(b"", b""))
        shards, big = _number(header, 1, 1), _number(header, 2)
        found = {key.decode(): _entry(value) for key, value in entries.items()}
    except (IndexError, ValueError, TypeError) as error:
        raise WeightsError(f"{index}: is no index of a TensorFlow checkpoint, or damaged ({error})") from error
    if big:
        raise WeightsError(f"{index}: is of a big-endian machine, which is not read")
    names = [f"{prefix.name}.data-{shard:05d}-of-{shards:05d}" for shard in range(shards)]
    data = {shard: _bytes_of(prefix.with_name(names[shard])) for shard in {entry.shard for entry in found.values()}}
    wanted = {name: entry for name, entry in found.items() if entry.type in TYPES}
    return {name: _variable(name, entry, data[entry.shard], prefix) for name, entry in wanted.items()}


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise WeightsError(
            f"{file}: cannot be read ({error.strerror}); a checkpoint is an index and its data"
        ) from error


def _variable(name: str, entry: Entry, data: bytes, prefix: Path) -> np.ndarray:
    held = data[entry.offset : entry.offset + entry.size]
    type = np.dtype(TYPES[entry.type])
    if len(held) != entry.size or entry.size != type.itemsize * int(np.prod(entry.shape)):
        raise WeightsError(f"{prefix}: {name} is cut off, or sliced, which is not read")
    if mask(crc32c(held)) != entry.checksum:
        raise WeightsError(f"{prefix}: {name} is damaged (its checksum is another)")
    return np.frombuffer(held, type).reshape(entry.shape)


def _table(table: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of a sorted table.

    Raises:
        ValueError: it is none, or compressed.
    """
    if table[-8:] != MAGIC or len(table) < FOOTER:
        raise ValueError("it does not end as one")
    place = len(table) - FOOTER
    for _ in range(2):  # the index of properties, which there are none of
        _, place = _varint(table, place)
    for _, handle in _block(table, place):
        yield from _block(handle, 0, table)


def _block(place_in: bytes, place: int, table: bytes | None = None) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of a block, of which offset and size stand at a place."""
    table = place_in if table is None else table
    begin, place = _varint(place_in, place)
    size, _ = _varint(place_in, place)
    block, compression = table[begin : begin + size], table[begin + size]
    if compression:
        raise ValueError("it is compressed, which is not read")
    end = size - 4 - 4 * int.from_bytes(block[-4:], "little")
    key, at = b"", 0
    while at < end:
        shared, at = _varint(block, at)
        own, at = _varint(block, at)
        length, at = _varint(block, at)
        key = key[:shared] + block[at : at + own]
        yield key, block[at + own : at + own + length]
        at += own + length


def _entry(message: bytes) -> Entry:
    fields = _fields(message)
    dimensions = [_fields(each) for each in _fields(_message(fields, 2)).get(2, []) if isinstance(each, bytes)]
    shape = tuple(_number(dimension, 1) for dimension in dimensions)
    type, shard, offset, size = (_number(fields, field) for field in (1, 3, 4, 5))
    return Entry(type, shape, shard, offset, size, _number(fields, 6))


def _fields(message: bytes) -> dict[int, list[int | bytes]]:
    """The fields of a protocol buffer by their numbers: integers, or bytes of what has a length."""
    fields: dict[int, list[int | bytes]] = {}
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        value: int | bytes
        if tag & 7 == 0:
            value, at = _varint(message, at)
        elif tag & 7 == 2:
            length, at = _varint(message, at)
            value, at = message[at : at + length], at + length
        else:
            width = FIXED[tag & 7] if tag & 7 in FIXED else _unknown(tag)
            value, at = int.from_bytes(message[at : at + width], "little"), at + width
        fields.setdefault(tag >> 3, []).append(value)
    return fields


def _unknown(tag: int) -> int:
    raise ValueError(f"unknown wire type {tag & 7}")


def _number(fields: Mapping[int, list[int | bytes]], number: int, default: int = 0) -> int:
    return int(fields.get(number, [default])[-1])


def _message(fields: Mapping[int, list[int | bytes]], number: int) -> bytes:
    return bytes(fields.get(number, [b""])[-1])


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, least first, and the place behind it."""
    value = shift = 0
    while data[at] & 128:
        value |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
    return value | data[at] << shift, at + 1


def _crc_table() -> list[int]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


_CRC = _crc_table()


def crc32c(data: bytes) -> int:
    """CRC-32C (Castagnoli), RFC 3720."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _CRC[(crc ^ byte) & 255]
    return crc ^ 0xFFFFFFFF


def mask(crc: int) -> int:
    """A checksum as it is stored, turned and shifted."""
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
