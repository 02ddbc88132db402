/** `start` and `up`: bring the platform up, and say what there is now, where it answers, and where to look next. */
import { describeDuration } from "../progress.mjs";
import { exportStack, runEngine, type Engine } from "./engine";
import type { Change } from "./events";
import { holdSandbox } from "./hold";
import { stack, type Sandbox } from "./sandbox";
import { countResources, drawTree } from "./tree";
import { bringUp, type UpResult } from "./up";

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** When the user's command began: when the bootstrap did, where it ran, so that what it took is counted too. */
const startedAt = Number(process.env.WHEELHOUSE_STARTED) || Date.now() - Math.round(process.uptime() * 1000);

/** The stack's outputs; secrets stay hidden. */
async function readOutputs(engine: Engine): Promise<Record<string, unknown>> {
  const { output } = await runEngine(engine, ["stack", "output", "--json", "--stack", stack]);
  return JSON.parse(output) as Record<string, unknown>;
}

/** Outputs as people read them: lists on one line, one line for each entry of what is nested. */
export function describeValue(value: unknown, indent: string): string {
  if (Array.isArray(value))
    return value.length === 0 ? "none" : value.map((item) => describeValue(item, indent)).join(", ");
  if (typeof value !== "object" || value === null) return String(value);
  const entries = Object.entries(value);
  if (entries.length === 0) return "none";
  return entries.map(([key, inner]) => `\n${indent}${key}: ${describeValue(inner, `${indent}  `)}`).join("");
}

function describeChange({ operation, name, type, properties }: Change): string {
  return `${operation} ${name} (${type})${properties.length === 0 ? "" : `: ${properties.join(", ")}`}`;
}

async function report({ engine, address }: UpResult): Promise<void> {
  const resources = (await exportStack(engine))?.deployment.resources ?? [];
  write(`\n${drawTree(resources).join("\n")}`);
  write(`\n${countResources(resources)} components and resources`);
  const outputs = Object.entries(await readOutputs(engine));
  for (const [name, value] of outputs) write(`  ${name}: ${describeValue(value, "    ")}`.replaceAll(/: (?=\n)/g, ":"));
  write(`\nthe stand-in clouds: ${address}`);
}

/** @returns exit code */
export async function up(sandbox: Sandbox): Promise<number> {
  return holdSandbox(sandbox, "up", async () => {
    const result = await bringUp(sandbox, false, process.env);
    for (const change of result.update.changes) write(`  ${describeChange(change)}`);
    write(`\nup in ${describeDuration(Date.now() - startedAt)}; the stand-in clouds: ${result.address}`);
    return 0;
  });
}

/** @returns exit code: 1 when the second update, which must change nothing, changed something */
export async function start(sandbox: Sandbox): Promise<number> {
  return holdSandbox(sandbox, "start", async () => {
    const result = await bringUp(sandbox, true, process.env);
    const unexpected = result.second?.changes ?? [];
    if (unexpected.length > 0) {
      write("\nThe second update was to change nothing, and changed:");
      for (const change of unexpected) write(`  ${describeChange(change)}`);
      return 1;
    }
    await report(result);
    write(`time taken: ${describeDuration(Date.now() - startedAt)}; a second update changed nothing`);
    write(
      "\nnext: edit apps/orders.yaml, then   npm run sandbox -- pulumi preview --diff\n" +
        "      what the clouds were asked      npm run sandbox -- logs cloud\n" +
        "      stop and remove all of it       npm run sandbox -- down\n" +
        "      in a real organization          docs/on-a-real-organization.md",
    );
    return 0;
  });
}
