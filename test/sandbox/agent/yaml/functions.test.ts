/** The functions, casts and comparisons of expressions, as templates and conditions have them. */
import { strict as assert } from "node:assert";
import { evaluateCondition, type ConditionContext } from "../../../../sandbox/agent/yaml";
import { GENERAL_FUNCTIONS } from "../../../../sandbox/agent/yaml/functions";
import { refused, textOf } from "./expansion";

const parameters = `
  - { name: text, type: string, default: Hello }
  - { name: empty, type: string, default: "" }
  - { name: five, type: number, default: 5 }
  - { name: yes, type: boolean, default: true }
  - { name: list, type: object, default: [a, B, "3"] }
  - { name: map, type: object, default: { One: x, two: { three: y }, "true": z } }
  - { name: none, type: object, default: [] }
  - name: rows
    type: object
    default: [{ id: 1, sub: [p, q] }, { id: 2 }, { other: 3 }, plain]`;

/** Expressions and the text that each gives, by the function that each is about. */
const table: Record<string, readonly (readonly [expression: string, text: string])[]> = {
  and: [
    ["and(true, 1)", "True"],
    ["and(true, '')", "False"],
    ["and(true, true, 0)", "False"],
    // The later ones are not looked at: this one would be refused.
    ["and(false, gt('a', parameters.list))", "False"],
  ],
  or: [
    ["or(false, 'a')", "True"],
    ["or(false, '', 0)", "False"],
    ["or(true, gt('a', parameters.list))", "True"],
  ],
  not: [
    ["not('')", "True"],
    ["not('false')", "False"],
    ["not(parameters.none)", "False"],
    ["not(1.2.3)", "False"],
  ],
  xor: [
    ["xor(true, false)", "True"],
    ["xor('a', 'b')", "False"],
  ],
  eq: [
    ["eq('Straße', 'STRAßE')", "True"],
    ["eq('ß', 'SS')", "False"],
    ["eq('ﬁ', 'FI')", "False"],
    ["eq('K', '\u212a')", "False"],
    ["eq('i', 'ı')", "False"],
    ["eq('é', 'É')", "True"],
    ["eq(true, 'false')", "True"],
    ["eq('false', false)", "True"],
    ["eq(1, ' 1.0 ')", "True"],
    ["eq(1000, '1,000')", "True"],
    ["eq(1, '1e0')", "False"],
    ["eq(1, 'one')", "False"],
    ["eq(0, '')", "True"],
    ["eq('', variables.missing)", "True"],
    ["eq(variables.missing, '')", "True"],
    ["eq(variables.missing, 0)", "False"],
    ["eq(1.2.3, '1.2.3')", "True"],
    ["eq(1.2.3, '1.2.3.0')", "False"],
    ["eq(1.2.3, 'x')", "False"],
    ["eq(parameters.list, parameters.list)", "True"],
    ["eq(parameters.list, parameters.none)", "False"],
    ["eq(true, parameters.list)", "True"],
    ["eq('a', parameters.list)", "False"],
    ["eq(parameters.list, 'a')", "False"],
    ["eq(parameters.FIVE, 5)", "True"],
  ],
  ne: [
    ["ne('a', 'A')", "False"],
    ["ne(1, 'x')", "True"],
  ],
  lt: [
    ["lt(2, '10')", "True"],
    ["lt('2', '10')", "False"],
    ["lt('a', 'B')", "True"],
    ["lt(false, true)", "True"],
    ["lt(false, parameters.list)", "True"],
  ],
  le: [
    ["le(2, 2)", "True"],
    ["le(1.2.3, 1.2.3.4)", "True"],
  ],
  gt: [
    ["gt(1.10.0, 1.9.0)", "True"],
    ["gt('1.10.0', '1.9.0')", "False"],
    ["gt(variables.missing, -1)", "True"],
  ],
  ge: [
    ["ge(5, parameters.five)", "True"],
    ["ge(1.2.3, '1.3')", "False"],
  ],
  in: [
    ["in('b', 'A', 'B')", "True"],
    ["in('b', 'a')", "False"],
    ["in('b')", "False"],
    ["in(1, 'x', '1')", "True"],
  ],
  notIn: [
    ["notIn('b', 'A', 'B')", "False"],
    ["notin('d', 'A', 'B')", "True"],
  ],
  contains: [
    ["contains('ABCDE', 'bcd')", "True"],
    ["contains('ABCDE', 'xyz')", "False"],
    ["contains(12345, 34)", "True"],
    ["contains('', '')", "True"],
  ],
  startsWith: [
    ["startsWith('ABCDE', 'ab')", "True"],
    ["startsWith('ABCDE', 'b')", "False"],
  ],
  endsWith: [
    ["endsWith('ABCDE', 'de')", "True"],
    ["endsWith('ABCDE', 'd')", "False"],
  ],
  containsValue: [
    ["containsValue(parameters.list, 'b')", "True"],
    ["containsValue(parameters.list, 3)", "True"],
    ["containsValue(parameters.map, 'X')", "True"],
    ["containsValue(parameters.map, 'one')", "False"],
    ["containsValue('abc', 'abc')", "False"],
  ],
  coalesce: [
    ["coalesce('', variables.missing, 'c', 'd')", "c"],
    ["coalesce(0, 'c')", "0"],
    ["coalesce(variables.missing, '')", ""],
  ],
  format: [
    ["format('{0} and {1} and {0}', 'a', 2)", "a and 2 and a"],
    ["format('{{0}} {0}}}', true)", "{0} True}"],
    ["format('nothing')", "nothing"],
  ],
  join: [
    ["join(', ', parameters.list)", "a, B, 3"],
    ["join(',', parameters.none)", ""],
    ["join(',', 'text')", "text"],
    ["join(',', parameters.map)", ""],
    ["join(',', parameters.rows)", ",,,plain"],
  ],
  split: [
    ["join('|', split('a,b,,c,', ','))", "a|b||c|"],
    ["length(split('', ','))", "1"],
    ["split('a,b', ',')[1]", "b"],
  ],
  replace: [
    ["replace('a.b.c', '.', '--')", "a--b--c"],
    ["replace('aA', 'A', '')", "a"],
  ],
  lower: [["lower('HeLLo')", "hello"]],
  upper: [["upper(parameters.text)", "HELLO"]],
  trim: [["trim('  a b  ')", "a b"]],
  length: [
    ["length('four')", "4"],
    ["length(parameters.list)", "3"],
    ["length(variables.missing)", "0"],
  ],
  convertToJson: [
    ["convertToJson(parameters.yes)", "true"],
    ["convertToJson(parameters.five)", "5"],
    ["convertToJson('a\"b')", '"a\\"b"'],
    ["convertToJson(parameters.none)", "[]"],
    ["convertToJson(parameters.list)", '[\n  "a",\n  "B",\n  "3"\n]'],
    ["convertToJson(parameters.map.two)", '{\n  "three": "y"\n}'],
    ["convertToJson(1.2.3)", '"1.2.3"'],
  ],
  iif: [
    ["iif(eq(1, 1), 'yes', 'no')", "yes"],
    ["iif('', 'yes', 'no')", "no"],
  ],
};

