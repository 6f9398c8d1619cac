"""Workbooks as bytes, written part by part: what a program writes, and what only a hostile one would."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
#: Cell formats by their place: none, a day, a day with time, a time, a duration.
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="[h]:mm:ss"/></numFmts>'
    '<fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="5"><xf numFmtId="0"/><xf numFmtId="14"/>'
    '<xf numFmtId="22"/><xf numFmtId="20"/><xf numFmtId="164"/></cellXfs></styleSheet>'
)
ODF = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"'
    for prefix in ("office", "table", "text", "style")
) + (' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"')
MANIFEST = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


# --- XLSX -------------------------------------------------------------------------------------------------------------


def text(value: str, **given: str) -> str:
    attributes = "".join(f' {name}="{one}"' for name, one in given.items())
    return f'<c t="inlineStr"{attributes}><is><t xml:space="preserve">{value}</t></is></c>'


def number(value: object, style: int = 0, **given: str) -> str:
    attributes = "".join(f' {name}="{one}"' for name, one in given.items())
    return f'<c s="{style}"{attributes}><v>{value}</v></c>'


def serial(day: str) -> int:
    """The number by which a workbook keeps a day."""
    return (date.fromisoformat(day) - date(1899, 12, 30)).days


def rows(*lines: Sequence[str]) -> str:
    return "".join(f"<row>{''.join(line)}</row>" for line in lines)


def xlsx_parts(
    *sheets: tuple[str, str], shared: Sequence[str] = (), after: str = "", states: Mapping[str, str] | None = None
) -> dict[str, str | bytes]:
    """`sheets`: name and rows of each; `shared`: the inside of each shared string; `after`: what follows the rows."""
    states = states or {}
    listed = "".join(
        f'<sheet name="{name}" sheetId="{place}" r:id="rId{place}" state="{states.get(name, "visible")}"/>'
        for place, (name, _) in enumerate(sheets, start=1)
    )
    targets = "".join(
        f'<Relationship Id="rId{place}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{place}.xml"/>'
        for place in range(1, len(sheets) + 1)
    )
    others = "".join(
        f'<Relationship Id="{name}" Type="{OFFICE}/{name}" Target="{name}.xml"/>'
        for name in ("styles", "sharedStrings")
    )
    return {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{targets}{others}</Relationships>',
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{"".join(f"<si>{one}</si>" for one in shared)}</sst>',
        **{
            f"xl/worksheets/sheet{place}.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData>{after}'
            "</worksheet>"
            for place, (_, body) in enumerate(sheets, start=1)
        },
    }


def xlsx(body: str, *others: tuple[str, str], name: str = "Log", **more: object) -> bytes:
    return zipped(xlsx_parts((name, body), *others, **more))  # type: ignore[arg-type]


# --- ODS --------------------------------------------------------------------------------------------------------------


def cell(inside: str = "", kind: str = "string", **given: str) -> str:
    attributes = "".join(f' {name.replace("__", ":").replace("_", "-")}="{one}"' for name, one in given.items())
    typed = f' office:value-type="{kind}"' if kind else ""
    return f"<table:table-cell{typed}{attributes}>{f'<text:p>{inside}</text:p>' if inside else ''}</table:table-cell>"


def lines(*cells: Sequence[str], repeated: int = 1) -> str:
    times = f' table:number-rows-repeated="{repeated}"' if repeated > 1 else ""
    return "".join(f"<table:table-row{times}>{''.join(line)}</table:table-row>" for line in cells)


def ods_parts(*sheets: tuple[str, str], hidden: Sequence[str] = ()) -> dict[str, str | bytes]:
    tables = "".join(
        f'<table:table table:name="{name}" table:style-name="{"ta2" if name in hidden else "ta1"}">{body}</table:table>'
        for name, body in sheets
    )
    styles = "".join(
        f'<style:style style:name="{name}"><style:table-properties table:display="{shown}"/></style:style>'
        for name, shown in (("ta1", "true"), ("ta2", "false"))
    )
    return {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": f"<office:document-content {ODF}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>",
        "META-INF/manifest.xml": f'<m:manifest xmlns:m="{MANIFEST}"/>',
    }


def ods(body: str, *others: tuple[str, str], name: str = "Log", hidden: Sequence[str] = ()) -> bytes:
    return zipped(ods_parts((name, body), *others, hidden=hidden))
