"""The list of planted rows, read back: for whoever checks the controls once they have spoken, never for a control."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from evidence_kit.edges.rehearsal.company import Planted
from evidence_kit.edges.rehearsal.faults import selected

#: Where it lies, below the folder of a made company.
FOLDER, FILE = "planted", "planted.jsonl"

#: Fault or decoy → the controls that it is for, the one named first being its own. A test holds it to the norm's list.
FOR: Mapping[str, tuple[str, ...]] = {
    "F01": ("REQ-02",), "F02": ("REQ-03", "REQ-02"), "F03": ("REQ-03", "REQ-02"), "F04": ("REQ-02", "REQ-04"),
    "F05": ("REQ-02",), "F06": ("REQ-04",), "F07": ("REQ-05",), "F08": ("REQ-06",), "F09": ("REQ-07",),
    "F10": ("REQ-08",), "F11": ("REQ-01",), "F12": ("COM-01",), "F13": ("COM-01",), "F14": ("COM-02", "REQ-02"),
    "F15": ("ERA-01",), "F16": ("ERA-01",), "F17": ("ERA-01",), "F18": ("ERA-01", "ERA-03"), "F19": ("ERA-02",),
    "F20": ("ERA-02",), "F21": ("ERA-03",), "F22": ("ERA-03", "ERA-05"), "F23": ("ERA-04",), "F24": ("ERA-04",),
    "F25": ("ERA-05",), "F26": ("RET-03",), "F27": ("RET-01", "RET-04"), "F28": ("RET-01",), "F29": ("RET-02",),
    "F30": ("RET-04",), "F31": ("RET-01", "REG-02"), "F32": ("REG-01",), "F33": ("REG-01",), "F34": ("REG-02",),
    "F35": ("REG-03",), "F36": ("REG-04", "RET-01"), "F37": ("SND-01",), "F38": ("SND-02",), "F39": ("PRO-01",),
    "F40": ("PRO-02",), "F41": ("PRO-03",), "F42": ("PRO-04",), "F43": ("PRO-05",), "F44": ("TRC-01",),
    "F45": ("TRC-01",), "M01": ("REG-01",), "M02": ("REG-03",), "M03": ("PRO-01",), "M04": ("PRO-03",),
    "M05": ("ERA-02",), "M06": ("RET-02",), "D01": ("REQ-02",), "D02": ("REQ-02",), "D03": ("REQ-02",),
    "D04": ("REQ-02",), "D05": ("REQ-02",), "D06": ("REQ-04",), "D07": ("COM-01",), "D08": ("COM-01",),
    "D09": ("ERA-01",), "D10": ("ERA-01",), "D11": ("ERA-03",), "D12": ("ERA-02",), "D13": ("ERA-04",),
    "D14": ("RET-01",), "D15": ("RET-04",), "D16": ("REG-02",), "D17": ("SND-02",), "D18": ("PRO-04",),
    "D19": ("PRO-01",), "D20": ("TRC-01",),
}  # fmt: skip


def read(company: Path) -> tuple[Planted, ...]:
    """Every planted row of the company in this folder, as the generator listed them. Raises OSError without a list."""
    text = (company / FOLDER / FILE).read_text(encoding="utf-8")
    return tuple(Planted(**json.loads(line)) for line in text.splitlines())


def chosen(faults: str) -> frozenset[str]:
    """The ids that a company was asked to plant: the faults of this knob, and every decoy. Raises ValueError."""
    return frozenset(one.id for one in selected(faults)) | {id_ for id_ in FOR if id_.startswith("D")}
