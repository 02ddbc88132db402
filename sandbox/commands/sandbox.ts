/** One checkout's sandbox: its files, its identities in the two clouds, and its secrets. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sync as writeFileAtomic } from "write-file-atomic";

import { checkout, sandboxFolder } from "../home.mjs";

/** The files of one sandbox. All but the lock are inside its folder, which `down` removes. */
export interface Sandbox {
  readonly folder: string;
  /** The program that the engine runs. */
  readonly program: string;
  /** The stand-in clouds' program. */
  readonly cloudProgram: string;
  /** Their state and repositories. */
  readonly cloud: string;
  /** The program of the agents and their services. */
  readonly agentsProgram: string;
  /** What registry and feed hold, and the records of runs. */
  readonly agents: string;
  /** Provider plugins, found by the engine through PATH. */
  readonly plugins: string;
  readonly logs: string;
  /** Temporary files of the engine and of what it starts. */
  readonly temporary: string;
  readonly pulumiHome: string;
  readonly backend: string;
  readonly passphraseFile: string;
  readonly secretsFile: string;
  /** Held while something changes the sandbox. Beside its folder, so that `down` can hold it to the end. */
  readonly lock: string;
}

/** What signs in to the stand-ins and encrypts the stack's secrets. Made for one sandbox, of no use anywhere else. */
export interface Secrets {
  readonly personalAccessToken: string;
  readonly clientSecret: string;
  readonly passphrase: string;
  /** Signs the tokens of jobs, which the feed and the clouds' git both know. */
  readonly jobTokenKey: string;
}

/** Who the sandbox is in the two clouds. The GUIDs are arbitrary: no real directory has them. */
export const identity = {
  organization: "wheelhouse-sandbox",
  subscriptionId: "5a9d0b0c-0000-4000-8000-000000000001",
  tenantId: "5a9d0b0c-0000-4000-8000-000000000002",
  clientId: "5a9d0b0c-0000-4000-8000-000000000003",
} as const;

/** Name of the stack. */
export const stack = "sandbox";

/** The sandbox of a program's folder; by default this checkout's. */
export function describeSandbox(program: string = checkout, environment: NodeJS.ProcessEnv = process.env): Sandbox {
  const folder = sandboxFolder(program, environment);
  return {
    folder,
    program,
    cloudProgram: join(checkout, "sandbox", "cloud", "main.ts"),
    cloud: join(folder, "cloud"),
    agentsProgram: join(checkout, "sandbox", "agent", "main.ts"),
    agents: join(folder, "agents"),
    plugins: join(folder, "bin"),
    logs: join(folder, "logs"),
    temporary: join(folder, "temporary"),
    pulumiHome: join(folder, "pulumi", "home"),
    backend: join(folder, "pulumi", "backend"),
    passphraseFile: join(folder, "pulumi", "passphrase"),
    secretsFile: join(folder, "secrets.json"),
    lock: `${folder}.lock`,
  };
}

/** Makes the folders, for the user alone. */
export function makeFolders(sandbox: Sandbox): void {
  for (const folder of [
    sandbox.cloud,
    sandbox.agents,
    sandbox.plugins,
    sandbox.logs,
    sandbox.temporary,
    sandbox.pulumiHome,
    sandbox.backend,
  ]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
}

function isSecrets(value: unknown): value is Secrets {
  if (typeof value !== "object" || value === null) return false;
  const texts = value as Record<string, unknown>;
  return ["personalAccessToken", "clientSecret", "passphrase", "jobTokenKey"].every(
    (name) => typeof texts[name] === "string",
  );
}

/** The sandbox's secrets, or nothing where it has none yet. */
export function readSecrets(sandbox: Sandbox): Secrets | undefined {
  if (!existsSync(sandbox.secretsFile)) return undefined;
  const value: unknown = JSON.parse(readFileSync(sandbox.secretsFile, "utf8"));
  if (isSecrets(value)) return value;
  throw new Error(
    `${sandbox.secretsFile} lacks a secret: remove the sandbox with "npm run sandbox -- down", then start anew`,
  );
}

/** The sandbox's secrets, made at first. Both files are readable by the user alone. */
export function ensureSecrets(sandbox: Sandbox): Secrets {
  const secret = (): string => randomBytes(32).toString("base64url");
  let secrets = readSecrets(sandbox);
  if (secrets === undefined) {
    secrets = {
      personalAccessToken: secret(),
      clientSecret: secret(),
      passphrase: secret(),
      jobTokenKey: secret(),
    };
    writeFileAtomic(sandbox.secretsFile, `${JSON.stringify(secrets, undefined, 2)}\n`, { mode: 0o600 });
  }
  writeFileAtomic(sandbox.passphraseFile, secrets.passphrase, { mode: 0o600 });
  return secrets;
}
