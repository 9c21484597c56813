"""Where errors that are a person's to mend become one line and an exit code.

Every room has one base class for what its user can get wrong; they are listed here by name, so that naming
them does not import the rooms before they are needed.
"""

import sys
from collections.abc import Callable

from crampwatch.plain_lines import plain

# Exit codes (DESIGN.md section 6); 130 is what shells give for an interrupt.
DONE, BAD_INPUT, INTERRUPTED = 0, 1, 130
# "module.Class" of the base of each room's errors that a person can mend.
MENDABLE = frozenset(
    {
        "crampwatch.bids.BidsError",
        "crampwatch.certificates.CertificateError",
        "crampwatch.evaluate.EvaluateError",
        "crampwatch.invite.InviteError",
        "crampwatch.mosquitto_setup.MosquittoSetupError",
        "crampwatch.settings.SettingsError",
        "crampwatch.replay.cluster.ClusterError",
        "crampwatch.replay.request.ReplayError",
        "crampwatch.replay.span.SpanError",
        "crampwatch.share_cleaning.ShareError",
        "crampwatch.report.ReportError",
        "crampwatch.broker.BrokerError",
        "crampwatch.session_lock.SessionLockError",
        "crampwatch.supervisor.ChildFailedError",
        "crampwatch.score_drawing.PictureError",
        "crampwatch.score_files.ScoreFilesError",
        "crampwatch.upkeep.errors.UpkeepError",
        "dashboard.access_store.AccountError",
        "dashboard.database.NightLogError",
        "dashboard.elsewhere.NotExposedError",
        "dashboard.invitations.InvitationError",
        "dashboard.passwords.PasswordError",
        "dashboard.settings.DashboardError",
        "detector.broker_address.BrokerAddressError",
        "detector.bundle.BundleError",
        "detector.durable_sqlite.DurableFileError",
        "detector.hops.BrokenStreamError",
        "detector.scoring_labels.ScoringError",
        "detector.event_files.EventFileError",
        "detector.grid.UnusableRateError",
        "detector.personal_fit.PersonalFitError",
        "firmware_bridge.edf_annotating.AnnotatingError",
        "firmware_bridge.formats.montage.MontageError",
        "firmware_bridge.recordings.RecordingError",
        "firmware_bridge.recorder.RecorderError",
        "firmware_bridge.source_contract.SourceError",
        "models.bundle_files.TrainingError",
        "models.gate.GateError",
        "models.synthesis.errors.SynthesisError",
    }
)


def complain(text: str) -> None:
    """Write one line on standard error; what a file or a stranger put into it can neither forge a line nor repaint."""
    sys.stderr.write(f"crampwatch: {plain(text)}\n")


def is_mendable(error: BaseException) -> bool:
    """Tell whether the error is one that the person at the keyboard can mend."""
    return any(f"{kind.__module__}.{kind.__qualname__}" in MENDABLE for kind in type(error).__mro__)


def told(command: Callable[[], object]) -> int:
    """Run ``command`` and return its exit code; print a mendable error as one line on standard error."""
    try:
        command()
    except KeyboardInterrupt:
        complain("stopped")
        return INTERRUPTED
    except Exception as error:
        if not is_mendable(error):
            raise
        complain(str(error))
        return BAD_INPUT
    return DONE
