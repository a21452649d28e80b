"""The HTML file: whole, self-contained, and safe whatever the names are."""

import base64
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest

from workbench.errors import InputError
from workbench.evaluations import Attempt
from workbench.reports import render
from workbench.reports.compromise import fingerprint, program
from workbench.runs import Currents, Sensitivity, read_run, write_currents, write_sensitivity

HOSTILE = "<img src=x onerror=alert(1)>"


class Reader(HTMLParser):
    """Collects tags, their attributes and the text of a page."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text = [], ""
        self.scripts, self.programs = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("data" if ("type", "application/json") in attrs else "program")
            self.programs.append("")

    def handle_data(self, data):
        if self.tags and self.tags[-1][0] == "script" and self.cdata_elem == "script":
            self.programs[-1] += data
        else:
            self.text += data


def read(folder):
    return Reader(render(folder).read_text(encoding="utf-8"))


def sections(page):
    """Return the figures' captions by alt text."""
    return [attributes["alt"] for tag, attributes in page.tags if tag == "img"]


def assert_nothing_foreign(page):
    """Nothing runs but our own program, nothing is fetched, and every figure is a sound SVG."""
    [policy] = [a["content"] for tag, a in page.tags if tag == "meta" and "http-equiv" in a]
    scripts = dict(zip(page.scripts, page.programs, strict=True))
    assert set(scripts) in ({"data", "program"}, set())
    allowed = [words for words in policy.split("; ") if words.startswith("script-src")]
    assert policy.startswith("default-src 'none'")
    assert allowed in ([], [f"script-src '{fingerprint(program())}'"])
    if scripts:
        json.loads(scripts["data"])
        assert scripts["program"] == program()
        assert allowed
    for tag, attributes in page.tags:
        assert tag not in {"iframe", "object", "embed", "link", "form", "base"}
        assert not [name for name in attributes if name.startswith("on")]
        assert attributes.get("href", "#").startswith("#")
        if tag == "img":
            kind, _, data = attributes["src"].partition(",")
            assert kind == "data:image/svg+xml;base64"
            for element in ElementTree.fromstring(base64.b64decode(data)).iter():
                assert not element.tag.endswith(("script", "foreignObject", "image"))
                links = [v for name, v in element.attrib.items() if name.endswith("href")]
                assert all(link.startswith("#") for link in links)


def test_a_report_tells_all_and_needs_nothing(full_run):
    folder = full_run.write()
    page = read(folder)
    assert_nothing_foreign(page)
    html = (folder / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"""(src|href|url|@import)\s*[=(]?\s*["']?\s*(https?:)?//""", html)
    assert "A toy cell" in page.text
    assert "The best model meets 2 of 3 features within 2 SD." in page.text
    assert "there is no spike" not in page.text  # that is another individual's
    assert "soma.v is 812 mV at 3.1 ms" in page.text
    assert sections(page) == [
        "Best sum of scores so far, and best and median of each generation",
        "Scores of features and protocols over the generations",
        "Distance of each feature from its target in standard deviations",
        "Features of Step: soma.v in [50, 250] ms: soma.AP_height 25 against 20 ± 4 1.25 SD; "
        "soma.Spikecount 6.1 against 5 ± 0.5 2.20 SD",
        "Features of bAP: dend1.v in [50, 250] ms: dend1.AP_amplitude 50 against 45 ± 10 0.50 SD",
        "Recordings of protocol Step",
        "Recordings of protocol bAP",
        "Parameters of the best individuals within their bounds",
    ]
    assert "0.5 nA into soma(0.5) from 50 to 250 ms" in page.text
    assert '"gNa.somatic": 1.03' in page.text
    assert "0123456789abcdef" in page.text
    assert "scale-lengths region=apical,factor=1.2" in page.text


def test_the_same_folder_gives_the_same_bytes_and_leaves_nothing_beside_it(full_run):
    folder = full_run.write()
    first = render(folder).read_bytes()
    assert render(folder).read_bytes() == first
    names = {path.name for path in folder.iterdir()} - {"ledger.lock"}
    assert names == {"ledger.sqlite", "provenance.json", "traces", "report.html", "best.json"}


