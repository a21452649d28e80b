"""Least squares within bounds: scipy's steps, each with the differences around it, and its errors.

`scipy.optimize.least_squares` ("trf": Levenberg and Marquardt's step in a region that it trusts,
reflected from bounds) asks for residuals and for their derivatives at a row of the unit cube. Both
are had from one generation: the row itself, and for each parameter one on either side of it. What
scipy is given depends on the ledger alone, so a fit that goes on is walked again from its rows.
"""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from workbench.arrays import Floats
from workbench.evaluations import Evaluation, Row
from workbench.features import Missing
from workbench.fitting.objectives import Objective, ScoreRule
from workbench.fitting.parameters import Parameter

APART = 0.005
"""How far rows stand on either side, in the unit cube."""

CLOSE = 1e-10
"""Of scipy's tolerances: ends where neither the sum nor the row changes by more."""

COVERED = 0.90
"""How often the interval that is stated holds the true value."""


class _SpentError(Exception):
    """All generations are used."""


def population_of(parameters: int) -> int:
    """Return how many rows a generation has."""
    return 1 + 2 * parameters


def around(row: Floats) -> Floats:
    """Return a row of the unit cube, (s,), and those beside it, (1 + 2s, s): below, then above."""
    rows = np.tile(row, (population_of(row.size), 1))
    for column in range(row.size):
        rows[1 + 2 * column, column] = max(row[column] - APART, 0.0)
        rows[2 + 2 * column, column] = min(row[column] + APART, 1.0)
    return rows


def search_least_squares(
    start: Floats,
    evaluate: Callable[[int, Floats], Sequence[Floats]],
    begin: int,
    end: int,
) -> None:
    """Walk from a row of the unit cube, (s,), to the least sum of squares.

    Parameters
    ----------
    evaluate
        Given the number of a generation, from `begin` to before `end`, and its rows, (1 + 2s, s);
        returns the residuals of each, all of one length.
    """
    from scipy.optimize import least_squares

    known: dict[bytes, Floats] = {}
    generation = begin

    def at(row: Floats) -> Floats:
        nonlocal generation
        if row.tobytes() not in known:
            if generation == end:
                raise _SpentError
            rows = around(row)
            residuals = evaluate(generation, rows)
            generation += 1
            known[row.tobytes()] = condensed(derivatives(rows, residuals), residuals[0])
        return known[row.tobytes()]

    with suppress(_SpentError):
        least_squares(
            lambda row: at(row)[:, -1],
            start,
            jac=lambda row: at(row)[:, :-1],
            bounds=(0.0, 1.0),
            xtol=CLOSE,
            ftol=CLOSE,
            gtol=CLOSE,
            max_nfev=end - begin + 1,
        )


def derivatives(rows: Floats, residuals: Sequence[Floats]) -> Floats:
    """Return the derivatives of residuals, (m, s), from a row and those beside it."""
    columns = [
        (residuals[2 + 2 * i] - residuals[1 + 2 * i]) / (rows[2 + 2 * i, i] - rows[1 + 2 * i, i])
        for i in range(rows.shape[1])
    ]
    return np.column_stack(columns)


def condensed(jacobian: Floats, residuals: Floats) -> Floats:
    """Return (s + 1, s + 1) with the products of the columns of (jacobian, residuals), (m, s + 1).

    Steps and sums of squares are functions of these products. They are added without BLAS, whose
    last digits depend on the number of threads.
    """
    columns = [*jacobian.T, residuals]
    lengths = np.array([np.sqrt(np.sum(np.square(one))) or 1.0 for one in columns])
    units = [one / length for one, length in zip(columns, lengths, strict=True)]
    products = np.array([[np.sum(one * other) for other in units] for one in units])
    values, vectors = np.linalg.eigh(products)
    found: Floats = np.sqrt(np.maximum(values, 0.0))[:, None] * vectors.T * lengths
    return found


@dataclass(frozen=True)
class Posed:
    """What a fit is to meet: its objectives, in the order of what is measured, and the rule."""

    objectives: Sequence[Objective]
    rule: ScoreRule


def residuals_of(targets: Collection[str], posed: Posed, evaluation: Evaluation) -> list[Floats]:
    """Return the residuals of an individual by objective, in SD times weight, with their signs.

    Only of those objectives that are among the targets.

    One of each feature: its mean minus the target's; of a relation nothing where it is met. One of
    each sample of a recorded voltage. Where there is no value, what the rule gives for that.
    """
    pairs = zip(posed.objectives, evaluation.measured, strict=True)
    rule, found = posed.rule, []
    for objective, measured in pairs:
        if objective.name not in targets:
            continue
        count = 1
        if objective.against is not None:
            count = int(objective.against.counted(objective.window).sum())
        if evaluation.failed:
            away = np.full(count, rule.failed)
        elif isinstance(measured, Missing):
            away = np.full(count, rule.of_missing(measured))
        elif objective.against is not None:
            away = measured / objective.std
        else:
            value = float(measured.mean())
            sign = 1.0 if value >= objective.mean else -1.0
            away = sign * objective.away(np.array([value])) / objective.std
        found.append(objective.weight * away)
    return found


