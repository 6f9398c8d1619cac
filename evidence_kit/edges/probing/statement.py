"""The one statement that looks for everybody in one object: each column of text is read once, where it lies.

Of each cell are compared: the whole of it, every address within (JSON escapes and %40 undone first), every digest as
hex, and every telephone number. Cheap tests come before patterns: most cells hold nothing of the kind.
"""

from __future__ import annotations

from evidence_kit.edges.matching import day, local_day, moment
from evidence_kit.edges.opening import literal
from evidence_kit.edges.probing.keys import HEXES, PHONE, TOKEN, WHOLE, WHOLE_PHONE, Asked
from evidence_kit.edges.probing.objects import Searched

_DOMAIN = r"@[\pL\pN](?:[\pL\pM\pN._-]*[\pL\pM\pN])?"
#: An address within a text, as nearly all are written: `?to=ana@x.example` and `'ana@x.example'` are ana's.
ADDRESS = r"[\pL\pM\pN_+%-][\pL\pM\pN._+%\x27-]*" + _DOMAIN
#: The same where somebody's has other signs before the @ (`a=b@x.example`): up to a bracket, a quotation mark, a blank
#: or a punctuation that no address has bare.
ODD_ADDRESS = r"[^\s\pZ\pC\p{Ps}\p{Pe}\p{Pi}\p{Pf}<>,;:\x22\x5c@]+" + _DOMAIN
#: What needs no second look: nothing can be cut off.
SIMPLE = r"[A-Za-z0-9_+-][A-Za-z0-9_.+-]*@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"
#: Escapes of JSON, also when the text was escaped twice.
ESCAPED = r"\\+u[0-9A-Fa-f]{4}|\\+[nrtbf]|[^\\]+|\\"
#: A telephone number: from a plus, a zero or a bracket on, its digits at most two other signs apart.
NUMBER = r"(?:\+|\(?0|\()[ (]{0,2}[0-9](?:[ ().\x{a0}\x{202f}/-]{0,2}[0-9]){5,15}"
MACROS = (
    # Half of a surrogate pair is no letter: what lies beyond is in no address.
    "CREATE OR REPLACE TEMP MACRO ek_escape(x) AS CASE WHEN NOT regexp_matches(x, '^.*u[0-9A-Fa-f]{4}$') THEN ' ' "
    "WHEN CAST('0x' || x[-4:] AS INTEGER) BETWEEN 55296 AND 57343 THEN ' ' ELSE chr(CAST('0x' || x[-4:] AS INTEGER)) "
    "END",
    "CREATE OR REPLACE TEMP MACRO ek_unescaped(x) AS array_to_string(list_transform(regexp_extract_all(x, "
    f"'{ESCAPED}'), lambda p: CASE WHEN p[1] = '\\' AND length(p) > 1 THEN ek_escape(p) ELSE p END), '')",
    # One octet that is no UTF-8 spoils what stands between two ampersands, and nothing else.
    "CREATE OR REPLACE TEMP MACRO ek_percent_parts(x) AS array_to_string(list_transform(string_split(x, '&'), "
    "lambda p: coalesce(TRY(url_decode(p)), replace(p, '%40', '@'))), '&')",
    # In a web address an @ may stand bare beside letters that may not: lea@b%C3%BCcher.example.
    "CREATE OR REPLACE TEMP MACRO ek_percent(x) AS CASE WHEN contains(x, '%') AND (contains(x, '%40') "
    "OR contains(x, '%2540') OR regexp_matches(x, '%[C-Fc-f][0-9A-Fa-f]%[89ABab][0-9A-Fa-f]')) "
    "THEN coalesce(TRY(url_decode(CASE WHEN contains(x, '%2540') THEN replace(x, '%2540', '%40') ELSE x END)), "
    "ek_percent_parts(replace(x, '%2540', '%40'))) ELSE x END",
    # What holds no @ in any writing is not looked into.
    "CREATE OR REPLACE TEMP MACRO ek_may_hold(x) AS (contains(x, '@') OR contains(x, '%40') OR contains(x, 'u0040') "
    "OR contains(x, '%2540'))",
    "CREATE OR REPLACE TEMP MACRO ek_dialled(x) AS regexp_replace(replace(concat(CASE WHEN starts_with(trim(x), '+') "
    "THEN '+' ELSE '' END, regexp_replace(replace(x, '(0)', ''), '[^0-9]', '', 'g')), '+00', '+'), '^00', '+')",
)
#: Texts that may hold an address and are more than one, as they read once escapes are undone.
OPENED = (
    "SELECT ek_number, cell, ek_percent(x) AS x FROM (SELECT ek_number, cell, CASE WHEN contains(x, '\\') "
    "THEN ek_unescaped(x) ELSE x END AS x FROM ek_texts "
    f"WHERE ek_may_hold(x) AND NOT regexp_full_match(x, '{SIMPLE}')) AS unescaped"
)
#: What every search of a session fills; `executed_at` of the case decides what is younger.
SEEN = """\
CREATE OR REPLACE TEMP TABLE ek_seen (place INTEGER, subject INTEGER, matched_rows BIGINT, route INTEGER,
  clear BOOLEAN, bare BOOLEAN, given BOOLEAN, columns INTEGER[], earliest_row_at TIMESTAMPTZ,
  latest_row_at TIMESTAMPTZ, soft_deleted BOOLEAN, soft_deleted_on DATE, younger BOOLEAN, causes VARCHAR[],
  proved BOOLEAN, started_on DATE)"""
