/** What every part of the stand-in cloud is given: who it stands for, its state and its repositories. */
import type { RepositoryStore } from "./git/repositories";
import type { FeedTokens } from "../services/feed/tokens";
import type { SignedTokens } from "./signed-tokens";
import type { State } from "./state";

export interface Cloud {
  /** Name of the one Azure DevOps organization. */
  readonly organization: string;
  readonly subscriptionId: string;
  readonly tenantId: string;
  /** Application id that signs in to Azure. */
  readonly clientId: string;
  /** Host of the registry that every container registry here stands for. Default: each has the name that Azure would give it. */
  readonly registryHost?: string | undefined;
  /** Knows the tokens of jobs. Default: there are none. */
  readonly jobTokens?: FeedTokens | undefined;
  /** Signs what the two clouds tell each other. */
  readonly signedTokens: SignedTokens;
  readonly state: State;
  readonly repositories: RepositoryStore;
  /** `http://127.0.0.1:<port>`, no trailing slash. */
  readonly address: () => string;
}
