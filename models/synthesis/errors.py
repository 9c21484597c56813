"""What can go wrong in the synthetic wearer's room.

SynthesisError          the caller asked for something that cannot be made
└── PlanError           an unknown class, a parameter that the class does not have, an impossible value
"""


class SynthesisError(ValueError):
    """The caller asked for something that cannot be made; the message says what, expected and got."""


class PlanError(SynthesisError):
    """A night's plan names an unknown class or parameter, or an impossible value."""
