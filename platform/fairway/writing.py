"""How figures are written for people, on pages and on the command line alike."""


def percent(ratio: float, digits: int, gap: str) -> str:
    """A ratio as `95.0 %`, with gap before the sign; only what is whole is written as 100."""
    value = 100 * ratio
    if round(value, digits) >= 100 > value:
        value = 100 - 10**-digits
    return f"{value:.{digits}f}{gap}%" if value % 100 else f"{value:.0f}{gap}%"
