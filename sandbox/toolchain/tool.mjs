/** What the table says of a program: how to recognise a fitting one, and where else it can be had. */
// @ts-check

/** @typedef {import("./versions.mjs").VersionRange} VersionRange */

/**
 * How to recognise a fitting one that the machine has already.
 * @typedef {object} OnPath
 * @property {readonly string[]} arguments Make it print its version.
 * @property {RegExp} version Its first group is the version.
 * @property {VersionRange} range
 * @property {(environment: NodeJS.ProcessEnv) => readonly string[]} [folders] Where it is by custom, searched after PATH. Default: none.
 * @property {readonly string[]} [files] What it cannot work without, as whole paths. Default: none.
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
/**
 * A package that apt installs on the machine.
 * @typedef {object} DebianSource
 * @property {"debian"} kind
 * @property {string} package
 * @property {readonly string[]} [with] Packages that are installed together with it. Default: none.
 */

/**
 * A package of which only the files are taken: nothing is installed, so that no service starts, and nobody needs to be root.
 * @typedef {object} DebianFilesSource
 * @property {"debian-files"} kind
 * @property {string} package
 * @property {string} folder The folder in the package that holds the programs.
 */

/**
 * Python packages that a lock names with their hashes, in an environment of their own.
 * @typedef {object} LockedSource
 * @property {"locked"} kind
 * @property {string} lock File beside the table.
 */

/** @typedef {{ kind: "wheel", package: string, version: string, folder: string }} WheelSource */
/** @typedef {ArchiveSource | GoSource | DebianSource | DebianFilesSource | WheelSource | LockedSource} Source */

/**
 * What a tool is for: `engine` declares the platform, `builds` makes images, `browser` shows the page in tests.
 * @typedef {"engine" | "builds" | "browser"} Group
 */

/**
 * @typedef {object} Tool
 * @property {string} name
 * @property {Group} group
 * @property {string} version The one that is fetched or made when none on PATH fits.
 * @property {readonly string[]} programs What must be there, the one that tells the version first.
 * @property {OnPath} onPath
 * @property {readonly Source[]} sources Tried in this order.
 * @property {string} install What to install by hand when nothing else works.
 * @property {string} [without] What becomes of a run that has to do without it. Default: there is no run without it.
 */

export {};
