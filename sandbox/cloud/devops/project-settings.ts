/** Settings of a project that resources of their own hold: its features, and what its pipelines may do. */
import { z } from "zod";
import { invalid } from "../errors";
import { recordKind, type Kind } from "../kind";
import { requireProject } from "./identities";
import { tokens } from "./tokens";

const names = ["boards", "repositories", "pipelines", "testplans", "artifacts"];

const featureInputs = z.looseObject({
  projectId: z.string(),
  features: z.record(z.string(), z.string()),
});

/** Which of a project's services are switched on. */
export const projectFeatures: Kind = recordKind<z.infer<typeof featureInputs>>({
  token: tokens.projectFeatures,
  called: "set of project features",
  inputs: featureInputs,
  overwrites: true,
  newId: (inputs) => inputs.projectId,
  key: (inputs) => inputs.projectId,
  within: (inputs) => [{ token: tokens.project, id: inputs.projectId }],
  check(inputs, cloud) {
    requireProject(cloud, inputs.projectId);
    for (const [name, state] of Object.entries(inputs.features)) {
      if (!names.includes(name)) {
        throw invalid("FeatureInvalid", `"${name}" is no feature of a project; there are ${names.join(", ")}`);
      }
      if (state !== "enabled" && state !== "disabled") {
        throw invalid("FeatureInvalid", `the feature "${name}" is enabled or disabled, and not "${state}"`);
      }
    }
  },
});

const settingInputs = z.looseObject({
  projectId: z.string(),
  enforceJobScope: z.boolean().default(true),
  enforceJobScopeForRelease: z.boolean().default(true),
  enforceReferencedRepoScopedToken: z.boolean().default(true),
  enforceSettableVar: z.boolean().default(true),
  publishPipelineMetadata: z.boolean().default(false),
  statusBadgesArePrivate: z.boolean().default(true),
});

/** What the pipelines of a project may do; the defaults are those of a new project. */
export const projectPipelineSettings: Kind = recordKind<z.infer<typeof settingInputs>>({
  token: tokens.projectPipelineSettings,
  called: "set of pipeline settings",
  inputs: settingInputs,
  overwrites: true,
  newId: (inputs) => inputs.projectId,
  key: (inputs) => inputs.projectId,
  within: (inputs) => [{ token: tokens.project, id: inputs.projectId }],
  check: (inputs, cloud) => void requireProject(cloud, inputs.projectId),
});
