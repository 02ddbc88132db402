/** Reads, with the TypeScript compiler, what the declarations of the local SDK promise. */
import { join, resolve } from "node:path";
import ts from "typescript";
import type { Properties, Property, PropertyType } from "./facts";

/** One property as it is declared. `promised`: an output or a promise is taken too. */
export interface Declared {
  readonly kind: string;
  readonly required: boolean;
  readonly promised: boolean;
}

const REPOSITORY = resolve(__dirname, "../..");

/** The declarations of `@pulumi/azuredevops`, compiled as the repository compiles its sources. */
export class Declarations {
  private readonly checker: ts.TypeChecker;
  private readonly entry: ts.SourceFile;
  private readonly exports: ReadonlyMap<string, ts.Symbol>;
  private readonly input: ReadonlyMap<string, ts.Symbol>;
  private readonly output: ReadonlyMap<string, ts.Symbol>;

  constructor(folder: string = join(REPOSITORY, "sdks/azuredevops")) {
    const configFile = join(REPOSITORY, "tsconfig.json");
    const parsed = ts.parseJsonConfigFileContent(
      ts.readConfigFile(configFile, (path) => ts.sys.readFile(path)).config,
      ts.sys,
      REPOSITORY,
    );
    const program = ts.createProgram([join(folder, "index.ts")], parsed.options);
    const source = (name: string): ts.SourceFile => {
      const file = program.getSourceFile(join(folder, name));
      if (file === undefined) {
        throw new Error(`${name} is not part of the package`);
      }
      return file;
    };
    this.checker = program.getTypeChecker();
    this.entry = source("index.ts");
    this.exports = this.exportsOf(this.entry);
    this.input = this.exportsOf(source("types/input.ts"));
    this.output = this.exportsOf(source("types/output.ts"));
  }

  /** Names of the nested types of a direction. */
  nestedTypes(direction: "input" | "output"): string[] {
    return [...this[direction].keys()];
  }

  /** Whether the package exports a type of this name. */
  has(name: string): boolean {
    return this.exports.has(name);
  }

  /** Members of an exported interface. */
  interface(name: string): Record<string, Declared> {
    return this.members(this.checker.getDeclaredTypeOfSymbol(symbolOf(this.exports, name)));
  }

  /** Members of a nested type. */
  nestedType(direction: "input" | "output", name: string): Record<string, Declared> {
    return this.members(this.checker.getDeclaredTypeOfSymbol(symbolOf(this[direction], name)));
  }

  /** Kind of the value of each output that the class itself declares. */
  outputs(name: string): Record<string, string> {
    const members = symbolOf(this.exports, name).members ?? new Map<ts.__String, ts.Symbol>();
    return Object.fromEntries(
      [...members.values()]
        .filter((member) => (member.flags & ts.SymbolFlags.Property) !== 0)
        .map((member) => [member.name, this.kindOfOutput(this.checker.getTypeOfSymbol(member))]),
    );
  }

  /** Parameters of the constructor, as `name: type` or `name?: type`. */
  constructorParameters(name: string): string[] {
    const constructed = this.checker.getTypeOfSymbol(symbolOf(this.exports, name)).getConstructSignatures();
    return constructed.flatMap((signature) => this.parameters(signature));
  }

  /** Parameters of a static method, in the same form. */
  staticParameters(name: string, method: string): string[] {
    const found = this.checker.getTypeOfSymbol(symbolOf(this.exports, name)).getProperty(method);
    const type = found === undefined ? undefined : this.checker.getTypeOfSymbol(found);
    return (type?.getCallSignatures() ?? []).flatMap((signature) => this.parameters(signature));
  }

  /** Parameters and result of an exported function. */
  call(name: string): { readonly parameters: string[]; readonly result: string } {
    const [signature] = this.checker.getTypeOfSymbol(symbolOf(this.exports, name)).getCallSignatures();
    if (signature === undefined) {
      throw new Error(`${name} is no function`);
    }
    return { parameters: this.parameters(signature), result: this.checker.typeToString(signature.getReturnType()) };
  }

