/** Derives the facts about a provider's resources that are used here from the declarations of its installed package. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as ts from "typescript";
import type { Properties, Property, PropertyType, ResourceSchema, Schema } from "./schema";

/** Which resources and functions of a package are wanted, and where its declarations hold them. */
export interface PackageLayout {
  /** Name of the npm package. */
  readonly package: string;
  readonly resources: readonly Declared[];
  readonly functions: readonly Declared[];
  /** Paths `<type>.<property>` that the provider hides although no declaration says so. */
  readonly secrets?: readonly string[];
}

/** A class or function of the package. */
export interface Declared {
  readonly token: string;
  /** File of its declaration, from the package's folder. */
  readonly file: string;
  /** Name of the class or function. */
  readonly name: string;
}

const plainTypes = new Map<ts.SyntaxKind, PropertyType>([
  [ts.SyntaxKind.StringKeyword, { type: "string" }],
  [ts.SyntaxKind.BooleanKeyword, { type: "boolean" }],
  [ts.SyntaxKind.NumberKeyword, { type: "number" }],
  [ts.SyntaxKind.AnyKeyword, { type: "any" }],
]);

interface Declarations {
  readonly source: ts.SourceFile;
  /** Interfaces by `<namespace>.<name>`; without a namespace in a resource's own file. */
  readonly interfaces: ReadonlyMap<string, ts.InterfaceDeclaration>;
}

/** Reads the package once and answers with the reduced schema. Takes about a second where the declarations are large. */
export function deriveSchema(layout: PackageLayout): Schema {
  return new Derivation(dirname(require.resolve(`${layout.package}/package.json`)), layout).schema();
}

class Derivation {
  private readonly types: Record<string, { readonly properties: Properties }> = {};
  private readonly inputs: Declarations;
  private readonly outputs: Declarations;
  private readonly enums = new Map<string, ReadonlyMap<string, readonly string[]>>();

  public constructor(
    private readonly folder: string,
    private readonly layout: PackageLayout,
  ) {
    this.inputs = this.read("types/input.d.ts");
    this.outputs = this.read("types/output.d.ts");
  }

  public schema(): Schema {
    const description = JSON.parse(this.text("package.json")) as { pulumi: { name: string; version: string } };
    const { name, version } = description.pulumi;
    const resources = this.layout.resources.map((declared) => [declared.token, this.resource(declared)] as const);
    const functions = this.layout.functions.map((declared) => [declared.token, this.function(declared)] as const);
    const config = this.declared(this.read("provider.d.ts"), "ProviderArgs");
    const hidden = new Set(
      [...this.text("provider.js").matchAll(/pulumi\.secret\(args\.(\w+)\)/g)].map(([, key]) => key),
    );
    const marked = Object.entries(this.members(config.members)).map(([key, property]): [string, Property] => [
      key,
      hidden.has(key) ? { ...property, secret: true } : property,
    ]);
    return {
      name,
      version,
      config: Object.fromEntries(marked),
      resources: Object.fromEntries(resources),
      functions: Object.fromEntries(functions),
      types: sorted(this.types),
    };
  }

  private resource({ file, name }: Declared): ResourceSchema {
    const declarations = this.read(file);
    const described = declarations.source.statements.find(
      (statement): statement is ts.ClassDeclaration =>
        ts.isClassDeclaration(statement) && statement.name?.text === name,
    );
    if (described === undefined) {
      throw new Error(`${file} declares no class ${name}: has the package moved it?`);
    }
    const fields = described.members.filter(
      (member): member is ts.PropertyDeclaration =>
        ts.isPropertyDeclaration(member) &&
        !(ts.getModifiers(member) ?? []).some((item) => item.kind === ts.SyntaxKind.StaticKeyword),
    );
    return { inputs: this.members(this.declared(declarations, `${name}Args`).members), outputs: this.members(fields) };
  }

  private function({ file, name }: Declared): ResourceSchema {
    const { interfaces } = this.read(file);
    const [args, result] = ["Args", "Result"].map((end) =>
      interfaces.get(`${name.charAt(0).toUpperCase()}${name.slice(1)}${end}`),
    );
    return {
      inputs: args === undefined ? {} : this.members(args.members),
      outputs: result === undefined ? {} : this.members(result.members),
    };
  }

  private members(members: Iterable<ts.TypeElement | ts.PropertyDeclaration>): Properties {
    const properties: Record<string, Property> = {};
    for (const member of members) {
      const named = ts.isPropertySignature(member) || ts.isPropertyDeclaration(member);
      if (!named || member.type === undefined || !(ts.isIdentifier(member.name) || ts.isStringLiteral(member.name))) {
        continue;
      }
      const type = this.type(member.type);
      const optional = member.questionToken !== undefined || isOptional(member.type);
      properties[member.name.text] = optional || ts.isPropertyDeclaration(member) ? type : { ...type, required: true };
    }
    return sorted(properties);
  }

