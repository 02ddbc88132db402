/** Source, logs and pipelines are for members. */
import { resourceRule } from "../resource-rule";
import { PROJECT } from "../resource-types";

export const privateProject = resourceRule({
  name: "private-project",
  description: "Projects are for their members only.",
  severity: "critical",
  mend: "Set visibility to private.",
  types: [PROJECT],
  check: ({ inputs }) =>
    inputs.visibility === "public"
      ? [
          {
            where: "visibility",
            what: "the project is public",
            why: "everyone on the internet reads its source, its pipelines and their logs",
            mend: "Set it to private",
          },
        ]
      : [],
});
