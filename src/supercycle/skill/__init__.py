"""Skill: the model opened at past dates, scored against simple rivals, fitted to what happened, and put on record."""

from __future__ import annotations

__all__: list[str] = []
