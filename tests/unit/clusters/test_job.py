"""Jobs that cannot be are refused, and the times of those that can."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.clusters.jobs import job
from workbench.clusters import SCHEDULERS, scheduler_named, seeds_of
from workbench.clusters.script import script_of
from workbench.errors import InputError

FOLDER = Path("/jobs")


@pytest.mark.parametrize(
    "line",
    [
        "",
        " ",
        "--a  --b",
        "--comment=a;b",
        "--comment='a'",
        '--comment="a"',
        "--x\nrm -rf /",
        "--x\r",
        "--x\n",
        "--comment=#",
        "--mail-user=$USER",
        "--x=é",
        "a\\b",
        "--constraint=a|b",
    ],
)
def test_what_no_directive_can_hold(line):
    with pytest.raises(InputError, match="letters, digits and _ @ % "):
        job(FOLDER, directives=(line,))
    with pytest.raises(InputError, match="letters, digits and _ @ % "):
        job(FOLDER, name=line)


@pytest.mark.parametrize(
    "line",
    ["--partition=long", "-A neuro", "--mail-user=a.b@c.de", "-l mem=2G,h_vmem=1.5G", "-p -3"],
)
def test_what_directives_hold(line):
    assert job(FOLDER, directives=(line,)).directives == (line,)


@pytest.mark.parametrize(
    "text", ["a\n#$ -q all.q", "a\r", "a\u2028b", "a\x1b[2J", "#$ -m e", "x#PBS"]
)
@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_what_a_scheduler_would_read_as_an_order(scheduler, text):
    """Grid Engine finds a directive behind a line break in a folder's name, quoted or not."""
    places = {
        "folder": FOLDER / text,
        "start": FOLDER / text / "runs",
        "scratch": FOLDER / text,
        "fit": ("fit", f"/studies/{text}"),
        "command": (f"/{text}/python",),
        "launcher": ("srun", text),
        "environment": {"WORKBENCH_CACHE": f"/{text}"},
    }
    for place, value in places.items():
        with pytest.raises(InputError, match="cannot stand in a job's script"):
            script_of(job(**{"folder": FOLDER, place: value}), SCHEDULERS[scheduler])
    assert "é #1 $x" in script_of(job(FOLDER / "é #1 $x"), SCHEDULERS[scheduler])


@pytest.mark.parametrize(("wrong", "said"), [({"ranks": 0}, "0 ranks"), ({"time_s": 59}, "59 s")])
def test_jobs_that_cannot_be(wrong, said):
    with pytest.raises(InputError, match=said):
        job(FOLDER, **wrong)


def test_times():
    asked = job(FOLDER, time_s=2 * 86400 + 3 * 3600 + 62)
    assert asked.time == "51:01:02"
    assert asked.notice_s == 120
    assert asked.walltime == "50:56:02"


@given(st.integers(60, 10**7))
def test_a_job_hears_of_its_end_and_stops_before_it(time_s):
    asked = job(FOLDER, time_s=time_s)
    hours, minutes, seconds = map(int, asked.walltime.split(":"))
    walltime_s = (hours * 60 + minutes) * 60 + seconds
    assert 0 < walltime_s < time_s
    assert walltime_s >= 0.9 * time_s
    assert 0 < asked.notice_s <= time_s / 10


def test_an_unknown_scheduler():
    with pytest.raises(InputError, match="unknown scheduler 'slrum'; did you mean 'slurm'"):
        scheduler_named("slrum")
    assert set(SCHEDULERS) == {"slurm", "pbs", "sge"}


def test_seeds():
    assert seeds_of("7") == (7,)
    assert seeds_of("0-2") == (0, 1, 2)
    assert seeds_of("9,1-3,5") == (9, 1, 2, 3, 5)
    assert len(seeds_of("1-1000")) == 1000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        *(
            (text, "write 1-5 or 1,4,7-9")
            for text in ("", ",", "1,", "5-1", "-1", "1-", "a", "1 2")
        ),
        ("\u0661", "write 1-5 or 1,4,7-9"),
        ("1\n", "write 1-5 or 1,4,7-9"),
        ("1-3,2", "names a seed twice"),
        ("1-1001", "1001 fits; ask for at most 1000"),
        ("0-999999999", "at most 1000"),
    ],
)
def test_seeds_that_cannot_be_read(text, said):
    with pytest.raises(InputError, match=said):
        seeds_of(text)
