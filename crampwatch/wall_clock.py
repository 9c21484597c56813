"""What a computer's wall clock can be believed to say."""

from datetime import date

# No computer that runs this program has lived before; one that thinks so has lost its clock's battery.
EARLIEST = date(2025, 1, 1)
