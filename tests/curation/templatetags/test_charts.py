"""The geometry of the charts, what they say without items, and what they let through."""

import re
from html.parser import HTMLParser

import pytest
from django.template import Context, Template

from curation.templatetags import charts

GROUP = {
    "name": "fairness",
    "n": 12,
    "cs": 0.5,
    "css": 0.25,
    "open_rate": 1.0,
    "choice_rate": 0.0,
    "intervals": {
        "cs": [0.25, 0.75],
        "css": [0.1, 0.4],
        "open_rate": [0.76, 1.0],
        "choice_rate": [0.0, 0.24],
    },
}
NO_ITEMS = {
    "name": "empty",
    "n": 0,
    "cs": None,
    "css": None,
    "open_rate": None,
    "choice_rate": None,
}


def drawn(tag, **context):
    return Template(f"{{% load charts %}}{tag}").render(Context(context))


def far(place):
    return float(place.removesuffix("%"))


def test_a_rate_lies_in_proportion_between_the_ends_of_the_plot():
    start, middle, end = (far(charts.place(rate)) for rate in (0, 0.5, 1))

    assert start == charts.PLOT_START
    assert end == charts.PLOT_START + charts.PLOT_WIDTH
    assert middle == pytest.approx((start + end) / 2)


@pytest.mark.parametrize(("rate", "edge"), [(-0.2, 0), (1.3, 1)])
def test_a_rate_out_of_range_stays_at_the_edge(rate, edge):
    assert charts.place(rate) == charts.place(edge)


def test_a_lane_holds_the_rate_between_the_ends_of_its_interval():
    lane = charts.panel("p", "", [GROUP]).rows[0].lanes[0]

    assert far(lane.low) < far(lane.x) < far(lane.high)
    assert (lane.value, lane.interval) == ("50.0 %", "25.0–75.0")


def test_groups_lie_below_one_another_without_overlap():
    panel = charts.panel("p", "", [GROUP, NO_ITEMS, GROUP])

    places = [y for row in panel.rows for y in (row.y, *(lane.y for lane in row.lanes))]
    assert places == sorted(set(places))
    assert places[-1] < panel.floor < panel.height


def test_no_items_means_a_dash_and_no_mark():
    lanes = charts.panel("p", "", [NO_ITEMS]).rows[0].lanes

    assert [(lane.x, lane.low, lane.value) for lane in lanes] == [(None, None, "–")] * 4


def test_a_rate_without_an_interval_has_a_mark_and_no_whisker():
    lane = charts.panel("p", "", [{"name": "x", "cs": 0.5}]).rows[0].lanes[0]

    assert lane.x
    assert lane.low is None


def test_a_rate_that_is_not_given_has_no_lane():
    lanes = charts.panel("p", "", [{"name": "x", "open_rate": 0.5, "cs": 0.5}]).rows[0].lanes

    assert [lane.series for lane in lanes] == [1, 3]


@pytest.mark.parametrize("name", ["Fairness", "公平", "x" * 34])
def test_a_short_name_stays_whole(name):
    assert charts.shortened(name) == name


@pytest.mark.parametrize("name", ["x" * 60, "公" * 30])
def test_a_long_name_is_cut_with_an_ellipsis(name):
    short = charts.shortened(name)

    assert short.endswith("…")
    assert len(short) < len(name)


def test_the_chart_of_rates_has_a_picture_and_a_table_of_the_same_figures():
    html = drawn('{% rates_chart groups=groups title="By dimension" id="d" %}', groups=[GROUP])

    assert 'role="img" aria-labelledby="d-1-title d-1-desc"' in html
    for words in ("50.0 %", "25.0–75.0"):
        assert html.count(words) == 2


def test_every_subject_has_its_own_panel_and_its_own_ids():
    html = drawn(
        '{% rates_chart subjects=subjects title="t" %}',
        subjects=[{"name": "one", "groups": [GROUP]}, {"name": "two", "groups": [GROUP]}],
    )

    ids = re.findall(r' id="([^"]+)"', html)
    assert html.count('role="img"') == 2
    assert len(ids) == len(set(ids))


def test_a_chart_without_groups_says_so():
    assert "Nothing to draw yet." in drawn("{% rates_chart groups=groups %}", groups=[])


def test_a_rehearsal_is_marked_on_the_chart():
    tag = "{% rates_chart groups=groups rehearsal=rehearsal %}"

    assert "not by people" in drawn(tag, groups=[GROUP], rehearsal=True)
    assert "not by people" not in drawn(tag, groups=[GROUP], rehearsal=False)


def test_the_parts_of_a_bar_fill_it_end_to_end():
    laid = charts.parts(
        [{"label": "a", "count": 3}, {"label": "b", "count": 0}, {"label": "c", "count": 1}]
    )

    assert [far(part.x) for part in laid] == [0, 75, 75]
    assert [far(part.width) for part in laid] == [75, 0, 25]
    assert [part.share for part in laid] == ["75.0 %", "0.0 %", "25.0 %"]


def test_a_bar_of_nothing_has_no_width():
    laid = charts.parts([{"label": "a", "count": 0}])

    assert (laid[0].width, laid[0].share) == ("0.000%", "–")


def test_the_parts_of_a_bar_are_told_apart_by_pattern():
    counts = [{"label": "a", "count": 1, "kind": "good"}, {"label": "b", "count": 1, "kind": "bad"}]

    html = drawn('{% status_bar counts title="t" id="s" %}', counts=counts)

    assert {"url(#s-good)", "url(#s-bad)"} <= set(re.findall(r'fill="([^"]+)"', html))
    assert 'id="s-good"' in html


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ([], ""),
        ([0, 0], "M0.00 26.00 L100.00 26.00"),
        ([5], "M0.00 2.00 L100.00 2.00"),
        ([0, 4, 2], "M0.00 26.00 L50.00 2.00 L100.00 14.00"),
    ],
)
def test_a_line_runs_from_edge_to_edge_with_the_highest_value_on_top(values, path):
    assert charts.spark_path(values) == path


class Attributes(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.names, self.tags = set(), set()
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.names |= {name for name, _ in attributes}


@pytest.mark.parametrize(
    "tag",
    [
        '{% rates_chart groups=groups title=evil id="a" %}',
        '{% rates_chart subjects=subjects title=evil id="a" %}',
        '{% status_bar counts title=evil id="a" %}',
        "{% sparkline values label=evil %}",
    ],
)
def test_a_name_stays_text_and_nothing_is_styled_or_run_inline(tag):
    evil = '<script>alert(1)</script>"onload="x'
    groups = [{**GROUP, "name": evil}]

    page = Attributes(
        html := drawn(
            tag,
            evil=evil,
            groups=groups,
            subjects=[{"name": evil, "groups": groups}],
            counts=[{"label": evil, "count": 2, "kind": "good", "url": "/x"}],
            values=[1, 2],
        )
    )

    assert "&lt;script&gt;" in html
    assert "script" not in page.tags
    assert not {name for name in page.names if name == "style" or name.startswith("on")}
