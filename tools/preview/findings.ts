/** What policies and the engine said: each thing once, with the resources that it is about. */
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { compareTexts } from "./groups";
import type { Diagnostic, Finding } from "./model";
import { readUrn, shortType, stackType } from "./urn";

/** Equal findings are one, with all the resources. Mandatory first, then by pack, policy and message. */
export function findingsOf(events: readonly EngineEvent[]): readonly Finding[] {
  const findings = new Map<string, { finding: Omit<Finding, "resources">; resources: Map<string, Resource> }>();
  for (const { policyEvent } of events) {
    if (policyEvent === undefined) continue;
    // `remediate` has already changed what it is about; the engine reports it as it does advice.
    const level = policyEvent.enforcementLevel === "mandatory" ? "mandatory" : "advisory";
    const version = policyEvent.policyPackVersionTag || policyEvent.policyPackVersion;
    const pack = `${policyEvent.policyPackName}${version === "" ? "" : `@${version}`}`;
    const finding = { level, policy: policyEvent.policyName, pack, message: policyEvent.message.trim() } as const;
    const key = JSON.stringify(finding);
    const known = findings.get(key) ?? { finding, resources: new Map<string, Resource>() };
    const urn = policyEvent.resourceUrn ?? "";
    if (urn !== "" && readUrn(urn).type !== stackType) known.resources.set(urn, resourceOf(urn));
    findings.set(key, known);
  }
  return [...findings.values()]
    .map(({ finding, resources }) => ({
      ...finding,
      resources: [...resources].sort(([left], [right]) => compareTexts(left, right)).map(([, resource]) => resource),
    }))
    .sort(
      (left, right) =>
        Number(right.level === "mandatory") - Number(left.level === "mandatory") ||
        compareTexts(left.pack, right.pack) ||
        compareTexts(left.policy, right.policy) ||
        compareTexts(left.message, right.message),
    );
}

interface Resource {
  readonly type: string;
  readonly name: string;
}

function resourceOf(urn: string): Resource {
  const { type, name } = readUrn(urn);
  return { type: shortType(type), name };
}

/** Which machine's programs were used is no news about the change. */
const aboutTheMachine = /^using pulumi-\S+ from \$PATH at /;
/** What the engine says at the end of every preview that did not succeed; it tells nothing. */
const noReason = /^preview (failed|canceled)$/;
/** Lines of a stack trace that are not the program's own. */
const foreignFrames = /\n\s+at [^\n]*(?:\(node:|[/\\]node_modules[/\\]@pulumi[/\\])[^\n]*/g;

/** @param refused whether a mandatory policy is the reason why the engine says that the preview failed */
export function diagnosticsOf(events: readonly EngineEvent[], refused: boolean): readonly Diagnostic[] {
  const diagnostics = new Map<string, Diagnostic>();
  let unexplained = false;
  for (const { diagnosticEvent } of events) {
    if (diagnosticEvent === undefined || diagnosticEvent.ephemeral === true) continue;
    const { severity, urn } = diagnosticEvent;
    if (severity !== "error" && severity !== "warning") continue;
    const message = diagnosticEvent.message.trim().replace(foreignFrames, "");
    if (message === "" || aboutTheMachine.test(message)) continue;
    if (severity === "error" && noReason.test(message)) {
      unexplained = true;
      continue;
    }
    const resource = urn === undefined || urn === "" || readUrn(urn).type === stackType ? undefined : resourceOf(urn);
    const key = JSON.stringify([severity, message, resource]);
    const times = (diagnostics.get(key)?.times ?? 0) + 1;
    diagnostics.set(key, { severity, message, ...(resource === undefined ? {} : { resource }), times });
  }
  const all = [...diagnostics.values()];
  const explained = refused || all.some(({ severity }) => severity === "error");
  if (unexplained && !explained) all.push({ severity: "error", message: "preview failed", times: 1 });
  // Errors first; among equals the engine's own order would change from run to run.
  return all.sort(
    (left, right) =>
      Number(right.severity === "error") - Number(left.severity === "error") ||
      compareTexts(left.resource?.name ?? "", right.resource?.name ?? "") ||
      compareTexts(left.message, right.message),
  );
}
