"""What keeps an installation well: retention, backup, erasure, the doctor, and the service of an operating system."""
