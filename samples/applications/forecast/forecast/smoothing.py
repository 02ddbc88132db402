"""Holt-Winters' exponential smoothing, additive, in numpy: all weights of a grid are tried at once."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

Series = npt.NDArray[np.float64]

#: Days in a week: the length of a season.
SEASON = 7

_LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9)
_TRENDS = (0.0, 0.05, 0.2, 0.4)
_SEASONS = (0.0, 0.1, 0.3, 0.6)


@dataclass(frozen=True, slots=True)
class Fit:
    """The forecast, the weights it was made with, and the mean error with which they forecast each past day."""

    forecast: Series
    weights: tuple[float, float, float]
    error: float


def holt_winters(series: Series, ahead: int = SEASON, season: int = SEASON) -> Fit:
    """Forecast ``ahead`` values after ``series``, which must hold two seasons at least.

    The start is least squares: a line and a value for each day of the season, over the first seasons.
    """
    if len(series) < 2 * season:
        raise ValueError(f"two seasons of {season} values are needed, and there are {len(series)}")
    if not np.isfinite(series).all():
        raise ValueError("a value of the series is not a number")
    weights = np.array(list(product(_LEVELS, _TRENDS, _SEASONS)), dtype=np.float64)
    alpha, beta, gamma = weights.T
    start_level, start_trend, start_seasons = _start(series, season)
    level = np.full(len(weights), start_level)
    trend = np.full(len(weights), start_trend)
    seasons = np.tile(start_seasons, (len(weights), 1))
    squares = np.zeros(len(weights))
    for day, value in enumerate(series):
        place = day % season
        expected = level + trend + seasons[:, place]
        squares += (value - expected) ** 2
        before = level
        level = alpha * (value - seasons[:, place]) + (1 - alpha) * (level + trend)
        trend = beta * (level - before) + (1 - beta) * trend
        seasons[:, place] = gamma * (value - level) + (1 - gamma) * seasons[:, place]
    # Of two that are as good but for rounding, the first of the grid is taken: on every machine the same one.
    best = int(np.flatnonzero(squares <= squares.min() * (1 + 1e-9) + 1e-12)[0])
    steps = np.arange(1, ahead + 1)
    places = (len(series) + steps - 1) % season
    forecast = level[best] + steps * trend[best] + seasons[best, places]
    chosen = weights[best]
    return Fit(
        forecast, (float(chosen[0]), float(chosen[1]), float(chosen[2])), float(np.sqrt(squares[best] / len(series)))
    )


def _start(series: Series, season: int) -> tuple[float, float, Series]:
    """Level and trend just before the first value, and what each day of the season adds; these sum to nought."""
    days = np.arange(min(len(series), 4 * season))
    design = np.zeros((len(days), 1 + season))
    design[:, 0] = days
    design[days, 1 + days % season] = 1
    solution, *_ = np.linalg.lstsq(design, series[: len(days)], rcond=None)
    slope, offsets = float(solution[0]), solution[1:]
    level = float(offsets.mean())
    return level - slope, slope, offsets - level
