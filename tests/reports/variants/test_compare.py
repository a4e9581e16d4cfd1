"""Tests of `eng5.steps.compare` and of its pages."""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from eng5.contracts.artefact import Artefact
from eng5.contracts.compare import Compare, Difference
from eng5.contracts.experiments import Experiments
from eng5.errors import InputError
from eng5.files import model_bytes, read_model, write_model
from eng5.paths import ProjectPaths
from eng5.reports.alignment import analysis
from eng5.reports.variants import compare
from eng5.reports.variants import report as compare_report
from tests.fakes import Progress
from tests.reports.alignment.test_report import HOSTILE, READ, Page, tables
from tests.reports.conftest import artefact, comparison, essays, judged

pytestmark = pytest.mark.usefixtures("few_draws")

TARGETS = {"direct_inversions": {"max": 1}, "zero_win_anchors": {"max": 0}, "kendall_tau": {"min": 0.9}}
Runs = dict[str, Sequence[Artefact]]


def experiments(names: Sequence[str], **settings: Any) -> Experiments:
    variants = {name: settings.pop(name, {}) for name in names}
    return Experiments.model_validate(
        {"baseline": "base", "targets": TARGETS, "variant": variants} | settings
    )


def compared(runs: Runs, **settings: Any) -> Compare:
    return compare.build(experiments(list(runs), **settings), named(runs))


def named(runs: Runs) -> dict[str, list[tuple[str, Artefact]]]:
    return {
        name: [
            (name if number == 1 else f"{name}.r{number}", each) for number, each in enumerate(made, start=1)
        ]
        for name, made in runs.items()
    }


def differences(found: Compare, variant: str) -> dict[str, Difference]:
    """The differences of a variant from the baseline by metric."""
    from_baseline = (found.baseline, variant)
    return {
        each.metric: each for each in found.differences if (each.reference, each.variant) == from_baseline
    }


def three(*outcomes: int, confidence: float = 4.0, words: str = "because") -> Artefact:
    """Anchors A, B and C+ and the pairs AB, AC, BC: +1 where the higher grade won."""
    anchors = essays(["A", "B", "C+"])
    pairs = ((0, 1), (0, 2), (1, 2))
    return artefact(
        anchors,
        [
            comparison(
                number, anchors[i].essay_id, anchors[j].essay_id, outcome,
                confidence=confidence, justification=f"{words} {number}",
            )
            for number, ((i, j), outcome) in enumerate(zip(pairs, outcomes, strict=True), start=1)
        ],
    )  # fmt: skip


def test_verdicts_of_judges_that_are_known() -> None:
    """Against a poor judge a sharp one is better, another draw of the poor one cannot be told, and back it is worse."""
    poor, sharp = judged(steepness=0.15, seed=3), judged(steepness=3.0, seed=4)
    found = compared({"base": [poor], "sharp": [sharp], "same": [judged(steepness=0.15, seed=5)]})
    assert {each.name: each.verdict for each in found.variants} == {
        "base": None,
        "sharp": "better",
        "same": "cannot tell",
    }
    assert found.verdict == (
        "Take sharp (0.91): by Kendall's tau it is better than base (0.21), and than every other."
    )
    sharper = next(each for each in found.variants if each.name == "sharp")
    assert sharper.sentence.startswith("Better for other essays: Kendall's tau ")
    assert "On these pairs, asked again: better, " in sharper.sentence
    more = differences(found, "sharp")["kendall_tau"].more_data
    assert more is not None and more.twice_comparisons is None and more.twice_anchors < more.now
    page = compare_report.build(found, named({"base": [poor]}))["compare.md"]
    assert "### What more would tell" in page
    back = compared({"base": [sharp], "poor": [poor]})
    assert back.variants[1].verdict == "worse"
    forth, again = differences(found, "sharp"), differences(back, "poor")
    for name, one in forth.items():
        assert one.value == pytest.approx(-(again[name].value or 0.0))


def test_every_two_variants_are_compared_in_the_deciding_metric_alone() -> None:
    """Three variants: three couples in the metric of experiments.toml, two from the baseline in every other."""
    runs: Runs = {name: [judged(steepness=0.5, seed=seed)] for seed, name in enumerate(("base", "b", "c"))}
    for metric in ("kendall_tau", "win_rate"):
        found = compared(runs, decide_by=metric)
        assert found.decided_by == metric
        couples = {
            name: [(one.reference, one.variant) for one in found.differences if one.metric == name]
            for name in {one.metric for one in found.differences}
        }
        for name, listed in couples.items():
            every = [("base", "b"), ("base", "c"), ("b", "c")]
            assert listed == (every if name == metric else every[:2])
        deciding = differences(found, "b")[metric]
        assert found.variants[1].verdict == deciding.verdict == deciding.essays.verdict