  private exportsOf(file: ts.SourceFile): ReadonlyMap<string, ts.Symbol> {
    const module = this.checker.getSymbolAtLocation(file);
    const symbols = module === undefined ? [] : this.checker.getExportsOfModule(module);
    return new Map(
      symbols.map((symbol) => [
        symbol.name,
        (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : this.checker.getAliasedSymbol(symbol),
      ]),
    );
  }

  private parameters(signature: ts.Signature): string[] {
    return signature.getParameters().map((parameter) => {
      const declaration = parameter.valueDeclaration;
      const optional =
        declaration !== undefined && ts.isParameter(declaration) && this.checker.isOptionalParameter(declaration);
      const type = this.checker.getNonNullableType(this.checker.getTypeOfSymbol(parameter));
      return `${parameter.name}${optional ? "?" : ""}: ${this.checker.typeToString(type)}`;
    });
  }

  private members(type: ts.Type): Record<string, Declared> {
    return Object.fromEntries(
      this.checker.getPropertiesOfType(type).map((property) => {
        const optional = (property.flags & ts.SymbolFlags.Optional) !== 0;
        const declared = this.checker.getTypeOfSymbol(property);
        const plain = this.constituents(declared);
        const undefinable = this.constituentsOf(declared).some(isUndefined);
        return [
          property.name,
          { kind: this.kindOf(plain), required: !optional && !undefinable, promised: this.isPromised(declared) },
        ];
      }),
    );
  }

  private constituentsOf(type: ts.Type): readonly ts.Type[] {
    return type.isUnion() ? type.types : [type];
  }

  /** The parts of a union but for `undefined`, promises and outputs. */
  private constituents(type: ts.Type): readonly ts.Type[] {
    return this.constituentsOf(type).filter((part) => !isUndefined(part) && !isPromised(part));
  }

  private isPromised(type: ts.Type): boolean {
    const names = this.constituentsOf(type).map((part) => part.getSymbol()?.name);
    return names.includes("Promise") && names.includes("OutputInstance");
  }

  private kindOfOutput(type: ts.Type): string {
    // What `get` would give: the alias Output itself is gone where the compiler simplifies what it lifts.
    const get = type.getProperty("get");
    const read = get === undefined ? undefined : this.checker.getTypeOfSymbol(get).getCallSignatures()[0];
    return type.getProperty("apply") === undefined || read === undefined
      ? "no output"
      : this.kindOf(this.constituents(read.getReturnType()));
  }

  /** A kind as `kindOfFact` says it. */
  private kindOf(parts: readonly ts.Type[]): string {
    const [first] = parts;
    if (first === undefined) {
      return "nothing";
    }
    if (parts.every((part) => (part.flags & ts.TypeFlags.BooleanLike) !== 0)) {
      return "boolean";
    }
    if (parts.length > 1) {
      return `one of ${parts.map((part) => this.checker.typeToString(part)).join(", ")}`;
    }
    if (this.checker.isArrayType(first)) {
      const [item] = this.checker.getTypeArguments(first as ts.TypeReference);
      return item === undefined ? "array" : `array of ${this.kindOf(this.constituents(item))}`;
    }
    const values = first.getStringIndexType();
    if (values !== undefined) {
      return `map of ${this.kindOf(this.constituents(values))}`;
    }
    const text = this.checker.typeToString(first);
    return first.isClassOrInterface() ? `object ${first.symbol.name}` : text;
  }
}

/** The kind of a property of `schema.json`, in words that declarations are told by too. */
export function kindOfFact(type: PropertyType): string {
  switch (type.type) {
    case "string":
    case "boolean":
    case "number":
      return type.type;
    case "integer":
      return "number";
    case "array":
      return `array of ${kindOfFact(type.items)}`;
    case "map":
      return `map of ${kindOfFact(type.values)}`;
    case "object":
      return `object ${type.ref}`;
  }
}

/** What an interface of these properties is to declare; `state`: none is required. */
export function expectedMembers(
  properties: Properties,
  { promised, state = false }: { readonly promised: boolean; readonly state?: boolean },
): Record<string, Declared> {
  const expected = (property: Property): Declared => ({
    kind: kindOfFact(property),
    required: !state && property.required === true,
    promised,
  });
  return Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, expected(property)]));
}

function symbolOf(symbols: ReadonlyMap<string, ts.Symbol>, name: string): ts.Symbol {
  const symbol = symbols.get(name);
  if (symbol === undefined) {
    throw new Error(`${name} is not exported`);
  }
  return symbol;
}

function isUndefined(type: ts.Type): boolean {
  return (type.flags & ts.TypeFlags.Undefined) !== 0;
}

function isPromised(type: ts.Type): boolean {
  const name = type.getSymbol()?.name;
  return name === "Promise" || name === "OutputInstance";
}
