/** Keeps values from specs and settings what they are in a file in which Azure Pipelines expands text. */

/** A value that Azure Pipelines would expand; its syntax has no escape. */
export class PipelineError extends Error {
  override readonly name = "PipelineError";

  constructor(
    /** What the value is, such as `name of the project`. */
    readonly property: string,
    readonly value: string,
    mend: string,
  ) {
    super(`${property}: ${JSON.stringify(value)} cannot stand in a pipeline. ${mend}`);
  }
}

/**
 * The value, when it stands for itself: no template expression `${{`, no macro `$(`, no run-time expression `$[`, no
 * control character.
 * @throws PipelineError otherwise.
 */
export function literal(property: string, value: string): string {
  const expanded = /\$\{\{|\$\(|\$\[/.exec(value)?.[0];
  if (expanded !== undefined) {
    throw new PipelineError(property, value, `Take out ${expanded}: Azure Pipelines would expand it.`);
  }

  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value)) {
    throw new PipelineError(property, value, "Take out line ends and control characters.");
  }
  return value;
}

/**
 * The value as a text in a template expression. Expressions double a single quote; names that need that are not used here.
 * @throws PipelineError for anything but letters, digits and . _ -
 */
export function expressionText(property: string, value: string): string {
  if (!/^[A-Za-z0-9._-]+$/.test(value)) {
    throw new PipelineError(property, value, "Use letters, digits and . _ - only.");
  }
  return `'${value}'`;
}