def test_what_would_decide_is_named_only_where_it_would() -> None:
    """Without replicates anchors; with a judge that never varies never more comparisons; and nothing seen is said."""
    one, other = judged(steepness=0.3, seed=1), judged(steepness=0.45, seed=2)
    single = differences(compared({"base": [one], "other": [other]}), "other")["win_rate"].advice
    assert single is not None and single.kind != "comparisons" and not single.repeats_known
    fixed = differences(compared({"base": [one] * 3, "other": [other] * 3}), "other")
    for each in fixed.values():
        assert each.advice is None or (each.advice.kind != "comparisons" and each.advice.repeats_known)
    same = compared({"base": [one], "copy": [one]}).variants[1]
    assert same.sentence.endswith("No difference was seen.")


def test_differences_are_those_of_the_figures() -> None:
    """On the same pairs the difference is the variant's figure less the baseline's, for every metric."""
    found = compared({"base": [judged(steepness=0.3)], "other": [judged(steepness=1.0, seed=2)]})
    base, other = found.variants
    for one in found.differences:
        assert one.reference_value == pytest.approx(base.figures.metric(one.metric).value)
        assert one.variant_value == pytest.approx(other.figures.metric(one.metric).value)
        assert one.value == pytest.approx((one.variant_value or 0.0) - (one.reference_value or 0.0))
    regression = differences(found, "other")["ab_inversions"].value
    assert other.figures.metric("ab_regression").value == max(0, regression or 0)


def test_the_same_verdicts_show_no_difference() -> None:
    """Identical runs: every difference is 0, and every p-value 1 in both readings."""
    found = compared({"base": [judged()], "copy": [judged()]})
    assert {one.value for one in found.differences} == {0.0}
    assert {reading.p_value for one in found.differences for reading in (one.pairs, one.essays)} == {1.0}
    assert found.flips[0].flipped == 0 and found.split == []


def test_p_values_are_adjusted_over_the_couples() -> None:
    """Holm: the smallest p-value times the number of couples; with one couple nothing is adjusted."""
    base, sharp = judged(steepness=0.15, seed=3), judged(steepness=3.0, seed=4)
    alone = differences(compared({"base": [base], "sharp": [sharp]}), "sharp")["win_rate"]
    assert alone.pairs.p_adjusted == alone.pairs.p_value
    runs: Runs = {"base": [base], "sharp": [sharp]}
    runs |= {f"same{number}": [judged(steepness=0.15, seed=number)] for number in (10, 11)}
    among = differences(compared(runs), "sharp")["win_rate"]
    assert among.pairs.p_value == alone.pairs.p_value
    assert among.pairs.p_adjusted == pytest.approx(3 * (alone.pairs.p_value or 0.0))


def test_flips_are_listed_with_both_justifications() -> None:
    """One pair put right and one put wrong, with what each variant says of them."""
    found = compared({"base": [three(-1, 1, 1, words="base")], "other": [three(1, 1, -1, words="other")]})
    (flips,) = found.flips
    assert (flips.one, flips.other, flips.pairs) == ("base", "other", 3)
    assert (flips.flipped, flips.righted, flips.wronged) == (2, 1, 1)
    assert [(pair.higher_grade, pair.lower_grade) for pair in found.split] == [("A", "B"), ("B", "C+")]
    for pair, number in zip(found.split, (1, 3), strict=True):
        assert [(o.run, o.sequence) for o in pair.opinions] == [("base", number), ("other", number)]
        assert [o.justification for o in pair.opinions] == [f"base {number}", f"other {number}"]
    assert [cell.net for cell in found.split[0].cells] == [-1, 1]
    words = [compare_report.cell_text(found.split[0], cell) for cell in found.split[0].cells]
    assert words == ["wrong", "right"]


def test_a_tie_is_no_flip() -> None:
    """From a win to a tie the winner does not change."""
    found = compared({"base": [three(1, 1, 1)], "other": [three(0, 1, 1)]})
    assert (found.flips[0].pairs, found.flips[0].flipped, found.split) == (2, 0, [])


