/** Validates as an editor does, with the validator that the linter brings along. */
import { createRequire } from "node:module";
import { renderJsonSchemas } from "../../spec";

interface Validator {
  validate(schema: object, value: unknown): boolean | PromiseLike<unknown>;
  errorsText(): string;
}

type NewValidator = new (options: object) => Validator;

const Ajv = createRequire(require.resolve("eslint"))("ajv") as NewValidator;
const validator = new Ajv({ allErrors: true, schemaId: "auto", unknownFormats: "ignore", logger: false });

const schemas = new Map(
  renderJsonSchemas().map(({ path, content }) => [
    path.replace(/^schemas\/(.*)\.json$/, "$1"),
    JSON.parse(content) as object,
  ]),
);

/** What the schema has against a value; "" for nothing. */
export function refusal(schema: "app" | "base-image" | "stack", value: unknown): string {
  return validator.validate(schemas.get(schema)!, value) === true ? "" : validator.errorsText();
}