  private type(node: ts.TypeNode): PropertyType {
    if (ts.isTypeReferenceNode(node)) {
      return this.reference(node);
    }
    if (ts.isUnionTypeNode(node)) {
      return this.union(node.types.filter((member) => member.kind !== ts.SyntaxKind.UndefinedKeyword));
    }
    if (ts.isArrayTypeNode(node)) {
      return { type: "array", items: this.type(node.elementType) };
    }
    if (ts.isTypeLiteralNode(node)) {
      const index = node.members.find(ts.isIndexSignatureDeclaration);
      if (index !== undefined) {
        return { type: "map", values: this.type(index.type) };
      }
    }
    if (ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal)) {
      return { type: "string", values: [node.literal.text] };
    }
    const plain = plainTypes.get(node.kind);
    if (plain === undefined) {
      throw new Error(`the declarations hold a type that is not known here: ${node.getText()}`);
    }
    return plain;
  }

  private reference(node: ts.TypeReferenceNode): PropertyType {
    const name = node.typeName.getText();
    const [argument] = node.typeArguments ?? [];
    if ((name === "pulumi.Input" || name === "pulumi.Output") && argument !== undefined) {
      return this.type(argument);
    }
    const [kind, ...path] = name.split(".");
    const [module, type] = path;
    if (kind === "enums" && module !== undefined && type !== undefined) {
      return { type: "string", values: this.values(module, type) };
    }
    if ((kind === "inputs" || kind === "outputs") && path.length > 0) {
      return { type: "object", ref: this.object(kind, path.join(".")) };
    }
    throw new Error(`the declarations hold a reference that is not known here: ${name}`);
  }

  /** A text or an enumeration is the enumeration: the service refuses other texts. Several objects are a choice of them. */
  private union(members: readonly ts.TypeNode[]): PropertyType {
    const types = members.map((member) => this.type(member));
    const [first] = types;
    const closed = types.find((type) => type.type === "string" && type.values !== undefined);
    if (first !== undefined && types.length === 1) {
      return first;
    }
    if (closed !== undefined && types.every((type) => type.type === "string")) {
      return closed;
    }
    const refs = types.flatMap((type) => (type.type === "object" ? [type.ref] : []));
    if (refs.length === types.length) {
      return { type: "union", refs };
    }
    throw new Error(
      `the declarations hold a union that is not known here: ${members.map((node) => node.getText()).join(" | ")}`,
    );
  }

  /** A type of one name is the same as an input and as an output. */
  private object(kind: "inputs" | "outputs", name: string): string {
    if (this.types[name] === undefined) {
      this.types[name] = { properties: {} };
      const members = Object.entries(this.members(this.declared(this[kind], name).members));
      const hidden = (key: string): boolean => this.layout.secrets?.includes(`${name}.${key}`) === true;
      const properties = members.map(([key, property]): [string, Property] => [
        key,
        hidden(key) ? { ...property, secret: true } : property,
      ]);
      this.types[name] = { properties: Object.fromEntries(properties) };
    }
    return name;
  }

  private values(module: string, type: string): readonly string[] {
    let known = this.enums.get(module);
    if (known === undefined) {
      known = new Map(enumerations(this.read(`types/enums/${module}/index.d.ts`).source));
      this.enums.set(module, known);
    }
    const values = known.get(type);
    if (values === undefined) {
      throw new Error(`types/enums/${module}/index.d.ts holds no ${type}`);
    }
    return values;
  }

  private declared({ source, interfaces }: Declarations, name: string): ts.InterfaceDeclaration {
    const found = interfaces.get(name);
    if (found === undefined) {
      throw new Error(`${source.fileName} declares no interface ${name}`);
    }
    return found;
  }

  private read(path: string): Declarations {
    const source = ts.createSourceFile(path, this.text(path), ts.ScriptTarget.ES2022, true);
    return { source, interfaces: new Map(interfacesOf(source.statements, "")) };
  }

  private text(path: string): string {
    return readFileSync(join(this.folder, path), "utf8");
  }
}

function* interfacesOf(
  statements: Iterable<ts.Statement>,
  prefix: string,
): Generator<[string, ts.InterfaceDeclaration]> {
  for (const statement of statements) {
    if (ts.isInterfaceDeclaration(statement)) {
      yield [`${prefix}${statement.name.text}`, statement];
    } else if (ts.isModuleDeclaration(statement) && statement.body !== undefined && ts.isModuleBlock(statement.body)) {
      yield* interfacesOf(statement.body.statements, `${prefix}${statement.name.text}.`);
    }
  }
}

function* enumerations(source: ts.SourceFile): Generator<[string, readonly string[]]> {
  for (const statement of source.statements.filter(ts.isVariableStatement)) {
    for (const { name, type } of statement.declarationList.declarations) {
      if (ts.isIdentifier(name) && type !== undefined && ts.isTypeLiteralNode(type)) {
        const literals = type.members.filter(ts.isPropertySignature).map((member) => member.type);
        const texts = literals.flatMap((literal) =>
          literal !== undefined && ts.isLiteralTypeNode(literal) && ts.isStringLiteral(literal.literal)
            ? [literal.literal.text]
            : [],
        );
        yield [name.text, texts];
      }
    }
  }
}

function isOptional(node: ts.TypeNode): boolean {
  if (ts.isTypeReferenceNode(node)) {
    return (node.typeArguments ?? []).some(isOptional);
  }
  return ts.isUnionTypeNode(node) && node.types.some((member) => member.kind === ts.SyntaxKind.UndefinedKeyword);
}

function sorted<T>(map: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(map).sort(([left], [right]) => (left < right ? -1 : 1)));
}
