/** What a rule reports: what is wrong, where, why that matters and how to mend it, in one form for all rules. */

/**
 * Parts of one message. None of them repeats what a property holds: a policy sees secrets in plain text, and what it says
 * ends in logs and comments. Names of properties, files and lines, and words that the rule itself knows are all it needs.
 */
export interface Violation {
  /** Path of the property, such as `settings.scopes[0]`; with the file and line where the property is a text. */
  readonly where: string;
  /** What is wrong with it, as the rest of a sentence: `is true`. */
  readonly what: string;
  /** Why that matters, in half a sentence. */
  readonly why: string;
  /** What to do, as a sentence without its full stop. */
  readonly mend: string;
}

/** The whole message, with the resource that it is about. */
export function violationMessage(
  resource: { readonly name: string; readonly type: string },
  violation: Violation,
): string {
  const { where, what, why, mend } = violation;
  const kind = resource.type.slice(resource.type.lastIndexOf(":") + 1);
  return `${kind} ${resource.name}, ${where}: ${what}; ${why}. ${mend}.`;
}
