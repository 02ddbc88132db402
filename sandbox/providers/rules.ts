/** What a provider does with a resource beyond its schema, and what makes up one provider. */
import type { CheckFailure } from "@pulumi/pulumi/provider";
import type { PlainMap, PlainValue } from "./properties";
import type { ResourceService } from "./resource-service";
import type { Schema } from "./schema";

/** How a name is made where the program gives none: `<resource>-<hex>`, `<resource><hex>`, the resource's own name, or a UUID. */
export interface Autonaming {
  readonly property: string;
  readonly kind: "dash" | "plain" | "copy" | "uuid";
  /** Digits of the random part. */
  readonly digits?: number;
}

export interface ImportForm {
  readonly pattern: RegExp;
  /** As it is written in documentation. */
  readonly form: string;
}

/**
 * Facts about one resource that its schema does not hold. A path names properties from the top, with dots, and `[]`
 * after a list: `repository.branchName`, `features[].skipFirstRun`.
 */
export interface ResourceRules {
  /** Paths that are optional in the schema, but refused at run time where they are absent. */
  readonly required?: readonly string[];
  /** Values that the provider fills in, by path; only where the object that holds it is there. */
  readonly defaults?: Readonly<Record<string, PlainValue>>;
  /** Closed sets of texts, by path. */
  readonly values?: Readonly<Record<string, readonly string[]>>;
  /** Ranges of numbers, both ends included, by path. */
  readonly ranges?: Readonly<Record<string, readonly [number, number]>>;
  /** Paths of texts that must be UUIDs. */
  readonly uuids?: readonly string[];
  /** Paths of texts that must hold more than blanks. */
  readonly notBlank?: readonly string[];
  /** Properties of which at most one may be given. */
  readonly conflicts?: readonly (readonly string[])[];
  /** Properties of which one at least must be given. */
  readonly oneOf?: readonly (readonly string[])[];
  /** Optional inputs for which the service picks a value: unknown in a preview, and no change when the program is silent. */
  readonly serviceChooses?: readonly string[];
  /** Outputs that an update changes. */
  readonly changedByUpdate?: readonly string[];
  /** Paths of lists whose order means nothing. */
  readonly unordered?: readonly string[];
  /** Inputs that the service never shows again. */
  readonly writeOnly?: readonly string[];
  /** Paths whose change replaces the resource, beyond those that the schema marks. */
  readonly replaces?: readonly string[] | ((olds: PlainMap, news: PlainMap) => readonly string[]);
  /** Texts that the provider takes for the same, by path: case and blanks of a location, for one. */
  readonly normalize?: Readonly<Record<string, (text: string) => string>>;
  readonly autonaming?: Autonaming;
  /** Rules that no table says. Paths in the failures are as above, with indexes. */
  readonly check?: (inputs: PlainMap) => readonly CheckFailure[];
  /** The form of the id that a user imports by, where it is not the id itself. The service reads both. */
  readonly importForm?: ImportForm;
}

/** One provider: the facts, the rules, and how to reach its service. */
export interface ProviderDefinition {
  readonly schema: Schema;
  readonly rules: Readonly<Record<string, ResourceRules>>;
  /** The name that users know the service by, for messages. */
  readonly service: string;
  /** Environment variables that stand in for configuration that is not given, by configuration key. */
  readonly environment: Readonly<Record<string, string>>;
  /** When a replacement goes before its creation: for every given name, or only where the name stays the same. */
  readonly deleteBeforeReplace: "givenName" | "sameGivenName";
  /** Whether false, 0 and "" mean the same as nothing. */
  readonly zeroIsAbsent: boolean;
  /** The service, for those who ask with this configuration. Throws {@link Error} with the mend where it does not do. */
  connect(configuration: Readonly<Record<string, string>>): ResourceService;
  /** Inputs that are part of a resource's id. Throws where the id is not one of the type. */
  inputsFromId?(token: string, id: string): Readonly<Record<string, string>>;
  /** Inputs that depend on configuration or on what the service holds, such as a default location. */
  complete?(
    token: string,
    inputs: PlainMap,
    configuration: Readonly<Record<string, string>>,
    service: ResourceService | undefined,
  ): Promise<PlainMap>;
}
