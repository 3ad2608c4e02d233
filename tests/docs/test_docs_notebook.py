"""A notebook in a real kernel: run, frame, dataset, plot, compare, sweep, stress, own block, save, load, reproduce."""

from __future__ import annotations

from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")

OWN_BLOCK = """
from supercycle.equations import Block
block = Block("tax", "Tax", "A tax.")
block.param("tax_rate", "Tax", "1", 0.2, 0.0, 0.5, "uniform", "a share", reason="an example")
@block.equation("USD/H100e/h", report=True, source="an example")
def price_after_tax(contract_price, tax_rate):
    "What a seller keeps."
    return contract_price * (1 - tax_rate)
world = supercycle.the_world().with_block(block)
taxed = supercycle.run(model=world, paths=32, kernel="numpy", set=["tax_rate=0.5"])
half = [p / 2 for p in taxed["contract_price"]["q50"]]
assert max(abs(a - b) for a, b in zip(taxed["price_after_tax"]["q50"], half)) < 1e-12
"""
SWEEP = """
grid = {"grid_lead_months": [48, 84], "hurdle_base": ["9%", "12%"]}
swept = supercycle.sweep({"paths": 32, "outputs": ["fleet_it_gw:2030Q4"], "grid": grid})
assert swept["scenarios"] == 4
"""
UNKNOWN = """
assert "fleet_it_gw" in result and list(result)
try:
    result["fleet"]
except KeyError as error:
    print(error)
"""
CELLS = [
    "import supercycle\nresult = supercycle.run(paths=64, seed=1)\nresult",
    "frame = result.frame(['fleet_it_gw'])\nassert frame['q50'].to_list() == result['fleet_it_gw']['q50']\nframe",
    "data = result.dataset(['fleet_it_gw'])\nassert data['fleet_it_gw'].dims == ('path', 'quarter')\ndata",
    "import matplotlib\nmatplotlib.use('Agg')\naxes = result.plot('fleet_it_gw')\nassert axes.get_ylabel() == 'GW_it'",
    "compared = supercycle.compare('base', 'crunch-2027', paths=64)\ncompared",
    SWEEP,
    "hit = supercycle.stress(['demand-miss'], paths=32)\nassert hit['shocks']",
    OWN_BLOCK,
    "folder = result.save('kept')",
    "again = supercycle.load('kept')\nassert again.headline == result.headline",
    "assert supercycle.reproduce('kept')['equal']",
    UNKNOWN,
]


def test_the_twelve_steps_of_an_analyst_run_in_a_kernel(tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in CELLS])
    where = {"metadata": {"path": str(tmp_path)}}
    client = nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3", resources=where)
    client.execute()
    shown = notebook.cells[0]["outputs"][-1]["data"]
    assert len(shown["text/html"]) < 20_000
    assert "GW of AI IT power" in shown["text/plain"]
    assert "did you mean 'fleet" in notebook.cells[-1]["outputs"][0]["text"]
