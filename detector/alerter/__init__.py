"""The alerter: all sound at the base station and all pushes, in a process of its own."""
