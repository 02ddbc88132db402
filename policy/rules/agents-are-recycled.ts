/** No job finds what another one left on its machine. */
import { resourceRule } from "../resource-rule";
import { ELASTIC_POOL } from "../resource-types";
import { UNKNOWN, isOn } from "../values";

export const agentsAreRecycled = resourceRule({
  name: "agents-are-recycled",
  description: "Agents of an elastic pool are new for each job.",
  level: "advisory",
  severity: "medium",
  mend: "Set recycleAfterEachUse to true, in the platform by recycle of wheelhouse:elasticPool.",
  types: [ELASTIC_POOL],
  check: ({ inputs: { recycleAfterEachUse } }) =>
    isOn(recycleAfterEachUse) || recycleAfterEachUse === UNKNOWN
      ? []
      : [
          {
            where: "recycleAfterEachUse",
            what: recycleAfterEachUse === undefined ? "it is missing, which means no" : "it is off",
            why: "a job can leave something behind for the next one, of another team",
            mend: "Set it to true, in the platform by recycle of wheelhouse:elasticPool",
          },
        ],
});
