/** What the service sees of the clouds. */
export { CloudAway, CloudClient, CloudRefused, untilAnswered, type CloudAccess } from "./cloud";
export { readDirectory } from "./directory";
export type * from "./model";
export { readWorld } from "./read";
export { UnknownForm } from "./reader";
export { devopsTokens } from "./tokens";
