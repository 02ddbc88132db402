/** Where Pulumi starts the plugin `wheelhouse`: as the package has it compiled, or, in a checkout, from its sources. */
"use strict";
const { existsSync } = require("node:fs");
const { join } = require("node:path");

const compiled = join(__dirname, "..", "dist", "provider", "main.js");
const sources = join(__dirname, "main.ts");
if (existsSync(sources)) {
  require("tsx/cjs/api").register();
  require(sources);
} else {
  require(compiled);
}
