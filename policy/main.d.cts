/** Types of `wheelhouse/policy` for compilers that do not read `exports` and take this folder for a package of its own. */
export * from "../dist/policy/index";