def test_replicates_and_rewordings_are_the_noise() -> None:
    """The variance between runs of one prompt; a variant's figures are the means over its runs."""
    runs: Runs = {
        "base": [judged(steepness=0.4, seed=1), judged(steepness=0.4, seed=2)],
        "reworded": [judged(steepness=0.4, seed=3)],
        "other": [judged(steepness=1.0, seed=4)],
    }
    found = compared(runs, reworded={"paraphrase_of": "base"}, base={"replicates": 2})
    assert found.noise is not None and found.noise.groups == [["base", "base.r2", "reworded"]]
    base, reworded, _ = found.variants
    assert [each.runs for each in base.each] == [["base"], ["base.r2"]] and reworded.each == []
    inversions = [each.metric("direct_inversions").value or 0.0 for each in (*base.each, reworded.figures)]
    band = {each.metric: each for each in found.noise.metrics}["direct_inversions"]
    assert band.degrees == 2 and band.sd == pytest.approx(statistics.stdev(inversions))
    assert band.band == pytest.approx(4.302653 * band.sd * 2**0.5, rel=1e-6), "t with 2 degrees of freedom"
    assert base.figures.metric("direct_inversions").value == sum(inversions[:2]) / 2
    assert base.figures.comparisons == 132 and base.figures.total_usd == pytest.approx(2 * 66 * 0.0096)
    beyond = differences(found, "other")["direct_inversions"]
    assert beyond.band == pytest.approx(4.302653 * band.sd * (1 / 2 + 1) ** 0.5, rel=1e-6)
    assert beyond.beyond_noise is (abs(beyond.value or 0.0) > (beyond.band or 0.0))
    for one in found.differences:
        assert one.verdict == "cannot tell" or one.beyond_noise is not False
    without = compared({"base": runs["base"][:1], "other": runs["other"]})
    assert without.noise is None and differences(without, "other")["win_rate"].beyond_noise is None


@pytest.mark.slow
def test_a_coin_among_the_variants_widens_the_noise_of_no_other_pair() -> None:
    """Two variants are held against their own runs; against those of all prompts where both ran once."""
    made: Runs = {
        "base": [judged(steepness=0.5, seed=seed) for seed in (1, 2, 3)],
        "sharp": [judged(steepness=3.0, seed=seed) for seed in (4, 5, 6)],
    }
    coin = [judged(steepness=0.0, seed=seed) for seed in (7, 8, 9)]
    alone, among = compared(made), compared(made | {"coin": coin})
    for name, one in differences(alone, "sharp").items():
        assert differences(among, "sharp")[name].band == pytest.approx(one.band)
        values = [[each.metric(name).value or 0.0 for each in variant.each] for variant in alone.variants]
        pooled = statistics.mean(statistics.variance(of_runs) for of_runs in values) ** 0.5
        assert one.band == pytest.approx(2.776445 * pooled * (2 / 3) ** 0.5, rel=1e-6), "4 degrees of freedom"
    single = compared({"base": made["base"][:1], "sharp": made["sharp"][:1], "coin": coin})
    assert single.noise is not None
    for one, noise in zip(differences(single, "sharp").values(), single.noise.metrics, strict=True):
        assert one.band == pytest.approx(noise.band)


def test_within_the_noise_replicates_are_advised_and_nothing_else() -> None:
    """The page, the file and the leaderboard say the same; a number only where it alone would decide."""
    made: Runs = {
        "base": [judged(steepness=steepness, seed=9) for steepness in (0.1, 1.2)],
        "other": [judged(steepness=steepness, seed=8) for steepness in (3.0, 0.6)],
    }
    found = compared(made)
    inside = [one for one in found.differences if one.beyond_noise is False and one.value]
    assert inside
    for one in inside:
        assert one.advice is not None and one.advice.kind == "replicates"
        decided = (one.essays.p_adjusted or 1.0) <= 0.05 and one.essays.interval is not None
        assert one.advice.more is None or decided
    assert differences(found, "other")["kendall_tau"] in inside
    page = compare_report.build(found, named(made))["compare.md"]
    assert "More replicates of both come first" in page
    assert any("more replicates of both come first" in step for step in found.leaderboard.next_steps)


def test_one_failed_comparison_is_a_remark_and_five_percent_an_alarm() -> None:
    """The same rule as in the report of a run: 1 of 66 is none, 4 of 66 are."""
    whole = judged(seed=1)

    def failing(count: int) -> Artefact:
        rows = [
            one.model_copy(update={"status": "failed", "winner_id": None}) if place < count else one
            for place, one in enumerate(whole.llm_comparisons)
        ]
        return whole.model_copy(update={"llm_comparisons": rows})

    for count, severity in ((1, "remark"), (4, "alarm")):
        (notice,) = [
            one
            for one in compared({"base": [whole], "other": [failing(count)]}).notices
            if "failed" in one.code
        ]
        assert (notice.severity, notice.text) == (
            severity,
            f"Comparisons failed and are left out: {count} of other.",
        )


