/** Whether a rendered recipe can take a Dockerfile's place: reads what it does, and names every line that a recipe does not. */
import { isCredentialName, isIndexName, credentialFile } from "../lint/names";
import { copiesOf, type Copy } from "../lint/copies";
import { type Instruction, type Stage } from "../lint/dockerfile";
import { subjectOf, type Subject } from "../lint/subject";
import { isIndexFile, meaningsOf } from "./run-commands";
import { chainOf, healthOf, startedScript, startOf, type Health } from "./start-command";
import { substituted, workingFolder } from "./stage-values";
import type { WantedPackage } from "./system-packages";
import type { ImageFacts, Surroundings, Told } from "./image-facts";

/** Variables that the base image has or that only say how packages are installed. */
const NOT_NEEDED =
  /^(?:PYTHONUNBUFFERED|PYTHONDONTWRITEBYTECODE|PYTHONFAULTHANDLER|PYTHONHASHSEED|VIRTUAL_ENV|DEBIAN_FRONTEND|LANG|LC_ALL|PATH|PYTHONPATH|INDEX_URL|NETRC|(?:PIP|POETRY|PDM|UV|PIPENV|PIPX)_.*)$/;
const PYTHON_IMAGE = /(?:^|\/)python(?::[^@]*)?(?:@sha256:[0-9a-f]+)?$/;

export function readImage(text: string, surroundings: Surroundings): ImageFacts {
  return new Reader(subjectOf(text), surroundings).read();
}

class Reader {
  private readonly obstacles: string[] = [];
  private readonly told: Told[] = [];
  private readonly env: Record<string, string> = {};
  private readonly ports = new Set<number>();
  private readonly packages: WantedPackage[] = [];
  private readonly requirements = new Set<string>();
  private readonly extras = new Set<string>();
  private installsProject = false;
  private projectWithPackages = false;
  private healthcheck: Health | undefined;
  private user: string | undefined;
  private readonly final: readonly Stage[];

  constructor(
    private readonly subject: Subject,
    private readonly surroundings: Surroundings,
  ) {
    const last = subject.dockerfile.stages.at(-1);
    this.final = last === undefined ? [] : chainOf(last);
  }

  read(): ImageFacts {
    const { stages } = this.subject.dockerfile;
    if (stages.length === 0) this.obstacles.push("there is no FROM in it");
    const copies = copiesOf(stages);
    for (const stage of stages) this.readStage(stage, copies);
    const script = this.start();
    const { obstacles, env, healthcheck, user, packages, installsProject, projectWithPackages, told } = this;
    return {
      obstacles: [...new Set(obstacles)],
      script,
      env,
      ports: [...this.ports],
      healthcheck,
      user,
      packages,
      requirements: [...this.requirements],
      installsProject,
      projectWithPackages,
      extras: [...this.extras],
      told,
    };
  }

  private line(instruction: Instruction): number {
    return this.subject.dockerfile.source.place(instruction.start).line;
  }

  private refuse(instruction: Instruction, what: string): void {
    this.obstacles.push(`line ${this.line(instruction)}: ${what}`);
  }

  private tell(instruction: Instruction, what: string, todo: string): void {
    this.told.push({ line: this.line(instruction), what, todo });
  }

  private readStage(stage: Stage, copies: readonly Copy[]): void {
    const isFinal = this.final.includes(stage);
    if (!isFinal && !this.isTaken(stage, copies)) {
      this.tell(
        stage.from,
        `the stage ${stage.name ?? stage.image} is no part of the image`,
        "run what it does, such as tests, in a pipeline of its own",
      );
      return;
    }
    if (stage.parent === undefined && !PYTHON_IMAGE.test(substituted(this.subject, stage.image, stage, stage.from))) {
      this.refuse(stage.from, `it is built on ${stage.image}, which is no plain Python image`);
    }
    for (const instruction of stage.instructions) {
      if (instruction.onbuild) this.refuse(instruction, "ONBUILD");
      else this.readInstruction(instruction, stage, isFinal);
    }
    for (const copy of copies.filter((one) => one.stage === stage)) this.readCopy(copy, isFinal);
  }

  private isTaken(stage: Stage, copies: readonly Copy[]): boolean {
    const index = String(this.subject.dockerfile.stages.indexOf(stage));
    const names = [stage.name?.toLowerCase(), index];
    const mounts = this.subject.runs.flatMap(({ instruction }) =>
      instruction.flags.flatMap(({ options }) => options.get("from") ?? []),
    );
    const taken = [...copies.flatMap(({ from }) => from ?? []), ...mounts].some((from) =>
      names.includes(from.toLowerCase()),
    );
    return taken || this.subject.dockerfile.stages.some(({ parent }) => parent === stage);
  }

  private readInstruction(instruction: Instruction, stage: Stage, isFinal: boolean): void {
    switch (instruction.keyword) {
      case "RUN":
        this.readRun(instruction, stage, isFinal);
        return;
      case "ENV":
        if (isFinal) this.readEnvironment(instruction, stage);
        return;
      case "EXPOSE":
        if (isFinal) this.readPorts(instruction, stage);
        return;
      case "USER":
        if (isFinal) this.readUser(instruction);
        return;
      case "HEALTHCHECK":
        if (isFinal) this.readHealth(instruction);
        return;
      case "LABEL":
        if (isFinal) this.readLabels(instruction);
        return;
      case "ARG":
      case "COPY":
      case "ADD":
      case "WORKDIR":
      case "CMD":
      case "ENTRYPOINT":
      case "MAINTAINER":
        return;
      default:
        this.refuse(instruction, instruction.keyword);
    }
  }

