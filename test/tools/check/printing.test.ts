/** Tests the forms in which mistakes are written, and that no file's content becomes a command of a pipeline. */
import { strict as assert } from "node:assert";
import type { Problem } from "../../../spec";
import { printed } from "../../../tools/check/printing";
import { wheelhouse } from "../command-line";
import { withPlatform } from "../platform";

const problem: Problem = {
  file: "apps/a;b],c:%.yaml",
  line: 3,
  column: 5,
  path: "scripts[0]",
  message: "50 % of it\n##vso[task.setvariable variable=x]y",
  mend: "mend it",
};

describe("wheelhouse check writes a mistake", () => {
  it("for people with its place first, as editors and terminals link it", () => {
    const plain = { ...problem, file: "apps/orders.yaml", message: "is wrong" };
    assert.equal(printed(plain, "text"), "apps/orders.yaml:3:5  scripts[0]: is wrong\n  mend it");
  });

  it("for Azure Pipelines as one line, with what would end a value written as codes", () => {
    const line = printed(problem, "azure-pipelines");
    assert.ok(
      line.startsWith(
        "##vso[task.logissue type=error;sourcepath=apps/a%3Bb%5D,c:%AZP25.yaml;linenumber=3;columnnumber=5;]",
      ),
    );
    assert.ok(!line.includes("\n"));
    assert.match(line, /50 %AZP25 of it%0A/);
    assert.equal(line.indexOf("##"), line.lastIndexOf("##"), "a second command");
  });

  it("for GitHub as one line, with what would end a property written as codes", () => {
    const line = printed(problem, "github");
    assert.ok(
      line.startsWith(
        "::error file=apps/a;b]%2Cc%3A%25.yaml,line=3,col=5,title=wheelhouse check::scripts[0]: 50 %25 of it%0A",
      ),
    );
    assert.ok(!line.includes("\n"));
  });

  it("in each form where it is asked for, and as one document for programs", async () => {
    await withPlatform({ "apps/orders.yaml": "name: orders\nbaseImage: python-wbe\n" }, async (workingFolder) => {
      const as = async (format: string) => (await wheelhouse(["check", "--format", format], { workingFolder })).output;
      assert.match(await as("text"), /^apps\/orders\.yaml:2:12 {2}/);
      assert.match(
        await as("azure-pipelines"),
        /^##vso\[task\.logissue type=error;sourcepath=apps\/orders\.yaml;linenumber=2;/,
      );
      assert.match(await as("github"), /^::error file=apps\/orders\.yaml,line=2,col=12,/);
      const document = JSON.parse(await as("json")) as { problems: Problem[] };
      assert.deepEqual(Object.keys(document), ["folder", "applications", "baseImages", "stacks", "problems", "notes"]);
      assert.deepEqual(JSON.parse((await wheelhouse(["check", "--json"], { workingFolder })).output), document);
      const wrong = await wheelhouse(["check", "--format", "xml"], { workingFolder });
      assert.equal(wrong.code, 2);
      assert.match(wrong.errors, /Allowed choices are text, json, azure-pipelines, github/);
    });
  });
});
