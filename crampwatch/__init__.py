"""The command: settings, supervisor, broker choice and subcommands."""
