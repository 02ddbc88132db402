/** AzureCLI@2: runs a script signed in to Azure by a service connection (the task's source, version 2.265). */
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";

import { findProgram } from "../../toolchain/path.mjs";
import type { Result } from "../model";
import { splitArguments } from "./argument-line";
import type { AzureLogin, Inputs, Task, TaskHost } from "./task";

/** Lines of standard error that are told again where a script may not write there. */
const mostErrorLines = 10;

const emptySubscription = "00000000-0000-0000-0000-000000000000";

function isTrue(inputs: Inputs, name: string): boolean {
  return inputs.get(name)?.toLowerCase() === "true";
}

function required(inputs: Inputs, name: string): string {
  const value = inputs.get(name);
  if (value === undefined) throw new Error(`Input required: ${name}`);
  return value;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The machine has no Azure CLI: this answers what the platform's pipelines ask, and says so where it is asked for more. */
function writeAz(folder: string, subscriptionId: string | undefined): void {
  const answer =
    subscriptionId === undefined
      ? `echo "ERROR: Please run 'az login' to setup account." >&2; exit 1`
      : `printf '%s\\n' ${quoted(subscriptionId)}`;
  const known = "account show --query id --output tsv";
  const text = [
    "#!/bin/sh",
    `if [ "$*" = ${quoted(known)} ]; then ${answer}; exit 0; fi`,
    `printf 'ERROR: the sandbox has no Azure CLI, but for "az ${known}"; asked for: az %s\\n' "$*" >&2`,
    "exit 2",
    "",
  ].join("\n");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, "az"), text, { mode: 0o700 });
}

/** One run of the task. */
class AzureCliRun {
  private readonly work: string;

  public constructor(
    private readonly host: TaskHost,
    private readonly inputs: Inputs,
  ) {
    this.work = join(host.tempFolder, `azureclitask-${randomUUID()}`);
  }

  public async run(): Promise<Result> {
    const { host } = this;
    try {
      const code = await this.carryOut();
      if (code === 0) host.line("Script exited with return code: 0");
      else host.error(`Script failed with exit code: ${code}`);
      return code === 0 ? "succeeded" : "failed";
    } catch (error) {
      host.error(`Script failed with error: ${error instanceof Error ? error.message : String(error)}`);
      return "failed";
    } finally {
      rmSync(this.work, { recursive: true, force: true });
    }
  }

  private async carryOut(): Promise<number> {
    const { host, inputs } = this;
    if (required(inputs, "scriptType") !== "bash") {
      throw new Error(`the sandbox's agent runs scripts of the type bash, and not ${required(inputs, "scriptType")}`);
    }
    const script = this.script();
    const cwd = this.folderOf(script);
    const config = join(host.tempFolder, ".azclitask");
    if (!isTrue(inputs, "useGlobalConfig")) host.line(`Setting AZURE_CONFIG_DIR env variable to: ${config}`);
    const connection = required(inputs, "connectedServiceNameARM");
    const login = await this.logIn(connection);
    const bin = join(this.work, "bin");
    writeAz(bin, this.skipsSubscription(login) ? undefined : login.subscriptionId);
    const inherited = host.environment();
    const env = {
      ...inherited,
      ...(isTrue(inputs, "useGlobalConfig") ? {} : { AZURE_CONFIG_DIR: config }),
      AZURESUBSCRIPTION_SERVICE_CONNECTION_ID: login.endpointId,
      AZURESUBSCRIPTION_CLIENT_ID: login.clientId,
      AZURESUBSCRIPTION_TENANT_ID: login.tenantId,
      ...(isTrue(inputs, "addSpnToEnvironment")
        ? { servicePrincipalId: login.clientId, idToken: login.idToken, tenantId: login.tenantId }
        : {}),
      PATH: [bin, inherited.PATH ?? ""].join(delimiter),
    };
    const bash = findProgram("bash", env);
    if (bash === undefined) throw new Error("Unable to locate executable file: 'bash'.");
    const args = [script, ...splitArguments(inputs.get("scriptArguments") ?? "")];
    host.line(`[command]${[bash, ...args].join(" ")}`);
    const errors = new ErrorLines();
    const code = await host.run(bash, args, { cwd, env, commands: true, onErrors: (chunk) => errors.add(chunk) });
    host.line("[command]az account clear");
    if (isTrue(inputs, "failOnStandardError") && errors.lines.length > 0) {
      host.error(errors.lines.join("\n"));
      throw new Error("Script has output to stderr. Failing as failOnStdErr is set to true.");
    }
    return code;
  }

