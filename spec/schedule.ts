/** Whether Azure Pipelines would take a cron line, and whether it ever runs, or too often. */
import { CronExpressionParser } from "cron-parser";
import { quote, type Refusal } from "./rule";

/** Runs a week above which Azure Pipelines stops scheduling a pipeline (about 1,000), and runs in any 15 minutes (10). */
const MOST_A_WEEK = 1000;
const MOST_IN_A_QUARTER = 10;

const LONGEST = 200;

const MONTHS = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];
const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const ITEM = /^(?:\*|[0-9]+(?:-[0-9]+)?)(?:\/[1-9][0-9]*)?$/;

interface Times {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
}

/**
 * Cron line of Azure Pipelines: minute, hour, day, month, day of week (0 to 6 from Sunday, or English names), in UTC; `*`,
 * lists, ranges and steps. A day must match the month's day and the day of the week, both.
 * Source: https://learn.microsoft.com/azure/devops/pipelines/process/scheduled-triggers#cron-syntax and, for the last sentence, NCrontab.
 */
export function cronLine(text: string): Refusal | undefined {
  const times = parse(text);
  return "message" in times ? times : (neverRuns(text, times) ?? tooOften(text, times));
}

function refuse(text: string, why: string, mend: string): Refusal {
  return { message: `${quote(text)} cannot be a schedule: ${why}`, mend };
}

function parse(text: string): Times | Refusal {
  if (text.startsWith("@")) {
    return refuse(
      text,
      "Azure Pipelines knows no short forms",
      "write five fields, such as 0 4 * * * for every day at 04:00 UTC",
    );
  }
  if (text.length > LONGEST) {
    return refuse(text, `it has ${text.length} characters`, `use at most ${LONGEST}, such as 0 4 * * *`);
  }
  const fields = text.split(" ");
  if (fields.length !== 5 || fields.includes("")) {
    const count = text.split(/\s+/).filter((field) => field !== "").length;
    const why = count === 5 ? "its fields must have single spaces between them" : `it has ${count} fields`;
    return refuse(text, why, "write five fields: minute hour day month weekday, such as 0 4 * * *");
  }
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = fields;
  const numeric = [minute, hour, day, numbered(month, MONTHS, 1), numbered(weekday, WEEKDAYS, 0)];
  const wrong = numeric.findIndex((field) => !field.split(",").every(isItem));
  if (wrong !== -1) {
    return refuse(
      text,
      `${quote(fields[wrong] ?? "")} is not a field that Azure Pipelines takes`,
      "use *, numbers, lists, ranges and steps, such as 1-5 or */6",
    );
  }
  return values(text, numeric);
}

function isItem(item: string): boolean {
  return ITEM.test(item) && (!item.includes("/") || /^\*|-/.test(item));
}

function numbered(field: string, names: readonly string[], first: number): string {
  return field.replace(/[A-Za-z]+/g, (word) => {
    const index = names.findIndex((name) => name === word.toLowerCase() || name.slice(0, 3) === word.toLowerCase());
    return index === -1 ? word : String(index + first);
  });
}

function values(text: string, fields: readonly string[]): Times | Refusal {
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = fields;
  if (weekday.replace(/\/[0-9]+/g, "").includes("7")) {
    return refuse(text, "days of the week go from 0 (Sunday) to 6", "write 0 or Sun for Sunday");
  }
  try {
    const clock = CronExpressionParser.parse(`${minute} ${hour} * * ${weekday}`).fields;
    const days = CronExpressionParser.parse(`0 0 ${day} * *`).fields.dayOfMonth;
    const months = CronExpressionParser.parse(`0 0 1 ${month} *`).fields.month;
    return {
      minutes: clock.minute.values,
      hours: clock.hour.values,
      days: numbers(days.values),
      months: numbers(months.values),
      weekdays: numbers(clock.dayOfWeek.values),
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return refuse(
      text,
      why.charAt(0).toLowerCase() + why.slice(1),
      "minutes go to 59, hours to 23, days to 31, months to 12, weekdays to 6",
    );
  }
}

function numbers(list: readonly (number | string)[]): ReadonlySet<number> {
  return new Set(list.filter((value): value is number => typeof value === "number"));
}

const DAY = 24 * 60 * 60 * 1000;
/** The calendar repeats after 28 years, within a century. */
const CALENDAR_DAYS = 28 * 365 + 7;

function runningDays(times: Times): boolean[] {
  const start = Date.UTC(2001, 0, 1);
  return Array.from({ length: CALENDAR_DAYS }, (_, offset) => {
    const date = new Date(start + offset * DAY);
    return (
      times.days.has(date.getUTCDate()) &&
      times.months.has(date.getUTCMonth() + 1) &&
      times.weekdays.has(date.getUTCDay())
    );
  });
}

function neverRuns(text: string, times: Times): Refusal | undefined {
  return runningDays(times).includes(true)
    ? undefined
    : refuse(text, "no such date ever comes", "name a day that its months have");
}

function tooOften(text: string, times: Times): Refusal | undefined {
  const runsADay = times.minutes.length * times.hours.length;
  const perWeek = runsADay * mostDaysInAWeek(runningDays(times));
  if (perWeek > MOST_A_WEEK) {
    return refuse(
      text,
      `it makes ${perWeek} runs a week`,
      `keep it to ${MOST_A_WEEK}, which is all that Azure Pipelines schedules; once a day is enough`,
    );
  }
  const perQuarter = mostInAQuarter(times);
  return perQuarter > MOST_IN_A_QUARTER
    ? refuse(
        text,
        `it makes ${perQuarter} runs in 15 minutes`,
        `keep it to ${MOST_IN_A_QUARTER}, which is all that Azure Pipelines schedules`,
      )
    : undefined;
}

function mostDaysInAWeek(days: readonly boolean[]): number {
  let most = 0;
  let inWindow = 0;
  days.forEach((runs, index) => {
    inWindow += Number(runs) - Number(days[index - 7] ?? false);
    most = Math.max(most, inWindow);
  });
  return most;
}

function mostInAQuarter(times: Times): number {
  const starts = times.hours.flatMap((hour) => times.minutes.map((minute) => hour * 60 + minute));
  return Math.max(0, ...starts.map((from) => starts.filter((start) => start >= from && start < from + 15).length));
}
