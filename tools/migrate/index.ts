/** Migrate: from the usual leaky set-ups of pipeline and Dockerfile to the platform. */
export { addMigrateCommand } from "./command";
export { migrate, type Migrated } from "./migrate";
export type { MigrationReport } from "./printing";
export type { FileChange, Proposal, Reason, Remaining } from "./proposal";
