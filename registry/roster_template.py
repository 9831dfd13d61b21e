"""Write an empty member list for an office to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from registry import roster_columns as columns
from registry.roster_sheet import MAX_ROWS

TITLE = "党员名册"
WIDTH, WIDE = 14, 26
_WIDE = (columns.IDENTITY_NUMBER, columns.BRANCH, columns.RESIDENCE, columns.HOME_ORGANISATION)
_CHOICES = {
    columns.GENDER: (columns.MALE, columns.FEMALE),
    columns.STANDING: (columns.FULL, columns.PROBATIONARY),
    columns.OUT_OF_CONTACT: (columns.YES, columns.NO),
    columns.MOBILE: (columns.YES, columns.NO),
}


def write_template(target: Path | IO[bytes]) -> None:
    """Write a workbook with the columns and nothing below; required ones are bold."""
    book = Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        raise TypeError("A new workbook starts with a worksheet.")
    sheet.title = TITLE
    sheet.freeze_panes = "A2"
    for index, name in enumerate(columns.ALL, start=1):
        letter = get_column_letter(index)
        # As text, for a spreadsheet rounds a figure of 18 digits.
        sheet.column_dimensions[letter].number_format = "@"
        sheet.column_dimensions[letter].width = WIDE if name in _WIDE else WIDTH
        sheet.cell(1, index, name).font = Font(bold=name in columns.REQUIRED)
        if name in _CHOICES:
            _offer(sheet, f"{letter}2:{letter}{MAX_ROWS + 1}", _CHOICES[name])
    book.save(target)


def _offer(sheet: Worksheet, cells: str, words: tuple[str, ...]) -> None:
    validation = DataValidation(type="list", formula1=f'"{",".join(words)}"', allow_blank=True)
    validation.add(cells)
    sheet.add_data_validation(validation)
