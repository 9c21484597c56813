"""Numbers and times in words, as the pages say them."""

SECONDS_PER_MINUTE, MINUTES_PER_HOUR = 60, 60


def length(seconds: float) -> str:
    """Return a length in words: ``42 s``, ``5 min 21 s``, ``6 h 52 min``.

    >>> length(321.4)
    '5 min 21 s'
    """
    whole = round(seconds)
    minutes, rest = divmod(whole, SECONDS_PER_MINUTE)
    hours, minutes_left = divmod(minutes, MINUTES_PER_HOUR)
    if hours:
        return f"{hours} h {minutes_left:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{whole} s"
