/** What rules read of Dockerfiles, bake files, pipelines and cron lines. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { readBakeFile } from "../../policy/bake-file";
import { readDockerfile } from "../../policy/dockerfile";
import { plainAt, readPipeline, seenByPullRequests } from "../../policy/pipeline-yaml";
import { fileKind, placeInFile, showLines } from "../../policy/repository-file";
import { parentType, plainType } from "../../policy/resource-types";
import { daysWithoutRun } from "../../policy/schedule";
import { cronLine } from "../../spec/schedule";

describe("a Dockerfile", () => {
  it("is read whatever is in it", () => {
    const line = fc.constantFrom(
      "FROM",
      "FROM a AS",
      "ARG",
      "ENV A",
      "RUN --mount=",
      "COPY --from=",
      "# syntax=",
      "<<EOF",
      "\\",
      '"',
      "$",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(line, fc.string({ maxLength: 20 }))), (lines) => {
        readDockerfile(lines.join("\n"));
      }),
      { numRuns: 500 },
    );
  });

  it("has no instructions within here-documents, and variables by their lines", () => {
    const text = "FROM scratch AS One\nRUN <<EOF\nFROM python\nARG TOKEN\nEOF\nARG A=1 B\nENV C=2 \\\n  D=3\n";
    const { references, stages, variables } = readDockerfile(text);
    assert.deepEqual(references, [{ name: "scratch", place: "FROM", line: 1 }]);
    assert.deepEqual(stages, ["one"]);
    assert.deepEqual(
      variables.map(({ keyword, name, line }) => `${keyword} ${name} ${line}`),
      ["ARG A 6", "ARG B 6", "ENV C 7", "ENV D 8"],
    );
  });
});

describe("a bake file", () => {
  it("that is none gives nothing, and one without targets has none", () => {
    for (const text of ["", "{", "[]", '{"target": []}', '{"target": {"a": {"context": 1}}}']) {
      assert.equal(readBakeFile(text), undefined, text);
    }
    assert.deepEqual(readBakeFile("{}"), { targets: [], defaults: new Map(), bringsIndexes: false });
  });

  it("says of each target which Dockerfile it is built from, where no variable hides it", () => {
    const target = { a: {}, b: { context: "./apps/b/", dockerfile: "docker/Dockerfile" }, c: { context: "${SOURCE}" } };
    assert.deepEqual(
      readBakeFile(JSON.stringify({ target }))?.targets.map(({ dockerfile }) => dockerfile),
      ["Dockerfile", "apps/b/docker/Dockerfile", undefined],
    );
  });
});

describe("a pipeline", () => {
  it("is searched whatever is in it, aliases and loops of them included", () => {
    const aliased = readPipeline("a: &a { b: push }\nc: *a\n")!;
    assert.deepEqual(seenByPullRequests(aliased, new Set(["push"])), [1]);
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (text) => {
        const pipeline = readPipeline(`a:\n  - ${text}`);
        if (pipeline !== undefined) seenByPullRequests(pipeline, new Set(["push"]));
      }),
      { numRuns: 500 },
    );
  });

  it("that refers to itself is searched once", () => {
    const pipeline = readPipeline("a: &a\n  b: push\n  c: *a\n")!;
    assert.deepEqual(seenByPullRequests(pipeline, new Set(["push"])), [2]);
  });
});

describe("a pipeline of aliases", () => {
  const levels = Array.from(
    { length: 12 },
    (_, index) => `a${index + 1}: &a${index + 1} [${`*a${index}, `.repeat(9)}]`,
  );
  const bomb = ["a0: &a0 push", ...levels, "schedules: *a12"].join("\n");

  it("that would fill the memory is searched, and its values are not made", () => {
    const pipeline = readPipeline(bomb)!;
    assert.deepEqual(seenByPullRequests(pipeline, new Set(["push"])), [1]);
    assert.equal(plainAt(pipeline, "schedules"), undefined);
  });
});

describe("the days of cron lines", () => {
  it("are all of them where a line says nothing of days", () => {
    const minute = fc.integer({ min: 0, max: 59 });
    const hour = fc.integer({ min: 0, max: 23 });
    fc.assert(
      fc.property(minute, hour, (minutes, hours) => {
        assert.equal(daysWithoutRun([`${minutes} ${hours} * * *`]), 0);
      }),
      { numRuns: 50 },
    );
  });

  it("are none for what Azure Pipelines does not take, and 29 February is one of them", () => {
    const days = daysWithoutRun([]);
    assert.ok(days > 1000);
    assert.equal(daysWithoutRun(["every day", "0 4 * *", "61 4 * * *"]), days);
    assert.equal(daysWithoutRun(["0 4 29 2 *"]), days - 1);
  });

  it("are some for every line that a base image may have", () => {
    const field = fc.constantFrom("*", "1", "*/2", "1-5", "0,3");
    fc.assert(
      fc.property(field, field, (day, weekday) => {
        const line = `0 4 ${day} * ${weekday}`;
        if (cronLine(line) === undefined) assert.ok(daysWithoutRun([line]) < daysWithoutRun([]), line);
      }),
      { numRuns: 50 },
    );
  });
});

describe("names for messages", () => {
  it("tell files by their paths", () => {
    const kinds = [
      "Dockerfile",
      "a/Dockerfile.dev",
      "a/x.Dockerfile",
      "docker-bake.json",
      "a/b.yml",
      "b.yaml",
      "README.md",
    ].map(fileKind);
    assert.deepEqual(kinds, ["dockerfile", "dockerfile", "dockerfile", "bake", "pipeline", "pipeline", "other"]);
    assert.equal(placeInFile("apps/orders/Dockerfile", 3), "content of apps/orders/Dockerfile, line 3");
    assert.equal(placeInFile("a\n##vso[task.complete]"), "content");
    assert.equal(showLines([3, 3]), "line 3");
  });

  it("tell types without module and version, and parents by their URN", () => {
    assert.equal(plainType("azuredevops:index/git:Git"), "azuredevops:Git");
    assert.equal(
      plainType("azure-native:containerregistry/v20230701:Registry"),
      "azure-native:containerregistry:Registry",
    );
    assert.equal(plainType("pulumi-nodejs:dynamic/wheelhouse:FeedUpstreams"), "wheelhouse:FeedUpstreams");
    assert.equal(plainType("wheelhouse:index:FeedUpstreams"), "wheelhouse:FeedUpstreams");
    assert.equal(plainType("pulumi-nodejs:dynamic:Resource"), "pulumi-nodejs:Resource");
    assert.equal(plainType("odd"), "odd");
    assert.equal(parentType("urn:pulumi:s::p::a:index:A$b:index:B$c:index:C::name"), "b:B");
    assert.equal(parentType("urn:pulumi:s::p::a:index:A::name"), undefined);
  });
});
