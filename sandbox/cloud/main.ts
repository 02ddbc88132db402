/** The stand-in cloud as a process of its own: reads its options, serves until it is told to stop. */
import { readFileSync } from "node:fs";
import { Command } from "commander";
import { z } from "zod";
import { startCloud, type CloudOptions } from "./index";

const options = z.object({
  folder: z.string().min(1),
  organization: z.string().min(1),
  subscriptionId: z.string().min(1),
  tenantId: z.string().min(1),
  clientId: z.string().min(1),
  personalAccessToken: z.string().min(1),
  clientSecret: z.string().min(1),
  port: z.coerce.number().int().min(0).max(65_535).optional(),
  registryHost: z
    .string()
    .regex(/^[a-z0-9.-]+(:\d{1,5})?$/, "is a host with or without a port")
    .optional(),
  jobTokenKey: z.string().min(32).optional(),
  packageIndex: z
    .object({
      organization: z.string().min(1),
      project: z.string().min(1).optional(),
      name: z.string().min(1),
      address: z.url({ protocol: /^http$/ }),
    })
    .optional(),
});

function readOptions(): CloudOptions {
  const given = new Command("cloud")
    .description("Stands in for Azure DevOps and Azure on this machine.")
    .option("--folder <path>", "where its state, repositories and log are")
    .option("--organization <name>", "the Azure DevOps organization")
    .option("--subscription-id <guid>", "the Azure subscription")
    .option("--tenant-id <guid>", "the directory")
    .option("--client-id <guid>", "the application that signs in to Azure")
    .option(
      "--secrets <file>",
      "JSON file with personalAccessToken, clientSecret and, if jobs are to fetch, jobTokenKey",
    )
    .option("--port <number>", "port on 127.0.0.1; default: the one of the last start where it is free")
    .parse()
    .opts<Record<string, string>>();
  const { secrets, ...rest } = given;
  // Options as JSON, for a caller that has them all at hand; arguments go before them.
  const variable = process.env.WHEELHOUSE_CLOUD_OPTIONS;
  // What starts from here has no use for the secrets in it.
  delete process.env.WHEELHOUSE_CLOUD_OPTIONS;
  const { port, ...read } = options.parse({
    ...(variable === undefined ? {} : (JSON.parse(variable) as object)),
    ...(secrets === undefined ? {} : (JSON.parse(readFileSync(secrets, "utf8")) as object)),
    ...rest,
  });
  return port === undefined ? read : { ...read, port };
}

async function main(): Promise<void> {
  const cloud = await startCloud(readOptions());
  process.stdout.write(`listening on http://127.0.0.1:${cloud.port}\n`);
  let stopping = false;
  const stop = (): void => {
    if (!stopping) {
      stopping = true;
      void cloud.close().then(() => process.exit(0), fail);
    }
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

function fail(error: unknown): void {
  const message =
    error instanceof z.ZodError
      ? error.issues.map(({ path, message: problem }) => `${path.join(".")}: ${problem}`).join("; ")
      : error instanceof Error
        ? error.message
        : String(error);
  process.stderr.write(`cloud: ${message}\n`);
  process.exit(1);
}

main().catch(fail);
