"""The night log and its pages: MQTT messages in, SQLite and HTML out."""
