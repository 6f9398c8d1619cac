"""Must-fail cases of the checks N: notebooks."""

from __future__ import annotations

from typing import Any

from tests.bundles import good as g
from tests.bundles.good import Bundle, reseal
from tests.bundles.mutations.registry import fails

NOTEBOOK = "data/notebooks/30_requests.ipynb"


@fails("F129", "N01", "source", "metadata", "more cells", "order")
def cell_edited(bundle: Bundle, variant: str) -> Bundle:
    def change(value: Any) -> None:
        cells = value["cells"]
        if variant == "source":
            cells[3]["source"] += "  # harmless"
        elif variant == "metadata":
            cells[3]["metadata"]["tags"] = ["skip-execution"]
        elif variant == "order":
            cells[0], cells[4] = cells[4], cells[0]
        else:
            cells.append({"id": "more", "cell_type": "markdown", "metadata": {}, "source": "more"})

    bundle.edit(NOTEBOOK, change)
    return reseal(bundle, counts=False)


@fails("F130", "N01", "value", "code", "missing", "place")
def other_parameter(bundle: Bundle, variant: str) -> Bundle:
    def change(value: Any) -> None:
        cells = value["cells"]
        if variant == "value":
            cells[2]["source"] = cells[2]["source"].replace("r001", "r002")
        elif variant == "code":
            cells[2]["source"] += "import os\n"
        elif variant == "place":
            cells.insert(0, cells.pop(2))
            for count, each in enumerate((one for one in cells if one["cell_type"] == "code"), 1):
                each["execution_count"] = count
        else:
            del cells[2]
            for count, each in enumerate((one for one in cells if one["cell_type"] == "code"), 1):
                each["execution_count"] = count

    bundle.edit(NOTEBOOK, change)
    return reseal(bundle, counts=False)


@fails("F131", "N02", "none", "order")
def not_executed(bundle: Bundle, variant: str) -> Bundle:
    count = None if variant == "none" else 1
    bundle.edit(NOTEBOOK, lambda value: value["cells"][3].update(execution_count=count))
    return reseal(bundle)


@fails("F132", "N02", "error", "stderr")
def error_output(bundle: Bundle, variant: str) -> Bundle:
    output = {
        "error": {"output_type": "error", "ename": "X", "evalue": "", "traceback": []},
        "stderr": {"output_type": "stream", "name": "stderr", "text": "careful"},
    }[variant]
    bundle.edit(NOTEBOOK, lambda value: value["cells"][3]["outputs"].append(output))
    return reseal(bundle)


@fails("F133", "N02", "counts", "nonce", "two", "none")
def other_receipt(bundle: Bundle, variant: str) -> Bundle:
    def change(value: Any) -> None:
        outputs = value["cells"][-1]["outputs"]
        receipt = outputs[0]["data"][g.RECEIPT]
        if variant == "counts":
            receipt["controls"][0]["pass"] += 1
        elif variant == "nonce":
            receipt["nonce"] = "0" * 32
        elif variant == "two":
            outputs.append(outputs[0])
        else:
            outputs.clear()

    bundle.edit(NOTEBOOK, change)
    if variant == "counts":
        started = bundle.entry("run.started", notebook="30_requests")["seq"]
        bundle.entry("run.ended", started=started)["data"]["counts"][0]["pass"] += 1
    return reseal(bundle, counts=False)
