"""What a person can get wrong about an installation's upkeep.

UpkeepError          base
    BackupError      the backup cannot be made, or is none that can be restored
    EraseError       what is to be erased is in use, or not there
    RecoverError     the file is no recording that could be mended
    ServiceError     the operating system's service cannot be set up or removed
"""


class UpkeepError(RuntimeError):
    """Base of all of them."""


class BackupError(UpkeepError):
    """The backup cannot be made, or is none that can be restored."""


class EraseError(UpkeepError):
    """What is to be erased is in use, or not there."""


class RecoverError(UpkeepError):
    """The file is no recording that could be mended."""


class ServiceError(UpkeepError):
    """The operating system's service cannot be set up or removed."""
