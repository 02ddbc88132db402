/** What holds for expressions and expanded pipelines whatever their values. */
import { strict as assert } from "node:assert";
import fc from "fast-check";
import { evaluateCondition } from "../../../../sandbox/agent/yaml";
import {
  areEqual,
  compare,
  fold,
  toNumber,
  toText,
  Version,
  type Primitive,
} from "../../../../sandbox/agent/yaml/primitive";
import { expand, scripts, textOf } from "./expansion";

const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 });
const version = fc.array(fc.nat(20), { minLength: 2, maxLength: 4 }).map((parts) => new Version(parts));
const primitive: fc.Arbitrary<Primitive> = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom("1", "2", ".", ",", " ", "-", "a", "A") }),
  number,
  fc.boolean(),
  fc.constant(null),
  version,
);

/** A text as a literal of an expression. */
function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function holds(condition: string, variables: ReadonlyMap<string, string> = new Map()): boolean {
  return evaluateCondition(condition, { status: "succeeded", variables });
}

describe("values of expressions", () => {
  it("equal themselves, and texts equal themselves in every letter case that keeps their length", () => {
    fc.assert(
      fc.property(primitive, (value) => {
        assert.ok(areEqual(value, value));
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "Z", "é", "É", "ß", "ı", "K", "k", "σ", "1") }), (text) => {
        assert.equal(fold(fold(text)), fold(text));
        assert.equal(fold(text).length, text.length);
        const ascii = text.replace(/[a-z]/g, (letter) => letter.toUpperCase());
        assert.ok(areEqual(text, ascii));
      }),
    );
  });

  it("are ordered: one way or the other or equal, and as their order says", () => {
    fc.assert(
      fc.property(primitive, primitive, (left, right) => {
        const order = compare(left, right);
        if (order === undefined) return;
        if (typeof left === typeof right && left !== null && right !== null) {
          assert.equal(Math.sign(compare(right, left) ?? Number.NaN) + Math.sign(order), 0);
        }
        if (areEqual(left, right) && left !== null) assert.equal(order, 0);
      }),
      { numRuns: 2000 },
    );
  });

  it("keep a number of seven decimals when it becomes a text and a number again", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 6 }), (digits, decimals) => {
        const value = digits / 10 ** decimals;
        assert.equal(toNumber(toText(value)), value === 0 ? 0 : value);
        assert.doesNotMatch(toText(value), /e|\.$|\.\d*0$/);
      }),
    );
  });

  it("become a text without an exponent, whatever the number", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        assert.match(toText(value), /^-?\d+(?:\.\d{1,7})?$/);
      }),
    );
  });

  it("become a number only where they are one in the service's form", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("1", "0", ".", ",", "-", "+", "e", " ", "x"), maxLength: 8 }),
        (text) => {
          const value = toNumber(text);
          if (text === "") assert.equal(value, 0);
          else if (value === undefined) assert.ok(!/^ *[-+]?\d+(?:\.\d+)? *$/.test(text));
          else assert.ok(!/[ex]/.test(text) && /\d/.test(text) && Object.is(value, Number(text.replaceAll(",", ""))));
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe("expressions", () => {
  const anyText = fc.string({
    unit: fc.constantFrom("a", "b", "'", "{", "}", "$", "\\", "(", ",", "\n", "é", "😀", "${{", "}}"),
  });

  it("have every text as a literal", async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const script = `"${JSON.stringify(`\${{ ${literal(text)} }}`).slice(1, -1)}"`;
        assert.deepEqual(await scripts(`steps: [{ script: ${script} }]`), [text]);
        assert.ok(holds(`eq(variables.v, ${literal(text)})`, new Map([["v", text]])));
      }),
    );
  });

  it("join what they split", () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom(",", "a", "'", "{"), (text, delimiter) => {
        const variables = new Map([["v", text]]);
        const joined = `join(${literal(delimiter)}, split(variables.v, ${literal(delimiter)}))`;
        assert.ok(holds(`eq(${joined}, variables.v)`, variables));
        assert.ok(
          holds(`eq(length(split(variables.v, ${literal(delimiter)})), ${text.split(delimiter).length})`, variables),
        );
      }),
    );
  });

  it("follow the rules of logic", () => {
    const bit = fc.constantFrom("true", "false", "''", "'x'", "0", "1");
    fc.assert(
      fc.property(bit, bit, (a, b) => {
        assert.equal(holds(`not(and(${a}, ${b}))`), holds(`or(not(${a}), not(${b}))`));
        assert.equal(holds(`xor(${a}, ${b})`), holds(`and(or(${a}, ${b}), not(and(${a}, ${b})))`));
        assert.equal(holds(`iif(${a}, ${b}, false)`), holds(`and(${a}, ${b})`));
        assert.equal(holds(`ne(${a}, ${b})`), !holds(`eq(${a}, ${b})`));
        assert.equal(holds(`notIn(${a}, ${b})`), holds(`ne(${a}, ${b})`));
      }),
    );
  });

  it("find in a text what was put into it", () => {
    fc.assert(
      fc.property(anyText, anyText, anyText, (before, part, after) => {
        const variables = new Map([
          ["all", before + part + after],
          ["part", part],
          ["start", before],
          ["end", after],
        ]);
        assert.ok(
          holds(
            "and(contains(variables.all, upper(variables.part)), startsWith(variables.all, variables.start))",
            variables,
          ),
        );
        assert.ok(holds("endsWith(variables.all, variables.end)", variables));
        assert.ok(
          holds("eq(format('{0}{1}{2}', variables.start, variables.part, variables.end), variables.all)", variables),
        );
      }),
    );
  });

  it("write JSON that is the parameter again", async () => {
    const tree = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.string({ unit: "grapheme", maxLength: 10 }),
        fc.array(tie("node"), { maxLength: 4 }),
        fc.dictionary(fc.string({ minLength: 1, maxLength: 5 }), tie("node"), { maxKeys: 4 }),
      ),
    })).node;
    await fc.assert(
      fc.asyncProperty(tree, async (value) => {
        fc.pre(noEqualKeys(value));
        const text = await textOf("convertToJson(parameters.p)", "  - { name: p, type: object }", {
          parameters: { p: value },
        });
        assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 200 },
    );
  });
});

