/** When a schedule runs next. */
import { CronExpressionParser } from "cron-parser";
import { cronLine } from "../../../spec/schedule";
import { quote } from "../../../spec/rule";
import type { Schedule } from "../model";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** The calendar repeats after 28 years, and after 40 across a year such as 2100 that has no leap day. */
const DAYS_AHEAD = 41 * 366;

interface Times {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: readonly number[];
  readonly months: readonly number[];
  readonly weekdays: readonly number[];
}

/**
 * The first time of a schedule after a moment, in UTC, to the minute. A day must match the month's day and the day of the
 * week, both, as in the service; other crons take either. `undefined` where no such day comes.
 * @throws RangeError for a cron line that the service refuses.
 */
export function nextRun(schedule: Pick<Schedule, "cron">, after: Date): Date | undefined {
  const times = checkedTimes(schedule.cron);
  const from = Math.floor(after.getTime() / MINUTE) * MINUTE + MINUTE;
  if (!Number.isFinite(from)) throw new RangeError(`${quote(String(after))} is no time; give a valid Date`);
  const firstDay = Math.floor(from / DAY) * DAY;
  for (let day = firstDay; day <= firstDay + DAYS_AHEAD * DAY; day += DAY) {
    if (!runsOn(times, new Date(day))) continue;
    const time = times.hours
      .flatMap((hour) => times.minutes.map((minute) => day + (hour * 60 + minute) * MINUTE))
      .sort((left, right) => left - right)
      .find((moment) => moment >= from);
    if (time !== undefined) return new Date(time);
  }
  return undefined;
}

/** Cron lines that were checked already: the check looks at all days of 28 years, and schedules are asked for often. */
const known = new Map<string, Times>();
const MOST_KNOWN = 500;

function checkedTimes(cron: string): Times {
  const before = known.get(cron);
  if (before !== undefined) return before;
  const refusal = cronLine(cron);
  if (refusal !== undefined) throw new RangeError(`${refusal.message}; ${refusal.mend}`);
  if (known.size >= MOST_KNOWN) known.clear();
  const times = timesOf(cron);
  known.set(cron, times);
  return times;
}

function runsOn(times: Times, date: Date): boolean {
  return (
    times.months.includes(date.getUTCMonth() + 1) &&
    times.days.includes(date.getUTCDate()) &&
    times.weekdays.includes(date.getUTCDay())
  );
}

function timesOf(cron: string): Times {
  // English names in full are the service's; the parser knows their first three letters.
  const short = cron.replace(/[A-Za-z]+/g, (word) => word.slice(0, 3).toUpperCase());
  const [minute = "*", hour = "*", day = "*", month = "*", weekday = "*"] = short.split(" ");
  const clock = CronExpressionParser.parse(`${minute} ${hour} * * ${weekday}`).fields;
  return {
    minutes: numbers(clock.minute.values),
    hours: numbers(clock.hour.values),
    days: numbers(CronExpressionParser.parse(`0 0 ${day} * *`).fields.dayOfMonth.values),
    months: numbers(CronExpressionParser.parse(`0 0 1 ${month} *`).fields.month.values),
    weekdays: numbers(clock.dayOfWeek.values),
  };
}

function numbers(values: readonly (number | string)[]): readonly number[] {
  return values.filter((value): value is number => typeof value === "number");
}
