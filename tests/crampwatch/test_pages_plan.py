"""What the settings say of the pages reaches them; what cannot be is refused before anything starts."""

from pathlib import Path

import pytest

from crampwatch.pages_plan import PagesPlan, pages_plan
from crampwatch.plan import SessionPlan, load_plan
from crampwatch.settings import Settings, SettingsError, parsed_settings


def test_the_defaults_are_for_this_computer_alone() -> None:
    plan = pages_plan(Settings())
    assert plan == PagesPlan(port=8461)
    assert plan.elsewhere(Path("folder")) is None


def test_all_of_it_comes_through_the_session_file(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("not-told\nmore")
    secret.chmod(0o600)
    settings = parsed_settings(f"""
        [dashboard]
        language = "en"
        hours = "12"
        host = "0.0.0.0"
        name = "crampwatch.local, 192.168.1.5"
        certificate = "/tls/server.crt"
        key = "/tls/server.key"
        [night_log]
        url = "postgresql://clinic@127.0.0.1:5432/log"
        password_file = "{secret}"
    """)
    plan = SessionPlan((), str(tmp_path), "", 8460, "", pages=pages_plan(settings))
    plan.save(tmp_path / "session.json")
    pages = load_plan(tmp_path / "session.json").pages
    assert pages == plan.pages
    assert pages.night_log_password == "not-told"
    elsewhere = pages.elsewhere(tmp_path)
    assert elsewhere is not None
    assert elsewhere.hosts == ("crampwatch.local", "192.168.1.5")
    assert elsewhere.store.accounts() == []


def test_a_language_that_is_not_there_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"dashboard\.language: expected one of .*en"):
        pages_plan(parsed_settings('[dashboard]\nlanguage = "xx"'))


@pytest.mark.parametrize(("rights", "told"), [(0o644, "chmod 600"), (None, "cannot be read")])
def test_a_password_that_others_could_read_is_refused(tmp_path: Path, rights: int | None, told: str) -> None:
    secret = tmp_path / "password"
    if rights is not None:
        secret.write_text("not-told")
        secret.chmod(rights)
    with pytest.raises(SettingsError, match=told):
        pages_plan(parsed_settings(f'[night_log]\npassword_file = "{secret}"'))