/** Whether no map has two keys that differ in letter case alone. */
function noEqualKeys(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  const keys = Array.isArray(value) ? [] : Object.keys(value);
  const distinct = new Set(keys.map((key) => key.toLowerCase())).size === keys.length;
  return distinct && Object.values(value).every(noEqualKeys);
}

describe("an expanded pipeline", () => {
  const text = fc.string({
    unit: fc.constantFrom(
      "a",
      "B",
      " ",
      "\n",
      "#",
      ": ",
      "- ",
      "'",
      '"',
      "true",
      "1",
      "é",
      "\\",
      "|",
      "&",
      "*",
      "!",
      "%",
      "$(x)",
      "\t",
    ),
  });
  const name = fc.stringMatching(/^[a-z][a-z0-9]{3,8}$/);
  const step = fc.record({ script: text, displayName: text, env: fc.dictionary(name, text, { maxKeys: 3 }) });
  const job = fc.record({
    steps: fc.array(step, { minLength: 1, maxLength: 3 }),
    variables: fc.dictionary(name, text, { maxKeys: 2 }),
  });

  it("is the same when its text is expanded again", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(job, { minLength: 1, maxLength: 3 }),
        fc.dictionary(name, text, { maxKeys: 2 }),
        async (jobs, variables) => {
          const named = jobs.map((one, at) => ({ job: `job${at}`, ...one }));
          const first = await expand(
            JSON.stringify({ trigger: "none", pool: { name: "p", demands: ["d"] }, variables, jobs: named }),
          );
          const second = await expand(first.text);
          assert.deepEqual(second.jobs, first.jobs);
          assert.deepEqual(second.main, first.main);
          assert.deepEqual(second.variables, first.variables);
          assert.equal(second.text, first.text);
        },
      ),
      { numRuns: 200 },
    );
  });
});
