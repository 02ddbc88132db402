/** The control API: the verbs by which the provider stand-ins make, read, change and remove what the clouds hold. */
import { z } from "zod";
import { jsonBody, ok, type Answer, type Call, type Handler } from "./call";
import type { Cloud } from "./cloud";
import { federatedToken } from "./devops/federation";
import { secretsFor } from "./devops/secrets";
import { invalid, missing, ServiceError } from "./errors";
import { parse, type Kind } from "./kind";
import { faultForm, type Faults } from "./faults";
import { checkJobFinding } from "./job-access";
import type { Offer } from "./kinds";
import type { Properties } from "./state";

const properties = z.record(z.string(), z.unknown());
const id = z.union([z.string().min(1), z.number().int().transform(String)]);
const forms = {
  create: z.looseObject({ token: z.string(), inputs: properties }),
  read: z.looseObject({ token: z.string(), id }),
  update: z.looseObject({ token: z.string(), id, olds: properties.default({}), news: properties }),
  delete: z.looseObject({ token: z.string(), id }),
  invoke: z.looseObject({ token: z.string(), args: properties.default({}) }),
  find: z.looseObject({ token: z.string(), inputs: properties }),
  list: z.looseObject({ token: z.string() }),
  revision: z.looseObject({}),
  revoke: z.looseObject({ jobToken: z.string() }),
  secrets: z.looseObject({ token: z.string(), id, proof: z.string() }),
  federate: z.looseObject({ endpointId: z.string() }),
};

function kindOf(offer: Offer, token: string): Kind {
  const kind = offer.kinds.get(token);
  if (kind === undefined) {
    throw invalid(
      "UnknownToken",
      `${token} is no kind of resource here; there are ${[...offer.kinds.keys()].join(", ")}`,
    );
  }
  return kind;
}

function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) {
    throw missing("NotFound", `there is no ${what}`);
  }
  return value;
}

/** All of a kind as the service shows them, and what it knows beside the kinds, such as pushes. */
async function listed(offer: Offer, cloud: Cloud, token: string): Promise<Answer> {
  if (offer.records.has(token)) {
    const entities = cloud.state.list(token).map(({ id, properties }) => ({ id, token, properties }));
    return ok({ entities });
  }
  const kind = kindOf(offer, token);
  const entities = [];
  for (const entity of cloud.state.list(token)) {
    // Undefined where it went while others were read.
    const shown = await kind.read(cloud, entity.id);
    if (shown !== undefined) {
      entities.push({ ...shown, token });
    }
  }
  return ok({ entities });
}

async function answer(offer: Offer, verb: string, call: Call, body: Properties): Promise<Answer> {
  const { cloud } = call;
  switch (verb) {
    case "create": {
      const { token, inputs } = parse(forms.create, body, "create");
      return ok(await kindOf(offer, token).create(cloud, inputs));
    }
    case "read": {
      const { token, id: wanted } = parse(forms.read, body, "read");
      const found = required(await kindOf(offer, token).read(cloud, wanted), `${token} with the id ${wanted}`);
      checkJobFinding(call, token, { ...found.properties, id: found.id });
      return ok(found);
    }
    case "update": {
      const { token, id: wanted, olds, news } = parse(forms.update, body, "update");
      return ok(await kindOf(offer, token).update(cloud, wanted, olds, news));
    }
    case "delete": {
      const { token, id: wanted } = parse(forms.delete, body, "delete");
      await kindOf(offer, token).delete(cloud, wanted);
      return ok({});
    }
    case "find": {
      const { token, inputs } = parse(forms.find, body, "find");
      return ok({
        id: required(await kindOf(offer, token).find(cloud, inputs), `${token} that these inputs would clash with`),
      });
    }
    case "list":
      return listed(offer, cloud, parse(forms.list, body, "list").token);
    case "revision":
      return ok({ revision: cloud.state.revision });
    case "revoke":
      // As when its job ends. Not remembered over a restart: the token's own end is then its only one.
      cloud.jobTokens?.revoke(parse(forms.revoke, body, "revoke").jobToken);
      return ok({});
    case "secrets": {
      const { token, id: wanted, proof } = parse(forms.secrets, body, "secrets");
      return ok({ secrets: secretsFor(cloud, token, wanted, proof) });
    }
    case "federate":
      return ok({ idToken: federatedToken(cloud, parse(forms.federate, body, "federate").endpointId) });
    case "invoke": {
      const { token, args } = parse(forms.invoke, body, "invoke");
      const one = offer.functions.get(token);
      if (one === undefined) {
        throw invalid(
          "UnknownToken",
          `${token} is no function here; there are ${[...offer.functions.keys()].join(", ")}`,
        );
      }
      const result = await one.invoke(cloud, args, call.principal);
      checkJobFinding(call, token, result);
      return ok({ result });
    }
    default:
      throw missing("UnknownVerb", `"${verb}" is no verb; there are ${Object.keys(forms).join(", ")}`);
  }
}

/** The verbs over what one service offers. `check` refuses bodies that speak of somebody else's account. */
export function control(offer: Offer, faults: Faults, check: (body: Properties, call: Call) => void): Handler {
  return async (call) => {
    if (call.method !== "POST") {
      throw new ServiceError(405, "MethodNotAllowed", "the verbs are called with POST");
    }
    const body = await jsonBody(call);
    const verb = call.parts[1] ?? "";
    if (verb === "fault") {
      if (call.job !== undefined || call.principal !== undefined) check(body, call);
      faults.inject(parse(faultForm, body, "fault"));
      return ok({});
    }
    check(body, call);
    return answer(offer, verb, call, body);
  };
}
