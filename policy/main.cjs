// Starts the policy pack: compiled where it comes as a package, else from its source, without a build step.
const { existsSync } = require("node:fs");
const { join } = require("node:path");

const compiled = join(__dirname, "index.js");
// Pulumi prepares TypeScript with type checks at each start; tsx, loaded after it, only strips the types.
// @ts-expect-error the package has no types for it
if (!existsSync(compiled)) require("tsx/cjs");

/** @type {import("./index")} */
const { startPack } = require(existsSync(compiled) ? compiled : join(__dirname, "index.ts"));
startPack({ folder: __dirname });