describe("functions of expressions", () => {
  it("are all in this table", () => {
    assert.deepEqual(GENERAL_FUNCTIONS.map(({ name }) => name).sort(), Object.keys(table).sort());
  });

  for (const [name, rows] of Object.entries(table)) {
    it(`have ${name}`, async () => {
      for (const [expression, text] of rows) assert.equal(await textOf(expression, parameters), text, expression);
    });
  }

  it("take the number of arguments that the service's do", async () => {
    for (const { name, least, most } of GENERAL_FUNCTIONS) {
      const call = (count: number): string => `${name}(${Array.from({ length: count }, () => "'a'").join(", ")})`;
      const what = new RegExp(`${name} takes .*argument`);
      await refused(textOf(call(least - 1)), "azure-pipelines.yml:3:12", what);
      if (most !== undefined) await refused(textOf(call(most + 1)), "azure-pipelines.yml:3:12", what);
    }
  });

  it("refuse what cannot be cast, with the place of the function", async () => {
    const cases: readonly (readonly [string, RegExp, number])[] = [
      ["lt(1, 'x')", /a number and a text cannot be compared/, 12],
      ["gt('a', parameters.list)", /a text and a list cannot be compared/, 12],
      ["ge(parameters.map, 1)", /a map and a number cannot be compared/, 12],
      ["le(1.2.3, 'x')", /a version and a text/, 12],
      ["not(lt(1, 'x'))", /cannot be compared/, 16],
      ["contains(parameters.list, 'a')", /a list cannot be put into a text/, 12],
      ["upper(parameters.map)", /a map cannot be put into a text/, 12],
      ["format('{1}', 'a')", /no value for \{1\}/, 12],
      ["format('{0}')", /no value for \{0\}/, 12],
      ["format('{', 'a')", /single \{/, 12],
      ["format('}', 'a')", /single \}/, 12],
      ["format('{a}', 'a')", /single \{/, 12],
      ["format('{0:yyyy}', 'a')", /dates is not supported/, 12],
      ["format('{0}', parameters.list)", /a list cannot be put/, 12],
      ["replace('a', '', 'b')", /empty text/, 12],
      ["split('a', '')", /one character/, 12],
      ["split('a', ', ')", /one character/, 12],
      ["length(parameters.map)", /not a map/, 12],
      ["iif(true, 'a', lt(1, 'x'))", /cannot be compared/, 27],
    ];
    for (const [expression, what, column] of cases) {
      const line = parameters.split("\n").length + 4;
      await refused(textOf(expression, parameters), `azure-pipelines.yml:${line}:${column}`, what);
    }
  });

  it("are the same in conditions, without letter case", () => {
    const context: ConditionContext = { status: "succeeded", variables: new Map([["A.b", "Yes"]]) };
    assert.equal(evaluateCondition("AND(EQ(Variables['a.B'], 'yes'), NOT(FALSE))", context), true);
    assert.equal(evaluateCondition("containsValue(variables, 'YES')", context), true);
  });
});

describe("values of expressions", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["true", "True"],
    ["FALSE", "False"],
    ["-1.50", "-1.5"],
    [".5", "0.5"],
    ["-0", "0"],
    ["100000000000000000000000", "100000000000000000000000"],
    ["-1234567890123456789", "-1234567890123460000"],
    ["0.00000001", "0"],
    ["1.2.3.4", "1.2.3.4"],
    ["'it''s'", "it's"],
    ["'${{ }}'", "${{ }}"],
    ["parameters.five", "5"],
    ["parameters.yes", "True"],
    ["parameters['text']", "Hello"],
    ["parameters[format('{0}', 'TEXT')]", "Hello"],
    ["parameters.missing", ""],
    ["parameters.text.missing.more", ""],
    ["parameters.map.ONE", "x"],
    ["parameters.map.true", "z"],
    ["parameters.list[1]", "B"],
    ["parameters.list['2']", "3"],
    ["parameters.list[3]", ""],
    ["parameters.list[-1]", ""],
    ["parameters.list['x']", ""],
    ["parameters.list['']", ""],
    ["parameters.list[parameters.map]", ""],
    ["join(',', parameters.rows.*.id)", "1,2"],
    ["join(',', parameters.rows[*]['id'])", "1,2"],
    ["join(',', parameters.rows.*.sub.*)", "p,q"],
    ["join(',', parameters.map.*)", "x,,z"],
    ["length(parameters.rows.*[parameters.map])", "0"],
    ["length(parameters.text.*)", "0"],
    ["variables.flavour", "plain"],
    ["variables['build.reason']", "Manual"],
    ["variables.__proto__", ""],
    ["parameters['constructor']", ""],
    ["parameters.map['__proto__']['polluted']", ""],
  ];
  for (const [expression, text] of cases) {
    it(`has ${expression}`, async () => {
      assert.equal(await textOf(expression, parameters), text);
    });
  }
});

