"""Both databases of the gateway's ledger: SQLite in a folder, PostgreSQL in a server of the tests' own."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


def _beside(name: str) -> ModuleType:
    """A module of the tests folder; tests are files, not a package, so it is loaded by its place."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            name, Path(__file__).resolve().parents[1] / f"{name}.py"
        )
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    with _beside("gateway_postgres").server() as server:
        if server is None and os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL is required where CI=true; install the package postgresql")
        yield server


@pytest.fixture
def postgres(postgres_server: Any) -> str:
    """The address of an empty database."""
    if postgres_server is None:
        pytest.skip("PostgreSQL is not installed")
    return postgres_server.database()


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """An empty ledger, once on each database."""
    folder = tmp_path / "data"
    target = str(folder) if request.param == "sqlite" else request.getfixturevalue("postgres")
    return _beside("gateway_place").Place(target, folder)


@pytest.fixture
def kit() -> Any:
    """The prices, charges and tables that go with a `place`."""
    return _beside("gateway_place")


@pytest.fixture
def crash() -> Any:
    """Trials that kill a process which books."""
    return _beside("gateway_crash")
