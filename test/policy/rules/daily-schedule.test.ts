import assert from "node:assert/strict";
import { ask, found, UNKNOWN } from "../asking";
import { repositoryFile, type Declared } from "../declared";

const rule = "daily-schedule";
const file = (content: unknown, path = "base-images/python-web/azure-pipelines.yml"): Declared =>
  repositoryFile("pipeline", path, content);
const schedule = (cron: string, rest = "branches: { include: [main] }, always: true"): string =>
  `  - { cron: "${cron}", ${rest} }\n`;
const schedules = (...lines: string[]): Declared => file(`trigger: none\nschedules:\n${lines.join("")}steps: []\n`);
const what = (resource: Declared): string =>
  /azure-pipelines\.yml: (.*?); /.exec(ask(rule, [resource])[0]!.message)![1]!;

describe(rule, () => {
  it("lets a run every day pass, or more often, or by several lines together", () => {
    const lines = ["0 4 * * *", "*/30 * * * *", "0 3 1-31 * *", "0 3 * Jan-Dec Sunday-Saturday", "15 2 */1 * 0-6"];
    for (const cron of lines) assert.deepEqual(found(rule, [schedules(schedule(cron))]), [], cron);
    assert.deepEqual(found(rule, [schedules(schedule("0 4 * * Mon-Fri"), schedule("0 6 * * 0,Sat"))]), []);
  });

  it("refuses weekdays, months and days that leave days out", () => {
    for (const cron of [
      "0 4 * * 1-5",
      "0 4 1-30 * *",
      "0 4 * 1-11 *",
      "0 4 */2 * *",
      "0 4 1 * 0-6",
      "no cron",
      "0 4 * *",
    ]) {
      assert.equal(what(schedules(schedule(cron))), "not every day has a run", cron);
    }
  });

  it("refuses a schedule that waits for a commit", () => {
    for (const rest of ["branches: { include: [main] }", "branches: [main], always: false", "always: 'true'"]) {
      assert.equal(what(schedules(schedule("0 4 * * *", rest))), "always is not true", rest);
    }
    assert.equal(
      what(
        schedules(schedule("0 4 * * *", "branches: [main]"), schedule("0 4 * * 0", "branches: [main], always: true")),
      ),
      "always is not true",
    );
  });

  it("refuses a schedule for other branches than the file's own", () => {
    assert.match(
      what(schedules(schedule("0 4 * * *", "branches: { include: [release] }, always: true"))),
      /own branch/,
    );
    assert.match(what(schedules(schedule("0 4 * * *", "branches: { include: [mai] }, always: true"))), /own branch/);
    for (const branch of ["main", "refs/heads/main", "'*'", "refs/heads/m*", "m*n"]) {
      assert.deepEqual(
        found(rule, [schedules(schedule("0 4 * * *", `branches: { include: [${branch}] }, always: true`))]),
        [],
        branch,
      );
    }
  });

  it("refuses a file without schedules, with none in it, and one that is no YAML", () => {
    assert.equal(what(file("trigger: none\nsteps: []\n")), "there is none");
    assert.equal(what(file("schedules: []\n")), "they are not readable");
    assert.equal(what(file("schedules: daily\n")), "they are not readable");
    assert.equal(what(file("schedules: [\n")), "the file is not readable as YAML");
  });

  it("looks at base images alone, or at the files that the organization names", () => {
    const other = file("steps: []\n", "azure-pipelines.yml");
    assert.deepEqual(found(rule, [other]), []);
    assert.deepEqual(found(rule, [other], { files: "pipelines\\.yml$" }), ["pipeline"]);
  });

  it("waits for contents and paths that are not known yet", () => {
    const later = file("");
    assert.deepEqual(found(rule, [file(UNKNOWN), { ...later, args: { ...later.args, file: UNKNOWN } }]), []);
  });
});
