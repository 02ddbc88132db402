/**
 * Leaves out the stack trace that Pulumi's runtime keeps for each promise in case it leaks: mapped to the sources, as they are in
 * tests, they take more time than all else that a program of many resources does. To see them again: PULUMI_DEBUG_PROMISE_LEAKS=1.
 */
import { createRequire } from "node:module";

/** The module itself, not the copy of its exports that an import makes. */
const runtime = createRequire(__filename)("@pulumi/pulumi/runtime/debuggable") as {
  debuggablePromise: (...args: unknown[]) => unknown;
};
const { debuggablePromise } = runtime;

if (!process.env.PULUMI_DEBUG_PROMISE_LEAKS) {
  runtime.debuggablePromise = (...args) => {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(...args);
    } finally {
      Error.stackTraceLimit = limit;
    }
  };
}