  private readRun(instruction: Instruction, stage: Stage, isFinal: boolean): void {
    const run = this.subject.runs.find((one) => one.instruction === instruction);
    const folder = workingFolder(stage, instruction);
    if (run === undefined || run.scripts.length === 0) {
      this.refuse(instruction, "a RUN that is no shell script");
      return;
    }
    for (const command of run.scripts.flatMap(({ commands }) => commands)) {
      if (command.nested) continue;
      for (const meaning of meaningsOf(command, folder)) {
        switch (meaning.kind) {
          case "nothing":
            break;
          case "system packages":
            for (const name of meaning.packages)
              this.packages.push({ name, manager: meaning.manager, atRunTime: isFinal });
            break;
          case "requirements":
            this.requirements.add(meaning.file);
            break;
          case "project":
            this.installsProject = true;
            this.projectWithPackages ||= meaning.withPackages;
            for (const extra of meaning.extras) this.extras.add(extra);
            break;
          case "other":
            this.refuse(instruction, `RUN ${meaning.why}`);
        }
      }
    }
  }

  private readEnvironment(instruction: Instruction, stage: Stage): void {
    for (const { name, value } of instruction.properties) {
      const text = substituted(this.subject, value ?? "", stage, instruction);
      if (isIndexName(name) || /^(?:POETRY_HTTP_BASIC|PIP|UV|PDM)_/.test(name)) continue;
      if (isCredentialName(name)) {
        this.tell(
          instruction,
          `ENV ${name} kept a credential in the image`,
          "give it to the container when it starts, from a key vault",
        );
      } else if (name === "PYTHONPATH") {
        this.tell(
          instruction,
          "PYTHONPATH is not set any more",
          "the project is installed as a package: modules outside of it have to go into it",
        );
      } else if (!NOT_NEEDED.test(name)) {
        if (text.includes("$")) this.refuse(instruction, `ENV ${name} has the value of a variable`);
        else this.env[name] = text;
      }
    }
  }

  private readPorts(instruction: Instruction, stage: Stage): void {
    for (const word of substituted(this.subject, instruction.arguments.text, stage, instruction).trim().split(/\s+/)) {
      const port = Number(/^([0-9]{1,5})(?:\/tcp)?$/i.exec(word)?.[1] ?? 0);
      if (port >= 1 && port <= 65535) this.ports.add(port);
      else this.refuse(instruction, `EXPOSE ${word}`);
    }
  }

  private readUser(instruction: Instruction): void {
    const name = instruction.arguments.text.trim().replace(/["']/g, "").split(":")[0] ?? "";
    this.user = /^[1-9][0-9]*$/.test(name) ? name : undefined;
    if (name === "root" || name === "0") {
      this.tell(
        instruction,
        "the image ran as root",
        "it runs as the base image's user, 10001: files that it writes need a volume, or a folder below /tmp",
      );
    }
  }

  private readHealth(instruction: Instruction): void {
    const health = healthOf(instruction);
    if (health === undefined) this.refuse(instruction, "HEALTHCHECK uses a shell, or times of less than a second");
    else this.healthcheck = health === "none" ? undefined : health;
  }

  private readLabels(instruction: Instruction): void {
    for (const { name } of instruction.properties) {
      if (/^(?:org\.opencontainers\.image\.|maintainer$|description$|version$|name$)/i.test(name)) continue;
      this.refuse(instruction, `LABEL ${name}`);
    }
  }

  private readCopy(copy: Copy, isFinal: boolean): void {
    const { instruction, from, sources, destination, stage } = copy;
    if (from !== undefined) {
      const known = this.subject.dockerfile.stages.some(
        ({ name }, index) => name?.toLowerCase() === from.toLowerCase() || String(index) === from,
      );
      if (!known && !/(?:^|\/)uv(?::|@|$)/.test(from))
        this.refuse(instruction, `${instruction.keyword} from the image ${from}`);
      return;
    }
    const folder = workingFolder(stage, instruction);
    for (const { path } of sources) {
      const name = path.replace(/^(?:\.\/)+/, "").replace(/\/+$/, "");
      if (isIndexFile(path) || credentialFile(path) !== undefined) continue;
      if (/^[a-z]+:\/\/|^git@|<</.test(path)) this.refuse(instruction, `${instruction.keyword} ${path}`);
      else if (name === "." || name === "") this.tellOfRest(instruction, isFinal);
      else if (!this.surroundings.isProjectFile(name))
        this.refuse(instruction, `${instruction.keyword} ${path}: it is no part of the Python package`);
    }
    const inside =
      !destination.startsWith("/") ||
      destination.startsWith(folder === "/" ? "/" : folder) ||
      /^\/(?:tmp|build|src|wheels|root)\b/.test(destination);
    const secret = sources.every(({ path }) => isIndexFile(path) || credentialFile(path) !== undefined);
    if (isFinal && !inside && !secret) this.refuse(instruction, `${instruction.keyword} to ${destination}`);
  }

  /** A console script's image has what the wheel has; `COPY . .` brought everything. */
  private tellOfRest(instruction: Instruction, isFinal: boolean): void {
    if (!isFinal) return;
    this.tell(
      instruction,
      "the whole repository was in the image",
      "the installed package alone is in it now: make files that it reads at run time package data",
    );
  }

  private start(): string | undefined {
    const start = startOf(this.final, (instruction) => this.line(instruction));
    if (start === undefined) {
      this.obstacles.push("it starts nothing by itself: there is neither ENTRYPOINT nor CMD");
      return undefined;
    }
    const { scripts, targets } = this.surroundings;
    const script = start.words === undefined ? undefined : startedScript(start.words, scripts, targets);
    if (script === undefined) {
      const known = scripts.length === 0 ? "the project defines none" : `it defines ${scripts.join(", ")}`;
      this.obstacles.push(`line ${start.line}: ${start.text} is no console script of the project (${known})`);
    }
    return script;
  }
}