@dataclass(frozen=True)
class LeastSquares:
    """What least squares found, and how well the residuals tell it.

    Errors are those of the linear theory at the minimum: f s^2 (J^T J)^-1 with s^2 the sum of
    squares over m - s, for m residuals (Seber & Wild 1989, Nonlinear Regression, section 2.1). The
    noise of neighbouring samples is correlated where it was filtered: f is the integrated
    autocorrelation time of the residuals, 1 + 2 (r1 + r2 + ...) up to the first r that is not above
    0 (Sokal 1997, in Functional Integration, 131), so that m / f of them are independent.

    Attributes
    ----------
    names
        Of the parameters, s of them.
    values, errors
        Their values and standard errors in their own units; an error is NaN where the residuals do
        not depend on the parameter, or on none by itself.
    lows, highs
        The ends of intervals that hold the true value in 90 % of the cases (Student's t); on a log
        scale they are factors of it.
    correlations
        Of the errors, (s, s).
    residuals
        Their number m.
    memory
        The factor f.
    scatter
        Their root mean square over m - s, in SD: 1 where the model is right and SD is the noise.
    key
        Generation and number of the individual.
    """

    names: tuple[str, ...]
    values: tuple[float, ...]
    errors: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]
    correlations: tuple[tuple[float, ...], ...]
    residuals: int
    memory: float
    scatter: float
    key: tuple[int, int]


def judged(
    parameters: Sequence[Parameter],
    columns: Sequence[int],
    rows: Sequence[Row],
    residuals: Sequence[Sequence[Floats]],
) -> LeastSquares:
    """Return the errors at the first row of a generation.

    Parameters
    ----------
    parameters
        Those that vary, s of them.
    columns
        Their places in rows.
    rows
        A generation, (1 + 2s) rows.
    residuals
        Of each of these, by objective.
    """
    from scipy.stats import t

    values = np.array([row.parameters[list(columns)] for row in rows])
    unit = np.column_stack([p.to_unit(values[:, i]) for i, p in enumerate(parameters)])
    whole = [np.concatenate(parts) for parts in residuals]
    count, memory = whole[0].size, memory_of(residuals[0])
    variance = float(np.sum(np.square(whole[0]))) / max(count - len(parameters), 1)
    spread, correlations = _spread(derivatives(unit, whole))
    errors = np.sqrt(memory * variance) * spread
    free = max(count / memory - len(parameters), 1.0)
    reach = float(t.ppf(0.5 + COVERED / 2, free)) * errors
    best = values[0]
    slopes = np.array(
        [
            one.high - one.low if one.scale == "linear" else value * np.log(one.high / one.low)
            for one, value in zip(parameters, best, strict=True)
        ]
    )
    with np.errstate(over="ignore"):  # of what the residuals hardly tell an end may be infinity
        ends = [
            [
                value + sign * slope * far
                if one.scale == "linear"
                else value * np.exp(sign * slope / value * far)
                for sign in (-1, 1)
            ]
            for one, value, slope, far in zip(parameters, best, slopes, reach, strict=True)
        ]
    return LeastSquares(
        tuple(one.name for one in parameters),
        tuple(best.tolist()),
        tuple((slopes * errors).tolist()),
        tuple(float(low) for low, _ in ends),
        tuple(float(high) for _, high in ends),
        tuple(map(tuple, correlations.tolist())),
        count,
        memory,
        float(np.sqrt(variance)),
        (rows[0].generation, rows[0].individual),
    )


def memory_of(parts: Sequence[Floats]) -> float:
    """Return over how many samples residuals remember themselves; 1 if they are independent.

    Parameters
    ----------
    parts
        Series of residuals, each of samples that are as far apart.
    """
    squares = np.array([np.sum(np.square(part)) for part in parts])
    if not squares.any():
        return 1.0
    times = np.array([_time(part) for part in parts])
    return float(np.sum(squares * times) / np.sum(squares))


def _time(part: Floats) -> float:
    square, found = float(np.sum(np.square(part))), 1.0
    for lag in range(1, part.size):
        correlation = float(np.sum(part[lag:] * part[:-lag]))
        if not correlation > 0:
            break
        found += 2 * correlation / square
    return found


def _spread(jacobian: Floats) -> tuple[Floats, Floats]:
    """Return the roots of the diagonal of (J^T J)^-1, (s,), and correlations, (s, s), or NaN."""
    size = jacobian.shape[1]
    lengths = np.sqrt(np.sum(np.square(jacobian), axis=0))
    unknown = np.full(size, np.nan), np.full((size, size), np.nan)
    if not (lengths > 0).all():
        return unknown
    units = jacobian / lengths
    products = units.T @ units
    if np.linalg.cond(products) > 1e12:
        return unknown
    inverse = np.linalg.inv(products)
    roots = np.sqrt(np.diag(inverse))
    return roots / lengths, inverse / np.outer(roots, roots)
