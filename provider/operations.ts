/** The operations of the resources that are this project's own code, as the plugin serves them. */
import * as feedUpstreams from "../components/feed-upstreams-provider";
import * as firstRun from "../components/first-run-provider";
import { packageName } from "./schema";

/** A resource's operations. Values are what the engine has, with unknown ones as it writes them. */
interface Operations {
  readonly create: (inputs: never) => Promise<{ readonly id: string; readonly outs: object }>;
  readonly diff: (state: never, inputs: never) => Difference;
  readonly read?: (id: string, state: never) => Promise<{ readonly id: string; readonly props?: object }>;
  readonly update?: (inputs: never) => Promise<{ readonly outs: object }>;
  readonly delete?: (state: never) => Promise<void>;
}

interface Difference {
  readonly changes: boolean;
  readonly replaces: string[];
  readonly deleteBeforeReplace: boolean;
}

const none: Difference = { changes: false, replaces: [], deleteBeforeReplace: false };

const operations: Readonly<Record<string, Operations>> = {
  [`${packageName}:index:FeedUpstreams`]: {
    create: (inputs) => feedUpstreams.create(inputs),
    diff: (state, inputs) => feedUpstreams.diff(state, inputs),
    read: (id, state) => feedUpstreams.read(id, state),
    update: (inputs) => feedUpstreams.update(inputs),
    delete: (state) => feedUpstreams.remove(state),
  },
  // A run happens once: nothing that is declared later changes it, and to delete it is to forget it.
  [`${packageName}:index:FirstRun`]: { create: (inputs) => firstRun.create(inputs), diff: () => none },
};

/**
 * The operations of the resource that a URN names.
 * @throws Error for one that the plugin does not have.
 */
export function operationsOf(urn: string): Operations {
  const [, , types = ""] = urn.split("::");
  const type = types.slice(types.lastIndexOf("$") + 1);
  const found = Object.hasOwn(operations, type) ? operations[type] : undefined;
  if (found === undefined) {
    throw new Error(
      `the plugin ${packageName} has no resource of the type ${type}; it has ${Object.keys(operations).join(", ")}`,
    );
  }
  return found;
}
