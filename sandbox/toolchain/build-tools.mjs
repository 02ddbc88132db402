/** The programs that build images and serve packages: BuildKit, buildx, runc, pigz, zstd, a registry, debootstrap, uv and devpi. */
// @ts-check
import { join } from "node:path";

/** @typedef {import("./tool.mjs").Tool} Tool */

const buildkitVersion = "0.26.3";
const buildxVersion = "0.33.0";
const registryVersion = "3.0.0";
const uvVersion = "0.13.8";

/** Programs for administrators, which not every user has on PATH. */
const administration = () => ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** Where a docker client looks for its plugins. @param {NodeJS.ProcessEnv} environment */
function pluginFolders(environment) {
  const home = environment["HOME"];
  const own = environment["DOCKER_CONFIG"] ?? (home === undefined ? undefined : join(home, ".docker"));
  const shared = ["/usr/local/lib", "/usr/local/libexec", "/usr/lib", "/usr/libexec"];
  return [...(own === undefined || own === "" ? [] : [own]), ...shared.map((folder) => join(folder, "docker"))].map(
    (folder) => join(folder, "cli-plugins"),
  );
}

/** @type {Tool} */
export const python = {
  name: "python",
  group: "builds",
  version: "3.11",
  programs: ["python3"],
  // The lock of devpi is for 3.10 and later.
  onPath: { arguments: ["--version"], version: /^Python (\d+\.\d+\.\d+)/m, range: { from: "3.10", below: "4" } },
  sources: [{ kind: "debian", package: "python3" }],
  install: "Python 3.10 or later (Debian, Ubuntu: apt-get install python3)",
};

/** @type {Tool} */
export const runc = {
  name: "runc",
  group: "builds",
  version: "1.1.5",
  programs: ["runc"],
  onPath: {
    arguments: ["--version"],
    version: /^runc version (\d+\.\d+\.\d+)/m,
    range: { from: "1.0.0", below: "2.0.0" },
    folders: administration,
  },
  sources: [{ kind: "debian", package: "runc" }],
  install: "runc 1.0 or later (Debian, Ubuntu: apt-get install runc)",
};

/** @type {Tool} */
export const registry = {
  name: "registry",
  group: "builds",
  version: registryVersion,
  programs: ["docker-registry"],
  onPath: {
    arguments: ["--version"],
    version: /distribution(?:\/v3)? v?(\d+\.\d+\.\d+)/,
    range: { from: "2.8.0", below: "4.0.0" },
  },
  sources: [
    { kind: "debian-files", package: "docker-registry", folder: "usr/bin" },
    {
      kind: "go",
      minimum: "1.23.7",
      parts: [
        {
          kind: "program",
          program: "docker-registry",
          package: "github.com/distribution/distribution/v3/cmd/registry",
          version: registryVersion,
          versionVariable: "github.com/distribution/distribution/v3/version.version",
        },
      ],
    },
  ],
  install: "a registry, 2.8 or later, as docker-registry (Debian, Ubuntu: apt-get install docker-registry)",
};

/** @type {Tool} */
export const debootstrap = {
  name: "debootstrap",
  group: "builds",
  version: "1.0.128",
  programs: ["debootstrap"],
  onPath: {
    arguments: ["--version"],
    version: /^debootstrap (\d+\.\d+\.\d+)/m,
    range: { from: "1.0.100", below: "2.0.0" },
    folders: administration,
    // Without Debian's keys it would take packages from anybody; other systems have them in a package of their own.
    files: ["/usr/share/keyrings/debian-archive-keyring.gpg"],
  },
  sources: [{ kind: "debian", package: "debootstrap", with: ["debian-archive-keyring"] }],
  install: "debootstrap and Debian's keys (Debian, Ubuntu: apt-get install debootstrap debian-archive-keyring)",
};

