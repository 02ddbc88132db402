/** The policy pack: its rules, and how to start it, alone or with rules of your own. */
export { ConfigurationError } from "./configuration";
export { startPack, type PackOptions } from "./pack";
export { resourceRule, type ReadResource, type ResourceRule } from "./resource-rule";
export { stackRule, type ReadStack, type StackRule, type StackResource } from "./stack-rule";
export type { Violation } from "./violation";
export { rules } from "./rules";
