/** Reads one entity of the clouds by a schema, and says which one it is where it has another form. */
import { z } from "zod";

import type { Entity } from "./cloud";

/** The clouds hold something in a form that the service does not know. */
export class UnknownForm extends Error {
  public constructor({ token, id }: Entity, cause: z.ZodError) {
    const problems = cause.issues.map(({ path, message }) => `${path.join(".") || "the whole"}: ${message}`).join("; ");
    super(`${token} ${id} is not in the form that the agents know: ${problems}`, { cause });
    this.name = "UnknownForm";
  }
}

/** Makes what the service works with out of an entity. The function made throws `UnknownForm`. */
export function reader<T extends z.ZodType, R>(
  schema: T,
  make: (properties: z.infer<T>, id: string) => R,
): (entity: Entity) => R {
  return (entity) => {
    const read = schema.safeParse(entity.properties);
    if (!read.success) throw new UnknownForm(entity, read.error);
    return make(read.data, entity.id);
  };
}

export const text = z.string();
export const optionalText = z.string().optional();
