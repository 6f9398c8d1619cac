"""The columns of the living schema beside the register: units of REG-01, the entries that name them, what those name.

Names are compared without regard to case. An entry with a column covers that column, one without covers the whole
object; retired entries are kept with their status. The one table of a source may be named by the source's own name.
Source: docs/norm/controls, REG-01 and REG-02; docs/norm/frames.md, "Frames of the kit".
"""

from __future__ import annotations

from evidence_kit.edges.derived.ground import Ground
from evidence_kit.edges.relations import UNREADABLE

#: Whether an entry `r` means the object `{0}`: by its name, or by the source's where the source has but one object.
SAME = (
    "r.source = {0}.source AND (lower(r.object) = lower({0}.object) OR (lower(r.object) = lower(r.source) "
    "AND {0}.source IN (SELECT source FROM ek_objects GROUP BY source HAVING count(*) = 1)))"
)


def column_units(ground: Ground) -> str:
    """Every column, with what the last look at the schema knew of it."""
    ground.needed("schema_columns")
    if ground.relation("earlier_columns") is None:
        known = "CAST(NULL AS BOOLEAN)"
    else:
        last = "(SELECT max_by(look_id, looked_at) FROM frame_earlier_columns)"
        here = (
            f"e.look_id = {last} AND e.source = c.source AND lower(e.object) = lower(c.object) "
            "AND lower(e.column_name) = lower(c.column_name)"
        )
        known = f"CASE WHEN {last} IS NOT NULL THEN EXISTS (SELECT 1 FROM frame_earlier_columns AS e WHERE {here}) END"
    return f"""SELECT concat(c.source, '.', c.object, '.', c.column_name) AS unit_id, c.source, c.object, c.column_name,
  c.data_type, c.personal_class, c.detected_by, c.confidence, c.reason, c.sampled_rows, c.row_count, c.filled_count,
  c.last_write_at, {known} AS known_before, c.{UNREADABLE}
FROM frame_schema_columns AS c"""


def column_entries(ground: Ground) -> str:
    """Each column and each entry that names it, or its whole object."""
    ground.needed("schema_columns")
    ground.needed("register_objects")
    if ground.relation("register_activities") is None:
        categories, status, joined = "CAST(NULL AS VARCHAR)", "'active'", ""
        doubts = ground.doubts("register_objects", "r")
    else:
        # A link to an entry that the register does not hold is no declaration: it leads nowhere.
        categories, status = "a.data_categories", "a.status"
        joined = "JOIN frame_register_activities AS a ON a.activity_id = r.activity_id"
        doubts = ground.doubts("register_activities", "a")
    return f"""SELECT DISTINCT concat(c.source, '.', c.object, '.', c.column_name) AS unit_id, r.activity_id,
  CASE WHEN r.column_name IS NOT NULL THEN c.column_name END AS column_name, {categories} AS data_categories,
  {status} AS status, {doubts} AS {UNREADABLE}
FROM frame_schema_columns AS c
  JOIN frame_register_objects AS r ON {SAME.format("c")}
    AND (r.column_name IS NULL OR lower(r.column_name) = lower(c.column_name))
  {joined}"""


def entry_objects(ground: Ground) -> str:
    """What each entry names, looked for among all objects, those that nobody looks into as well."""
    ground.needed("schema_columns")
    ground.needed("register_objects")
    # Of a source that this engagement does not open, or that hides even names, nobody can say what is not there.
    dark = "r.source NOT IN (SELECT source FROM ek_objects WHERE object <> '*')"
    hidden = "r.source IN (SELECT source FROM ek_objects WHERE object = '*')"
    return f"""SELECT r.activity_id, r.source, r.object, r.column_name,
  CASE WHEN o.object IS NOT NULL THEN true WHEN {dark} OR {hidden} THEN NULL ELSE false END AS object_found,
  CASE WHEN r.column_name IS NULL THEN NULL
    WHEN n.column_name IS NOT NULL THEN true
    WHEN o.object IS NULL THEN CASE WHEN {dark} OR {hidden} THEN NULL ELSE false END
    WHEN NOT EXISTS (SELECT 1 FROM ek_names AS k WHERE k.source = o.source AND k.object = o.object) THEN NULL
    ELSE false END AS column_found,
  o.row_count, o.last_write_at, {ground.doubts("register_objects", "r")} AS {UNREADABLE}
FROM frame_register_objects AS r
  LEFT JOIN ek_objects AS o ON {SAME.format("o")} AND o.object <> '*'
  LEFT JOIN ek_names AS n ON n.source = o.source AND n.object = o.object AND lower(n.column_name) = lower(r.column_name)
QUALIFY row_number() OVER (
  PARTITION BY r.activity_id, r.source, r.object, r.column_name ORDER BY o.object, n.column_name) = 1"""
