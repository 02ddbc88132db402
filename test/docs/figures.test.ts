/** What pages calculate is right, and what they name of the policy pack is there. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import * as path from "node:path";
import { readText, root } from "./pages";

const number = "[0-9][0-9,]*(?:\\.[0-9]+)?";

/** Each `2 × 1.1 = 2.2` of a text, with what comes out and to how many places it is written. */
function sums(
  text: string,
): { readonly text: string; readonly is: number; readonly says: number; readonly unit: number }[] {
  const sum = new RegExp(`(${number}(?: [×/+] ${number})+) = (${number})`, "g");
  return [...text.matchAll(sum)].map(([all, left = "", right = ""]) => {
    const value = (word: string | undefined): number => Number((word ?? "").replaceAll(",", ""));
    const [first, ...rest] = left.split(" ");
    let is = value(first);
    for (let index = 0; index < rest.length; index += 2) {
      const next = value(rest[index + 1]);
      is = rest[index] === "×" ? is * next : rest[index] === "/" ? is / next : is + next;
    }
    const places = /\.([0-9]+)$/.exec(right)?.[1]?.length ?? 0;
    return { text: all, is, says: value(right), unit: 10 ** -places };
  });
}

describe("docs/cost.md", () => {
  it("calculates right", () => {
    const found = sums(readText("docs/cost.md"));
    assert.ok(found.length >= 9, `only ${found.length}`);
    for (const { text, is, says, unit } of found) assert.ok(Math.abs(is - says) <= unit / 2 + 1e-9, `${text}: ${is}`);
    assert.equal(sums("2 × 3 = 7")[0]?.is, 6);
  });

  it("names the retention settings by the defaults that they have", () => {
    const text = readText("docs/cost.md");
    const project = readText("Pulumi.yaml");
    for (const [key, value] of [...text.matchAll(/`wheelhouse:(\w+)` \((\d+)\)/g)].map(([, ...groups]) => groups)) {
      assert.match(project, new RegExp(`  ${key ?? ""}:\\n    type: integer\\n    default: ${value ?? ""}\\n`), key);
    }
  });
});

describe("docs/security-model.md", () => {
  it("names only rules of the policy pack that exist", () => {
    const lists = [...readText("docs/security-model.md").matchAll(/\brules? ((?:`[a-z-]+`(?:,| and)? ?)+)/g)];
    const rules = lists.flatMap(([, list = ""]) => [...list.matchAll(/`([a-z-]+)`/g)].map(([, rule]) => rule ?? ""));
    assert.ok(rules.length >= 5, rules.join(" "));
    assert.deepEqual(
      rules.filter((rule) => !existsSync(path.join(root, "policy/rules", `${rule}.ts`))),
      [],
    );
  });

  it("names a test for each thing that it says is stopped", () => {
    const rows = readText("docs/security-model.md")
      .split("\n")
      .filter((line) => line.startsWith("| ") && !/^\| (tries to|attack|-+)/.test(line));
    assert.ok(rows.length > 10);
    assert.deepEqual(
      rows.filter((row) => !row.includes("**not stopped**") && !row.includes(".test.ts)")),
      [],
    );
  });
});
