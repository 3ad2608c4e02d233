"""A GPU or a model of one's own from its data sheet: what the tables lack can be decided on all the same.

A sheet has no measured point, so its speed is the roofline's and its error that of a part nobody measured, unless
``performance.output_tok_s_gpu`` gives a measurement. Prices are not on a sheet: rent and capital have to be given.
"""

from __future__ import annotations

from collections.abc import Mapping

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.decisions.inputs.hardware import Gpu
from supercycle.decisions.inputs.weights import Weights

__all__ = ["GPU_FIELDS", "MODEL_FIELDS", "gpu_sheet", "model_sheet"]

# Field, and whether the sheet may leave it out.
GPU_FIELDS: dict[str, bool] = {
    "name": False, "memory_gb": False, "bandwidth_tb_s": False, "tflops_bf16": False, "tflops_fp8": True,
    "tflops_fp4": True, "link_gb_s": True, "tdp_kw": False, "server_kw": False, "sold_in": True,
}  # fmt: skip
MODEL_FIELDS: dict[str, bool] = {
    "name": False, "total_bn": False, "active_bn": False, "layers": False, "hidden": False,
    "cache_values_per_token": False, "experts": True, "chosen": True, "expert_width": True, "expert_layers": True,
}  # fmt: skip


def gpu_sheet(values: Mapping[str, object], where: str) -> Gpu:
    """A GPU from its sheet; dense TFLOP/s, memory that can be used, the server's maximum over its GPUs.

    >>> sheet = {"name": "X1", "memory_gb": 200, "bandwidth_tb_s": 9, "tflops_bf16": 2000, "tdp_kw": 1}
    >>> sheet["server_kw"] = 1.7
    >>> gpu_sheet(sheet, "x").peak("fp8")
    2000.0
    """
    name, read = _read(values, GPU_FIELDS, "gpu_sheet", where)
    tflops = {p: read[f"tflops_{p}"] for p in ("bf16", "fp8", "fp4") if f"tflops_{p}" in read}
    return Gpu(
        name, "one's own sheet", read["memory_gb"], read["bandwidth_tb_s"], tflops, read.get("link_gb_s", 64.0),
        read["tdp_kw"], read["server_kw"], "", where, fitted=False, sold_in=int(read.get("sold_in", 8)),
    )  # fmt: skip


def model_sheet(values: Mapping[str, object], where: str) -> Weights:
    """A model from its configuration; ``cache_values_per_token`` are 2 x layers x KV heads x head size or its latent.

    Errors: InputError for experts that do not fit into the parameters.

    >>> sheet = {"name": "m", "total_bn": 8, "active_bn": 8, "layers": 32, "hidden": 4096}
    >>> sheet["cache_values_per_token"] = 65536
    >>> model_sheet(sheet, "x").family
    'dense'
    """
    name, read = _read(values, MODEL_FIELDS, "model_sheet", where)
    experts = int(read.get("experts", 0))
    routed = 0.0
    if experts:
        if not {"chosen", "expert_width", "expert_layers"} <= set(read):
            raise InputError(
                "model_sheet of a mixture of experts",
                expected="chosen, expert_width and expert_layers",
                where=where,
            )
        routed = 3.0 * read["hidden"] * read["expert_width"] * experts * read["expert_layers"] / 1e9
    if routed > read["total_bn"] or read["active_bn"] > read["total_bn"]:
        raise InputError(
            "model_sheet: more experts or active parameters than all", expected=f"at most {read['total_bn']:g} bn",
            got=f"{routed:.4g} bn in experts, {read['active_bn']:g} active", where=where,
        )  # fmt: skip
    return Weights(
        name, read["total_bn"], read["active_bn"], int(read["layers"]), int(read["hidden"]),
        read["cache_values_per_token"], where, routed_bn=routed, experts=experts, chosen=int(read.get("chosen", 0)),
        family="moe" if experts else "dense",
    )  # fmt: skip


def _read(
    values: Mapping[str, object], fields: Mapping[str, bool], section: str, where: str
) -> tuple[str, dict[str, float]]:
    """Name and numbers of a sheet. Errors: a field that is unknown, missing, or no number above 0."""
    for field in values:
        if field not in fields:
            raise UnknownNameError(f"field of {section}", field, fields, where=where)
    missing = [field for field, optional in fields.items() if not optional and field not in values]
    if missing:
        raise InputError(
            f"{section} is not complete", expected=", ".join(missing), got="nothing", where=where
        )
    read: dict[str, float] = {}
    for field, value in values.items():
        if field == "name":
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:
            raise InputError(f"{section}.{field}", expected="a number above 0", got=repr(value), where=where)
        read[field] = float(value)
    return str(values["name"]), read
