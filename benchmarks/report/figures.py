"""Formats numbers: three digits, with units."""


def show(value: float | None) -> str:
    """Format a quantity: <0.001, 0.173, 9.87, 30.5, 128, 11,312; a dash if it was not measured."""
    if value is None:
        return "–"
    if 0 < abs(value) < 0.001:
        return "<0.001"
    # "g" would write large numbers with an exponent.
    return f"{value:,.0f}" if abs(value) >= 999.5 else f"{value:.3g}"


def show_ratio(value: float | None) -> str:
    """Format a ratio: three significant digits."""
    if value is None:
        return "not measured"
    return f"{value:,.0f}" if value == int(value) or value >= 100 else f"{value:.3g}"


def show_spread(spread: tuple[float, float] | None) -> str:
    """Format the least and the greatest of the rounds; a count that was the same in all stands once."""
    if spread is None:
        return ""
    low, high = show_ratio(spread[0]), show_ratio(spread[1])
    return low if low == high else f"{low}–{high}"


def show_count(value: int) -> str:
    """Format a count of people or clients: 1, 10, 1,000."""
    return f"{value:,}"
