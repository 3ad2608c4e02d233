"""GPUs that can be bought or rented: what they are (data sheets) and what they cost (the figures).

Prices are not here: ``quotes`` takes them from the sourced tables with date and tier. Here stands what does not
change: memory, bandwidth, dense arithmetic, and which rows of the tables belong to a part.
"""

from __future__ import annotations

from dataclasses import dataclass

from supercycle.core.errors import UnknownNameError

__all__ = ["GPUS", "Gpu", "gpu"]


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU. ``tflops`` are dense (not sparse) peaks by precision; a precision that is absent runs at the next
    wider one.

    ``h100e`` is its compute in H100 equivalents for the world's price of compute (dense BF16 over an H100's,
            with the
    memory's part: the mean of the two ratios). ``server_kw`` is the maximum of an eight-GPU server over its GPUs;
    ``sold_in`` is how many are bought at a time: a server of eight, a rack of seventy-two.
    """

    name: str
    maker: str
    memory_gb: float
    bandwidth_tb_s: float
    tflops: dict[str, float]
    link_gb_s: float
    tdp_kw: float
    server_kw: float
    launched: str
    source: str
    aliases: tuple[str, ...] = ()
    fitted: bool = True
    sold_in: int = 8

    @property
    def h100e(self) -> float:
        """Compute in H100 equivalents: the mean of the ratios of dense BF16 arithmetic and of memory bandwidth."""
        h100 = GPUS["H100"]
        return (self.tflops["bf16"] / h100.tflops["bf16"] + self.bandwidth_tb_s / h100.bandwidth_tb_s) / 2

    def peak(self, precision: str) -> float:
        """Dense TFLOP/s at a precision; the next wider one where the part has no units for it."""
        order = ("fp4", "fp8", "bf16")
        for wider in order[order.index(precision) :]:
            if wider in self.tflops:
                return self.tflops[wider]
        raise UnknownNameError("precision", precision, order)


_DGX_H100 = 10.2 / 8  # figures buyers:system_power_max, DGX H100/H200
_DGX_B200 = 14.3 / 8  # figures buyers:system_power_max, DGX B200
_AMD = (
    0.75 * _DGX_H100 / 0.7
)  # no server maximum in the figures: TDP 750 W at the H100 server's ratio of maximum to TDP

_FIGURES = "figures hardware: memory_capacity, memory_bandwidth, dense_flops, tdp"
# A server's maximum over its GPUs' TDP where no maximum is printed: the H100 server's ratio. Judgement: a liquid
# cooled rack has no fans and shares its power supplies, so half above the TDP.
_PER_TDP = _DGX_H100 / 0.7
_RACK = 1.5

GPUS: dict[str, Gpu] = {
    part.name: part
    for part in (
        Gpu("H100", "NVIDIA", 80.0, 3.35, {"bf16": 989.0, "fp8": 1979.0}, 450.0, 0.7, _DGX_H100, "2022-09",
            "NVIDIA H100 SXM data sheet, 2023", ("H100 SXM", "h100_sxm")),
        Gpu("H200", "NVIDIA", 141.0, 4.8, {"bf16": 989.0, "fp8": 1979.0}, 450.0, 0.7, _DGX_H100, "2024-05",
            "NVIDIA H200 SXM data sheet, 2024", ("H200 SXM", "h200_sxm")),
        Gpu("B200", "NVIDIA", 180.0, 7.7, {"bf16": 2250.0, "fp8": 4500.0, "fp4": 9000.0}, 900.0, 1.0,
                _DGX_B200, "2024-12",
            "NVIDIA HGX B200 data sheet, 2024", ("B200 SXM", "b200_sxm")),
        Gpu("MI300X", "AMD", 192.0, 5.3, {"bf16": 1307.0, "fp8": 2615.0}, 448.0, 0.75, _AMD, "2023-12",
            "AMD Instinct MI300X data sheet, 2023", ("AMD MI300X",), fitted=False),
        # Rows of the figures (hardware), the smaller of two memories where sources differ.
        Gpu("B300", "NVIDIA", 268.0, 7.75, {"bf16": 2250.0, "fp8": 4500.0, "fp4": 13500.0}, 900.0, 1.1,
            1.1 * _PER_TDP, "2025-09", _FIGURES, ("B300 SXM",)),
        Gpu("GB200", "NVIDIA", 192.0, 8.0, {"bf16": 2500.0, "fp8": 5000.0, "fp4": 10000.0}, 900.0, 1.2,
            1.2 * _RACK, "2025-03", _FIGURES, ("GB200 NVL72",), sold_in=72),
        Gpu("GB300", "NVIDIA", 288.0, 8.0, {"bf16": 2500.0, "fp8": 5000.0, "fp4": 15000.0}, 900.0, 1.4,
            1.4 * _RACK, "2025-09", _FIGURES, ("GB300 NVL72",), sold_in=72),
        Gpu("A100", "NVIDIA", 80.0, 2.039, {"bf16": 312.0}, 300.0, 0.4, 0.4 * _PER_TDP, "2020-11", _FIGURES,
            ("A100 SXM 80GB", "A100 SXM")),
        Gpu("L40S", "NVIDIA", 48.0, 0.864, {"bf16": 362.05, "fp8": 733.0}, 32.0, 0.35, 0.35 * _PER_TDP, "2023-08",
            _FIGURES),
        Gpu("RTX-PRO-6000", "NVIDIA", 96.0, 1.792, {"bf16": 467.8, "fp8": 935.6, "fp4": 1871.2}, 64.0, 0.6,
            0.6 * _PER_TDP, "2025-03", _FIGURES, ("RTX PRO 6000", "RTX PRO 6000 Blackwell Server")),
        Gpu("MI325X", "AMD", 256.0, 6.0, {"bf16": 1307.0, "fp8": 2615.0}, 448.0, 1.0, 1.0 * _PER_TDP, "2024-10",
            _FIGURES, ("AMD MI325X",), fitted=False),
        Gpu("MI355X", "AMD", 288.0, 8.0, {"bf16": 2516.0, "fp8": 5033.0, "fp4": 10066.0}, 576.0, 1.4,
            1.4 * _PER_TDP, "2025-06", _FIGURES, ("AMD MI355X",), fitted=False),
    )
}  # fmt: skip


def gpu(name: str) -> Gpu:
    """A GPU by name or alias, ignoring case; UnknownNameError suggests the nearest.

    >>> gpu("h100").memory_gb, round(gpu("B200").h100e, 2)
    (80.0, 2.29)
    """
    for part in GPUS.values():
        if name.upper() in (part.name.upper(), *(alias.upper() for alias in part.aliases)):
            return part
    raise UnknownNameError("GPU", name, GPUS)
