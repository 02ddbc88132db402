/** Secret variables: nobody is shown them, and only the agents get them, for a job. */
import { z } from "zod";
import type { Cloud } from "../cloud";
import { forbidden, missing } from "../errors";
import { tokens } from "./tokens";

const kept = z.object({ secretValues: z.record(z.string(), z.string()).default({}) });

/**
 * The values of the secret variables of a definition or of a variable group, by name.
 * @param proof a token about just this question, signed with the key that only agents have: an access token is not enough
 */
export function secretsFor(cloud: Cloud, token: string, id: string, proof: string): Readonly<Record<string, string>> {
  const claims = cloud.signedTokens.read("agents", proof);
  const proven = typeof claims === "object" && claims.token === token && claims.id === id;
  if (!proven || (token !== tokens.buildDefinition && token !== tokens.variableGroup)) {
    throw forbidden("SecretsWithheld", "secret variables are given to agents for their jobs, and to nobody else");
  }
  const entity = cloud.state.get(token, id);
  if (entity === undefined) throw missing("NotFound", `there is no ${token} with the id ${id}`);
  return kept.parse(entity.hidden ?? {}).secretValues;
}
