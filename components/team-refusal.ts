/** A refusal that reads the same wherever it comes to light. */
import * as pulumi from "@pulumi/pulumi";

/**
 * Told without a stack trace, and with this message alone. Every input that waits for a refused value rejects with the same
 * error, and Pulumi's SDK writes `error serializing property "…":` before its message each time. Of a program that exports
 * nothing the SDK shows the stack all the same, so there is none in it.
 */
export class RefusalError extends pulumi.RunError {
  constructor(message: string) {
    super(message);
    for (const key of ["message", "stack"]) {
      Object.defineProperty(this, key, { get: () => message, set: () => undefined });
    }
  }
}
