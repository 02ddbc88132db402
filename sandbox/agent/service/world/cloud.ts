/** The client of the stand-in clouds: what the service asks them and tells them. */
import { setTimeout as sleep } from "node:timers/promises";

import { z } from "zod";

import { SignedTokens } from "../../../cloud/signed-tokens";

/** Where the clouds are, and who asks. */
export interface CloudAccess {
  /** `http://127.0.0.1:<port>` */
  readonly address: string;
  readonly organization: string;
  /** A personal access token. */
  readonly token: string;
  /** With it the clouds give out secret variables. Default: they do not. */
  readonly jobTokenKey?: string | undefined;
  /** The account that looks up identities and roles in Azure. */
  readonly azure: {
    readonly clientId: string;
    readonly clientSecret: string;
    readonly subscriptionId: string;
    readonly tenantId: string;
  };
}

export interface Entity {
  readonly id: string;
  readonly token: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** The clouds refused a call. */
export class CloudRefused extends Error {
  public constructor(
    public readonly status: number,
    public readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = "CloudRefused";
  }
}

/** The clouds do not answer. */
export class CloudAway extends Error {
  public constructor(address: string, cause: unknown) {
    super(`the stand-in clouds at ${address} do not answer: start them with "npm run sandbox -- up"`, { cause });
    this.name = "CloudAway";
  }
}

const entity = z.object({ id: z.string(), token: z.string(), properties: z.record(z.string(), z.unknown()) });
const shown = z.object({ id: z.string(), properties: z.record(z.string(), z.unknown()) });
const refusal = z
  .object({ code: z.string().optional(), typeKey: z.string().optional(), message: z.string() })
  .partial();

/** The agents lack what the clouds give out secrets for. */
export class SecretsWithheld extends Error {
  public constructor() {
    super("these agents have no key with which the clouds give out secret variables: start them with jobTokenKey");
    this.name = "SecretsWithheld";
  }
}

/** Seconds for which a question for secrets is good. */
const proofSeconds = 60;

/** Seconds for one answer. */
const answerSeconds = 30;

export class CloudClient {
  public constructor(private readonly access: CloudAccess) {}

  public get address(): string {
    return this.access.address;
  }

  public get organization(): string {
    return this.access.organization;
  }

  /** Grows with every change of the clouds' state. */
  public async revision(): Promise<number> {
    return z.object({ revision: z.number() }).parse(await this.devops("revision", {})).revision;
  }

  /** All of a kind of Azure DevOps. */
  public async list(token: string): Promise<Entity[]> {
    return z.object({ entities: z.array(entity) }).parse(await this.devops("list", { token })).entities;
  }

  /** All of a kind of Azure. */
  public async listAzure(token: string): Promise<Entity[]> {
    const { subscriptionId, tenantId } = this.access.azure;
    const answer = await this.call("/azure/_sandbox/list", { subscriptionId, tenantId, token }, this.azureHeader);
    return z.object({ entities: z.array(entity) }).parse(answer).entities;
  }

  public async create(token: string, inputs: Readonly<Record<string, unknown>>): Promise<Omit<Entity, "token">> {
    return shown.parse(await this.devops("create", { token, inputs }));
  }

  public async update(
    token: string,
    id: string,
    olds: Readonly<Record<string, unknown>>,
    news: Readonly<Record<string, unknown>>,
  ): Promise<Omit<Entity, "token">> {
    return shown.parse(await this.devops("update", { token, id, olds, news }));
  }

  /** Ends a job's token before its time. */
  public async revoke(jobToken: string): Promise<void> {
    await this.devops("revoke", { jobToken });
  }

  /**
   * The values of a definition's or a variable group's secret variables, by name.
   * @throws SecretsWithheld where the agents have no key
   */
  public async secrets(token: string, id: string): Promise<ReadonlyMap<string, string>> {
    const { jobTokenKey } = this.access;
    if (jobTokenKey === undefined) throw new SecretsWithheld();
    const proof = new SignedTokens(jobTokenKey).issue("agents", { token, id }, proofSeconds);
    const answer = await this.devops("secrets", { token, id, proof });
    return new Map(Object.entries(z.object({ secrets: z.record(z.string(), z.string()) }).parse(answer).secrets));
  }

  /** What Azure DevOps says of a service connection, signed for Azure. */
  public async federatedToken(endpointId: string): Promise<string> {
    return z.object({ idToken: z.string() }).parse(await this.devops("federate", { endpointId })).idToken;
  }

  /** Signs in to Azure as an application that trusts the assertion. @throws CloudRefused in Entra's words */
  public async signIn(clientId: string, tenantId: string, assertion: string): Promise<void> {
    await this.call("/azure/_sandbox/sign-in", { clientId, tenantId, assertion }, undefined);
  }

