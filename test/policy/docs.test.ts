/** docs/policy.md is held against the pack: its tables, its examples of configuration. UPDATE_GOLDEN=1 writes the tables anew. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { readConfiguration } from "../../policy/configuration";
import { rules } from "../../policy/index";
import { ask } from "./asking";
import { registry } from "./declared";

const page = join(__dirname, "../../docs/policy.md");

/** One row for each rule, as cells. */
function ruleRows(): string[][] {
  return [
    ["rule", "level", "what holds"],
    ["-", "-", "-"],
    ...rules.map(({ name, description, enforcementLevel }) => [`\`${name}\``, enforcementLevel ?? "", description]),
  ];
}

/** One row for each parameter. */
function parameterRows(): string[][] {
  const rows = rules.flatMap(({ name, configSchema }) =>
    Object.entries(configSchema?.properties ?? {}).map(([parameter, schema]) => [
      `\`${name}\``,
      `\`${parameter}\``,
      schema.description ?? "",
      schema.default === undefined ? "every name" : `\`${JSON.stringify(schema.default)}\``,
    ]),
  );
  return [["rule", "parameter", "what it says", "default"], ["-", "-", "-", "-"], ...rows];
}

function asTable(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`).join("\n");
}

/** Without what the formatter adds. */
function plain(text: string): string {
  return text.replaceAll(/ +/g, " ").replaceAll(/-{2,}/g, "-").trim();
}

describe("docs/policy.md", () => {
  for (const [what, rows] of [
    ["rules", ruleRows()],
    ["parameters", parameterRows()],
  ] as const) {
    it(`has the ${what} as the pack has them`, () => {
      const text = readFileSync(page, "utf8");
      const start = `<!-- ${what} -->`;
      const from = text.indexOf(start) + start.length;
      const to = text.indexOf(`<!-- /${what} -->`);
      assert.ok(from > start.length && to > from);
      if (process.env.UPDATE_GOLDEN === "1" && process.env.CI === undefined) {
        writeFileSync(page, `${text.slice(0, from)}\n\n${asTable(rows)}\n\n${text.slice(to)}`);
        return;
      }
      assert.equal(plain(text.slice(from, to)), plain(asTable(rows)));
    });
  }

  it("shows a configuration that the pack takes, its parameters included", () => {
    const example = /```json\n(\{\n[^]*?)```/.exec(readFileSync(page, "utf8"))?.[1];
    assert.ok(example !== undefined);
    const folder = mkdtempSync(join(tmpdir(), "wheelhouse-policy-"));
    try {
      const file = join(folder, "policy-config.json");
      writeFileSync(file, example);
      const configuration = readConfiguration(file, rules) as Record<string, string | Record<string, unknown>>;
      for (const [name, value] of Object.entries(configuration)) {
        const parameters = typeof value === "string" ? {} : { ...value };
        Reflect.deleteProperty(parameters, "enforcementLevel");
        ask(name, [registry("r")], parameters);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
