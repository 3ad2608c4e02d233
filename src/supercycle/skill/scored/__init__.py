"""Scores of forecasts from many past starts: where they begin, what competes, what is published, how it did."""

__all__: list[str] = []
