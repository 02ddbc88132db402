/** What is wrong with the arguments of a component, property by property, as the engine shows it in every language. */
import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../spec";

/** One mistake. */
export interface Mistake {
  /** Such as `settings.registryName` or `apps[0].scripts[1]`. */
  readonly propertyPath: string;
  /** What is wrong, and what to do about it. */
  readonly reason: string;
}

/**
 * Refuses a component before anything of it is declared.
 * @throws pulumi.InputPropertiesError with every mistake; nothing where there is none.
 */
export function refuse(component: string, mistakes: readonly Mistake[]): void {
  if (mistakes.length === 0) return;
  const count = mistakes.length === 1 ? "1 mistake" : `${mistakes.length} mistakes`;
  throw new pulumi.InputPropertiesError({
    message: `${count} in the arguments of ${component}`,
    errors: mistakes.map(({ propertyPath, reason }) => ({ propertyPath, reason })),
  });
}

/**
 * What was read, after {@link refuse} let it pass.
 * @throws Error where nothing was read and no mistake was told.
 */
export function found<Read>(read: Read | undefined): Read {
  if (read === undefined) throw new Error("an argument could not be read, and nothing says why");
  return read;
}

/** A mistake in a specification that was given as an object: its file is the path of that object. */
export function fromProblem(problem: Problem): Mistake {
  return {
    propertyPath: pathOf(problem.file, problem.path),
    reason: `${problem.message}; ${problem.mend}`,
  };
}

/** `apps[0]` and `scripts[1]` are `apps[0].scripts[1]`. */
export function pathOf(path: string, inner: string): string {
  return inner === "" ? path : `${path}${path === "" || inner.startsWith("[") ? "" : "."}${inner}`;
}
