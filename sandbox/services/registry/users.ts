/** The registry's users, one a role, with passwords and access tokens that live only as long as this process. */
import { randomBytes } from "node:crypto";

import { isSameSecret, type BasicCredentials } from "../basic-credentials";
import type { RegistryRole } from "../types";
import { covers, grant, type Access } from "./scopes";

interface User {
  readonly role: RegistryRole;
  readonly password: string;
}

interface Token {
  readonly user: User;
  readonly access: readonly Access[];
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** Answers who somebody is and what they may do. */
export class Users {
  private readonly users = new Map<string, User>();
  private readonly tokens = new Map<string, Token>();

  /** @param tokenSeconds How long an access token is good. */
  public constructor(
    public readonly tokenSeconds: number,
    private readonly now: () => number = Date.now,
  ) {}

  /** Gives a role's user a new password, and makes that user where there is none. */
  public setPassword(role: RegistryRole): BasicCredentials {
    const user = { role, password: randomBytes(24).toString("base64url") };
    this.users.set(nameOf(role), user);
    return { user: nameOf(role), password: user.password };
  }

  /** An access token for what a user may do of what was asked for; nothing for who is no user. */
  public issue(credentials: BasicCredentials | undefined, asked: readonly Access[]): string | undefined {
    const user = this.find(credentials);
    if (user === undefined) return undefined;
    this.forgetExpired();
    const token = randomBytes(32).toString("base64url");
    const access = grant(asked, user.role);
    this.tokens.set(token, { user, access, expires: this.now() + this.tokenSeconds * 1000 });
    return token;
  }

  /** What an `Authorization: Bearer` token says about a need. */
  public judgeToken(token: string, needed: readonly Access[]): "granted" | "insufficient_scope" | "invalid_token" {
    const known = this.tokens.get(token);
    if (known === undefined || known.expires <= this.now() || !this.isCurrent(known.user)) return "invalid_token";
    return covers(known.access, needed) ? "granted" : "insufficient_scope";
  }

  /** What Basic credentials say about a need: Azure's registries take them without a token, too. */
  public judgeBasic(
    credentials: BasicCredentials,
    needed: readonly Access[],
  ): "granted" | "insufficient_scope" | "invalid_token" {
    const user = this.find(credentials);
    if (user === undefined) return "invalid_token";
    return covers(grant(needed, user.role), needed) ? "granted" : "insufficient_scope";
  }

  private find(credentials: BasicCredentials | undefined): User | undefined {
    const user = credentials === undefined ? undefined : this.users.get(credentials.user);
    return user !== undefined && isSameSecret(credentials?.password ?? "", user.password) ? user : undefined;
  }

  private isCurrent(user: User): boolean {
    return this.users.get(nameOf(user.role)) === user;
  }

  private forgetExpired(): void {
    for (const [token, { expires }] of this.tokens) if (expires <= this.now()) this.tokens.delete(token);
  }
}

function nameOf(role: RegistryRole): string {
  return `sandbox-${role}`;
}
