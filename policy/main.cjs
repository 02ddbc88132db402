// Starts the policy pack: from its source, without a build step, in a checkout; compiled where the package has no source.
const { existsSync } = require("node:fs");
const { join } = require("node:path");

const sources = join(__dirname, "index.ts");
const compiled = join(__dirname, "..", "dist", "policy", "index.js");
const isCheckout = existsSync(sources);
// Pulumi prepares TypeScript with type checks at each start; tsx, loaded after it, only strips the types.
if (isCheckout) require("tsx/cjs/api").register();

/** @type {import("./index")} */
const { startPack } = require(isCheckout ? sources : compiled);
startPack({ folder: __dirname });
