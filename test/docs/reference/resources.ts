/** Which resources each component declares, read from the sources: its own, and those of the functions that it calls. */
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import ts from "typescript";

/** A class or function of a file, with what it declares and what it calls. */
interface Unit {
  /** `azuredevops:Feed`, `azure-native:resources:ResourceGroup`, or a component's type. */
  readonly declares: Set<string>;
  /** Functions and classes of this room, as `file#name`. */
  readonly calls: Set<string>;
  /** The type that a component or dynamic resource gives itself. */
  type?: string;
}

const modules: readonly (readonly [from: RegExp, prefix: string])[] = [
  [/^@pulumi\/azuredevops$/, "azuredevops:"],
  [/^@pulumi\/azure-native\/(\w+)$/, "azure-native:$1:"],
  [/^@pulumi\/docker$/, "docker:"],
];

/** The types that each class of a folder declares, by the class's name, in the order of their names. */
export function declaredResources(folder: string): ReadonlyMap<string, readonly string[]> {
  const units = new Map<string, Unit>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".ts"))) {
    const text = readFileSync(path.join(folder, file), "utf8");
    readUnits(file, ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true), units);
  }
  const classes = [...units].filter(([, unit]) => unit.type !== undefined);
  return new Map(classes.map(([key, unit]) => [nameOf(key), [...reached(unit, units)].sort()]));
}

function nameOf(key: string): string {
  return key.slice(key.indexOf("#") + 1);
}

/** What a unit declares by itself and through functions; a component that it makes counts as that component alone. */
function reached(unit: Unit, units: ReadonlyMap<string, Unit>, seen = new Set<Unit>()): Set<string> {
  const found = new Set(unit.declares);
  seen.add(unit);
  for (const key of unit.calls) {
    const called = units.get(key);
    if (called === undefined || seen.has(called)) continue;
    if (called.type !== undefined) found.add(called.type);
    else for (const type of reached(called, units, seen)) found.add(type);
  }
  return found;
}

function readUnits(file: string, source: ts.SourceFile, units: Map<string, Unit>): void {
  const names = new Map<string, string>();
  for (const statement of source.statements) {
    if (ts.isImportDeclaration(statement)) readImport(statement, names);
    for (const declared of declarations(statement)) names.set(declared.text, `${file}#${declared.text}`);
  }
  for (const statement of source.statements) {
    for (const declared of declarations(statement)) {
      const unit: Unit = { declares: new Set(), calls: new Set() };
      readUses(statement, names, unit);
      units.set(`${file}#${declared.text}`, unit);
    }
  }
}

/** Namespaces become prefixes that end with a colon, names of this room become keys of units. */
function readImport({ importClause, moduleSpecifier }: ts.ImportDeclaration, names: Map<string, string>): void {
  const from = ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : "";
  const bindings = importClause?.namedBindings;
  if (bindings === undefined) return;
  if (ts.isNamespaceImport(bindings)) {
    const known = modules.find(([pattern]) => pattern.test(from));
    if (known !== undefined) names.set(bindings.name.text, from.replace(...known));
  } else if (from.startsWith("./")) {
    for (const { name, propertyName } of bindings.elements) {
      names.set(name.text, `${from.slice(2)}.ts#${(propertyName ?? name).text}`);
    }
  }
}

function declarations(statement: ts.Statement): ts.Identifier[] {
  if ((ts.isClassDeclaration(statement) || ts.isFunctionDeclaration(statement)) && statement.name !== undefined) {
    return [statement.name];
  }
  return ts.isVariableStatement(statement)
    ? statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name] : []))
    : [];
}

function readUses(node: ts.Node, names: ReadonlyMap<string, string>, unit: Unit): void {
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword) {
    unit.type = typeOfSuper(node) ?? unit.type;
  }
  if (ts.isNewExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const { expression, name } = node.expression;
    const prefix = ts.isIdentifier(expression) ? names.get(expression.text) : undefined;
    if (prefix?.endsWith(":") === true) unit.declares.add(`${prefix}${name.text}`);
  }
  if (ts.isIdentifier(node)) {
    const key = names.get(node.text);
    if (key?.includes("#") === true) unit.calls.add(key);
  }
  ts.forEachChild(node, (child) => readUses(child, names, unit));
}

/** `super("wheelhouse:index:Platform", …)`, or `super("FirstRun", …)` of a resource with operations of its own. */
function typeOfSuper(call: ts.CallExpression): string | undefined {
  const [first] = call.arguments;
  if (first === undefined || !ts.isStringLiteral(first)) return undefined;
  if (first.text.startsWith("wheelhouse:")) return first.text;
  const parent = ts.findAncestor(call, ts.isClassDeclaration)?.heritageClauses?.[0]?.types[0]?.getText();
  return parent === "OperatedResource" ? `pulumi-nodejs:dynamic/wheelhouse:${first.text}` : undefined;
}
