"""Shards of a run: merged they are the folder of the single run, file for file; what is no piece of it is refused."""

from __future__ import annotations

import itertools
import json
import random
import shutil
from pathlib import Path

import pytest

import supercycle
from supercycle.core.errors import InputError

OUTPUTS = ["fleet_it_gw", "busted", "spot_price"]
PATHS, UNTIL = 640, "2027Q4"


def shard(folder: Path, first: int, paths: int, **changed: object) -> Path:
    return supercycle.run(first=first, paths=paths, until=UNTIL, outputs=OUTPUTS, **changed).save(folder)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shard(tmp_path_factory.mktemp("whole") / "run", 0, PATHS)


@pytest.mark.parametrize("count", [7, 64])
def test_shards_merge_to_the_single_run_bit_for_bit(tmp_path: Path, whole: Path, count: int) -> None:
    """Uneven pieces, merged in any order: every file and the manifest are those of the single run."""
    draw = random.Random(count)
    cuts = [0, *sorted(draw.sample(range(1, PATHS), count - 1)), PATHS]
    pieces = [shard(tmp_path / str(a), a, b - a) for a, b in itertools.pairwise(cuts)]
    draw.shuffle(pieces)
    merged = supercycle.merge(pieces, tmp_path / "merged")
    for file in sorted(whole.iterdir()):
        assert (tmp_path / "merged" / file.name).read_bytes() == file.read_bytes(), file.name
    assert merged.headline == supercycle.load(whole).headline
    assert supercycle.reproduce(tmp_path / "merged")["equal"]


def test_a_shard_says_how_it_is_made_again(tmp_path: Path) -> None:
    command = json.loads((shard(tmp_path / "s", 128, 8) / "manifest.json").read_text())["command"]
    assert "--paths 8" in command
    assert "--first 128" in command


def test_what_is_no_piece_of_the_run_is_refused(tmp_path: Path) -> None:
    one = shard(tmp_path / "one", 0, 8)
    for name, first, changed, told in (
        ("gap", 12, {}, "paths 8 to 11 are missing"),
        ("overlap", 6, {}, "paths 6 to 7 are there twice"),
        ("seed", 8, {"seed": 2}, "seed differs"),
        ("scenario", 8, {"set": {"grid_lead_months": 84}}, "scenario differs"),
    ):
        with pytest.raises(InputError, match=told):
            supercycle.merge([one, shard(tmp_path / name, first, 8, **changed)], tmp_path / "out")
    with pytest.raises(InputError, match="two result folders or more"):
        supercycle.merge([one], tmp_path / "out")
    harmed = Path(shutil.copytree(tmp_path / "gap", tmp_path / "harmed"))
    raw = bytearray((harmed / "values.npy").read_bytes())
    raw[-1] ^= 1
    (harmed / "values.npy").write_bytes(raw)
    with pytest.raises(InputError, match="damaged"):
        supercycle.merge([one, harmed], tmp_path / "out")
    assert not (tmp_path / "out").exists()
