/** Every pattern by which credentials are told. */
import { azureDevOpsPattern, oldAzureDevOpsPattern } from "./azure-devops";
import { dockerAuthPattern } from "./docker-auth";
import { jwtPattern } from "./jwt";
import { netrcPattern } from "./netrc";
import { type AnchoredPattern, type StreamPattern } from "./pattern";
import { privateKeyPattern } from "./private-key";
import { pypiTokenPattern } from "./pypi-token";
import { pypircPattern } from "./pypirc";
import { urlPattern } from "./url";

export { type AnchoredPattern, type PatternHit, type PatternKind } from "./pattern";

export const patterns: readonly AnchoredPattern[] = [
  netrcPattern,
  pypircPattern,
  pypiTokenPattern,
  dockerAuthPattern,
  jwtPattern,
  privateKeyPattern,
];

export const streamPatterns: readonly StreamPattern[] = [urlPattern, azureDevOpsPattern, oldAzureDevOpsPattern];
