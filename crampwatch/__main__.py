"""The ``crampwatch`` command. Exit codes: 0 done, 1 the input is bad (and what to do), 2 usage."""

import io
import signal
import sys


def main() -> None:
    """Run the command; a user's mistake ends in one line on standard error, never in a traceback."""
    interrupted = signal.getsignal(signal.SIGINT)
    if interrupted is signal.default_int_handler:
        # Nothing has begun that would have to be tidied up: Ctrl-C ends the command without a word.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal or a file that knows only ASCII must not end a command over an arrow.
            stream.reconfigure(errors="backslashreplace")
    from crampwatch.commands import app
    from crampwatch.errors import told

    signal.signal(signal.SIGINT, interrupted)
    sys.exit(told(app))


if __name__ == "__main__":
    main()
