"""Pictures for notebooks, drawn when one shows the value."""

import html
from collections.abc import Mapping, Sequence

from workbench.protocols import Trace
from workbench.runs.table import FeatureRow
from workbench.runs.traces import ProtocolTraces, Pulse

COLUMNS = 500
"""Of pixels, to which samples are thinned out."""


def of_traces(
    traces: Mapping[str, Trace], windows_ms: Sequence[tuple[float, float]], words: str
) -> str:
    """Return recordings as HTML: whole, and their first spike beside; stimuli are shaded."""
    from workbench.reports.figures import trace_panels

    t_ms = next(iter(traces.values())).t_ms
    pulses = tuple(Pulse(begin_ms, end_ms, "") for begin_ms, end_ms in windows_ms)
    values = {name: trace.values for name, trace in traces.items()}
    one = ProtocolTraces("", float(t_ms[-1] - t_ms[0]), pulses, t_ms, values)
    return _with_words(trace_panels(one, COLUMNS), words)


def of_features(table: Sequence[FeatureRow], words: str) -> str:
    """Return the distance of each feature from its target as HTML."""
    from workbench.reports.figures import feature_bars

    return _with_words(feature_bars(table), words)


def _with_words(address: str, words: str) -> str:
    picture = f'<img src="{address}" style="max-width: 100%" alt="">'
    return f"<div>{picture}<p>{html.escape(words)}</p></div>"
