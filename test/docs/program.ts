/** One TypeScript program over the components and over every TypeScript snippet of the pages: making one takes seconds. */
import * as path from "node:path";
import ts from "typescript";
import { pages, root } from "./pages";

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ["lib.es2023.d.ts"],
  module: ts.ModuleKind.Node20,
  strict: true,
  noUncheckedIndexedAccess: true,
  esModuleInterop: true,
  resolveJsonModule: true,
  skipLibCheck: true,
  noEmit: true,
  types: ["node"],
};

/** What the package gives to those who import it. */
const packageEntries: Readonly<Record<string, string>> = {
  wheelhouse: "components/library.ts",
  "wheelhouse/spec": "spec/index.ts",
  "wheelhouse/recipes": "recipes/index.ts",
  "wheelhouse/pipelines": "pipelines/index.ts",
  "wheelhouse/policy": "policy/index.ts",
};

/**
 * Azure's SDK has seven megabytes of types, which no signature of a component mentions: it is left out, and what comes from
 * it is of any type.
 */
const leftOut = /^@pulumi\/azure-native(\/|$)/;
const ambient = path.join(root, "docs/left-out.d.ts");
const ambientText = 'declare module "@pulumi/azure-native";\ndeclare module "@pulumi/azure-native/*";\n';

/**
 * @param snippets text by path relative to the root; the files need not exist.
 */
export function makeProgram(snippets: ReadonlyMap<string, string>): ts.Program {
  const virtual = new Map([...snippets].map(([file, text]) => [path.join(root, file), text]));
  virtual.set(ambient, ambientText);
  const host = ts.createCompilerHost(options);
  const own = { ...host };
  const cache = ts.createModuleResolutionCache(root, (name) => name, options);
  host.fileExists = (file) => virtual.has(file) || own.fileExists(file);
  host.readFile = (file) => virtual.get(file) ?? own.readFile(file);
  host.getSourceFile = (file, version, ...rest) => {
    const text = virtual.get(file);
    return text === undefined
      ? own.getSourceFile(file, version, ...rest)
      : ts.createSourceFile(file, text, version, true);
  };
  host.resolveModuleNameLiterals = (literals, from, redirected, given, source) =>
    literals.map((literal) => {
      if (leftOut.test(literal.text)) return { resolvedModule: undefined };
      const entry = packageEntries[literal.text];
      const mode = ts.getModeForUsageLocation(source, literal, given);
      return entry === undefined
        ? ts.resolveModuleName(literal.text, from, given, host, cache, redirected, mode)
        : { resolvedModule: { resolvedFileName: path.join(root, entry), extension: ts.Extension.Ts } };
    });
  const roots = [...virtual.keys(), ...["components/index.ts", "spec/index.ts"].map((file) => path.join(root, file))];
  return ts.createProgram({ rootNames: roots, options, host });
}

/** What the compiler says of a file, a line each. */
export function mistakesIn(program: ts.Program, file: string): string[] {
  const source = program.getSourceFile(path.join(root, file));
  if (source === undefined) throw new Error(`${file} is not in the program`);
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map((diagnostic) => {
    const { line } = source.getLineAndCharacterOfPosition(diagnostic.start ?? 0);
    return `${file}:${line + 1} ${ts.flattenDiagnosticMessageText(diagnostic.messageText, " ")}`;
  });
}

let shared: ts.Program | undefined;

/** The program over every TypeScript snippet of the pages, made once: several tests ask it. */
export function sharedProgram(): ts.Program {
  shared ??= makeProgram(new Map(typeScriptSnippets().map(({ file, text }) => [file, text])));
  return shared;
}

/** What an example above a component in the sources takes for granted: the component itself, and a registry. */
function prelude(file: string, text: string): string {
  if (!file.startsWith("docs/reference/components/") || /^import /m.test(text)) return "";
  const made = new Set([...text.matchAll(/\bnew ([A-Z]\w+)\(/g)].map(([, name]) => name ?? ""));
  return [
    `import { ${[...made].join(", ")} } from "wheelhouse";`,
    'declare const registry: import("wheelhouse").ContainerRegistry;',
  ].join(" ");
}

/** Each TypeScript block of the pages as a file of its own. */
export function typeScriptSnippets(): readonly {
  readonly file: string;
  readonly place: string;
  readonly text: string;
}[] {
  return pages().flatMap((page) =>
    page.fences
      .filter(({ language }) => /^(ts|typescript)$/.test(language))
      .map(({ place, text }, index) => ({
        file: `docs/snippets/${page.file.replaceAll("/", "-").replace(/\.md$/, "")}-${index}.ts`,
        place,
        text: `${prelude(page.file, text)}${text}\nexport {};\n`,
      })),
  );
}