STATEMENT = """\
INSERT INTO temp.main.ek_seen
WITH ek_texts AS NOT MATERIALIZED (
  {texts}
), ek_pieces AS NOT MATERIALIZED (
  {pieces}
), ek_hits AS MATERIALIZED (
  SELECT DISTINCT k.subject, p.ek_number, p.cell, k.form,
    CASE WHEN k.form IS NOT NULL THEN 3 WHEN p.way IN ('{whole}', '{whole_phone}') THEN 1 ELSE 2 END AS route
  FROM ek_pieces AS p JOIN temp.main.ek_needles AS k ON k.needle = p.needle AND contains(k.ways, p.way)
), ek_rows AS (
  SELECT subject, ek_number, min(route) AS route, bool_or(form IS NULL) AS clear,
    coalesce(bool_or(form = 'bare'), false) AS bare, coalesce(bool_or(form = 'given'), false) AS given
  FROM ek_hits GROUP BY subject, ek_number
), ek_cells AS (
  SELECT subject, list_sort(list(DISTINCT cell)) AS cells FROM ek_hits GROUP BY subject
), ek_told AS (
  {told}
), ek_dates AS (
  SELECT ek_number, {dated} AS dated, soft IS NOT NULL AS marked, {soft} AS soft, cause, {proof} AS proof,
    {start} AS start
  FROM ek_told
), ek_of_row AS (
  SELECT r.*, d.*, coalesce(d.dated > c.executed_at, false) AS young, {executed_on} AS executed_on
  FROM ek_rows AS r JOIN ek_dates AS d ON d.ek_number = r.ek_number
    LEFT JOIN temp.main.ek_cases AS c ON c.subject = r.subject
)
SELECT {place}, o.subject, count(*), min(route), bool_or(clear), bool_or(bare), bool_or(given), any_value(s.cells),
  min(dated), max(dated), bool_and(marked), CASE WHEN bool_and(soft IS NOT NULL) THEN max(soft) END,
  coalesce(bool_and(young) FILTER (dated IS NOT NULL), false),
  coalesce(list(DISTINCT cause) FILTER (young AND cause IS NOT NULL), []),
  {proved}, CASE WHEN bool_and(start IS NOT NULL) THEN min(start) END
FROM ek_of_row AS o JOIN ek_cells AS s ON s.subject = o.subject
GROUP BY o.subject"""
#: Columns of text from which on an object is read at once.
WIDE = 64
NULL = "CAST(NULL AS VARCHAR)"


def statement(one: Searched, asked: Asked, zone: str) -> str:
    """Everybody in one object, into `ek_seen`; nothing when it has no text at all. `zone`: whose days count."""
    expressions = one.expressions()
    columns = ", ".join(
        f"CAST(({expressions[name]}) AS VARCHAR) AS {name}" if name in expressions else f"{NULL} AS {name}"
        for name in ("dated", "soft", "cause", "proof", "start")
    )
    told = (
        f"SELECT {one.row} AS ek_number, {columns} FROM {one.origin} WHERE {one.row} IN (SELECT ek_number FROM ek_hits)"
        if expressions
        else f"SELECT DISTINCT ek_number, {columns} FROM ek_hits"
    )
    proved = "bool_and(coalesce(proof > executed_on, false)) FILTER (young)" if "proof" in expressions else "NULL"
    return STATEMENT.format(
        texts=_texts(one),
        pieces=_pieces(asked),
        whole=WHOLE,
        whole_phone=WHOLE_PHONE,
        told=told,
        dated=_instant("dated", one.zone, zone) if "dated" in expressions else "CAST(NULL AS TIMESTAMPTZ)",
        **{
            name: _day(name, one.zone, zone) if name in expressions else "CAST(NULL AS DATE)"
            for name in ("soft", "proof", "start")
        },
        executed_on=local_day("c.executed_at", zone),
        place=one.number,
        proved=proved,
    )


