/** What a preview gave, and what is made of it for readers: plain data, which tests and `--json` see as it is. */
import type { EngineEvent } from "@pulumi/pulumi/automation";

/** One run of `pulumi preview` on one stack. */
export interface StackPreview {
  readonly project: string;
  readonly stack: string;
  /** In the order of the engine; whatever it was given before it failed or was stopped. */
  readonly events: readonly EngineEvent[];
  /** Why the preview itself did not come to its end; a mandatory policy or an error in the events is none. */
  readonly failure?: PreviewFailure | undefined;
}

export interface PreviewFailure {
  /** One line: what happened. */
  readonly what: string;
  /** What to do about it; "" where `what` or the diagnostics say all. */
  readonly mend: string;
  /** The end of what the engine wrote, for what no event tells. */
  readonly output: string;
}

export interface Report {
  /** In the order in which they were asked for. */
  readonly stacks: readonly StackReport[];
}

/**
 * `failed`: the preview did not come to an end, so what is listed may be a part. `refused`: it came to its end and broke a
 * mandatory policy. `changes`: something would change. `unchanged`: nothing would.
 */
export type Verdict = "failed" | "refused" | "changes" | "unchanged";

export interface StackReport {
  readonly project: string;
  readonly stack: string;
  readonly verdict: Verdict;
  readonly counts: Counts;
  /** Resources and components that stay as they are. */
  readonly unchanged: number;
  /** Everything that changes: by group, then by name. */
  readonly changes: readonly Change[];
  /** The stack's outputs that would change. */
  readonly outputs: readonly PropertyChange[];
  /** Mandatory ones first. */
  readonly findings: readonly Finding[];
  /** Errors first; equal ones once. */
  readonly diagnostics: readonly Diagnostic[];
  readonly failure?: PreviewFailure | undefined;
}

/** What happens to a resource; `drift` is what a refresh found to have been changed by others. */
export const operations = ["create", "update", "replace", "delete", "import", "read", "drift"] as const;
export type Operation = (typeof operations)[number];
export type Counts = Readonly<Record<Operation, number>>;

/** What a resource belongs to. */
export interface Group {
  readonly kind: "platform" | "base image" | "application";
  /** "" for the platform. */
  readonly name: string;
}

export interface Change {
  readonly urn: string;
  /** Such as `azuredevops:GitRepositoryFile`. */
  readonly type: string;
  /** Last part of the URN. */
  readonly name: string;
  /** Path of the file whose text it holds, where it holds one. */
  readonly file?: string | undefined;
  readonly group: Group;
  readonly operation: Operation;
  /** It has no counterpart in a cloud: only its children have. */
  readonly component: boolean;
  /** Protected: the engine refuses to delete or replace it. */
  readonly protected: boolean;
  /** Retained: the engine forgets it, and it stays where it is. */
  readonly retained: boolean;
  /** Left of an earlier replacement, and only now deleted. */
  readonly leftover: boolean;
  /** Paths of the properties that force the replacement. */
  readonly replacedBy: readonly string[];
  /** What is set for `create`, `import` and `read`, what differs for the others; none for `delete`. */
  readonly properties: readonly PropertyChange[];
}

export interface PropertyChange {
  /** As Pulumi writes it: `settings.scopes[0].branch`. */
  readonly path: string;
  readonly kind: "add" | "update" | "delete";
  readonly forcesReplacement: boolean;
  /** Absent for `add`. */
  readonly before?: Shown | undefined;
  /** Absent for `delete`. */
  readonly after?: Shown | undefined;
}

/** A value in the form that a reader may see. */
export type Shown =
  | { readonly kind: "secret" }
  /** Known only after `pulumi up`. */
  | { readonly kind: "unknown" }
  /** One line, as JSON writes it. */
  | { readonly kind: "value"; readonly text: string }
  /** More than one line, as it is; `language` is one that code fences know. */
  | { readonly kind: "text"; readonly text: string; readonly language: string };

export interface Finding {
  readonly level: "mandatory" | "advisory";
  readonly policy: string;
  /** Name and version. */
  readonly pack: string;
  /** One or more lines. */
  readonly message: string;
  /** Resources that it is about, by name and type; empty for a rule about the stack. */
  readonly resources: readonly { readonly type: string; readonly name: string }[];
}

export interface Diagnostic {
  readonly severity: "error" | "warning";
  /** One or more lines. */
  readonly message: string;
  readonly resource?: { readonly type: string; readonly name: string } | undefined;
  /** How often it was said. */
  readonly times: number;
}
