/** Writes the comments of a report into its pull request; what goes wrong there is told, and fails nothing. */
import { createHash } from "node:crypto";
import type { CommandContext } from "../context";
import { InterruptedError } from "../errors";
import { azureDevOpsComments, azureDevOpsLimit } from "./azure-devops";
import { gitHubComments, gitHubLimit } from "./github";
import { keepComment, type CommentStore, type Kept } from "./keeping";
import type { Report, StackReport } from "./model";
import { commentProblem, type Problem } from "./problems";
import { renderComment } from "./render";
import type { RetryOptions } from "./retrying";
import type { Run, Target } from "./target";

export interface Commented {
  readonly stack: string;
  readonly kept?: Kept | undefined;
  readonly problem?: Problem | undefined;
}

export interface CommentOptions {
  readonly target: Target;
  /** Which run this is; a person's machine is older than every run of a pipeline. */
  readonly run: Run | undefined;
  readonly artifactUrl?: string | undefined;
  /** Milliseconds: see `KeepOptions` and `RetryOptions`. */
  readonly settle?: number | undefined;
  readonly firstPause?: number | undefined;
}

/** @throws InterruptedError and nothing else */
export async function commentOn(
  report: Report,
  { target, run, artifactUrl, settle, firstPause }: CommentOptions,
  { signal, progress }: Pick<CommandContext, "signal" | "progress">,
): Promise<readonly Commented[]> {
  const retries: RetryOptions = { signal, note: progress, ...(firstPause === undefined ? {} : { firstPause }) };
  const commented: Commented[] = [];
  for (const stack of report.stacks) {
    try {
      const store = await storeOf(target, keyOf(stack, run), retries);
      const content = renderComment(
        { stacks: [stack] },
        { limit: target.provider === "github" ? gitHubLimit : azureDevOpsLimit, artifactUrl, run },
      );
      const entry = {
        content,
        run: run?.number ?? { number: 0, attempt: 0 },
        digest: createHash("sha256").update(JSON.stringify(stack)).digest("hex"),
        open: stack.verdict !== "unchanged",
      };
      const kept = await keepComment(store, entry, { signal, ...(settle === undefined ? {} : { settle }) });
      commented.push({ stack: stack.stack, kept });
    } catch (error) {
      if (signal.aborted) throw new InterruptedError();
      commented.push({ stack: stack.stack, problem: commentProblem(error, target) });
    }
  }
  return commented;
}

function storeOf(target: Target, key: string, retries: RetryOptions): Promise<CommentStore> {
  return target.provider === "github"
    ? gitHubComments(target, key, retries)
    : azureDevOpsComments(target, key, retries);
}

/** Characters of a key; one that is longer is told apart by a hash. */
const longestKey = 200;

/** One comment for each stack and each pipeline that previews it. */
export function keyOf({ project, stack }: Pick<StackReport, "project" | "stack">, run: Run | undefined): string {
  const key = JSON.stringify([project, stack, run?.pipeline ?? ""]);
  const plain = `${project}/${stack}${run === undefined || run.pipeline === "" ? "" : ` in ${run.pipeline}`}`;
  // Names with a slash or blanks could make two keys look alike.
  if (plain.length <= longestKey && /^[\w.-]+\/[\w./-]+( in [\w.-]+)?$/.test(plain)) return plain;
  return createHash("sha256").update(key).digest("hex");
}