/** @type {Tool} */
export const uv = {
  name: "uv",
  group: "builds",
  version: uvVersion,
  programs: ["uv"],
  onPath: { arguments: ["--version"], version: /^uv (\d+\.\d+\.\d+)/m, range: { from: uvVersion, below: "0.14.0" } },
  sources: [{ kind: "wheel", package: "uv", version: uvVersion, folder: "bin" }],
  install: `the Python package uv ${uvVersion} or later, below 0.14`,
};

/** @type {Tool} */
export const devpi = {
  name: "devpi",
  group: "builds",
  version: "6.20.3",
  programs: ["devpi-server", "devpi-init"],
  onPath: {
    arguments: ["--version"],
    version: /^(\d+\.\d+\.\d+)/m,
    range: { from: "6.20.0", below: "7.0.0" },
  },
  sources: [{ kind: "locked", lock: "devpi.lock" }],
  install: "the Python package devpi-server 6.20 or later, below 7, in an environment of its own",
};

/** @type {Tool} */
export const buildkit = {
  name: "buildkit",
  group: "builds",
  version: buildkitVersion,
  programs: ["buildkitd"],
  onPath: {
    arguments: ["--version"],
    version: /buildkit v?(\d+\.\d+\.\d+)/,
    range: { from: "0.20.0", below: "1.0.0" },
  },
  sources: [
    {
      kind: "go",
      minimum: "1.24.3",
      parts: [
        {
          kind: "program",
          program: "buildkitd",
          package: "github.com/moby/buildkit/cmd/buildkitd",
          version: buildkitVersion,
          versionVariable: "github.com/moby/buildkit/version.Version",
        },
      ],
    },
  ],
  install: `buildkitd ${buildkitVersion} (https://github.com/moby/buildkit/releases), or Go 1.24.3 or later`,
};

/**
 * BuildKit decompresses layers with it where it finds it, and BuildKit's own image brings it along (moby/buildkit 0.26.3, Dockerfile):
 * a builder on a real agent has it.
 * @type {Tool}
 */
export const pigz = {
  name: "pigz",
  group: "builds",
  version: "2.6",
  programs: ["unpigz"],
  onPath: { arguments: ["--version"], version: /^pigz (\d+\.\d+(?:\.\d+)?)/m, range: { from: "2.4", below: "3.0" } },
  sources: [{ kind: "debian-files", package: "pigz", folder: "usr/bin" }],
  install: "pigz (Debian, Ubuntu: apt-get install pigz)",
  without: "layers are unpacked somewhat more slowly",
};

/**
 * The scan unpacks large layers with it where it finds it; hosted agents have it (actions/runner-images, release
 * ubuntu22/20240407.1: zstd 1.5.6).
 * @type {Tool}
 */
export const zstd = {
  name: "zstd",
  group: "builds",
  version: "1.5.4",
  programs: ["zstd"],
  onPath: {
    arguments: ["--version"],
    version: /(?:Zstandard CLI|zstd command line interface).* v(\d+\.\d+\.\d+)/,
    range: { from: "1.3.4", below: "2.0.0" },
  },
  sources: [{ kind: "debian-files", package: "zstd", folder: "usr/bin" }],
  install: "zstd (Debian, Ubuntu: apt-get install zstd)",
  without: "layers that zstd packed are searched more slowly",
};

/** @type {Tool} */
export const buildx = {
  name: "buildx",
  group: "builds",
  version: buildxVersion,
  programs: ["docker-buildx"],
  onPath: {
    arguments: ["version"],
    version: /buildx v?(\d+\.\d+\.\d+)/,
    range: { from: "0.26.0", below: "1.0.0" },
    folders: pluginFolders,
  },
  sources: [
    {
      kind: "go",
      minimum: "1.25.5",
      parts: [
        {
          kind: "program",
          program: "docker-buildx",
          package: "github.com/docker/buildx/cmd/buildx",
          version: buildxVersion,
          versionVariable: "github.com/docker/buildx/version.Version",
        },
      ],
    },
  ],
  install: `docker-buildx ${buildxVersion} (https://github.com/docker/buildx/releases), or Go 1.25.5 or later`,
};
