/** What each step of an old pipeline is for: done by the platform's template now, or to be kept somewhere else. */
import { baseName, programOf, type Command } from "../lint/shell";
import { credentialFile, isCredentialName } from "../lint/names";
import { startedWords } from "../lint/installers";
import { composeTask, imageBuilds, scriptCommands, scriptOf, type ReadFile } from "./builds";
import { composeCommand } from "./compose";
import type { OldPipeline, OldStep } from "./old-pipeline";

/** Where the work of a step belongs. */
export type Purpose =
  /** The template does it, or nothing needs it any more. */
  | "replaced"
  /** Serves the other steps of its job: goes along with them. */
  | "setting up"
  | "test"
  | "check"
  | "publish package"
  | "deploy"
  | "scan"
  | "other";

export interface SortedStep {
  readonly step: OldStep;
  readonly purpose: Purpose;
  /** The step in a few words: what it is called, or its first command. */
  readonly name: string;
  /** Why it is not needed any more. */
  readonly why: string;
}

const TASKS: readonly (readonly [RegExp, Purpose, string])[] = [
  [/^PipAuthenticate@/i, "replaced", "the template authenticates to the platform's feed and makes a netrc of it"],
  [/^DockerInstaller@/i, "replaced", "the template makes a builder for each run"],
  [/^Cache@/i, "replaced", "packages are kept as an image that is named by their lock, in the registry"],
  [/^(?:TwineAuthenticate|TwineUpload)@/i, "publish package", ""],
  [/^(?:UsePythonVersion|NodeTool|UseNode|UseDotNet|CondaEnvironment|AzureKeyVault)@/i, "setting up", ""],
  [/^(?:PublishTestResults|PublishCodeCoverageResults|BuildQualityChecks)@/i, "test", ""],
  [/^(?:SonarQube|SonarCloud|CodeQL|AdvancedSecurity|CredScan|WhiteSource|Snyk)/i, "check", ""],
  [/(?:Trivy|Aqua|Prisma|Anchore|ContainerScan)/i, "scan", ""],
  [/^(?:PublishBuildArtifacts|PublishPipelineArtifact|CopyFiles|DownloadBuildArtifacts)@/i, "other", ""],
  [
    /^(?:AzureWebApp|AzureRmWebApp|AzureFunctionApp|AzureContainerApps|AzureCLI|AzurePowerShell|Kubernetes|KubernetesManifest|HelmDeploy|HelmInstaller|Terraform|AzureResource)/i,
    "deploy",
    "",
  ],
];

const PROGRAMS: readonly (readonly [RegExp, Purpose])[] = [
  [/\b(?:pytest|tox|nox|unittest|nosetests|coverage|behave)\b/, "test"],
  [
    /\b(?:ruff|flake8|black|isort|mypy|pylint|pyright|bandit|safety|pip-audit|pre-commit|shellcheck|hadolint)\b/,
    "check",
  ],
  [/\btwine\b|\b(?:poetry|pdm|uv|flit|hatch) publish\b/, "publish package"],
  [/\b(?:trivy|grype|snyk|dockle)\b/, "scan"],
  [/\b(?:kubectl|helm|az|terraform|pulumi|kustomize|ansible-playbook|ssh|scp|rsync)\b/, "deploy"],
];

/** Commands that do nothing by themselves but for those around them. */
const NEUTRAL = new Set(["", "echo", "printf", "set", "export", "cd", "ls", "pwd", "env", "cat", "mkdir", "true", ":"]);

export function sortSteps(pipeline: OldPipeline, read: ReadFile): SortedStep[] {
  const builds = new Set(imageBuilds(pipeline, read).map(({ step }) => step));
  const building = new Set([...builds].map(({ job }) => job));
  return pipeline.steps.map((step) => {
    const found = { step, name: nameOf(step), ...sorted(step, builds.has(step)) };
    // In a job that builds no image it serves that job's own steps, such as the install before tests.
    const serves = !building.has(step.job) && /^(?:PipAuthenticate@|Cache@|checkout$)/i.test(step.kind);
    return serves && found.purpose === "replaced" ? { ...found, purpose: "setting up", why: "" } : found;
  });
}

function nameOf(step: OldStep): string {
  const first = step.value
    .split("\n")
    .map((line) => line.trim())
    .find((line) => line !== "" && !line.startsWith("#"));
  if (step.kind === "checkout" && step.value !== "none") {
    const more = ["submodules", "lfs"].filter((key) => !/^(?:|false)$/i.test(step.inputs.get(key) ?? ""));
    return [`checkout ${step.value}`, ...more].join(" with ");
  }
  const own = step.displayName ?? (scriptOf(step) === undefined ? undefined : first);
  const name = own ?? (step.kind === "template" ? `template ${step.value}` : step.kind);
  return name.length > 80 ? `${name.slice(0, 79)}…` : name;
}

function sorted(step: OldStep, builds: boolean): { purpose: Purpose; why: string } {
  if (step.deployment !== undefined) return { purpose: "deploy", why: "" };
  if (/^Docker@/i.test(step.kind)) return dockerTask(step, builds);
  if (/^DockerCompose@/i.test(step.kind)) {
    const replaced = isDockerWords(composeTask(step));
    return { purpose: replaced ? "replaced" : "other", why: replaced ? DOCKER : "" };
  }
  if (step.kind === "checkout") return checkout(step);
  const script = scriptOf(step);
  if (script !== undefined && putsCredentialsIn(script)) return { purpose: "replaced", why: CREDENTIALS };
  if (script !== undefined) return ofScript(script);
  const [, purpose, why] = TASKS.find(([pattern]) => pattern.test(step.kind)) ?? ([undefined, "other", ""] as const);
  return { purpose, why };
}

