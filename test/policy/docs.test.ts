/** docs/policy.md is held against the pack: its table of rules, its examples of configuration. UPDATE_GOLDEN=1 writes the table anew. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { readConfiguration } from "../../policy/configuration";
import { rules } from "../../policy/index";
import { ask } from "./asking";
import { registry } from "./declared";

const page = join(__dirname, "../../docs/policy.md");
const start = "<!-- rules -->";
const end = "<!-- /rules -->";

/** One row for each rule, as cells. */
function table(): string[][] {
  const rows = rules.map(({ name, description, enforcementLevel, configSchema }) => [
    `\`${name}\``,
    enforcementLevel ?? "",
    description,
    Object.entries(configSchema?.properties ?? {})
      .map(([parameter, schema]) => `\`${parameter}\`: ${schema.description ?? ""}${shownDefault(schema.default)}`)
      .join("<br>"),
  ]);
  return [["rule", "level", "what holds", "parameters"], ["-", "-", "-", "-"], ...rows];
}

function shownDefault(value: unknown): string {
  return value === undefined ? "" : ` Default: \`${JSON.stringify(value)}\`.`;
}

function written(text: string): string {
  return `\n\n${table()
    .map((row) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n")}\n\n`.replace(/^/, text);
}

/** Without what the formatter adds. */
function plain(text: string): string {
  return text.replaceAll(/ +/g, " ").replaceAll(/-{2,}/g, "-").trim();
}

describe("docs/policy.md", () => {
  it("has the rules, their levels and their parameters as the pack has them", () => {
    const text = readFileSync(page, "utf8");
    const from = text.indexOf(start) + start.length;
    const to = text.indexOf(end);
    assert.ok(from > start.length && to > from);
    if (process.env.UPDATE_GOLDEN === "1" && process.env.CI === undefined) {
      writeFileSync(page, `${text.slice(0, from)}${written("")}${text.slice(to)}`);
      return;
    }
    assert.equal(plain(text.slice(from, to)), plain(written("")));
  });

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
