"""Two published stock-flow consistent models written in the language, small enough to read at one sitting."""

from supercycle.equations.examples.pc import pc_model
from supercycle.equations.examples.sim import sim_model

__all__ = ["pc_model", "sim_model"]