def test_replicates_are_pooled_however_many_there_are() -> None:
    """Two runs against three: the values are the means of the runs' own, and none is left out."""
    runs: Runs = {
        "base": [judged(steepness=0.3, seed=seed) for seed in (1, 2)],
        "other": [judged(steepness=1.0, seed=seed) for seed in (3, 4, 5)],
    }
    found = compared(runs, base={"replicates": 2}, other={"replicates": 3})
    for name, one in differences(found, "other").items():
        assert one.comparisons == 66 and one.differing <= 66
        for variant, value in zip(found.variants, (one.reference_value, one.variant_value), strict=True):
            values = [each.metric(name).value or 0.0 for each in variant.each]
            assert value == pytest.approx(sum(values) / len(variant.each))


def test_held_out_anchors_count_nowhere_else() -> None:
    """Turning every verdict that involves a held-out anchor round changes the table of the held-out and no other."""
    base, other = judged(steepness=0.4, seed=1), judged(steepness=1.5, seed=2)
    held_out = "anchor_05"
    turned = other.model_copy(
        update={
            "llm_comparisons": [
                row.model_copy(update={"winner_id": row.loser_id, "loser_id": row.winner_id})
                if f"student::{held_out.upper()}" in (row.essay_a_id, row.essay_b_id)
                else row
                for row in other.llm_comparisons
            ]
        }
    )
    one, two = (compared({"base": [base], "other": [each]}, holdout=[held_out]) for each in (other, turned))
    assert one.holdout is not None and two.holdout is not None
    assert one.holdout.anchors == [held_out] and held_out not in one.anchors and len(one.anchors) == 11
    assert one.model_dump(exclude={"holdout"}) == two.model_dump(exclude={"holdout"})
    assert one.variants[0].figures.pairs == 55 and one.holdout.variants[1].comparisons == 11
    rates = [each.holdout.variants[1].metrics[0].value for each in (one, two) if each.holdout]
    assert rates[0] is not None and rates[1] == pytest.approx(1 - rates[0])
    assert one.holdout.variants[0].metrics == two.holdout.variants[0].metrics


def test_held_out_anchors_are_graded_as_new_essays_are() -> None:
    """The grade of an anchor that is held out is the one of an essay whose grade nobody knows, in the same run."""
    held_out = "anchor_06"
    base = judged(steepness=2.0)
    blind = base.model_copy(
        update={
            "inputs": base.inputs.model_copy(
                update={
                    "anchors": [
                        one.model_copy(update={"grade": None}) if one.anchor_id == held_out else one
                        for one in base.inputs.anchors
                    ]
                }
            )
        }
    )
    found = compared({"base": [base]}, holdout=[held_out])
    assert found.holdout is not None
    ((graded,),) = (one.grades for one in found.holdout.variants)
    (expected,) = analysis.build(blind, {}, name="blind").grade_estimates
    assert graded.model_dump(include=set(type(expected).model_fields)) == expected.model_dump()
    assert graded.name == held_out and graded.holds and graded.expert_grade
    pages = compare_report.build(found, named({"base": [base]}))
    assert all("By the other anchors" in pages[name] for name in ("compare.md", "compare.html"))


def test_a_held_out_name_that_is_no_anchor_is_said() -> None:
    """A slip in experiments.toml does not go by in silence."""
    found = compared({"base": [three(1, 1, 1)], "other": [three(1, 1, 1)]}, holdout=["anchor_99"])
    assert found.holdout is None
    assert [notice.code for notice in found.notices] == ["no such anchor"]


def test_only_pairs_in_common_count() -> None:
    """A variant that judged two of three pairs is compared on these; the other pair is no difference."""
    short = three(1, 1, -1)
    short = short.model_copy(update={"llm_comparisons": short.llm_comparisons[:2]})
    found = compared({"base": [three(-1, 1, 1)], "short": [short]})
    rate = differences(found, "short")["win_rate"]
    assert (rate.comparisons, rate.reference_value, rate.variant_value) == (2, 0.5, 1.0)
    assert "Not the pairs of base, which has 3: short (2 in common)." in found.notices[0].text