def _texts(one: Searched) -> str:
    """Every cell of the object: the number of its row, that of its column, and the text.

    A column is read by itself, so that no other is read with it. Where there are many, planning so many reads costs
    more than one read of them all.
    """
    if len(one.cells) > WIDE:
        numbers = ", ".join(str(number) for number in range(1, len(one.cells) + 1))
        texts = ", ".join(cell.sql for cell in one.cells)
        alone = ", ".join(str(cell.whole).lower() for cell in one.cells)
        return (
            f"SELECT * FROM (SELECT {one.row} AS ek_number, unnest([{numbers}]) AS cell, unnest([{texts}]) AS x, "
            f"unnest([{alone}]) AS alone FROM {one.origin}) AS read WHERE x IS NOT NULL"
        )
    return "\n  UNION ALL ".join(
        f"SELECT {one.row} AS ek_number, {number} AS cell, {cell.sql} AS x, {str(cell.whole).lower()} AS alone "
        f"FROM {one.origin}"
        for number, cell in enumerate(one.cells, start=1)
    )


def _pieces(asked: Asked) -> str:
    """What is cut out of the cells and compared with the keys, and in which way it was cut."""
    whole = f"alone AND strlen(x) <= {asked.longest}"
    if not asked.exact:
        # Then every key is an address, which has no blank within, though a cell may have some around.
        whole += " AND contains(x, '@') AND (NOT contains(x, ' ') OR starts_with(x, ' ') OR ends_with(x, ' '))"
    tokens = [
        f"SELECT ek_number, cell, '{TOKEN}' AS way, unnest(regexp_extract_all(x, '{pattern}')) AS x "
        f"FROM ({OPENED}) AS opened"
        for pattern in ((ADDRESS, ODD_ADDRESS) if asked.odd else (ADDRESS,))
    ]
    alone = f"SELECT ek_number, cell, '{WHOLE}' AS way, x FROM ek_texts WHERE {whole}"
    found = [
        # Spelled after they are brought together: the engine binds what spells them once.
        "SELECT ek_number, cell, way, ek_undotted(ek_text(x)) AS needle "
        f"FROM ({' UNION ALL '.join((alone, *tokens))}) AS pieces",
        f"SELECT ek_number, cell, '{HEXES}', unnest(regexp_extract_all(lower(x), '[0-9a-f]{{32,}}')) FROM ek_texts "
        "WHERE strlen(x) >= 32 AND regexp_matches(x, '[0-9A-Fa-f]{32}')",
    ]
    if asked.phones:
        # Nobody's number begins in the middle of another number or of a word.
        found.append(
            f"SELECT ek_number, cell, CASE WHEN regexp_full_match(ek_trim(x), '(?:tel:)?{NUMBER}') "
            f"THEN '{WHOLE_PHONE}' ELSE '{PHONE}' END, "
            f"ek_dialled(unnest(regexp_extract_all(x, '(?:^|[^0-9A-Za-z+(])({NUMBER})', 1))) FROM ek_texts "
            f"WHERE regexp_matches(x, '{NUMBER}')"
        )
    return "\n  UNION ALL ".join(found)


def seen_to_hold(one: Searched) -> str:
    """Whether an object holds any address at all: then looking into it is part of the plan, whoever is found."""
    return (
        f"WITH ek_texts AS NOT MATERIALIZED ({_texts(one)}) "
        f"SELECT EXISTS (SELECT 1 FROM ek_texts WHERE regexp_full_match(x, '{SIMPLE}')) "
        f"OR EXISTS (SELECT 1 FROM ({OPENED}) AS opened WHERE regexp_matches(x, '{ADDRESS}'))"
    )


def _instant(text: str, written: str | None, zone: str) -> str:
    """The instant of a text; a day is the local midnight with which it begins."""
    return f"coalesce({moment(text, written)}, timezone({literal(zone)}, CAST({day(text)} AS TIMESTAMP)))"


def _day(text: str, written: str | None, zone: str) -> str:
    """The local day of a text, which may hold a time of day."""
    return f"coalesce({day(text)}, {local_day(moment(text, written), zone)})"
