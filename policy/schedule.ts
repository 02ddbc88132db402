/** Tells on which days the cron lines of a pipeline start it. */
import { CronExpressionParser } from "cron-parser";

const MONTHS = "january february march april may june july august september october november december".split(" ");
const WEEKDAYS = "sunday monday tuesday wednesday thursday friday saturday".split(" ");

const DAY = 24 * 60 * 60 * 1000;
/** From the first of a leap year on, so that 29 February is among them, over all that months and weekdays can do. */
const START = Date.UTC(2024, 0, 1);
const DAYS = 4 * 366;

interface RunningDays {
  readonly days: ReadonlySet<unknown>;
  readonly months: ReadonlySet<unknown>;
  readonly weekdays: ReadonlySet<unknown>;
}

/** How many of the days of four years have no run by any of the lines. Lines that are no cron lines start nothing. */
export function daysWithoutRun(lines: readonly string[]): number {
  const readable = lines.flatMap((line) => runningDays(line) ?? []);
  return Array.from({ length: DAYS }, (_, offset) => new Date(START + offset * DAY)).filter(
    (date) => !readable.some((line) => runsOn(line, date)),
  ).length;
}

/** In Azure Pipelines the day of the month and the day of the week must both fit. */
function runsOn({ days, months, weekdays }: RunningDays, date: Date): boolean {
  return days.has(date.getUTCDate()) && months.has(date.getUTCMonth() + 1) && weekdays.has(date.getUTCDay());
}

function runningDays(line: string): RunningDays | undefined {
  const fields = line.trim().split(/\s+/);
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = fields;
  if (fields.length !== 5) return undefined;
  try {
    // Each field by itself: cron elsewhere runs when either of the two days fits.
    const clock = CronExpressionParser.parse(`${minute} ${hour} * * ${numbered(weekday, WEEKDAYS, 0)}`).fields;
    return {
      days: new Set(CronExpressionParser.parse(`0 0 ${day} * *`).fields.dayOfMonth.values),
      months: new Set(CronExpressionParser.parse(`0 0 1 ${numbered(month, MONTHS, 1)} *`).fields.month.values),
      weekdays: new Set(clock.dayOfWeek.values),
    };
  } catch {
    return undefined;
  }
}

/** Names as Azure Pipelines takes them, whole or by three letters. */
function numbered(field: string, names: readonly string[], first: number): string {
  return field.replace(/[A-Za-z]+/g, (word) => {
    const index = names.findIndex((name) => [name, name.slice(0, 3)].includes(word.toLowerCase()));
    return index === -1 ? word : String(index + first);
  });
}