  /** Path of the script; an inline one is written to a file that goes with the step. */
  private script(): string {
    const { host, inputs } = this;
    const location = inputs.get("scriptLocation") ?? "";
    mkdirSync(this.work, { recursive: true, mode: 0o700 });
    if (location.toLowerCase() === "inlinescript") {
      const file = join(this.work, "inlinescript.sh");
      writeFileSync(file, required(inputs, "inlineScript"), { mode: 0o700 });
      return file;
    }
    if (location.toLowerCase() !== "scriptpath") {
      throw new Error(
        `${location} is not a valid value for task input 'Script Location' (scriptLocation in YAML). Value can either be'inlineScript' or 'scriptPath'`,
      );
    }
    const file = resolve(host.defaultFolder, required(inputs, "scriptPath"));
    if (!existsSync(file) || !statSync(file).isFile() || !file.endsWith(".sh")) {
      throw new Error(
        `Script file could not be found at specified script location: '${file}'. Please verify the script exists at the specified path. If you want to use inline script, specify input \`Script Location\` as \`inlineScript\`.`,
      );
    }
    return file;
  }

  private folderOf(script: string): string {
    const { host, inputs } = this;
    const given = inputs.get("cwd");
    const cwd =
      given !== undefined
        ? resolve(host.defaultFolder, given)
        : script.startsWith(this.work)
          ? host.defaultFolder
          : dirname(script);
    mkdirSync(cwd, { recursive: true });
    return cwd;
  }

  private skipsSubscription({ subscriptionId }: AzureLogin): boolean {
    return (
      isTrue(this.inputs, "allowNoSubscriptions") ||
      subscriptionId === undefined ||
      subscriptionId === emptySubscription
    );
  }

  private async logIn(connection: string): Promise<AzureLogin> {
    const { host } = this;
    const login = await host.azure(connection);
    host.setSecret(login.idToken);
    host.line("Setting active cloud to: AzureCloud");
    host.line(
      `[command]az login --service-principal -u ${login.clientId} --tenant ${login.tenantId} --allow-no-subscriptions --federated-token ***`,
    );
    if (this.skipsSubscription(login)) {
      host.line("Skipping subscription context per 'allowNoSubscriptions' input or empty GUID value");
      return login;
    }
    host.line(`[command]az account set --subscription ${login.subscriptionId ?? ""}`);
    if (!login.seesSubscription) {
      throw new Error(
        `ERROR: The subscription of '${login.subscriptionId ?? ""}' doesn't exist in cloud 'AzureCloud'. Give the connection's identity a role in it, such as Reader`,
      );
    }
    return login;
  }
}

/** The first lines of what was written to standard error. */
class ErrorLines {
  private text = "";

  public add(chunk: Buffer): void {
    if (this.lines.length < mostErrorLines) this.text += chunk.toString("utf8");
  }

  public get lines(): readonly string[] {
    return this.text
      .split("\n")
      .filter((line) => line !== "")
      .slice(0, mostErrorLines);
  }
}

export const azureCli: Task = {
  name: "AzureCLI@2",
  inputs: [
    { name: "connectedServiceNameARM", aliases: ["azureSubscription"] },
    { name: "scriptType" },
    { name: "scriptLocation", default: "scriptPath" },
    { name: "scriptPath" },
    { name: "inlineScript" },
    { name: "scriptArguments", aliases: ["arguments"] },
    { name: "powerShellErrorActionPreference", notHere: "it is for PowerShell" },
    { name: "addSpnToEnvironment", default: "false" },
    { name: "useGlobalConfig", default: "false" },
    { name: "cwd", aliases: ["workingDirectory"] },
    { name: "failOnStandardError", default: "false" },
    { name: "powerShellIgnoreLASTEXITCODE", notHere: "it is for PowerShell" },
    { name: "visibleAzLogin", default: "true" },
    { name: "allowNoSubscriptions", default: "false" },
    { name: "keepAzSessionActive", notHere: "there is no Azure CLI whose session could end" },
  ],
  run: (host, inputs) => new AzureCliRun(host, inputs).run(),
};
