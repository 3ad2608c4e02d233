"""Manias: the world's unwind and credit equations, run on booms whose end is known.

Each episode is one file: what is fitted, on which years, what is predicted, and what fails. ``describe`` runs one,
``list_episodes`` all of them.
"""

from __future__ import annotations

from supercycle.skill.manias.catalogue import EPISODES, describe, list_episodes

__all__ = ["EPISODES", "describe", "list_episodes"]
