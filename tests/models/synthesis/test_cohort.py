from models.synthesis.cohort import cohort_nights
from models.synthesis.night import Night


def cohort(seed: int, people: int = 3, nights: int = 2) -> list[Night]:
    return list(cohort_nights(people, seed, nights=nights, hours=0.01, scene="still"))


def test_everybody_keeps_their_body_and_sensor_from_night_to_night() -> None:
    made = cohort(1)
    assert len(made) == 6
    for first, second in zip(made[::2], made[1::2], strict=True):
        assert first.person is second.person
        assert first.sensor == second.sensor
        assert first.seed != second.seed
    assert len({night.person.name for night in made}) == 3
    assert len({night.person.mvc_uv for night in made}) == 3
    assert len({night.seed for night in made}) == 6


def test_cohorts_of_different_seeds_have_nobody_in_common() -> None:
    ours, theirs = cohort(1), cohort(2)
    assert not {night.person.name for night in ours} & {night.person.name for night in theirs}
    assert not {night.person.mvc_uv for night in ours} & {night.person.mvc_uv for night in theirs}
    assert not {night.seed for night in ours} & {night.seed for night in theirs}


def test_a_cohort_can_be_made_again_and_a_larger_one_begins_with_it() -> None:
    again, larger = cohort(1), cohort(1, people=5)
    for one, other in zip(again, larger[:6], strict=True):
        assert one.seed == other.seed
        assert one.person.mvc_uv == other.person.mvc_uv
        assert one.sensor == other.sensor


def test_shifted_people_say_so_in_their_name() -> None:
    night = next(cohort_nights(1, 4, hours=0.01, scene="still", population="shifted"))
    assert night.person.name == "shifted-4-0"
