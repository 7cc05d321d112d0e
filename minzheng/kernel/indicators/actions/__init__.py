"""The verbs of the room; each writes its audit entry in the same transaction."""

from minzheng.kernel.indicators.actions.loading import Loaded, load_plan, load_shipped
from minzheng.kernel.indicators.actions.measure import measure_indicators

__all__ = ["Loaded", "load_plan", "load_shipped", "measure_indicators"]
