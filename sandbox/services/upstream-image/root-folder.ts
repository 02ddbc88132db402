/** Makes the files of the upstream image: the smallest Debian with Python and pip, without what a container never uses. */
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { run } from "../../process.mjs";
import { findProgram } from "../../toolchain/path.mjs";
import { debianMirror } from "./debian-mirror";

/** Debian 13, whose Python is this one. */
const suite = "trixie";
export const pythonVersion = "3.13";

const packages = ["python3", "python3-venv", "python3-pip", "ca-certificates"];
const slowSeconds = 30 * 60;

/** What another machine would have otherwise, or nobody reads in a container. */
const removed = [
  ...[
    "dev",
    "proc",
    "sys",
    "run",
    "tmp",
    "var/tmp",
    "var/log",
    "var/cache/apt",
    "var/cache/debconf",
    "var/lib/apt/lists",
  ],
  ...["usr/share/doc", "usr/share/man", "usr/share/info", "usr/share/lintian", "usr/share/locale"],
];

/**
 * The files below `folder`, which must not exist.
 * @param report Told what goes on.
 * @returns Seconds since 1970 of the Debian release that they are of
 */
export async function makeRootFolder(
  folder: string,
  environment: NodeJS.ProcessEnv,
  report: (text: string) => void,
): Promise<number> {
  const debootstrap = findProgram("debootstrap", environment) ?? "debootstrap";
  const mirror = debianMirror();
  const args = ["--variant=minbase", "--force-check-gpg", `--include=${packages.join(",")}`, suite, folder];
  let count = 0;
  // Its mounts are its own, so that removing the folder can never reach through them.
  await run(
    "unshare",
    [
      "--mount",
      "--pid",
      "--fork",
      "--kill-child=KILL",
      debootstrap,
      ...args,
      ...(mirror === undefined ? [] : [mirror]),
    ],
    {
      env: { ...environment, LC_ALL: "C" },
      timeoutSeconds: slowSeconds,
      onLine: (line) => {
        const step = /^I: (Retrieving|Extracting|Unpacking|Configuring) (\S+?)(?:\.{3})?$/.exec(line)?.[1];
        if (step !== undefined) report(`${step.toLowerCase()} Debian's packages, step ${(count += 1)}`);
      },
    },
  );
  const released = releaseTime(folder);
  tidy(folder);
  return released;
}

/** When the release was made: the same for everybody who takes it, and later than every file in its packages. */
function releaseTime(folder: string): number {
  const lists = join(folder, "var/lib/apt/lists");
  const file = readdirSync(lists).find((name) => name.endsWith("Release"));
  const date = file === undefined ? undefined : /^Date: (.+)$/m.exec(readFileSync(join(lists, file), "utf8"))?.[1];
  const milliseconds = Date.parse(date ?? "");
  if (Number.isNaN(milliseconds)) throw new Error(`debootstrap left no release file with a date in ${lists}`);
  return Math.floor(milliseconds / 1000);
}

function tidy(folder: string): void {
  for (const name of removed) {
    const path = join(folder, name);
    if (!existsSync(path)) continue;
    for (const entry of readdirSync(path)) rmSync(join(path, entry), { recursive: true, force: true });
  }
  for (const name of [
    "etc/machine-id",
    "etc/hostname",
    "etc/resolv.conf",
    "var/lib/dbus/machine-id",
    "var/cache/ldconfig/aux-cache",
  ]) {
    rmSync(join(folder, name), { force: true });
  }
  // In the public Python image, pip installs into the system, and both programs have a name without a 3.
  rmSync(join(folder, `usr/lib/python${pythonVersion}/EXTERNALLY-MANAGED`), { force: true });
  for (const name of ["python", "pip"]) {
    const plain = join(folder, "usr/local/bin", name);
    if (!existsSync(plain)) symlinkSync(`../../bin/${name}3`, plain);
  }
  // apt keeps what it fetched, and its lists twice, unless it is told that this is a container.
  const settings =
    'APT::Install-Recommends "false";\nAcquire::GzipIndexes "true";\nAPT::Keep-Downloaded-Packages "false";\n';
  writeFileSync(join(folder, "etc/apt/apt.conf.d/container"), settings);
}
