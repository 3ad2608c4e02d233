"""Open-weights models as a roofline sees them: parameters touched by a token, cache per token, layers.

Shapes are those of the published configuration files (hidden size, layers, heads, experts); parameter counts
follow from them or from the model card. ``family`` is dense or moe; the two have their own efficiencies.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from supercycle.core.errors import UnknownNameError

__all__ = ["WEIGHTS", "Weights", "models", "weights"]


@dataclass(frozen=True, slots=True)
class Weights:
    """One model: ``total_bn`` parameters, of which a token uses ``active_bn``.

    ``routed_bn`` of the total are experts of which ``chosen`` out of ``experts`` serve a token; the rest is read at
    every step. ``cache_values`` is how many numbers a token leaves in the cache (all layers), and
    ``cache_layers_share`` the part of layers whose cache grows with context (sliding windows and linear attention do
    not). ``source`` is where the shape was published.
    """

    name: str
    total_bn: float
    active_bn: float
    layers: int
    hidden: int
    cache_values: float
    source: str
    routed_bn: float = 0.0
    experts: int = 0
    chosen: int = 0
    family: str = "dense"
    aliases: tuple[str, ...] = ()
    shaped_as: str = ""

    @property
    def measured_as(self) -> str:
        """The model of the same shape whose measured points hold for this one: speed follows the shape, not the
        training; prices and ratings do not.
        """
        return self.shaped_as or self.name

    def touched_bn(self, tokens: float) -> float:
        """Parameters read when ``tokens`` independent tokens are decoded in one step, in billions.

        ``total - routed * (1 - chosen / experts) ** tokens``: each token picks its experts at random. Limits: all of
        a dense model; ``active`` (nearly) for one token; ``total`` for many.
        """
        if not self.experts:
            return self.total_bn
        return self.total_bn - self.routed_bn * (1.0 - self.chosen / self.experts) ** tokens


def _dense(
    name: str, bn: float, layers: int, hidden: int, kv_heads: int, head: int, *aliases: str
) -> Weights:
    cache = 2.0 * layers * kv_heads * head
    return Weights(name, bn, bn, layers, hidden, cache, "model card and config.json", aliases=aliases)


def _moe(
    name: str,
    total: float,
    active: float,
    layers: int,
    hidden: int,
    cache: float,
    experts: int,
    chosen: int,
    expert_width: int,
    expert_layers: int,
    *aliases: str,
) -> Weights:
    # An expert is three matrices of hidden x width.
    routed = 3.0 * hidden * expert_width * experts * expert_layers / 1e9
    return Weights(
        name,
        total,
        active,
        layers,
        hidden,
        cache,
        "model card and config.json",
        routed_bn=routed,
        experts=experts,
        chosen=chosen,
        family="moe",
        aliases=aliases,
    )


_MLA = 512.0 + 64.0  # latent and rotary part of a compressed cache, per layer and token

WEIGHTS: dict[str, Weights] = {
    one.name: one
    for one in (
        _dense("llama-3.1-8b", 8.03, 32, 4096, 8, 128, "llama-3.1-8b-instruct"),
        _dense("llama-3.1-70b", 70.6, 80, 8192, 8, 128, "llama-3.1-70b-instruct"),
        _dense("llama-3.1-405b", 405.9, 126, 16384, 8, 128),
        _dense("qwen3-32b", 32.8, 64, 5120, 8, 128),
        _moe("qwen3-30b-a3b", 30.5, 3.3, 48, 2048, 2.0 * 48 * 4 * 128, 128, 8, 768, 48),
        _moe("qwen3-235b-a22b", 235.0, 22.0, 94, 4096, 2.0 * 94 * 4 * 128, 128, 8, 1536, 94),
        # One layer in four keeps a cache; the others are linear.
        _moe("qwen3.5-397b-a17b", 397.0, 17.0, 60, 4096, 2.0 * 15 * 2 * 256, 512, 10, 1024, 60),
        # Every second layer looks back 128 tokens only.
        _moe("gpt-oss-120b", 116.8, 5.1, 36, 2880, 2.0 * 18 * 8 * 64, 128, 4, 2880, 36),
        _moe("gpt-oss-20b", 20.9, 3.6, 24, 2880, 2.0 * 12 * 8 * 64, 32, 4, 2880, 24),
        _moe("minimax-m2.5", 229.0, 10.0, 62, 3072, 2.0 * 62 * 8 * 128, 256, 8, 1536, 62),
        _moe("deepseek-r1", 671.0, 37.0, 61, 7168, 61 * _MLA, 256, 8, 2048, 58),
        _moe("kimi-k2.5", 1026.0, 32.0, 61, 7168, 61 * _MLA, 384, 8, 2048, 60),
        _moe("glm-5", 744.0, 40.0, 78, 6144, 78 * _MLA, 256, 8, 2048, 75),
        _moe("mixtral-8x22b", 141.0, 39.0, 56, 6144, 2.0 * 56 * 8 * 128, 8, 2, 16384, 56),
    )
}  # fmt: skip


# Other weights of a shape that stands above: same speed, other prices and ratings.
_SAME_SHAPE = {
    "llama-3.3-70b": ("llama-3.1-70b", ("llama-3.3-70b-instruct",)),
    "llama-3-70b": ("llama-3.1-70b", ()),
    "llama-3-8b": ("llama-3.1-8b", ()),
    "deepseek-r1-0528": ("deepseek-r1", ()),
    "deepseek-v3": ("deepseek-r1", ("deepseek-v3-0324",)),
    "deepseek-v3.1": ("deepseek-r1", ()),
    "kimi-k2": ("kimi-k2.5", ("kimi-k2-instruct-0905", "kimi-k2-thinking")),
    "kimi-k2.6": ("kimi-k2.5", ()),
    "kimi-k2.7-code": ("kimi-k2.5", ()),
    "glm-5.1": ("glm-5", ()),
    "glm-5.2": ("glm-5", ()),
    "glm-5.3": ("glm-5", ()),
    "minimax-m2": ("minimax-m2.5", ()),
    "minimax-m2.1": ("minimax-m2.5", ()),
    "minimax-m2.7": ("minimax-m2.5", ()),
}
for _name, (_shape, _aliases) in _SAME_SHAPE.items():
    WEIGHTS[_name] = replace(WEIGHTS[_shape], name=_name, aliases=_aliases, shaped_as=_shape)


@cache
def models() -> dict[str, Weights]:
    """Every model whose shape is known: those above, and those of the figures whose cache for each token is known.

    Where windows or compression decide the cache (DeepSeek-V4, Gemma, Llama 4) it is not known, so the model is not
    offered until its sheet is given.
    """
    from supercycle.figures.load import figures

    rows: dict[str, dict[str, float]] = {}
    for row in figures():
        if row.table == "open_models" and row.value is not None and row.series in _SHAPE_ROWS:
            rows.setdefault(row.entity, {})[row.series] = row.value
    found = dict(WEIGHTS)
    taken = {*found, *(alias for one in found.values() for alias in one.aliases)}
    for entity, shape in rows.items():
        name = entity.lower().split(" ")[0]
        if name not in taken and set(shape) >= _SHAPE_NEEDED:
            made = _of_shape(name, shape)
            if made is not None:
                found[name] = made
    return found


_SHAPE_NEEDED = {"params_total", "params_active", "layers", "hidden_size", "kv_cache_per_token"}
_SHAPE_ROWS = {*_SHAPE_NEEDED, "routed_experts", "experts_per_token", "expert_ffn_dim", "dense_first_layers"}


def _of_shape(name: str, shape: dict[str, float]) -> Weights | None:
    """A model of the figures; None when its experts do not fit into its parameters (a shape that is told in part)."""
    total, experts = shape["params_total"], int(shape.get("routed_experts", 0))
    routed = 0.0
    if experts:
        width = shape.get("expert_ffn_dim")
        if width is None:
            return None
        deep = shape["layers"] - shape.get("dense_first_layers", 0.0)
        routed = 3.0 * shape["hidden_size"] * width * experts * deep / 1e9
        if routed > total:
            return None
    return Weights(
        name,
        total,
        shape["params_active"],
        int(shape["layers"]),
        int(shape["hidden_size"]),
        shape["kv_cache_per_token"] * 1024 / 2,  # KiB at two bytes a value
        "figures open_models",
        routed_bn=routed,
        experts=experts,
        chosen=int(shape.get("experts_per_token", 0)),
        family="moe" if experts else "dense",
    )


def weights(name: str) -> Weights:
    """A model by name or alias, ignoring case and the maker's prefix; UnknownNameError suggests the nearest.

    >>> weights("meta-llama/Llama-3.3-70B-Instruct").name, weights("gpt-oss-120b").family
    ('llama-3.3-70b', 'moe')
    """
    wanted = name.lower().rsplit("/", 1)[-1]
    for one in models().values():
        if wanted in (one.name, *one.aliases):
            return one
    known = [*models(), *(alias for one in models().values() for alias in one.aliases)]
    raise UnknownNameError("open-weights model", name, known)
