"""Who may say what, written down a second time: a line more in the table is a line more for whoever plays that role."""

from detector.roles import ACCESS, COMMANDS

EVERYTHING = "ack arm cannot going label mode pause reset snooze standby test view"


def test_each_role_asks_for_what_it_needs_and_for_nothing_else() -> None:
    assert {role: " ".join(sorted(names)) for role, names in COMMANDS.items()} == {
        "dashboard": EVERYTHING,
        "caregiver": "ack cannot going snooze",
        "home-assistant": "ack snooze standby",
        "alerter": "ack cannot going",
    }


def test_each_role_says_what_it_needs_and_nothing_else() -> None:
    found = {role: " ".join(sorted(access.says | access.says_of_itself)) for role, access in ACCESS.items()}
    assert found == {
        "monitor": "alarm availability event heartbeat levels receipt state wave",
        "alerter": "alarm availability heartbeat receipt",
        "night-log": "logged",
        "dashboard": "",
        "caregiver": "",
        "home-assistant": "",
    }
    assert ACCESS["alerter"].says == {"receipt"}
    assert [role for role, access in ACCESS.items() if access.hears_commands] == ["monitor", "alerter"]