def test_a_report_that_cannot_be_written_leaves_the_old_one(full_run, monkeypatch):
    folder = full_run.write()
    (folder / "report.html").write_text("the old one")

    def refuse(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr("workbench.runs.folder.os.replace", refuse)
    with pytest.raises(OSError, match="no space"):
        render(folder)
    assert (folder / "report.html").read_text() == "the old one"
    assert not list(folder.glob("*.partial"))


def hostile_run(new_run, text):
    """A run in which every name and every message that a user can set is this text."""
    run = new_run()
    record, problem = run.record, run.record["problem"]
    record["study"] = dict.fromkeys(record["study"], text)
    record["command"] = ["workbench", text]
    record["machine"] = dict.fromkeys(record["machine"], text)
    record["software"] = {text: text}
    record["git"] = {"commit": text, "dirty": True}
    record["sessions"][0] |= {"workers": text, "reason": text}
    record["search"] |= {"algorithm": text, "options": {text: 1.0}}
    problem["integrator"] = text
    problem["parts"] = {text: text}
    problem["cell"] |= {"morphology": text, "morphology_digest": text}
    problem["mechanisms"] = [{"name": text, "digest": text}]
    problem["parameters"] = [{**p, "name": text + p["name"]} for p in problem["parameters"]]
    for protocol in problem["protocols"]:
        protocol["name"] += text
        protocol["recordings"] = [text + name for name in protocol["recordings"]]
        protocol["stimuli"] = [{**s, "site": text} for s in protocol["stimuli"]]
    for objective in problem["objectives"]:
        objective |= {"protocol": objective["protocol"] + text, "feature": text}
        objective |= {"location": text, "recording": f"{text}.v"}
    run.add(0, 0, [[20.0], [9.0], text], [2.0, 1.0])
    run.add(0, 1, [text] * 3, status=text)
    run.ledger.lost(0, 1, Attempt(text, 1.0, text))
    run.write_traces()
    return run


def test_why_a_feature_has_no_value_stands_beside_its_trace(new_run):
    run = new_run()
    run.add(0, 0, [[18.0, 20.0], [5.0], "there is no spike"])
    run.write_traces()
    said = " ".join(sections(read(run.write())))
    assert "dend1.v in [50, 250] ms: dend1.AP_amplitude there is no spike" in said
    assert "soma.AP_height 19 (mean of 2) against 20 ± 4 0.25 SD" in said


def test_no_name_becomes_markup(new_run):
    page = read(hostile_run(new_run, HOSTILE).write())
    assert_nothing_foreign(page)
    assert len(sections(page)) == 6  # no feature is of a recording that was made
    assert page.text.count(HOSTILE) > 20


@pytest.mark.parametrize("text", [r"$\frac{$", "_漢字", "</style><b>", "{{ 7 * 7 }}"])
def test_odd_names_break_neither_page_nor_figures(new_run, text):
    page = read(hostile_run(new_run, text).write())
    assert_nothing_foreign(page)
    assert len(sections(page)) == 6  # no feature is of a recording that was made
    assert page.text.count(text) > 20
    assert [tag for tag, _ in page.tags].count("b") == 5  # those of the template


def test_characters_that_no_file_may_hold_are_replaced(new_run):
    run = new_run()
    for parameter in run.record["problem"]["parameters"]:
        parameter["name"] += "\x00\n"
    run.record["command"].append("--out=\ud800")
    run.add(0, 0, [[20.0], [5.0], "\x00"])
    assert_nothing_foreign(read(run.write()))


@pytest.mark.parametrize("state", ["empty", "all failed", "stopped", "no traces", "broken traces"])
def test_a_run_in_any_state_has_a_report(new_run, state):
    run = new_run()
    if state == "all failed":
        run.add(0, 0, ["far"] * 3, status="ABSURD")
    elif state != "empty":
        run.add(0, 0, [[20.0], [5.0], [45.0]])
        run.ledger.told(0, b"")
    if state == "stopped":
        run.record["sessions"][0] |= {"ended": None, "reason": "killed"}
        run.write_traces()
    if state == "broken traces":
        run.write_traces()
        (run.folder / "traces" / "best.npz").write_bytes(b"PK")
    page = read(run.write())
    assert_nothing_foreign(page)
    expected = {
        "empty": "No individual has been evaluated yet.",
        "all failed": "All 1 individuals failed",
        "stopped": "killed, or still running",
        "no traces": "The run kept no traces",
        "broken traces": "best.npz cannot be read",
    }
    assert expected[state] in page.text


def test_traces_of_an_earlier_best_say_so(full_run):
    full_run.write_traces(generation=0, individual=1)
    assert "traces of individual 1 of generation 0" in read(full_run.write()).text


def test_the_report_of_long_noisy_traces_stays_small(new_run):
    run = new_run()
    problem = run.record["problem"]
    problem["protocols"] = [
        {**problem["protocols"][1], "name": f"p{i}", "recordings": ["a.v", "b.v", "c.v"]}
        for i in range(4)
    ]
    rng = np.random.default_rng(1)
    arrays = {"p0/t_ms": np.linspace(0, 3000, 100_000)}
    for i in range(4):
        arrays[f"p{i}/t_ms"] = arrays["p0/t_ms"]
        arrays |= {f"p{i}/{name}.v": rng.normal(-60, 30, 100_000) for name in "abc"}
    run.add(0, 0, [[20.0], [5.0], [45.0]])
    (run.folder / "traces").mkdir()
    np.savez(run.folder / "traces" / "best.npz", generation=0, individual=0, **arrays)
    folder = run.write()
    page = read(folder)
    assert len(sections(page)) == 8
    assert (folder / "report.html").stat().st_size < 1_500_000


def test_a_picked_individual_has_a_report_of_its_own(full_run):
    folder = full_run.write()
    html = Reader(render(folder, "3/0").read_text(encoding="utf-8"))
    assert_nothing_foreign(html)
    assert "Features of the picked model" in html.text
    assert "1 feature has no value in the picked model." in html.text
    assert "there is no spike" in html.text
    assert "No traces of this individual were kept" in html.text
    assert not (folder / "best.json").exists()
    assert render(folder, 1).name == "report-3-1.html"
    assert "0.5 nA into soma(0.5)" in (folder / "report-3-1.html").read_text()  # its traces
    with pytest.raises(InputError, match=r"individual 2 of generation 0 of .* failed: soma.v is"):
        render(folder, "0/2")
    with pytest.raises(InputError, match=r"no compromise 9: its Pareto archive holds 2, so give 1"):
        render(folder, 9)


def test_the_page_holds_the_traces_of_those_that_were_kept(full_run):
    full_run.add(4, 0, [[28.0], [5.0], [60.0]], [0.7, 30.0])  # a third compromise
    folder = full_run.write()
    best = folder / "traces" / "best.npz"
    kept = dict(np.load(best))
    np.savez(folder / "traces" / "3-0.npz", **{**kept, "individual": 0})
    np.savez(folder / "traces" / "4-0.npz", **{**kept, "individual": 5})  # somebody else's
    page = read(folder)
    data = json.loads(dict(zip(page.scripts, page.programs, strict=True))["data"])
    found = {(m["generation"], m["individual"]): m["traces"] for m in data["models"]}
    assert found[4, 0] is None
    assert [one["name"] for one in found[3, 1]] == ["Step: soma.v", "bAP: soma.v"]
    [line, _] = found[3, 0]
    assert len(line["t"]) == len(line["v"])
    assert (min(line["v"]), max(line["v"])) == (-80, -40)  # sines of 20 mV around -60
    best.write_bytes(b"PK")
    data = read(folder).programs[0]
    assert json.loads(data)["models"][0]["traces"] is None


def test_the_page_says_what_limits_what(new_run):
    run = new_run()
    for i, share in enumerate(np.linspace(0, 1, 12)):
        values = [[20 + 8 * share], [5.0], [45 + 20 * (1 - share**2)]]
        run.add(0, i, values, [2 * share, 1 + 99 * share])
    folder = run.write()
    page = read(folder)
    assert_nothing_foreign(page)
    assert "Step.soma.AP_heightbAP.dend1.AP_amplitude-1.00" in "".join(page.text.split())
    assert "Correlations of the scores of features" in sections(page)
    assert "Correlations of parameters over good models" in sections(page)
    assert "Sensitivity of features to parameters" not in sections(page)
    problem = run.record["problem"]
    features = tuple(one["name"] for one in problem["objectives"])
    parameters = tuple(one["name"] for one in problem["parameters"])
    moved = np.arange(24.0).reshape(4, 2, 3)
    moved[0, 0, 2] = np.nan
    places = np.array([[0.0, 0.1], [0.02, 0.12], [0.0, 0.105], [0.01, 0.115]])
    at = read_run(folder).best_values()
    ones = np.ones(3)
    found = Sensitivity(parameters, features, at, 0.01, places, places[:2], ones, ones, moved)
    write_sensitivity(folder, found)
    assert "Sensitivity of features to parameters" in sections(read(folder))


def test_the_page_draws_the_currents_of_its_model(full_run):
    folder = full_run.write()
    t_ms = np.arange(0.0, 20.0, 0.05)
    v_mV = np.interp(t_ms, [0, 4, 5, 6, 20], [-60, -60, 40, -70, -60])
    flow = np.array([-np.exp(-((t_ms - 4.5) ** 2)), np.exp(-((t_ms - 5.5) ** 2))])
    at = read_run(folder).best_values()
    found = Currents(
        at, "soma(0.5)", "Step", "CVODE", t_ms, v_mV, ("<b>.ina", "k.ik"), flow, t_ms, ("NMDA",)
    )
    write_currents(folder, found)
    page = read(folder)
    assert_nothing_foreign(page)
    assert "Currents of Step at soma(0.5)" in sections(page)
    assert "nor are the point processes NMDA" in " ".join(page.text.split())
    other = Reader(render(folder, "0/0").read_text(encoding="utf-8"))
    assert "Currents of Step at soma(0.5)" not in sections(other)


def test_the_page_holds_the_archive(new_run):
    run = new_run()
    run.add(0, 0, [[20.0], [5.0], [65.0]], [1.0, 10.0])
    run.add(0, 1, [[28.0], [5.0], [45.0]], [2.0, 20.0])
    run.add(0, 2, [[28.0], [6.0], [65.0]], [2.0, 30.0])
    page = read(run.write())
    data = json.loads(dict(zip(page.scripts, page.programs, strict=True))["data"])
    assert data["axes"] == ["Step", "bAP"]
    assert [(m["individual"], m["axes"]) for m in data["models"]] == [(0, [0, 2]), (1, [2, 0])]
    assert "in the scores of all protocols" in " ".join(page.text.split())


def test_importing_reports_loads_neither_matplotlib_nor_jinja2():
    """If this fails: import them inside the function that draws or fills in the template."""
    code = "import sys, workbench.reports; print(sys.modules.keys() & {'matplotlib', 'jinja2'})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
