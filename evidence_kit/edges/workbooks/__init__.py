"""What a spreadsheet file holds besides values: its parts, its sheets, and the cells that no table may have.

A workbook is a ZIP of XML parts. The reader of values says nothing of formulas, merged cells or errors; here the same
parts are read with the standard library, so that each of these is refused by its cell, and rows are counted twice.
"""