function dockerTask(step: OldStep, builds: boolean): { purpose: Purpose; why: string } {
  const command = (step.inputs.get("command") ?? "buildAndPush").toLowerCase();
  const replaced = builds || ["build", "buildandpush", "push", "login", "logout"].includes(command);
  return { purpose: replaced ? "replaced" : "other", why: replaced ? DOCKER : "" };
}

const DOCKER = "the template logs in without a stored password, builds, scans and pushes";

function checkout(step: OldStep): { purpose: Purpose; why: string } {
  const more = ["submodules", "lfs"].some((key) => !/^(?:|false)$/i.test(step.inputs.get(key) ?? ""));
  const self = !more && ["self", "none", ""].includes(step.value);
  return { purpose: self ? "replaced" : "other", why: self ? "the template checks the commit out" : "" };
}

function ofScript(script: string): { purpose: Purpose; why: string } {
  const commands = scriptCommands(script).filter(({ nested }) => !nested);
  const working = commands.filter((command) => !isNeutral(command));
  if (commands.length > 0 && working.every(isDocker)) {
    const builds = working.some((command) => !editsCredentialsIn(command));
    return working.length > 0 || commands.some(writesCredentials)
      ? { purpose: "replaced", why: builds ? DOCKER : CREDENTIALS }
      : { purpose: "other", why: "" };
  }
  const rest = working.filter((command) => !isDocker(command));
  const texts = rest.map((command) =>
    startedWords(command)
      .map(({ text }) => text)
      .join(" "),
  );
  for (const [pattern, purpose] of PROGRAMS) if (texts.some((text) => pattern.test(text))) return { purpose, why: "" };
  if (rest.length > 0 && texts.every((text) => SETTING_UP.test(text))) return { purpose: "setting up", why: "" };
  return { purpose: "other", why: "" };
}

const CREDENTIALS = "the feed's credentials are a secret of the build; no file is written for it";
const SETTING_UP =
  /^(?:\S*python[0-9.]* -m (?:pip|venv|ensurepip)\b|\S*pip[0-9.]* install\b|(?:sudo )?apt(?:-get)? |poetry install\b|pdm (?:install|sync)\b|uv (?:sync|venv|pip install)\b|pipx install\b|source |\. )/;

function isNeutral(command: Command): boolean {
  return NEUTRAL.has(programOf(command)) && !(programOf(command) === "cat" && command.redirections.length === 0)
    ? true
    : writesCredentials(command) || (/^(?:rm|chmod)$/.test(programOf(command)) && namesCredentials(command));
}

/** `echo … > .netrc` and the like. */
function writesCredentials(command: Command): boolean {
  return (
    command.redirections.some(({ target }) => target !== undefined && credentialFile(target.text) !== undefined) ||
    (programOf(command) === "cp" && credentialFile(command.words.at(-1)?.text ?? "") !== undefined)
  );
}

/** `sed -i "s/__TOKEN__/$(System.AccessToken)/" requirements.txt` and the like: a file that the build then takes. */
function editsCredentialsIn(command: Command): boolean {
  const texts = command.words.map(({ text }) => text);
  const inPlace = /^(?:sed|perl)$/.test(programOf(command)) && texts.some((text) => /^-[a-z]*i|^--in-place/.test(text));
  return inPlace && texts.some(namesSecret);
}

/** A script of PowerShell that does the same, and nothing else. */
function putsCredentialsIn(script: string): boolean {
  const lines = script.split("\n").filter((line) => line.trim() !== "" && !line.trim().startsWith("#"));
  return lines.some(namesSecret) && lines.every((line) => /\b(?:Set-Content|Add-Content|Out-File)\b/i.test(line));
}

/** Whether a text takes the value of a variable that is a credential by its name, in any shell's writing or as a macro. */
function namesSecret(text: string): boolean {
  return Array.from(text.matchAll(/\$\(([A-Za-z_][\w.-]*)\)|\$\{?(?:env:)?([A-Za-z_][\w.]*)/g)).some(
    ([, macro, variable]) => isCredentialName((macro ?? variable ?? "").replace(/[.-]/g, "_")),
  );
}

function namesCredentials(command: Command): boolean {
  return command.words.slice(1).every(({ text }) => /^-|^[0-7]+$/.test(text) || credentialFile(text) !== undefined);
}

function isDocker(command: Command): boolean {
  return isDockerWords(command.words.map(({ text }) => text)) || editsCredentialsIn(command);
}

function isDockerWords(words: readonly string[]): boolean {
  const program = baseName(words[0] ?? "");
  if (program === "az") return words[1] === "acr" && words[2] === "login";
  const compose = composeCommand(words);
  if (compose !== undefined) return ["build", "push", "pull", "config", "version"].includes(compose.verb);
  return (
    /^(?:docker|podman)$/.test(program) &&
    ["build", "buildx", "push", "tag", "login", "logout", "pull", "image", "images"].includes(words[1] ?? "")
  );
}
