/** Failures on demand: the next calls fail as those of a real service sometimes do. */
import { z } from "zod";

export const faultForm = z.strictObject({
  /** HTTP status that is answered. */
  status: z.union([z.literal(429), z.literal(500), z.literal(503)]),
  /** How many calls fail. */
  count: z.number().int().min(1).default(1),
  /** Calls whose path holds this text; default: all. */
  path: z.string().default(""),
  /** Calls with this method; default: all. */
  method: z.string().optional(),
  /** Whether the call is carried out before it fails, as when an answer is lost. Default false. */
  after: z.boolean().default(false),
});

export type Fault = z.infer<typeof faultForm>;

/** The failures that are still to come. */
export class Faults {
  private readonly waiting: { fault: Fault; left: number }[] = [];

  public inject(fault: z.input<typeof faultForm>): void {
    const checked = faultForm.parse(fault);
    this.waiting.push({ fault: checked, left: checked.count });
  }

  /** The failure that this call is to have, if any. */
  public take(method: string, path: string): Fault | undefined {
    const next = this.waiting.find(
      ({ fault, left }) =>
        left > 0 && path.includes(fault.path) && (fault.method === undefined || fault.method.toUpperCase() === method),
    );
    if (next !== undefined) {
      next.left -= 1;
    }
    return next?.fault;
  }
}
