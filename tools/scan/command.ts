/** `wheelhouse scan`: reads what to look for, scans what is named, shows what was found. */
import { resolve } from "node:path";
import { type Command } from "commander";
import type { CommandContext } from "../context";
import { FindingsError, UsageError } from "../errors";
import { allLayers, openImage } from "../image";
import { RegistryClient } from "../registry";
import { readAllowList } from "./allow";
import { excludedText, reportText } from "./printing";
import { type ScanReport } from "./report";
import { scanFolder } from "./scan-folder";
import { UnfinishedScanError, scanImage, type ScanOptions } from "./scan-image";
import { readSecrets } from "./secrets";

interface Options {
  readonly folder?: readonly string[];
  readonly secretFile?: readonly string[];
  readonly secretEnv?: readonly string[];
  readonly netrc?: readonly string[];
  readonly patterns: boolean;
  readonly skipLayer?: readonly string[];
  readonly skipLayersOf?: readonly string[];
  readonly allow?: string;
  readonly layerLimit?: string;
  readonly excluded?: boolean;
}

const examples = `
Examples:
  Look for the job's own token, and for credentials of any kind, in an image that was just pushed:
    wheelhouse scan contoso.azurecr.io/orders@sha256:… --netrc "$AGENT_TEMPDIRECTORY/netrc"
  In an archive, for the value of a variable, with the base image's own layers left out:
    wheelhouse scan image.tar --secret-env FEED_TOKEN --skip-layers-of contoso.azurecr.io/base/python-web:latest
  In what a build exported with --output type=local:
    wheelhouse scan --folder ./exported --netrc ~/.netrc

Options for secrets, folders and layers may be given several times.
An image is a reference in a registry, the folder of an OCI layout, or an archive of one, or of docker save. All of
its platforms, layers, attestations and documents are looked at, files that a later layer deletes too.
A report shows a secret only by the first 12 hex digits of its SHA-256. For one that is none, such as a published
example key, there is the allow list:
  allow:
    - { path: "opt/venv/**/demo/server.key", secret: 0123456789ab, kind: private-key, reason: the package's own example }

Exit codes: 0 no leaks, 1 leaks, 2 wrong usage or input, 3 something could not be read.`;

/** An option that may be given several times. */
function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

export function addScanCommand(program: Command, context: CommandContext): void {
  program
    .command("scan")
    .summary("find credentials in images and folders")
    .description("Looks for given secrets, in every encoding that they may have, and for credentials by their form.")
    .argument("[images...]", "references, layout folders, archives")
    .option("--folder <folder>", "a folder of files to look at", collect)
    .option(
      "--secret-file <file>",
      "a secret file: netrc, pip.conf, .pypirc, docker's config.json, a URL, or the secret alone",
      collect,
    )
    .option("--secret-env <name>", "a variable that holds a secret, or a URL with credentials", collect)
    .option("--netrc <file>", "a secret file in the form of netrc", collect)
    .option("--no-patterns", "look for the given secrets only")
    .option("--skip-layer <digest>", "a layer that is not looked at", collect)
    .option("--skip-layers-of <image>", "an image whose layers are not looked at, such as a base image", collect)
    .option("--allow <file>", "findings that are let pass, as YAML")
    .option("--layer-limit <MiB>", "refuse layers that are larger unpacked (default: 65536)")
    .option("--excluded", "show also what counts as no secret, and by which rule")
    .addHelpText("after", examples)
    .action(async (images: string[], options: Options) => {
      const reports = await scanAll(images, options, context);
      context.json({ schema: 1, reports });
      const leaks = reports.reduce((sum, { findings, unlisted }) => sum + findings.length + unlisted, 0);
      if (leaks > 0) {
        throw new FindingsError(
          `${leaks} ${leaks === 1 ? "leak" : "leaks"} found`,
          "Whoever can pull the image can read it: give out new credentials in their place, then build without them (wheelhouse lint shows how).",
        );
      }
    });
}

async function scanAll(images: readonly string[], options: Options, context: CommandContext): Promise<ScanReport[]> {
  const folders = options.folder ?? [];
  if (images.length + folders.length === 0) {
    throw new UsageError("there is nothing to scan", "Name an image, or a folder with --folder.");
  }
  const client = new RegistryClient({ environment: context.environment, signal: context.signal });
  const open = { client, workingFolder: context.workingFolder, onProgress: (line: string) => context.progress(line) };
  const scanOptions = await readOptions(options, context, async (text) => {
    const image = await openImage(text, open);
    try {
      return await allLayers(image);
    } finally {
      await image.close();
    }
  });
  const reports: ScanReport[] = [];
  for (const text of images) {
    const image = await openImage(text, open);
    try {
      reports.push(show(await scanImage(image, scanOptions), options, context));
    } catch (error) {
      // What was found before it broke off is a leak all the same.
      if (error instanceof UnfinishedScanError && error.report.findings.length > 0)
        show(error.report, options, context);
      throw error;
    } finally {
      await image.close();
    }
  }
  for (const folder of folders) {
    const report = await scanFolder(resolve(context.workingFolder, folder), scanOptions);
    reports.push(show(report, options, context));
  }
  return reports;
}

async function readOptions(
  options: Options,
  context: CommandContext,
  layersOf: (text: string) => Promise<readonly string[]>,
): Promise<ScanOptions> {
  const { environment, workingFolder, signal } = context;
  const sources = {
    netrcFiles: options.netrc ?? [],
    files: options.secretFile ?? [],
    variables: options.secretEnv ?? [],
  };
  const secrets = await readSecrets(sources, { environment, workingFolder });
  if (secrets.length === 0 && !options.patterns) {
    throw new UsageError("there is nothing to look for", "Name a secret, or leave --no-patterns away.");
  }
  const skipped = new Set(options.skipLayer ?? []);
  for (const digest of skipped) {
    if (!/^sha256:[0-9a-f]{64}$/.test(digest)) {
      throw new UsageError(`--skip-layer: ${digest} is not a digest`, "Write it as sha256:<64 hex digits>.");
    }
  }
  for (const text of options.skipLayersOf ?? []) {
    for (const digest of await layersOf(text)) skipped.add(digest);
  }
  return {
    secrets,
    patterns: options.patterns,
    allow: options.allow === undefined ? [] : await readAllowList(options.allow, workingFolder),
    skipLayers: skipped,
    ...(options.layerLimit === undefined ? {} : { layerLimit: mebibytes(options.layerLimit) }),
    onProgress: (line) => context.progress(line),
    signal,
  };
}

function mebibytes(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count * 2 ** 20;
  throw new UsageError(`--layer-limit: "${text}" is not a number of MiB`, "Write a whole number, such as 65536.");
}

function show(report: ScanReport, options: Options, context: CommandContext): ScanReport {
  context.out(reportText(report));
  if (options.excluded === true && report.excluded.length > 0) context.out(excludedText(report));
  return report;
}
