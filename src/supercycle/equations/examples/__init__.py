"""Published stock-flow consistent models written in the language, small enough to read at one sitting."""

from supercycle.equations.examples.bmw import bmw_model
from supercycle.equations.examples.lp import lp_model
from supercycle.equations.examples.pc import pc_model
from supercycle.equations.examples.reg import REGION, reg_model
from supercycle.equations.examples.sim import sim_model

__all__ = ["REGION", "bmw_model", "lp_model", "pc_model", "reg_model", "sim_model"]
