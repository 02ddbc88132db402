/** The error that a recipe throws for a value which no quoting can carry into a Dockerfile or a bake file. */

/** Names the property, its value and the mend. Specs that `spec` has loaded never cause it. */
export class RecipeError extends Error {
  override readonly name = "RecipeError";

  constructor(
    /** Property of the spec, such as `env.GREETING`. */
    readonly property: string,
    readonly value: string,
    mend: string,
  ) {
    super(`${property}: ${JSON.stringify(value)} cannot stand in a recipe. ${mend}`);
  }
}
