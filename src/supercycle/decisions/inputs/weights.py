"""Open-weights models as a roofline sees them: parameters touched by a token, cache per token, layers.

Shapes are those of the published configuration files (hidden size, layers, heads, experts); parameter counts
follow from them or from the model card. ``family`` is dense or moe; the two have their own efficiencies.
"""

from __future__ import annotations

from dataclasses import dataclass

from supercycle.core.errors import UnknownNameError

__all__ = ["WEIGHTS", "Weights", "weights"]


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
        _dense("llama-3.1-8b", 8.03, 32, 4096, 8, 128, "llama-3-8b", "llama-3.1-8b-instruct"),
        _dense("llama-3.1-70b", 70.6, 80, 8192, 8, 128, "llama-3.3-70b", "llama-3.3-70b-instruct", "llama-3-70b"),
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
        _moe("deepseek-r1", 671.0, 37.0, 61, 7168, 61 * _MLA, 256, 8, 2048, 58, "deepseek-v3", "deepseek-v3.1"),
        _moe("kimi-k2.5", 1026.0, 32.0, 61, 7168, 61 * _MLA, 384, 8, 2048, 60, "kimi-k2"),
        _moe("glm-5", 744.0, 40.0, 78, 6144, 78 * _MLA, 256, 8, 2048, 75),
        _moe("mixtral-8x22b", 141.0, 39.0, 56, 6144, 2.0 * 56 * 8 * 128, 8, 2, 16384, 56),
    )
}  # fmt: skip


def weights(name: str) -> Weights:
    """A model by name or alias, ignoring case and the maker's prefix; UnknownNameError suggests the nearest.

    >>> weights("meta-llama/Llama-3.3-70B-Instruct").name, weights("gpt-oss-120b").family
    ('llama-3.1-70b', 'moe')
    """
    wanted = name.lower().rsplit("/", 1)[-1]
    for one in WEIGHTS.values():
        if wanted in (one.name, *one.aliases):
            return one
    known = [*WEIGHTS, *(alias for one in WEIGHTS.values() for alias in one.aliases)]
    raise UnknownNameError("open-weights model", name, known)
