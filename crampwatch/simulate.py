"""Where the synthetic wearer meets the command: `simulate:` sources, the demo's board, and written nights."""
