/** Starts `wheelhouse` as a program: the process' own streams, signals and exit code. */
import { runProgram } from "./program";

const abort = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    // The second time it is meant: what runs is ended by force, and folders are removed, as the process exits.
    if (abort.signal.aborted) process.exit(130);
    process.stderr.write("stopping; once more stops at once\n");
    abort.abort();
  });
}
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined); // Nobody reads any more.

void runProgram(
  process.argv.slice(2),
  { environment: process.env, workingFolder: process.cwd(), signal: abort.signal },
  {
    writeOutput: (text) => void process.stdout.write(text),
    writeErrors: (text) => void process.stderr.write(text),
  },
).then((code) => {
  process.exitCode = code;
});
