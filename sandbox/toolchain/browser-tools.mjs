/** The browser that the sandbox's page is checked in. */
// @ts-check

/** @typedef {import("./tool.mjs").Tool} Tool */

/** @type {Tool} */
export const chromium = {
  name: "chromium",
  group: "browser",
  version: "120",
  programs: ["chromium"],
  onPath: {
    arguments: ["--version"],
    version: /^Chromium (\d+\.\d+\.\d+\.\d+)/m,
    // What drives it speaks its own protocol, of which older ones know too little.
    range: { from: "120" },
  },
  sources: [{ kind: "debian", package: "chromium" }],
  install: "Chromium 120 or later, as chromium (Debian: apt-get install chromium)",
  // Ubuntu has it as a snap only, which neither installs in a container nor reads temporary folders.
  without: "the tests in a browser are skipped",
};
