/** Teams of a project. */
import { z } from "zod";
import { conflict } from "../errors";
import { recordKind, text, type Kind } from "../kind";
import { descriptor, requireProject, requireSubject } from "./identities";
import { checkName } from "./names";
import { tokens } from "./tokens";

const teamInputs = z.looseObject({
  projectId: z.string(),
  name: z.string(),
  description: z.string().default(""),
  administrators: z.array(z.string()).optional(),
  members: z.array(z.string()).optional(),
});

/** Teams of a project. */
export const team: Kind = recordKind<z.infer<typeof teamInputs>>({
  token: tokens.team,
  called: "team",
  inputs: teamInputs,
  key: (inputs) => `${inputs.projectId}/${inputs.name.toLowerCase()}`,
  within: (inputs) => [{ token: tokens.project, id: inputs.projectId }],
  check(inputs, cloud) {
    checkName("team", inputs.name);
    requireProject(cloud, inputs.projectId);
    [...(inputs.administrators ?? []), ...(inputs.members ?? [])].forEach((member) =>
      requireSubject(cloud, member, "the member"),
    );
  },
  duplicate: (inputs) =>
    conflict("TeamAlreadyExists", `TF400511: the project has a team or group named "${inputs.name}" already`),
  computed: (inputs, _cloud, id, current) => ({
    descriptor: descriptor("vssgp", id),
    administrators: inputs.administrators ?? current?.properties.administrators ?? [],
    members: inputs.members ?? current?.properties.members ?? [],
  }),
  beforeDelete(entity, cloud) {
    const project = cloud.state.get(tokens.project, text(entity, "projectId"));
    if (project?.hidden?.defaultTeamId === entity.id) {
      throw conflict(
        "DefaultTeamCannotBeDeleted",
        `TF400517: "${text(entity, "name")}" is the project's default team and stays`,
      );
    }
  },
});