  /** The text of a file at a commit; undefined where there is none. */
  public async file(repositoryId: string, commit: string, path: string): Promise<string | undefined> {
    const query = new URLSearchParams({
      path: `/${path.replace(/^\/+/, "")}`,
      "versionDescriptor.version": commit,
      "versionDescriptor.versionType": "commit",
      "api-version": "7.1",
    });
    const place = `${this.base}/_apis/git/repositories/${repositoryId}/items?${query.toString()}`;
    const response = await this.send(place, { headers: { authorization: this.devopsHeader } });
    const text = await response.text();
    if (response.ok) return text;
    const refused = refusedBy(response.status, text);
    if (refused.code.includes("GitItemNotFound") || refused.message.includes("TF401174")) return undefined;
    throw refused;
  }

  /** The branches and tags of a repository, by their full names, with their commits. */
  public async references(repositoryId: string): Promise<ReadonlyMap<string, string>> {
    const place = `${this.base}/_apis/git/repositories/${repositoryId}/refs?api-version=7.1`;
    const answer = z
      .object({ value: z.array(z.object({ name: z.string(), objectId: z.string() })) })
      .parse(await this.get(place));
    return new Map(answer.value.map(({ name, objectId }) => [name, objectId]));
  }

  /** Paths of all files at a commit, with the ids of their contents. */
  public async tree(repositoryId: string, commit: string): Promise<ReadonlyMap<string, string>> {
    const query = new URLSearchParams({
      "versionDescriptor.version": commit,
      "versionDescriptor.versionType": "commit",
      "api-version": "7.1",
    });
    const answer = z
      .object({ value: z.array(z.object({ path: z.string(), objectId: z.string() })) })
      .parse(await this.get(`${this.base}/_apis/git/repositories/${repositoryId}/items?${query.toString()}`));
    return new Map(answer.value.map(({ path, objectId }) => [path.replace(/^\/+/, ""), objectId]));
  }

  /** The newest commits that a commit has below it, itself first, a thousand at most. */
  public async history(
    repositoryId: string,
    commit: string,
  ): Promise<readonly { readonly id: string; readonly message: string }[]> {
    const query = new URLSearchParams({
      "searchCriteria.itemVersion.version": commit,
      "searchCriteria.itemVersion.versionType": "commit",
      "searchCriteria.$top": "1000",
      "api-version": "7.1",
    });
    const answer = z
      .object({ value: z.array(z.object({ commitId: z.string(), comment: z.string() })) })
      .parse(await this.get(`${this.base}/_apis/git/repositories/${repositoryId}/commits?${query.toString()}`));
    return answer.value.map(({ commitId, comment }) => ({ id: commitId, message: comment }));
  }

  /** A GET of Azure DevOps' REST interface; `place` begins with a slash. */
  public async get(place: string): Promise<unknown> {
    const response = await this.send(place, { headers: { authorization: this.devopsHeader } });
    const text = await response.text();
    if (!response.ok) throw refusedBy(response.status, text);
    return JSON.parse(text);
  }

  /** `/devops/<organization>` */
  public get base(): string {
    return `/devops/${encodeURIComponent(this.access.organization)}`;
  }

  private get devopsHeader(): string {
    return `Basic ${Buffer.from(`agents:${this.access.token}`).toString("base64")}`;
  }

  private get azureHeader(): string {
    const { clientId, clientSecret } = this.access.azure;
    return `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
  }

  private devops(verb: string, body: object): Promise<unknown> {
    return this.call(`${this.base}/_sandbox/${verb}`, body, this.devopsHeader);
  }

  private async call(place: string, body: object, authorization: string | undefined): Promise<unknown> {
    const response = await this.send(place, {
      method: "POST",
      headers: { ...(authorization === undefined ? {} : { authorization }), "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw refusedBy(response.status, text);
    return JSON.parse(text);
  }

  private async send(place: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(`${this.access.address}${place}`, {
        ...init,
        redirect: "error",
        signal: AbortSignal.timeout(answerSeconds * 1000),
      });
    } catch (cause) {
      throw new CloudAway(this.access.address, cause);
    }
  }
}

function refusedBy(status: number, text: string): CloudRefused {
  try {
    const { code, typeKey, message } = refusal.parse(JSON.parse(text));
    return new CloudRefused(status, code ?? typeKey ?? "", message ?? text);
  } catch {
    return new CloudRefused(status, "", text.slice(0, 300));
  }
}

/** Does something again while the clouds are away, until `signal` says that nobody wants it any more. */
export async function untilAnswered<T>(action: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let wait = 100; ; wait = Math.min(wait * 2, 2000)) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof CloudAway) && !(error instanceof CloudRefused && error.status >= 500)) throw error;
      await sleep(wait, undefined, { signal });
    }
  }
}
