/** How a credential that comes as a variable is taken out of a Dockerfile: the address without it, and a netrc for the RUNs that need it. */
import { userParts } from "./addresses";
import { INDEX_ARGUMENT, INDEX_VALUE, netrcFor, onlyIndex, removeProperty } from "./mending";
import { baseName, type Command } from "./shell";
import type { Edit } from "./source";
import { commandsOf, type Run, type Subject } from "./subject";
import { readersOf, usesOf, type Use } from "./uses";
import type { Definition } from "./variables";

/** All edits that take a variable's credential out; `undefined` where one of its uses cannot be mended for certain. */
export function planWithout(subject: Subject, definition: Definition): readonly Edit[] | undefined {
  const [root = definition, ...others] = rootsOf(subject, definition);
  const known = plans.get(subject) ?? new Map<Definition, readonly Edit[] | undefined>();
  plans.set(subject, known);
  if (!known.has(root)) known.set(root, new CredentialPlan(subject).of([root, ...others]));
  return known.get(root);
}

/** Every line that a credential comes through has the same plan. */
const plans = new WeakMap<Subject, Map<Definition, readonly Edit[] | undefined>>();

/** A credential comes from where it is first held; an ARG before the first FROM comes together with those that take it up. */
function rootsOf(subject: Subject, definition: Definition): Definition[] {
  const { variables } = subject;
  const seen = new Set<Definition>();
  let root = definition;
  for (
    let reason = variables.reason(root);
    reason?.by === "reference" && !seen.has(root);
    reason = variables.reason(root)
  ) {
    seen.add(root);
    root = reason.to;
  }
  const same = variables.definitions.filter(({ name, kind }) => name === root.name && kind === "ARG");
  const global = same.find(({ stage }) => stage === undefined);
  if (global === undefined || root.kind === "ENV" || (root.stage !== undefined && root.value !== undefined))
    return [root];
  return [global, ...same.filter((other) => other.stage !== undefined && other.value === undefined)];
}

/** What a variable holds decides what its uses become. */
type Mode =
  /** An index's whole address: replaced by the address that the build is given without credentials. */
  | "address"
  /** A password or token within addresses: those go without. */
  | "token"
  /** An address that stays, without its user part. */
  | "stripped";

class CredentialPlan {
  private readonly edits = new Map<string, Edit>();
  private readonly runs = new Map<Run, Set<string>>();
  private readonly visited = new Set<Definition>();

  constructor(private readonly subject: Subject) {}

  of(roots: readonly Definition[]): Edit[] | undefined {
    const done = roots.every((root) => this.start(root));
    if (!done || this.runs.size === 0) return undefined;
    for (const [run, exports] of this.runs) {
      const edits = netrcFor(this.subject, run, [...exports].sort());
      if (edits === undefined) return undefined;
      edits.forEach((edit) => this.add(edit));
    }
    return [...this.edits.values()];
  }

  private start(root: Definition): boolean {
    const value = this.subject.variables.valueOf(root) ?? "";
    if (userParts(value).length > 0) return this.strip(root) && this.visit(root, "stripped");
    const uses = usesOf(this.subject, root);
    const address = this.holdsAddress(uses, new Set([root]));
    return this.visit(root, address ? "address" : "token");
  }

  private holdsAddress(uses: readonly Use[], seen: Set<Definition>): boolean {
    return uses.some((use) => {
      if (use.as === "environment" || use.as === "index") return true;
      if (use.as !== "value" || seen.has(use.definition)) return false;
      seen.add(use.definition);
      return this.holdsAddress(usesOf(this.subject, use.definition), seen);
    });
  }

  private visit(definition: Definition, mode: Mode): boolean {
    if (this.visited.has(definition)) return true;
    this.visited.add(definition);
    if (mode !== "stripped" && !this.remove(definition, mode)) return false;
    if (this.isReadUnseen(definition)) return false;
    const uses = usesOf(this.subject, definition);
    return uses.every((use) => this.mend(use, mode, uses));
  }

