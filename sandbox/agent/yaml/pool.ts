/** Reads `pool:`. */
import { quote } from "../../../spec/rule";
import type { PoolReference } from "../model";
import { PipelineFileError, type Place } from "./error";
import { Fields, resolved, textIn, type Keys } from "./fields";
import { mapping, scalar, sequence, type MappingEntry, type Node } from "./node";
import type { Bound } from "./scope";

const KEYS: Keys = { of: "a pool", known: ["name", "demands", "vmImage"] };

/** The pool of Microsoft's own agents, which are chosen by their image. */
const HOSTED = "Azure Pipelines";

/**
 * A name alone, a name with demands, or an image of hosted agents.
 * @throws PipelineFileError for `server`, and for what does not go together.
 */
export function readPool(bound: Bound): PoolReference {
  const value = resolved(bound);
  const { place } = value.node;
  if (value.node.kind === "scalar") return named(textIn(value, "pool"), [], value);
  const fields = new Fields(value, KEYS);
  const [name, vmImage, demands] = [fields.word("name"), fields.word("vmImage"), fields.texts("demands")];
  if (vmImage !== undefined) {
    if (name !== undefined && name !== HOSTED) {
      throw new PipelineFileError(
        place,
        `pool ${quote(name)} has no vmImage`,
        "name the pool, or the image of hosted agents, not both",
      );
    }
    if (demands !== undefined)
      throw new PipelineFileError(
        fields.placeOf("demands"),
        "hosted agents take no demands",
        "take them out, or name a pool",
      );
    return { vmImage };
  }
  if (name === undefined)
    throw new PipelineFileError(place, "the pool has no name and no vmImage", "write one of the two");
  return named(name, demands ?? [], value);
}

function named(name: string, demands: readonly string[], bound: Bound): PoolReference {
  const { place } = bound.node;
  if (name === "") throw new PipelineFileError(place, "the pool is empty", "name one, or take the key out");
  if (name === "server")
    throw new PipelineFileError(place, "jobs without an agent (pool: server) are not supported here", "name a pool");
  if (name === HOSTED)
    throw new PipelineFileError(place, `the pool ${HOSTED} needs a vmImage`, "write vmImage: ubuntu-24.04");
  return { name, demands };
}

/** The pool as a file has it. */
export function poolNode(pool: PoolReference, place: Place): Node {
  const entry = (key: string, value: Node): MappingEntry => ({ key: scalar(key, place), value });
  if ("vmImage" in pool) return mapping([entry("vmImage", scalar(pool.vmImage, place))], place);
  const demands = pool.demands.map((demand) => scalar(demand, place));
  const more = demands.length === 0 ? [] : [entry("demands", sequence(demands, place))];
  return mapping([entry("name", scalar(pool.name, place)), ...more], place);
}
