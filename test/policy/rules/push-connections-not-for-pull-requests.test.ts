import assert from "node:assert/strict";
import { found, places, UNKNOWN } from "../asking";
import {
  buildValidation,
  check,
  connection,
  definition,
  repositoryFile,
  roleDefinition,
  ROLES,
  type Declared,
} from "../declared";

const rule = "push-connections-not-for-pull-requests";
const pushing = [...connection("push", roleDefinition(ROLES.push)), check("check", "push")];
const login = "task: Docker@2, inputs: { command: login, containerRegistry: push }";
const template = (...lines: string[]): Declared =>
  repositoryFile("template", "templates/application.yml", lines.join("\n"));
const isPullRequest = "eq(variables['Build.Reason'], 'PullRequest')";
const isNone = "ne(variables['Build.Reason'], 'PullRequest')";

describe(rule, () => {
  it("lets the push connection pass in the else of a pull request's steps, and within their opposite", () => {
    const steps = template(
      "steps:",
      `  - \${{ if ${isPullRequest} }}:`,
      "      - { task: Docker@2, inputs: { containerRegistry: pull } }",
      "  - ${{ else }}:",
      `      - { ${login} }`,
      `  - \${{ if ${isNone} }}:`,
      `      - { ${login} }`,
      `  - { ${login}, condition: "and(succeeded(), ${isNone})" }`,
    );
    assert.deepEqual(found(rule, [...pushing, steps]), []);
  });

  it("refuses it in steps that every run takes, in those of pull requests, and in the else of something else", () => {
    const first = (...lines: string[]) => places(rule, [...pushing, template("steps:", ...lines)]);
    const where = (line: number) => [`content of templates/application.yml, line ${line}`];
    assert.deepEqual(first(`  - { ${login} }`), where(2));
    assert.deepEqual(first(`  - \${{ if ${isPullRequest} }}:`, `      - { ${login} }`), where(3));
    assert.deepEqual(
      first("  - ${{ if eq(parameters.x, 1) }}:", "      - script: a", "  - ${{ else }}:", `      - { ${login} }`),
      where(5),
    );
    const or = `or(succeeded(), ${isNone})`;
    assert.deepEqual(first(`  - { ${login}, condition: "${or}" }`), where(2));
    assert.deepEqual(
      first(
        `  - \${{ if ${isPullRequest} }}:`,
        "      - script: a",
        "  - script: b",
        "  - ${{ else }}:",
        `      - { ${login} }`,
      ),
      where(6),
    );
  });

  it("follows else over elseif, and keys of a map as well as items of a list", () => {
    const map = template(
      "variables:",
      `  \${{ if ${isPullRequest} }}:`,
      "    registry: pull",
      "  ${{ elseif eq(parameters.x, 1) }}:",
      "    registry: push",
      "  ${{ else }}:",
      "    registry: push",
    );
    assert.deepEqual(found(rule, [...pushing, map]), []);
  });

  it("knows a connection that pushes by its check, before its role is known", () => {
    const steps = template("steps:", `  - { ${login} }`);
    assert.deepEqual(found(rule, [...connection("push", UNKNOWN), check("check", "push"), steps]), ["template"]);
    assert.deepEqual(found(rule, [...connection("push", UNKNOWN), steps]), []);
  });

  it("lets a template pass that only pipelines extend which no pull request starts", () => {
    const steps = template("steps:", `  - { ${login} }`);
    const main = repositoryFile("main", "base.yml", "extends: { template: templates/application.yml@wheelhouse }");
    const pipeline = definition("base");
    assert.deepEqual(found(rule, [...pushing, steps, main, pipeline]), []);
    assert.deepEqual(found(rule, [...pushing, steps, main, pipeline, buildValidation("policy", "base")]), ["template"]);
    // Somebody's pipeline, which this stack does not declare.
    assert.deepEqual(found(rule, [...pushing, steps, main]), ["template"]);
    const other = repositoryFile("other", "other.yml", "extends: { template: templates/application.yml@wheelhouse }");
    assert.deepEqual(found(rule, [...pushing, steps, main, pipeline, other]), ["template"]);
  });

  it("looks at a main file as at a template", () => {
    const main = repositoryFile("main", "app.yml", `steps: [{ ${login} }]`);
    assert.deepEqual(found(rule, [...pushing, main, definition("app")]), []);
    assert.deepEqual(found(rule, [...pushing, main, definition("app"), buildValidation("policy", "app")]), ["main"]);
  });

  it("waits for contents that are not known yet, and leaves what is no YAML", () => {
    const broken = repositoryFile("broken", "templates/broken.yml", "a: [push");
    assert.deepEqual(found(rule, [...pushing, repositoryFile("later", "a.yml", UNKNOWN), broken]), []);
  });
});
