"""Maps and concentration against published cases, a second method, and themselves."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import pdist, squareform

from mlcore.reading import Invalid, read_inputs
from portal.planning.calculators.positioning import CALCULATOR, COLUMNS, WHITE_SPACE
from portal.planning.engine import evaluate, report, simulate
from portal.planning.rivalry import words
from portal.planning.rivalry.concentration import concentration, merger_delta, within_whole
from portal.planning.rivalry.inputs import Attribute, Competitor
from portal.planning.rivalry.maps import (
    by_components,
    by_scaling,
    classical_scaling,
    distances,
    principal_components,
    standardise,
    stress,
)
from portal.planning.rivalry.space import mean_distance, nearest, white_space
from portal.planning.wording import say
from tests.planning import golden_maps

Inputs = CALCULATOR.inputs
few = settings(max_examples=60, deadline=None)

CORNERS = ((1, 1, 1), (1, 1, 3), (3, 3, 1), (3, 3, 3))


def read(**given: Any) -> Any:
    return read_inputs(Inputs, given)


def market(*firms: Any, shares: Any = (), **given: Any) -> Any:
    """Inputs with these rows of scores, and names A, B, C, ... for them."""
    shares = [*shares, *[0] * (len(firms) - len(shares))]
    rows = [
        {"name": chr(65 + at), "share": share, "scores": list(scores)}
        for at, (scores, share) in enumerate(zip(firms, shares, strict=True))
    ]
    attributes = [{"name": f"attribute {at}"} for at in range(len(firms[0]))]
    return read(**{"attributes": attributes, "competitors": rows, "tail_firms": 10, **given})


def outputs(inputs: Any) -> dict[str, Any]:
    return dict(evaluate(CALCULATOR, inputs).outputs)


# Published cases


def test_principal_components_of_six_points() -> None:
    # The example in the documentation of scikit-learn's PCA.
    points = np.array([[-1, -1], [-2, -1], [-3, -2], [1, 1], [2, 1], [3, 2]], dtype=float)
    _, squares = principal_components(points)
    assert np.sqrt(squares) == pytest.approx([6.30061232, 0.54980396])
    assert squares / squares.sum() == pytest.approx([0.99244289, 0.00755711], rel=1e-6)


def test_principal_components_of_arrests() -> None:
    columns = standardise(np.array(list(golden_maps.ARRESTS.values()), dtype=float).T)
    _, squares = principal_components(columns.standard)
    assert squares / squares.sum() == pytest.approx(golden_maps.ARRESTS_SHARES, abs=5e-4)
    found = by_components(columns.standard)
    assert found.explained == pytest.approx(golden_maps.ARRESTS_SHARES[:2], abs=5e-4)
    assert found.fitted == pytest.approx(np.array(list(golden_maps.ARRESTS_LOADINGS.values())).T, abs=5e-4)


def test_a_map_of_europe_from_distances_by_road() -> None:
    apart = squareform(np.array(golden_maps.EUROPE, dtype=float))
    assert len(apart) == golden_maps.EUROPE_CITIES
    points, sizes = classical_scaling(apart)
    assert np.abs(points[:3]) == pytest.approx(np.abs(golden_maps.EUROPE_MAP), rel=1e-8)
    assert sizes.min() < 0  # roads are no straight lines: no space holds all the distances


def test_a_merger_under_the_guidelines_of_2023() -> None:
    # 30, 30, 20 and 20%: 2,600 points, and 3,400 once the last two are one; by hand.
    found = outputs(market(*CORNERS, shares=(0.3, 0.3, 0.2, 0.2), merging=3, merging_with=4))
    assert (found["hhi"], found["delta"], found["hhi_after"]) == pytest.approx((2_600, 800, 3_400))
    assert found["presumed_unlawful"]
    assert found["equal_firms"] == pytest.approx(10_000 / 2_600)


@pytest.mark.parametrize(
    ("shares", "tail_firms", "presumed"),
    [
        ((0.1, 0.1, 0.1), 100, False),  # 200 points more, but neither concentrated nor large
        ((0.1, 0.25, 0.1), 100, True),  # 35% together, and 500 more
        ((0.6, 0.02, 0.02), 100, False),  # highly concentrated, but only 8 more
        ((0.4, 0.04, 0.04), 100, False),
        ((0.42, 0.08, 0.08), 100, True),  # 128 more in a market above 1,800
    ],
)
def test_which_mergers_are_presumed_unlawful(shares: Any, tail_firms: int, presumed: bool) -> None:
    given = {"shares": shares, "tail_firms": tail_firms, "merging": 2, "merging_with": 3}
    assert outputs(market(*CORNERS[:3], **given))["presumed_unlawful"] is presumed


# Properties of maps

shapes = st.tuples(st.integers(3, 8), st.integers(3, 6))
tables = shapes.flatmap(lambda shape: arrays(float, shape, elements=st.integers(0, 10).map(float)))


def differing(scores: Any) -> Any:
    columns = standardise(scores)
    assume(columns.differs.sum() >= 2)
    return columns


@given(tables)
@few
def test_all_components_build_the_scores_again(scores: Any) -> None:
    columns = differing(scores)
    left, singular, right = np.linalg.svd(columns.standard, full_matrices=False)
    assert columns.centre + columns.spread * ((left * singular) @ right) == pytest.approx(scores, abs=1e-9)
    found = by_components(columns.standard)
    left_out = np.square(columns.standard - found.points @ found.fitted).sum()
    assert left_out == pytest.approx(np.square(singular[2:]).sum(), abs=1e-8)
    assert found.explained.sum() == pytest.approx(np.square(singular[:2]).sum() / np.square(singular).sum())


@given(tables)
@few
def test_scaling_with_equal_weights_is_the_map_of_the_components(scores: Any) -> None:
    columns = differing(scores)
    one, other = by_components(columns.standard), by_scaling(columns.standard, np.ones(scores.shape[1]))
    assert other.explained == pytest.approx(one.explained, abs=1e-9)
    assert other.stress == pytest.approx(one.stress, abs=1e-7)
    assume(abs(one.explained[0] - one.explained[1]) > 1e-3)  # equal axes may be turned
    assert pdist(other.points) == pytest.approx(pdist(one.points), abs=1e-6)


@given(tables, st.data())
@few
def test_a_map_does_not_flip_nor_depend_on_order_or_units(scores: Any, data: Any) -> None:
    columns = differing(scores)
    found = by_components(columns.standard)
    assert (found.fitted.max(axis=1) >= -found.fitted.min(axis=1) - 1e-9).all()
    singular = np.linalg.svd(columns.standard, compute_uv=False)
    assume(np.diff(singular[:3]).max() < -1e-3)
    order = data.draw(st.permutations(range(len(scores))))
    shuffled = by_components(standardise(3 * scores[order] + 7).standard)
    assert np.abs(shuffled.points) == pytest.approx(np.abs(found.points[order]), abs=1e-6)
    largest = np.sort(np.abs(found.fitted), axis=1)
    assume((largest[:, -1] - largest[:, -2] > 1e-6).all())  # of equals, rounding may choose
    assert shuffled.points == pytest.approx(found.points[order], abs=1e-6)


@given(tables)
@few
def test_correlations_are_those_of_attributes_with_axes(scores: Any) -> None:
    columns = differing(scores)
    found = by_components(columns.standard)
    for axis, across in zip(found.correlations, found.points.T, strict=True):
        for value, column in zip(axis, columns.standard.T, strict=True):
            if across.std() < 1e-6 or column.std() < 1e-6:
                assert value == pytest.approx(0, abs=1e-6)
            else:
                assert value == pytest.approx(np.corrcoef(across, column)[0, 1], abs=1e-6)
    assert (np.square(found.correlations).sum(axis=0) <= 1 + 1e-9).all()


@given(tables, st.data())
@few
def test_distances_count_attributes_by_weight(scores: Any, data: Any) -> None:
    columns = differing(scores)
    weights = np.array(
        data.draw(st.lists(st.integers(1, 9), min_size=scores.shape[1], max_size=scores.shape[1])), float
    )
    apart = distances(columns.standard, weights)
    assert apart == pytest.approx(distances(columns.standard, 7 * weights))
    for one, other in combinations(range(len(scores)), 2):
        gaps = (columns.standard[one] - columns.standard[other]) ** 2
        assert apart[one, other] == pytest.approx(np.sqrt((gaps * weights).sum() / weights.sum() * len(weights)))


def test_stress_by_hand_and_of_a_map_that_keeps_all_distances() -> None:
    apart = squareform(np.array([1.0, 1.0, 2.0]))
    assert stress(apart, np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]])) > 0
    # On the map 1, 2, 1 where 1, 1, 2 is wanted: √((0 + 1 + 1) ÷ 6).
    assert stress(apart, np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]])) == pytest.approx((2 / 6) ** 0.5)
    flat = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 4.0]])
    assert stress(squareform(pdist(flat)), flat) == 0


@given(tables)
@few
def test_white_space_is_in_the_hull_and_no_point_of_it_is_emptier(scores: Any) -> None:
    columns = differing(scores)
    weights = np.ones(scores.shape[1])
    found = by_components(columns.standard)
    room = white_space(found, weights, us=0)
    rivals = found.points[1:]
    on_map = np.linalg.norm(rivals - room.spot, axis=1).min()  # components turn nothing: distances are the map's
    assert room.far == pytest.approx(on_map, abs=1e-8)
    mixtures = np.random.default_rng(1).dirichlet(np.ones(len(scores)), 400) @ found.points
    emptiest = np.linalg.norm(mixtures[:, np.newaxis] - rivals, axis=2).min(axis=1).max()
    cell = np.linalg.norm(np.ptp(found.points, axis=0)) / 40
    assert room.far >= emptiest - cell
    assert (room.spot >= found.points.min(axis=0) - 1e-9).all()
    assert (room.spot <= found.points.max(axis=0) + 1e-9).all()


def test_nearest_and_mean_by_hand() -> None:
    apart = np.array([[0.0, 3.0, 5.0], [3.0, 0.0, 4.0], [5.0, 4.0, 0.0]])
    rows, gaps = nearest(apart)
    assert rows.tolist() == [1, 0, 1]
    assert gaps.tolist() == [3, 3, 4]
    assert mean_distance(apart) == 4


# Properties of concentration

markets = st.lists(st.floats(0, 1), min_size=1, max_size=12)


@given(markets, st.integers(1, 500))
@few
def test_concentration_has_its_bounds(drawn: list[float], tail_firms: int) -> None:
    shares = within_whole(np.array(drawn)[:, np.newaxis])
    found = concentration(shares, tail_firms)
    assert shares.sum() <= 1 + 1e-12
    firms = len(drawn) + tail_firms
    assert 10_000 / firms - 1e-6 <= found.index[0] <= 10_000 + 1e-6
    assert found.listed[0] <= found.index[0] <= found.most[0] + 1e-9
    # The tail as that many rows of their own is the same market.
    apart = concentration(np.vstack((shares, np.repeat(found.tail[np.newaxis] / tail_firms, tail_firms, axis=0))), 1)
    assert apart.index[0] == pytest.approx(found.index[0], rel=1e-9)


@given(markets, st.integers(1, 500), st.data())
@few
def test_a_merger_raises_the_index_by_its_delta(drawn: list[float], tail_firms: int, data: Any) -> None:
    assume(len(drawn) >= 2)
    shares = within_whole(np.array(drawn)[:, np.newaxis])
    one, other = data.draw(st.permutations(range(len(drawn))))[:2]
    merged = np.vstack((np.delete(shares, [one, other], axis=0), shares[one] + shares[other]))
    rise = concentration(merged, tail_firms).index - concentration(shares, tail_firms).index
    assert rise[0] == pytest.approx(merger_delta(shares[one], shares[other])[0], abs=1e-6)


# The calculator


def test_the_offer_in_the_white_space_is_in_the_units_of_the_attributes() -> None:
    found = outputs(market(*CORNERS))
    # A quarter along the lower side of the rectangle between (1, 1, 1) and (3, 3, 1), whole on the map.
    assert found["white_space"] == pytest.approx([1.5, 1.5, 1])
    assert found["shown"] == pytest.approx([1, 1, 1])
    assert found["white_space_from_us"] * found["mean_distance"] == pytest.approx(0.5**0.5)


def test_the_value_curve_runs_from_the_worst_to_the_best() -> None:
    attributes = [{"name": "Price", "better": "less"}, {"name": "Quality"}, {"name": "Colour"}]
    found = outputs(market((10, 1, 5), (30, 9, 5), (20, 3, 5), attributes=attributes))
    assert found["value_curve"] == [[10, 0, 5], [0, 10, 5], [5, 2.5, 5]]


def test_a_constant_attribute_is_named_and_changes_nothing() -> None:
    plain = [(1, 5, 2), (4, 3, 6), (2, 8, 1), (7, 2, 3)]
    case = evaluate(CALCULATOR, market(*[(*row, 4) for row in plain]))
    without = outputs(market(*plain))
    assert [say(notice) for notice in case.notices if notice.text == words.LEFT_OUT] == [
        "“attribute 3” is the same for all rows and is left out of map and distances."
    ]
    assert case.outputs["map_across"] == pytest.approx(without["map_across"])
    assert case.outputs["differentiation"] == pytest.approx(without["differentiation"])
    assert case.outputs["arrow_across"][3] == case.outputs["shown"][3] == 0
    assert case.outputs["white_space"][3] == 4


def test_rows_on_one_line_have_a_map_without_height() -> None:
    for method in ("components", "scaling"):
        found = outputs(market((1, 2, 3), (2, 4, 6), (4, 8, 12), method=method))
        assert found["map_up"] == [0, 0, 0, 0]
        assert found["explained_across"] == pytest.approx(1)
        assert found["stress"] == pytest.approx(0, abs=1e-9)


def test_weights_move_the_scaled_map_and_not_that_of_the_components() -> None:
    firms = [(1, 5, 2), (4, 3, 6), (2, 8, 1), (7, 2, 3)]
    heavy = [{"name": name, "weight": weight} for name, weight in zip("abc", (9, 1, 1), strict=True)]
    one, other = (outputs(market(*firms, attributes=each)) for each in (heavy, [{"name": name} for name in "abc"]))
    assert one["map_across"][:-1] == pytest.approx(other["map_across"][:-1])
    assert one["differentiation"] != pytest.approx(other["differentiation"])
    scaled = outputs(market(*firms, attributes=heavy, method="scaling"))
    assert scaled["shown"][0] > 0.99
    assert scaled["map_across"][:-1] != pytest.approx(one["map_across"][:-1], abs=0.01)


def test_a_copy_of_us_is_at_no_distance() -> None:
    case = evaluate(CALCULATOR, market((1, 2, 3), (4, 1, 5), (1, 2, 3)))
    assert case.outputs["differentiation"] == 0
    assert case.outputs["nearest_row"] == [3, 1, 1]
    assert words.CROWDED in [notice.text for notice in case.notices]
    assert case.tables[0].rows[0] == ("A", "C", 0.0)


def test_shares_and_the_tail_are_drawn_and_never_pass_the_whole() -> None:
    inputs = market(*CORNERS, shares=("40% to 60%", "20% to 40%", 0.1, 0.05), tail_firms="5 to 20")
    outcome = simulate(CALCULATOR, inputs, draws=2_000, seed=2)
    listed = np.asarray(outcome.samples["listed_share"])
    shares = np.stack([outcome.drawn[f"competitors.{at}.share"] for at in (0, 1)])
    passing = shares.sum(axis=0) + 0.15 > 1
    assert 0 < passing.mean() < 1
    assert listed[passing] == pytest.approx(1)
    assert listed[~passing] == pytest.approx((shares.sum(axis=0) + 0.15)[~passing])
    points = 1e4 * np.array([*shares, np.full(2_000, 0.1), np.full(2_000, 0.05)]) ** 2
    tail = 1e4 * (1 - listed) ** 2 / outcome.drawn["tail_firms"]
    assert np.asarray(outcome.samples["hhi"])[~passing] == pytest.approx((points.sum(axis=0) + tail)[~passing])
    assert np.shape(outcome.samples["differentiation_of"]) == (4,)  # the distances hang on no range


def test_the_map_holds_every_firm_and_the_white_space() -> None:
    body = report(evaluate(CALCULATOR, read()))
    (along,) = body["outputs"]["map_across"]["along"]
    assert along["places"][0] == "Us"
    assert along["places"][-1] == WHITE_SPACE
    assert len(along["places"]) == len(body["outputs"]["map_across"]["value"])


# Refusals

REFUSED = [
    (
        {"attributes": COLUMNS[:2], "competitors": [{"scores": [1, 2]}] * 3},
        "attributes",
        "at least 3 attributes, got 2",
    ),
    ({"attributes": [], "competitors": [{"scores": []}] * 3}, "attributes", "at least 3 attributes, got 0"),
    ({"attributes": COLUMNS, "competitors": []}, "competitors", "us and at least 2 rivals, got 0 rows"),
    ({"attributes": COLUMNS, "competitors": [{"scores": [1, 2, 3]}] * 2}, "competitors", "2 rivals, got 2 rows"),
    (
        {"attributes": COLUMNS, "competitors": [{"scores": [1, 2, 3]}] * 4},
        "competitors",
        "in which the rows differ, got 0",
    ),
    (
        {"attributes": COLUMNS, "competitors": [{"scores": [1, 2, at]} for at in range(4)]},
        "competitors",
        "in which the rows differ, got 1",
    ),
    (
        {"attributes": [{**row, "weight": 0} for row in COLUMNS], "competitors": [{"scores": row} for row in CORNERS]},
        "attributes",
        "Wanted a weight above zero",
    ),
    (
        {"attributes": COLUMNS, "competitors": [{"scores": row, "share": 0.3} for row in CORNERS]},
        "competitors",
        "at most 100%, got 120%",
    ),
    (
        {"attributes": COLUMNS, "competitors": [{"scores": row, "share": "30% to 35%"} for row in CORNERS]},
        "competitors",
        "at most 100%",
    ),
    ({"merging": 7, "merging_with": 2}, "merging", "from 1 to 6, or 0 for no merger, got 7"),
    ({"merging": 1, "merging_with": 9}, "merging_with", "from 1 to 6"),
    (
        {"merging": 2, "merging_with": 2},
        "merging_with",
        "two different rows that merge, or 0 in both fields, got 2 and 2",
    ),
    ({"merging": 2}, "merging_with", "two different rows"),
    ({"merging_with": 2}, "merging_with", "two different rows"),
]


@pytest.mark.parametrize(("given", "path", "said"), REFUSED)
def test_what_cannot_be_mapped_is_refused(given: dict[str, Any], path: str, said: str) -> None:
    with pytest.raises(Invalid, match=said) as refused:
        evaluate(CALCULATOR, read(**given))
    assert path in refused.value.problems


def test_rows_with_another_number_of_scores_are_refused_by_row() -> None:
    inputs = Inputs(
        attributes=tuple(Attribute(name=name) for name in "abc"),
        competitors=(Competitor(scores=(1, 2, 3)), Competitor(scores=(1, 2)), Competitor(scores=(3, 2, 1, 0))),
    )
    with pytest.raises(Invalid, match="Wanted 3 scores, one for each attribute, got 2") as refused:
        evaluate(CALCULATOR, inputs)
    assert list(refused.value.problems) == ["competitors.1.scores", "competitors.2.scores"]


@pytest.mark.parametrize(
    "row",
    [
        {"share": 1.2},
        {"share": -0.1},
        {"scores": [1, 2, "three"]},
        {"scores": [1, 2, 1e12]},
        {"scores": [1, 2, None]},
        {"scores": [1, 2]},
        {"nome": "x"},
    ],
)
def test_what_is_not_permitted_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        read(attributes=COLUMNS, competitors=[{"scores": [1, 2, 3], **row}, *[{"scores": row} for row in CORNERS]])


# Any market that can be mapped

firms = st.tuples(st.integers(3, 6), st.integers(3, 5)).flatmap(
    lambda shape: st.tuples(
        arrays(float, shape, elements=st.floats(-1e9, 1e9, width=32)),
        st.lists(st.floats(0, 1 / shape[0]), min_size=shape[0], max_size=shape[0]),
        st.lists(st.floats(0, 100), min_size=shape[1], max_size=shape[1]),
        st.sampled_from(["components", "scaling"]),
    )
)


@given(firms)
@settings(max_examples=150, deadline=None)
def test_figures_are_finite_and_agree_with_one_another(drawn: Any) -> None:
    scores, shares, weights, method = drawn
    attributes = [{"name": str(at), "weight": weight} for at, weight in enumerate(weights)]
    inputs = market(*scores.tolist(), shares=shares, attributes=attributes, method=method)
    try:
        found = outputs(inputs)
    except Invalid as refused:
        assert "in which the rows differ" in str(refused)  # noqa: PT017
        return
    assert 0 <= found["explained"] <= 1 + 1e-9
    assert found["explained_across"] >= found["explained_up"] >= 0
    assert all(0 <= value <= 1 + 1e-6 for value in found["shown"])
    assert min(found["differentiation_of"]) <= 1 + 1e-9
    assert found["differentiation_of"][0] == pytest.approx(found["differentiation"])
    assert found["hhi_listed"] <= found["hhi"] <= found["hhi_most"] <= 10_000 + 1e-6
    assert np.isfinite(found["map_across"] + found["map_up"] + found["white_space"]).all()
    assert all(0 <= value <= 10 for row in found["value_curve"] for value in row)


# Words


def test_the_answer_in_words() -> None:
    near = "Nearest to us is B, at 0.724× the mean distance."
    for shares, said in (
        ((0, 0, 0, 0), "The market is moderately concentrated: 1,000 points."),
        ((0.05, 0.05, 0.05, 0.05), "The market is not concentrated: 740 points."),
        ((0.3, 0.3, 0.2, 0.2), "The market is highly concentrated: 2,600 points."),
    ):
        outcome = simulate(CALCULATOR, market(*CORNERS, shares=shares), draws=10, seed=1)
        assert say(CALCULATOR.answer(outcome)) == f"{near} {said}"
    outcome = simulate(CALCULATOR, market(*CORNERS, shares=("30% to 50%", 0.1, 0.1, 0.1)), draws=1_000, seed=1)
    assert 0 < outcome.share("highly_concentrated") < 1
    assert say(CALCULATOR.answer(outcome)).startswith(f"{near} The market is highly concentrated in ")


def notices(inputs: Any) -> list[str]:
    return [notice.text for notice in evaluate(CALCULATOR, inputs).notices]


def test_warnings_appear_where_they_are_due() -> None:
    merging = {"merging": 3, "merging_with": 4}
    assert notices(market(*CORNERS)) == [words.NO_SHARES]
    assert notices(market(*CORNERS, shares=(0.3, 0.3, 0.2, 0.2))) == []
    assert notices(market(*CORNERS, shares=(0.3, 0.3, 0.2, 0.2), **merging)) == [words.PRESUMED]
    assert notices(market(*CORNERS, shares=(0.2, 0.2, 0.1, 0.1))) == [words.TAIL_DECIDES]
    many = np.random.default_rng(4).normal(size=(12, 12)).tolist()
    assert words.POOR_MAP in notices(market(*many, shares=(0.5, 0.5)))
