/** One run of `migrate`: reads, plans, checks against the platform, and writes what was asked for. */
import type { CommandContext } from "../context";
import { UsageError } from "../errors";
import { applyChanges, type Folders } from "./apply";
import { checkFits, readPlatform } from "./platform";
import { report, type MigrationReport } from "./printing";
import type { Proposal } from "./proposal";
import type { MigrateOptions } from "./changes";
import { propose } from "./propose";
import { readTeamRepository } from "./repository";

export interface Migrated {
  readonly proposal: Proposal;
  readonly report: MigrationReport;
  /** What to do next, in one line; `""`: nothing. */
  readonly next: string;
}

/**
 * @param folder of the team's repository.
 * @throws UsageError before anything is written.
 */
export async function migrate(
  folder: string,
  options: MigrateOptions & { readonly platform?: string | undefined; readonly write?: boolean | undefined },
  context: CommandContext,
): Promise<Migrated> {
  const repository = await readTeamRepository(folder, context);
  const platform = options.platform === undefined ? undefined : readPlatform(options.platform, context);
  const proposal = propose(repository, platform, options);
  const spec = proposal.changes.find(({ place }) => place === "platform");
  if (platform !== undefined && spec?.after !== undefined) await checkFits(platform, spec.file, spec.after, context);
  const folders: Folders = {
    ...(options.write === true ? { team: repository.folder } : {}),
    ...(platform === undefined ? {} : { platform: platform.folder }),
  };
  refuseGuesses(proposal, folders);
  const written = await applyChanges(proposal.changes, folders, context);
  return { proposal, report: report(proposal, written), next: nextStep(folder, options) };
}

/** Nothing that was only taken for granted is written. */
function refuseGuesses({ guesses }: Proposal, folders: Folders): void {
  // A specification names base image and repository; a pipeline names the platform's project, too.
  const asked = guesses.filter(
    ({ option }) =>
      (folders.team !== undefined && option !== "--repository") ||
      (folders.platform !== undefined && option !== "--project"),
  );
  if (asked.length === 0) return;
  throw new UsageError(
    `nothing is written on a guess: ${asked.map(({ what }) => what).join("; ")}`,
    `Say it with ${asked.map(({ option }) => option).join(" and ")}.`,
  );
}

function nextStep(
  folder: string,
  { write, platform }: { write?: boolean | undefined; platform?: string | undefined },
): string {
  if (write === true && platform !== undefined) return "next: commit both, the platform's pull request first";
  if (write === true) return "next: commit the files; propose the specification to the platform with --platform";
  if (platform !== undefined) return `next: with --write, the files of ${folder} are written, too`;
  return "nothing was written: --platform writes the specification, --write the team's files";
}