def test_another_text_is_another_anchor() -> None:
    """Verdicts on a changed essay are not set beside those on the old one."""
    edited = three(-1, -1, -1)
    first, *rest = edited.inputs.anchors
    changed = first.model_copy(update={"text_sha256": "0" * 64})
    edited = edited.model_copy(
        update={"inputs": edited.inputs.model_copy(update={"anchors": [changed, *rest]})}
    )
    found = compared({"base": [three(1, 1, 1)], "edited": [edited]})
    assert differences(found, "edited")["win_rate"].comparisons == 1
    assert "edited (2 comparisons)" in {each.code: each.text for each in found.notices}["other texts"]


def test_another_judge_is_said() -> None:
    """Where the judge differs from the baseline's, the prompt is not the only cause."""
    found = compared({"base": [judged()], "other": [judged(provider="mock", model="surface")]})
    assert "other judges" in {notice.code for notice in found.notices}


def test_a_baseline_of_nothing_and_no_variant_at_all() -> None:
    """Absent values are absent: no verdict, and nothing to compare with."""
    found = compared({"base": [three(0, 0, 0)], "other": [three(1, 1, 1)]})
    assert found.variants[1].verdict is None and found.verdict.startswith("No prompt can be named")
    assert differences(found, "other")["win_rate"].value is None
    alone = compared({"base": [three(1, 1, 1)]})
    assert alone.flips == [] and alone.verdict.startswith("There is only one variant")
    both: Runs = {"base": [three(0, 0, 0)], "other": [three(1, 1, 1)]}
    for each, made in ((found, both), (alone, Runs({"base": [three(1, 1, 1)]}))):
        files = compare_report.build(each, named(made))
        assert not re.search(r"\b(nan|None|Undefined)\b", " ".join(Page(files["compare.html"]).text))


def test_runs_that_repeat_each_other_count_once() -> None:
    """The same verdicts, three times over, are one run: no narrower interval, no band of noise."""
    base, other = judged(steepness=0.6), judged(steepness=0.6, seed=2)
    once = compared({"base": [base], "other": [other]})
    thrice = compared({"base": [base] * 3, "other": [other] * 3})
    for one, three_times in zip(once.variants, thrice.variants, strict=True):
        assert three_times.figures.metrics == one.figures.metrics
        assert len(three_times.figures.runs) == 3, "they were paid for three times"
    assert thrice.noise is None
    codes = {notice.code: notice.text for notice in thrice.notices}
    assert "base (3 runs), other (3 runs)" in codes["never varies"]
    assert "never varies" not in {notice.code for notice in once.notices}


def test_ab_regression_of_several_runs_is_the_excess_of_means() -> None:
    """Runs of one prompt have no regression against themselves, though some of them have more inversions."""
    runs = [judged(steepness=0.3, seed=seed) for seed in (1, 2, 3)]
    found = compared({"base": runs, "other": runs[::-1]})
    counts = [run.metric("ab_inversions").value for run in found.variants[0].each]
    assert len(set(counts)) > 1
    for variant in found.variants:
        assert variant.figures.metric("ab_inversions").value == pytest.approx(sum(c or 0 for c in counts) / 3)
        assert variant.figures.metric("ab_regression").value == pytest.approx(0.0)


def test_a_rewording_of_itself_is_refused() -> None:
    """Round in a circle there is no prompt whose meaning is kept."""
    with pytest.raises(ValidationError, match="goes round in a circle"):
        experiments(["base", "a", "b"], a={"paraphrase_of": "b"}, b={"paraphrase_of": "a"})


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """The pages of a comparison with every part, and foreign text that would like to be markup."""
    hostile = three(-1, 1, 1, words=HOSTILE)
    runs: Runs = {
        "base": [hostile, three(-1, -1, 1), three(1, -1, 1)],
        "other": [three(1, 1, -1, words=HOSTILE)],
    }
    found = compared(runs, base={"replicates": 3}, holdout=["anchor_03"])
    assert found.holdout and found.noise and found.split
    return compare_report.build(found, named(runs))