  private mend(use: Use, mode: Mode, all: readonly Use[]): boolean {
    switch (use.as) {
      case "value":
        return this.visit(use.definition, mode);
      case "environment":
        if (mode === "token") return false;
        if (!all.some((other) => other.as === "index" && other.run === use.run)) {
          this.need(
            use.run,
            mode === "address"
              ? `${use.tool === "uv" ? "UV_DEFAULT_INDEX" : "PIP_INDEX_URL"}=${INDEX_VALUE}`
              : undefined,
          );
        }
        return use.tool !== "pipenv" || mode === "stripped";
      case "index": {
        if (mode === "token") return false;
        this.need(use.run);
        if (mode === "stripped") return true;
        const edits = onlyIndex(use.script, use.command, use.option, INDEX_VALUE);
        edits?.forEach((edit) => this.add(edit));
        return edits !== undefined;
      }
      case "user part":
        if (mode !== "token") return false;
        this.add({ start: use.start, end: use.end, text: "" });
        this.need(use.run);
        return true;
      case "user part of value":
        return mode === "token" && this.strip(use.definition) && this.visit(use.definition, "stripped");
      case "other":
        if (mode !== "stripped") return false;
        if (use.run !== undefined) this.need(use.run);
        return true;
    }
  }

  /** A script or a Makefile may read a variable that pip knows, without its name being written here. */
  private isReadUnseen(definition: Definition): boolean {
    if (readersOf(definition.name).length === 0) return false;
    return this.subject.runs.some(
      (run) =>
        this.subject.variables.visible(definition.name, run.stage, run.instruction.start) === definition &&
        commandsOf(run).some(({ command }) => runsOtherFiles(command)),
    );
  }

  private need(run: Run, variable?: string): void {
    const exports = this.runs.get(run) ?? new Set();
    if (variable !== undefined) exports.add(variable);
    this.runs.set(run, exports);
  }

  private add(edit: Edit): void {
    this.edits.set(`${edit.start}-${edit.end}-${edit.text}`, edit);
  }

  /** An address of a variable's value without its user parts. */
  private strip(definition: Definition): boolean {
    const { property, instruction } = definition;
    if (instruction.onbuild) return false;
    const raw = this.subject.dockerfile.source.text.slice(property.valueStart, property.valueEnd);
    const parts = userParts(raw);
    // The value of an ARG that is declared before the first FROM is there.
    if (parts.length === 0) return definition.value === undefined;
    for (const part of parts) {
      this.add({ start: property.valueStart + part.start, end: property.valueStart + part.end, text: "" });
    }
    return true;
  }

  private remove(definition: Definition, mode: Mode): boolean {
    const { instruction, property, kind, stage } = definition;
    const known = this.subject.variables.visible(INDEX_ARGUMENT, stage, instruction.start) !== undefined;
    if (kind === "ARG" && mode === "address" && stage !== undefined && !known && !instruction.onbuild) {
      this.add({ start: property.start, end: property.end, text: INDEX_ARGUMENT });
      return true;
    }
    const edit = removeProperty(this.subject, instruction, property);
    if (edit !== undefined) this.add(edit);
    return edit !== undefined;
  }
}

const TASK_RUNNERS = new Set(["make", "tox", "nox", "hatch", "just", "invoke", "rake"]);

/** Whether a command runs what is written in another file: a script, or a task runner's tasks. */
function runsOtherFiles(command: Command): boolean {
  const [first = "", second = ""] = command.words.map(({ text }) => text);
  if (TASK_RUNNERS.has(baseName(first)) || first.endsWith(".sh")) return true;
  if (/^(?:ba|da)?sh$/.test(baseName(first))) return second !== "" && !second.startsWith("-");
  return first.includes("/") && !/(?:^|\/)s?bin\/[^/]*$/.test(first);
}
