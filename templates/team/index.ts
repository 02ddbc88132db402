/** A team's applications, on the platform that another stack declares. */
import * as pulumi from "@pulumi/pulumi";
import { readApplications, TeamApplications } from "wheelhouse";

const config = new pulumi.Config();
const platform = new pulumi.StackReference(config.require("platformStack"));

const team = new TeamApplications("team", {
  shared: platform.getOutput("shared"),
  // Pulumi.yaml gives it a default, and the empty text stands for none.
  team: config.get("team") || undefined,
  createTeams: config.getBoolean("createTeams"),
  apps: readApplications(),
});

export const { applications } = team.outputs;
