/** TeamApplications for every language. */
import * as pulumi from "@pulumi/pulumi";
import { TeamApplications as Component } from "../components/team-applications";
import type { SharedPlatform } from "../components/team-shared";
import { facade } from "./facade";
import { refuse, type Mistake } from "./mistakes";
import { readApplication } from "./reading";
import type { ApplicationSpecification } from "./specifications";
import type { ApplicationOutputs, Json } from "./values";

export interface TeamApplicationsArgs {
  /** The output `shared` of the platform's stack, as a stack reference gives it. */
  readonly shared: pulumi.Input<Json>;
  /** Azure DevOps team or group that may install from the feed. Default: none but those that `apps` name. */
  readonly team?: string;
  /** Whether `team` and those that `apps` name are made here; else they must exist. Default `false`. */
  readonly createTeams?: boolean;
  /** Every application of the team. */
  readonly apps: ApplicationSpecification[];
}

/** The applications of one team, in a stack of its own, on the platform that another stack declares. */
export class TeamApplications extends facade(Component) {
  /** By name. */
  declare readonly applications: pulumi.Output<Record<string, ApplicationOutputs>>;

  constructor(name: string, args: TeamApplicationsArgs, options?: pulumi.ComponentResourceOptions) {
    const mistakes: Mistake[] = [];
    const apps = args.apps.flatMap((app, index) => readApplication(`apps[${index}]`, app, mistakes) ?? []);
    refuse("TeamApplications", mistakes);
    super(
      name,
      { shared: args.shared as pulumi.Input<SharedPlatform>, team: args.team, createTeams: args.createTeams, apps },
      options,
    );
    if (this instanceof Component) {
      Object.assign(this, { applications: pulumi.output(this.outputs.applications) });
    }
  }
}
