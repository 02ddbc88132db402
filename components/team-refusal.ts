/** A refusal that reads the same wherever it comes to light. */
import * as pulumi from "@pulumi/pulumi";

/**
 * Told without a stack trace, and with this message alone. Every input that waits for a refused value rejects with the same
 * error, and Pulumi's SDK writes `error serializing property "…":` before its message each time.
 */
export class RefusalError extends pulumi.RunError {
  constructor(message: string) {
    super(message);
    Object.defineProperty(this, "message", { get: () => message, set: () => undefined });
  }
}