describe("mistakes in expressions", () => {
  const cases: readonly (readonly [string, RegExp, number, RegExp?])[] = [
    ["", /empty/, 11],
    ["'open", /not closed/, 8],
    ['"double"', /double quotes/, 12, /single quotes/],
    ["a.b", /a is not known/, 12, /parameters, variables/],
    ["parameters.a == 'b'", /"=" means nothing/, 25, /eq\(a, b\)/],
    ["parameters.a && true", /"&" means nothing/, 25],
    ["!true", /"!" means nothing/, 12],
    ["1..2", /no number and no version/, 12],
    ["1.2.3.4.5", /no number and no version/, 12],
    ["12abc", /no number and no version/, 12],
    ["1e5", /no number and no version/, 12],
    ["paramters.a", /paramters is not known/, 12, /did you mean parameters/],
    ["eqq(1, 1)", /no function eqq/, 12, /did you mean eq\?/],
    ["eq", /eq is a function/, 12, /eq\(/],
    ["eq(1, 1", /ends where/, 19],
    ["eq(1 1)", /stands where , or \)/, 17],
    ["eq(1, 1))", /\) stands where the end/, 20],
    ["eq(1,, 1)", /, stands where a value/, 17],
    ["eq(,)", /, stands where a value/, 15],
    ["parameters.", /ends where a name/, 23],
    ["parameters.'a'", /a literal stands where a name/, 23],
    ["parameters[", /ends where a value/, 23],
    ["parameters['a'", /ends where \]/, 26],
    ["parameters['a')", /\) stands where \]/, 26],
    ["'a'.b", /"\." means nothing/, 15],
    ["'a'['b']", /\[ stands where the end/, 15],
    ["null", /null cannot be written/, 12],
    ["succeeded()", /known only while a job runs/, 12, /condition:/],
    ["always()", /known only while a job runs/, 12],
    ["failed()", /known only while a job runs/, 12],
    ["canceled()", /known only while a job runs/, 12],
    ["succeededOrFailed()", /known only while a job runs/, 12],
    ["counter('a', 1)", /counter\(\) is known only at run time/, 12],
    ["dependencies.a.result", /dependencies is known only while/, 12],
    ["resources.pipelines.base.runID", /resources is known only while/, 12],
    ["pipeline.startTime", /pipeline is known only/, 12],
    ["if(true)", /if is no function/, 12, /as a key/],
    ["hashFiles('a')", /no function hashFiles/, 12],
    ["fromJson('1')", /no function fromJson/, 12],
  ];
  for (const [expression, what, column, mend] of cases) {
    it(`are told of ${expression === "" ? "an empty one" : expression}`, async () => {
      await refused(textOf(expression), `azure-pipelines.yml:3:${column}`, what, mend);
    });
  }

  it("are told where the text has a line break before them, at the begin of the expression", async () => {
    await refused(textOf("eq(1,\n      nope)"), "azure-pipelines.yml:3:8", /nope is not known/);
  });

  it("end at 50 levels and at 21000 characters", async () => {
    const nested = (levels: number): string => `${"not(".repeat(levels)}true${")".repeat(levels)}`;
    assert.equal(await textOf(nested(48)), "True");
    await refused(textOf(nested(50)), "azure-pipelines.yml:3:212", /more than 50 levels/);
    await refused(textOf(`parameters${".a".repeat(60)}`), "azure-pipelines.yml:3:12", /more than 50 levels/);
    await refused(textOf(`'${"a".repeat(21_000)}'`), "azure-pipelines.yml:3:11", /21004 characters/);
  });
});
