"""What holds for forecasts: known series go on as they must, and unusable orders are refused."""

import contextlib
import io
import tempfile
import unittest
from pathlib import Path

import numpy as np
from contoso_events import Event

from forecast.__main__ import main
from forecast.demand import DemandError, forecast, read_orders
from forecast.smoothing import holt_winters

WEEK = np.array([12.0, 3, 0, 5, 8, 20, 31])


def csv(rows: list[str]) -> io.StringIO:
    return io.StringIO("date,item,quantity\n" + "".join(f"{row}\n" for row in rows))


class SmoothingTest(unittest.TestCase):
    """The method."""

    def test_a_line_with_weeks_goes_on_exactly(self) -> None:
        days = np.arange(49)
        series = 40 + 1.5 * days + WEEK[days % 7]
        after = np.arange(35, 42)
        expected = 40 + 1.5 * after + WEEK[after % 7]
        np.testing.assert_allclose(holt_winters(series[:35]).forecast, expected, atol=1e-6)

    def test_it_begins_on_any_day_of_the_week(self) -> None:
        days = np.arange(31)
        series = 100 - 0.5 * days + WEEK[days % 7]
        after = np.arange(31, 38)
        np.testing.assert_allclose(holt_winters(series).forecast, 100 - 0.5 * after + WEEK[after % 7], atol=1e-6)

    def test_noise_costs_little(self) -> None:
        noise = np.random.default_rng(7).normal(0, 1, 91)
        days = np.arange(98)
        truth = 50 + 0.3 * days + 2 * WEEK[days % 7]
        fit = holt_winters(truth[:91] + noise)
        self.assertLess(float(np.abs(fit.forecast - truth[91:]).mean()), 1.5)
        self.assertLess(fit.error, 1.5)

    def test_a_step_is_followed(self) -> None:
        series = np.concatenate([np.full(28, 10.0), np.full(28, 30.0)])
        np.testing.assert_allclose(holt_winters(series).forecast, np.full(7, 30.0), atol=1)

    def test_the_same_series_gives_the_same_forecast(self) -> None:
        series = np.random.default_rng(1).uniform(0, 10, 60)
        self.assertEqual(holt_winters(series).forecast.tolist(), holt_winters(series).forecast.tolist())

    def test_too_little_and_no_numbers_are_refused(self) -> None:
        for series in (np.ones(13), np.array([*np.ones(20), np.nan])):
            with self.assertRaises(ValueError):
                holt_winters(series)


class DemandTest(unittest.TestCase):
    """The orders."""

    def test_orders_of_a_day_are_summed_and_gaps_filled(self) -> None:
        demand = read_orders(csv(["2026-01-03,tea,2", "2026-01-01,tea,1", "2026-01-01,tea,4", "2026-01-01,cup,7"]))
        self.assertEqual(demand["tea"].tolist(), [5, 0, 2])
        self.assertEqual(demand["cup"].tolist(), [7, 0, 0])

    def test_an_item_that_is_named_as_no_value_is_an_item(self) -> None:
        self.assertEqual(list(read_orders(csv(["2026-01-01,NA,1"])).columns), ["NA"])

    def test_little_past_gives_its_mean(self) -> None:
        (result,) = forecast(read_orders(csv(["2026-01-01,tea,1", "2026-01-02,tea,4"])))
        self.assertEqual((result.method, result.demand), ("mean", [2.5] * 7))
        self.assertEqual((result.days[0], result.days[-1]), ("2026-01-03", "2026-01-09"))

    def test_no_demand_is_less_than_none(self) -> None:
        rows = [f"2026-01-{day:02},tea,{max(0, 40 - 2 * day)}" for day in range(1, 29)]
        (result,) = forecast(read_orders(csv(rows)))
        self.assertTrue(all(value >= 0 for value in result.demand))

    def test_orders_that_cannot_be_used_are_refused_with_their_row(self) -> None:
        good = "2026-01-01,tea,1"
        for row in [
            "01.02.2026,tea,1",
            "2026-01-02,,1",
            "2026-01-02,tea,many",
            "2026-01-02,tea,-1",
            "2026-01-02,tea,inf",
        ]:
            with self.subTest(row=row), self.assertRaisesRegex(DemandError, "row 3"):
                read_orders(csv([good, row]))
        for text in ["", "date,item\n", "date,item,quantity\n"]:
            with self.subTest(text=text), self.assertRaises(DemandError):
                read_orders(io.StringIO(text))


class CommandTest(unittest.TestCase):
    """The command line."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "orders.csv"
        rows = [f"2026-01-{day + 1:02},tea,{10 + day + WEEK[day % 7]:g}" for day in range(28)]
        self.file.write_text(csv(rows).getvalue(), encoding="utf-8")

    def run_main(self, *arguments: str) -> tuple[int, str, str]:
        out, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
            code = main(arguments)
        return code, out.getvalue(), errors.getvalue()

    def test_the_forecast_is_an_event(self) -> None:
        code, out, _ = self.run_main(str(self.file))
        self.assertEqual(code, 0)
        event = Event.from_json(out)
        self.assertEqual((event.kind, event.subject), ("demand.forecast", "2026-01-28"))
        (item,) = event.data["items"]
        expected = [10 + day + WEEK[day % 7] for day in range(28, 35)]
        self.assertEqual((item["item"], item["demand"]), ("tea", expected))
        self.assertEqual(item["days"][0], "2026-01-29")

    def test_the_table_has_a_line_for_each_day(self) -> None:
        code, out, _ = self.run_main("--table", str(self.file))
        self.assertEqual((code, len(out.splitlines())), (0, 9))
        self.assertIn("2026-01-29", out)

    def test_orders_that_are_not_there_end_it_with_two(self) -> None:
        code, out, errors = self.run_main(str(self.file.with_name("none.csv")))
        self.assertEqual((code, out), (2, ""))
        self.assertIn("none.csv", errors)


if __name__ == "__main__":
    unittest.main()
