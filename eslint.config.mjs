// What every source file must keep to, beyond what the compiler checks.
import pulumi from "@pulumi/eslint-plugin";
import tseslint from "typescript-eslint";

export default tseslint.config(
  {
    // Templates are programs that import the package, which is not there before they are installed: their test checks the types.
    ignores: ["node_modules/", "coverage/", "dist/", "templates/", "tools/dist/", "sdks/azuredevops/types/"],
  },
  {
    files: ["**/*.ts"],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    plugins: { pulumi },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "pulumi/no-output-in-template-literal": "error",
      "pulumi/no-output-instance-in-template-literal": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      eqeqeq: "error",
      "no-console": "off",
    },
  },
  {
    files: [
      "components/**/*.ts",
      "recipes/**/*.ts",
      "pipelines/**/*.ts",
      "policy/**/*.ts",
      "provider/**/*.ts",
      "spec/**/*.ts",
      "index.ts",
    ],
    rules: {
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
      "no-console": "error",
    },
  },
  {
    files: ["components/**/*.ts", "provider/**/*.ts"],
    rules: {
      // A resource is declared for its effect.
      "no-new": "off",
    },
  },
  {
    files: ["sandbox/**/*.ts"],
    ignores: ["sandbox/process.ts"],
    rules: {
      // One gateway starts processes, so that each of them is stopped.
      "@typescript-eslint/no-restricted-imports": [
        "error",
        {
          paths: [
            { name: "execa", message: "Start processes through sandbox/process.ts." },
            { name: "node:child_process", message: "Start processes through sandbox/process.ts." },
            { name: "child_process", message: "Start processes through sandbox/process.ts." },
          ],
        },
      ],
    },
  },
  {
    files: ["tools/**/*.ts"],
    ignores: ["tools/process.ts"],
    rules: {
      "@typescript-eslint/no-restricted-imports": [
        "error",
        {
          paths: [
            { name: "node:child_process", message: "Start processes through tools/process.ts." },
            { name: "child_process", message: "Start processes through tools/process.ts." },
          ],
        },
      ],
    },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unused-expressions": "off",
    },
  },
);
