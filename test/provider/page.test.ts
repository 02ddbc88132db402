import assert from "node:assert/strict";
import { parse } from "yaml";
import schema from "../../provider/schema.json";
import { componentSchema } from "../../provider/schema";
import { mistakesIn } from "../../provider/check-inputs";
import { readPage, readText } from "../docs/pages";

const file = "docs/components-from-other-languages.md";
const page = readPage(file, readText(file));

interface Program {
  readonly resources?: Readonly<Record<string, { readonly type: string; readonly properties: object }>>;
}

interface Described {
  readonly type?: string;
  readonly properties?: object;
  readonly inputProperties?: object;
}

/** Every argument, output and key, as the schema writes it. */
const known = new Set(
  Object.values({ ...schema.resources, ...schema.types }).flatMap(({ properties, inputProperties }: Described) =>
    Object.keys({ ...properties, ...inputProperties }),
  ),
);

const text = (language: string): string => {
  const [fence, ...others] = page.fences.filter((each) => each.language === language);
  assert.ok(fence !== undefined && others.length === 0, language);
  return fence.text;
};

const camel = (name: string): string =>
  `${name[0]!.toLowerCase()}${name.slice(1)}`.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

describe("the page on components from other languages", () => {
  it("has a program in YAML whose arguments the component takes", () => {
    const resources = page.fences
      .filter(({ language }) => language === "yaml")
      .flatMap((fence) => Object.values((parse(fence.text) as Program).resources ?? {}));
    assert.ok(resources.length > 0);
    for (const { type, properties } of resources) {
      const component = componentSchema(type.replace(":", ":index:"));
      assert.ok(component !== undefined, type);
      assert.deepEqual(mistakesIn(component, { ...properties }), []);
      assert.deepEqual(mistakesIn(component, { ...properties, specfications: "." }).length, 1);
    }
  });

  // Each way of writing an argument: as a key or an argument of Python, a field of Go, a property of C#; and of reading an output.
  for (const [language, pattern] of Object.entries({
    python: /^ +"?([a-z_]+)"?(?:=|: )|platform\.([a-z_]+)/gm,
    go: /^\t{3,}([A-Z]\w+):|[{ ]([A-Z]\w+): |platform\.([A-Z]\w+)/gm,
    csharp: /\b([A-Z]\w+) = |platform\.([A-Z]\w+)/g,
  })) {
    it(`has a program with arguments and outputs that there are: ${language}`, () => {
      const names = [...text(language).matchAll(pattern)].map((match) => camel(match.slice(1).find(Boolean)!));
      assert.ok(names.length >= 13, names.join(" "));
      assert.deepEqual(
        names.filter((name) => !known.has(name)),
        [],
      );
    });
  }

  it("has the same platform in each of them", () => {
    const words =
      /"(contoso|Platform|Contoso|westeurope|rg-wheelhouse|contosowheelhouse|python|public index|https:[^"]+)"/g;
    const values = (language: string): string[] => [...text(language).matchAll(words)].map(([, word]) => word!).sort();
    assert.equal(values("python").length, 9);
    assert.deepEqual(values("go"), values("python"));
    assert.deepEqual(values("csharp"), values("python"));
  });

  it("names every component", () => {
    for (const type of Object.keys(schema.resources)) {
      assert.ok(page.codes.includes(type.split(":")[2]!), type);
    }
  });
});