def test_html_page_is_whole_and_self_contained(pages: dict[str, str]) -> None:
    """Balanced elements, unique ids that links reach, no address outside, hostile text as text."""
    text = pages["compare.html"]
    page = Page(text)
    assert page.mismatched == [] and page.open == []
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in page.tags:
        address = attributes.get("href" if tag in ("a", "link") else "src")
        if address and not address.startswith("data:") and address not in ("index.html", "history.html"):
            assert READ.fullmatch(address) or (address.startswith("#") and address[1:] in ids)
    assert "http" not in text.replace("http://example.org", "") and len(text) < 1_000_000
    assert [tag for tag, _ in page.tags].count("script") == 3, "the page's, the reader's and its data"
    (data,) = re.findall(r'<script type="application/json" id="reading">(.*?)</script>', text, re.DOTALL)
    assert any("<script>alert(1)</script>" in str(verdict) for verdict in json.loads(data)["verdicts"])
    assert not re.search(r"\b(nan|None|Undefined|inf)\b", " ".join(page.text))


def test_every_figure_has_its_meaning_and_the_page_leads_on(pages: dict[str, str]) -> None:
    """A button for each figure of the leaderboard; links to all runs, the history and the guide."""
    page = Page(pages["compare.html"])
    asked = {attributes.get("aria-label") for tag, attributes in page.tags if tag == "button"}
    for label in (
        "Kendall's tau",
        "Direct inversions",
        "Zero-win anchors",
        "Groups",
        "Wins of the higher grade",
    ):
        assert f"What is {label}?" in asked
    links = {attributes.get("href") for tag, attributes in page.tags if tag == "a"}
    assert {"index.html", "history.html", "#guide"} <= links


def test_markdown_has_even_tables_and_shows_every_plot(pages: dict[str, str]) -> None:
    """Rows of a table are equally long whatever a justification says; plots are linked by relative paths."""
    text = pages["compare.md"]
    found = tables(text)
    assert len(found) == 12
    for table in found:
        assert len(table) > 1 and len({len(row) for row in table}) == 1
    links = re.findall(r"^!\[[^\]]*\]\(([^)]+)\)$", text, re.MULTILINE)
    assert set(links) == {name for name in pages if name.endswith(".svg")} and links
    assert not re.search(r"\b(nan|None|Undefined|inf)\b", text)


def test_plots_say_what_they_show(pages: dict[str, str]) -> None:
    """Each forest plot names the variants with their verdicts for a screen reader."""
    for name, text in pages.items():
        if name.endswith(".svg"):
            assert 'role="img"' in text and re.search(r"<desc[^>]*>other [+−]", text)


def test_a_failed_replicate_takes_no_pairs_from_a_whole_one(tmp_path: Path) -> None:
    """It is left out with its reason; the only run of a variant stays, and so does the variant."""
    project = ProjectPaths.at(tmp_path)
    whole = three(-1, 1, 1)
    failed = whole.model_copy(
        update={
            "llm_comparisons": whole.llm_comparisons[:1],
            "validation": whole.validation.model_copy(
                update={"batch_status": "failed", "failure": "quota", "complete": False, "missing": 2}
            ),
        }
    )
    made = {"base": whole, "base.r2": failed, "other": failed}
    for name, one in made.items():
        write_model(project.run(name).artefact, one)
    variants = {"base": "base", "base.r2": "base", "other": "other", "later": "later"}
    left_out = compare.run(project, experiments(["base", "other", "later"]), variants, Progress())
    assert left_out == {"later": "no artefact yet", "base.r2": "its batch failed: quota"}
    found = read_model(project.compare, Compare)
    assert [each.figures.runs for each in found.variants] == [["base"], ["other"]]
    (partial,) = [notice.text for notice in found.notices if notice.code == "partial data"]
    assert "other (the batch was given up: quota)" in partial
    project.run("base").artefact.unlink()
    project.run("base.r2").artefact.unlink()
    with pytest.raises(InputError, match="the baseline 'base' has no answers yet"):
        compare.run(project, experiments(["base", "other", "later"]), variants, Progress())


def test_run_writes_the_same_bytes_again(tmp_path: Path) -> None:
    """From artefacts to compare.json and pages, twice; the second run writes nothing."""
    project = ProjectPaths.at(tmp_path)
    runs: Runs = {"base": [three(-1, 1, 1)], "other": [three(1, 0, 1)]}
    for name, (made,) in runs.items():
        write_model(project.run(name).artefact, made)
    settings = experiments(list(runs))
    shown = Progress()
    compare.run(project, settings, {name: name for name in runs}, shown)
    assert shown.total == 5 and shown.counts == [1, 2, 3, 4, 5], "a metric each"
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert read_model(project.compare, Compare) == compared(runs)
    assert model_bytes(compared(runs)) == project.compare.read_bytes()
    compare.run(project, settings, {name: name for name in runs}, Progress())
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before
