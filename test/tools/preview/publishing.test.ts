/** What a run leaves beside the comment: the whole report as an artifact or on the run's page, and warnings. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import {
  artifactAddress,
  uploadLine,
  warningLine,
  writeStepSummary,
  writeWhole,
} from "../../../tools/preview/publishing";

describe("the whole report", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), "wheelhouse-publishing-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is written whole, into folders that are made, and over what was there", () => {
    const file = path.join(folder, "a", "b", "preview.md");
    writeWhole(file, "one");
    writeWhole(file, "two");
    assert.equal(readFileSync(file, "utf8"), "two");
    assert.deepEqual(readdirSync(path.dirname(file)), ["preview.md"]);
  });

  it("leaves nothing half written where it cannot be, and says where", () => {
    writeFileSync(path.join(folder, "file"), "");
    const file = path.join(folder, "file", "preview.md");
    assert.throws(() => writeWhole(file, "one"), /preview\.md cannot be written: /);
    assert.throws(() => writeWhole(folder, "one"), /cannot be written: /);
    assert.deepEqual(readdirSync(folder), ["file"]);
    assert.ok(!existsSync(file));
  });

  it("is added to a run's page on GitHub, with the room that is left there, and not at all beyond it", () => {
    const file = path.join(folder, "summary.md");
    const limits: number[] = [];
    const render = (limit: number) => {
      limits.push(limit);
      return "x".repeat(600_000);
    };
    writeStepSummary(file, render);
    assert.equal(readFileSync(file, "utf8").length, 600_001);
    writeStepSummary(file, render);
    assert.equal(readFileSync(file, "utf8").length, 600_001);
    assert.deepEqual(limits, [1_048_574, 1_048_574 - 600_001]);
  });

  it("is found on the page of the run's artifacts in Azure Pipelines, and on the run's page on GitHub", () => {
    const agent = { TF_BUILD: "True", BUILD_BUILDID: "1" };
    assert.match(artifactAddress(agent, "https://x/results?buildId=1")!, /buildId=1&view=artifacts/);
    assert.equal(artifactAddress({}, "https://github.com/a/b/actions/runs/1"), "https://github.com/a/b/actions/runs/1");
    assert.equal(artifactAddress(agent, undefined), undefined);
    assert.match(uploadLine("/agent/preview.md"), /^##vso\[artifact\.upload [^\]]+\]\/agent\/preview\.md$/);
  });
});

describe("a warning", () => {
  it("is one line that the agent shows beside the run, whatever is in it", () => {
    const text = "a\n##vso[task.setvariable variable=x]y\r\n100%";
    assert.equal(
      warningLine({ TF_BUILD: "True" }, text),
      "##vso[task.logissue type=warning]a ##vso[task.setvariable variable=x]y 100%AZP25",
    );
    assert.equal(
      warningLine({ GITHUB_ACTIONS: "true" }, text),
      "::warning title=preview-comment::a ##vso[task.setvariable variable=x]y 100%25",
    );
    assert.equal(warningLine({}, text), "warning: a ##vso[task.setvariable variable=x]y 100%");
  });
});
