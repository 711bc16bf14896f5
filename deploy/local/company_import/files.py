"""Reads tables as programs write them: UTF-8 with or without a byte order mark, Windows-1252, any usual delimiter."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy.errors import StackError
from deploy.local.company_import.mapping import REQUIRED, Table
from deploy.local.company_import.report import Report, Row, RowError

DELIMITERS: Final = (",", ";", "\t", "|")
Tables = Mapping[str, list[Row]]


def read_tables(directory: Path, mapping: Mapping[str, Table], report: Report) -> Tables:
    """The rows of every file that is there; a directory with none of them is an error."""
    there = {name: table for name, table in mapping.items() if (directory / table.file).is_file()}
    if not there:
        names = ", ".join(table.file for table in mapping.values())
        raise StackError(f"{directory} has none of {names}", "see docs/csv-import.md for the files")
    return {
        name: _rows(directory / table.file, name, table, report) if name in there else []
        for name, table in mapping.items()
    }


def _rows(path: Path, name: str, table: Table, report: Report) -> list[Row]:
    text = decoded(path.read_bytes())
    delimiter = table.delimiter or delimiter_of(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header = [column.strip() for column in next(reader, [])]
    missing = [
        table.columns[column].name
        for column in REQUIRED[name]
        if table.columns[column].value is None and table.columns[column].name not in header
    ]
    if missing:
        raise StackError(
            f"{path.name} has no column {', '.join(missing)}; it has {', '.join(header)}",
            "rename the columns, or say in a mapping file what they are called (docs/csv-import.md)",
        )
    rows = []
    for values in reader:
        row = Row(path.name, reader.line_num, {})
        if not any(value.strip() for value in values):
            continue
        if len(values) != len(header):
            report.refuse(row, "", f"{len(values)} values where the header has {len(header)} columns")
            continue
        theirs = dict(zip(header, values, strict=True))
        try:
            mapped = {ours: column.read(theirs, ours) for ours, column in table.columns.items()}
        except RowError as error:
            report.refuse(row, error.column, error.reason)
            continue
        rows.append(Row(path.name, reader.line_num, mapped))
    return rows


def decoded(raw: bytes) -> str:
    """The text of a file: UTF-8 with or without a byte order mark, UTF-16 with one, else Windows-1252."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def delimiter_of(text: str) -> str:
    """The delimiter that the header line has most of."""
    header = text.partition("\n")[0]
    return max(DELIMITERS, key=header.count)
