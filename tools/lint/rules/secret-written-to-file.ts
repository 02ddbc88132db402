/** A RUN that writes a secret to a file, which stays in its layer unless the same RUN removes it. */
import { userParts, variablesIn } from "../addresses";
import { pipSetting } from "../assignments";
import { planWithoutWriting } from "../writing-plan";
import type { Report, Rule } from "../finding";
import { credentialFile } from "../names";
import { removes } from "../removals";
import type { Script } from "../scripts";
import { programOf, type Command } from "../shell";
import { commandsOf, readsSecret, type Run, type Subject } from "../subject";
import { literalCredential } from "../variables";

export const secretWrittenToFile: Rule = {
  id: "secret-written-to-file",
  severity: "error",
  about: "A RUN that writes a secret to a file of the image: cp of a mounted secret, echo to .netrc, pip config set.",
  check(subject) {
    return subject.runs.flatMap((run) =>
      commandsOf(run).flatMap(({ script, command }) => inCommand(subject, run, script, command)),
    );
  },
};

function inCommand(subject: Subject, run: Run, script: Script, command: Command): Report[] {
  const file = writtenFile(subject, run, script, command);
  if (file !== undefined) return isMounted(run, file) ? [] : [written(subject, run, script, command, file)];
  const kept = keptBy(subject, run, script, command);
  if (kept === undefined) return [];
  return [
    {
      ...span(script, command),
      what: `${kept.program} keeps the credential in ${kept.file}`,
      why: "The file is in the layer of this RUN: everyone who can pull the image has it.",
      mend: kept.mend,
    },
  ];
}

function span(script: Script, command: Command): { start: number; end: number } {
  return { start: script.joined.toFile(command.start), end: script.joined.toFileEnd(command.end) };
}

function isMounted(run: Run, file: string): boolean {
  return (
    file.startsWith("/dev/") ||
    file.startsWith("/proc/") ||
    run.mounted.some((path) => file === path || file.startsWith(`${path.replace(/\/+$/, "")}/`))
  );
}

/** The file that a command writes a secret to. */
function writtenFile(subject: Subject, run: Run, script: Script, command: Command): string | undefined {
  const text = script.joined.text.slice(command.start, command.end);
  const documents = command.redirections.map(({ document }) => document?.text ?? "").join("\n");
  const secret = () => holdsSecret(subject, run, `${text}\n${documents}`);
  const holds = (file: string) => {
    const known = credentialFile(file);
    return known === undefined || known.secret === "pip.conf" || file.includes(".env")
      ? secret() || pipedSecret(run, script, command)
      : true;
  };
  const target = command.redirections.find(({ operator }) => /^(?:&?>>?|>\|)$/.test(operator))?.target?.text;
  if (target !== undefined && !isNothing(command)) return holds(target) ? target : undefined;
  const operands = command.words.slice(1).filter(({ text: word }) => !word.startsWith("-"));
  switch (programOf(command)) {
    case "tee":
      return operands.map(({ text: word }) => word).find((word) => holds(word));
    case "cp":
    case "mv":
    case "install": {
      const destination = operands.at(-1)?.text;
      const sources = operands.slice(0, -1);
      const source = sources.find(({ text: word }) => readsSecret(run, word) !== undefined);
      if (destination === undefined || source === undefined) return undefined;
      return destination.endsWith("/") || destination === "~"
        ? `${destination.replace(/\/$/, "")}/${source.text.replace(/^.*\//, "")}`
        : destination;
    }
    default:
      return undefined;
  }
}

/** `: > file` and `cat /dev/null > file` write nothing. */
function isNothing(command: Command): boolean {
  const words = command.words.map(({ text }) => text);
  return (
    words.length === 0 || words[0] === ":" || words[0] === "true" || (words[0] === "cat" && words[1] === "/dev/null")
  );
}

function holdsSecret(subject: Subject, run: Run, text: string): boolean {
  if (readsSecret(run, text) !== undefined || literalCredential(text) !== undefined) return true;
  return variablesIn(text).some((name) => {
    const definition = subject.variables.visible(name, run.stage, run.instruction.start);
    return definition !== undefined && subject.variables.reason(definition) !== undefined;
  });
}

/** Whether what is piped into a command reads a secret. */
function pipedSecret(run: Run, script: Script, command: Command): boolean {
  const outer = script.commands.filter(({ nested }) => !nested);
  for (let at = outer.indexOf(command) - 1; outer[at]?.separator === "|"; at--) {
    const before = outer[at];
    if (before !== undefined && readsSecret(run, script.joined.text.slice(before.start, before.end)) !== undefined)
      return true;
  }
  return false;
}

interface Kept {
  readonly program: string;
  readonly file: string;
  readonly mend: string;
}

/** Programs that put a credential of their arguments into a file of their own. */
function keptBy(subject: Subject, run: Run, script: Script, command: Command): Kept | undefined {
  const text = script.joined.text.slice(command.start, command.end);
  const words = command.words.map(({ text: word }) => word);
  const program = programOf(command);
  const setting = pipSetting(command);
  if (setting !== undefined) {
    const secret = userParts(setting.value).length > 0 || holdsSecret(subject, run, text);
    const mend = "Set the address without credentials, and mount a netrc as a secret where packages are installed.";
    return secret ? { program: "pip config", file: "pip.conf", mend } : undefined;
  }
  if (program === "docker" && words.includes("login")) {
    return { program: "docker login", file: ".docker/config.json", mend: "Log in on the agent, not in the image." };
  }
  const secret = () =>
    userParts(text).some(({ text: user }) => !/^git$/i.test(user)) || holdsSecret(subject, run, text);
  if (
    program === "git" &&
    (words.includes("config") || words.includes("clone") || words.includes("remote")) &&
    secret()
  ) {
    const file = words.includes("config") ? ".gitconfig" : ".git/config";
    return {
      program: `git ${words.includes("config") ? "config" : "clone"}`,
      file,
      mend: "Mount a netrc as a secret at /root/.netrc, or use --mount=type=ssh; git reads either.",
    };
  }
  if (
    (program === "poetry" || program === "npm") &&
    words.includes("config") &&
    /http-basic|pypi-token|_auth/.test(text) &&
    secret()
  ) {
    return {
      program: `${program} config`,
      file: program === "npm" ? ".npmrc" : "auth.toml",
      mend: "Mount the credential as a secret, as a variable or file, in the RUN that needs it.",
    };
  }
  return undefined;
}

function written(subject: Subject, run: Run, script: Script, command: Command, file: string): Report {
  const after = script.commands.slice(script.commands.indexOf(command) + 1);
  const removed = after.some((later) => removes(later, file));
  const fix = planWithoutWriting(subject, run, script, command, file);
  return {
    ...span(script, command),
    what: removed
      ? `the secret is copied to ${file} and removed in the same RUN`
      : `the secret is written to ${file}, which stays in the image`,
    why: removed
      ? "The file stays in the layer when a command between the two is let fail, or the removal is forgotten in the next change."
      : "The file is in the layer of this RUN; another RUN that removes it does not change that.",
    mend:
      credentialFile(file)?.secret === "netrc"
        ? "Let the tools read the secret where it is mounted: NETRC names the file, or mount it there with target=."
        : "Use the secret where it is mounted, or mount it there with target=.",
    severity: removed ? "advice" : "error",
    fix,
    example: [
      `RUN --mount=type=secret,id=${run.secrets[0]?.id ?? "netrc"},target=${file.replace(/^~/, "/root")},required=true …`,
    ],
  };
}
