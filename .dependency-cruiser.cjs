// Which room may import which: the house as docs/decisions.md draws it.
const rooms = {
  spec: [],
  recipes: ["spec"],
  pipelines: ["spec"],
  components: ["spec", "recipes", "pipelines"],
  tools: ["spec"],
  policy: [],
  provider: ["spec", "components"],
  sandbox: ["spec"],
};

const roomRules = Object.entries(rooms).map(([room, allowed]) => ({
  name: `${room}-imports-${allowed.length === 0 ? "no-other-room" : `only-${allowed.join("-and-")}`}`,
  comment: `${room}/ may import ${allowed.length === 0 ? "no other room" : allowed.join(", ")}.`,
  severity: "error",
  from: { path: `^${room}/`, pathNot: "^provider/build\\.mjs$" },
  to: {
    dependencyTypesNot: ["core"],
    path: "^(index\\.ts|[a-z]+/)",
    pathNot: [`^${room}/`, "^node_modules/", "^sdks/azuredevops/", ...allowed.map((other) => `^${other}/`)],
  },
}));

module.exports = {
  forbidden: [
    ...roomRules,
    {
      name: "index-imports-components-and-spec",
      comment: "index.ts reads the specs and makes the platform.",
      severity: "error",
      from: { path: "^index\\.ts$" },
      to: { path: "^[a-z]+/", pathNot: ["^components/", "^spec/", "^node_modules/"] },
    },
    {
      name: "nothing-imports-the-sandbox",
      comment: "The program must not know that there is a sandbox.",
      severity: "error",
      from: { pathNot: ["^sandbox/", "^test/"] },
      to: { path: "^sandbox/" },
    },
    {
      name: "the-sdk-imports-no-room",
      severity: "error",
      from: { path: "^sdks/" },
      to: { path: "^(index\\.ts|spec|recipes|pipelines|components|tools|policy|sandbox|test)(/|$)" },
    },
    {
      name: "no-circular-imports",
      severity: "error",
      from: { path: "^(spec|recipes|pipelines|components|tools|policy|provider|sandbox)/" },
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-test-code-in-the-product",
      severity: "error",
      from: { pathNot: "^test/" },
      to: { path: "^test/" },
    },
    {
      name: "every-package-is-declared",
      severity: "error",
      from: {},
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
    {
      name: "every-import-resolves",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "the-program-needs-no-development-package",
      comment: "What a platform team installs for `pulumi up` is in dependencies.",
      severity: "error",
      from: { path: "^(index\\.ts|spec/|recipes/|pipelines/|components/|tools/|policy/|provider/(?!build))" },
      // The local SDK is compiled into the package.
      to: { dependencyTypes: ["npm-dev"], pathNot: "^sdks/azuredevops/" },
    },
  ],
  options: {
    doNotFollow: { path: ["node_modules"] },
    // Compiled files are those of the rooms once more; templates are programs of their own, which import the package.
    exclude: { path: "^(dist|templates)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
