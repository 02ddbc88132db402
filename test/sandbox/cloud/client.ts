/** A stand-in cloud in a temporary folder, and calls of it as the provider stand-ins and programs make them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCloud, type CloudOptions, type RunningCloud } from "../../../sandbox/cloud";

export const account = {
  organization: "acme",
  subscriptionId: "11111111-0000-4000-8000-000000000001",
  tenantId: "11111111-0000-4000-8000-000000000002",
  clientId: "11111111-0000-4000-8000-000000000003",
  personalAccessToken: "token-of-the-tests",
  clientSecret: "secret-of-the-tests",
} as const;

export type Properties = Record<string, unknown>;

/** What the bodies of answers hold, by what answers. */
export interface Body {
  readonly code?: string;
  readonly message?: string;
  readonly id?: string;
  readonly properties?: Properties;
  readonly result?: Properties;
  readonly value?: Properties[];
  readonly [other: string]: unknown;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body where it is JSON, else an empty object. */
  readonly json: Body;
}

/** What a program sends to sign in. */
export const signIn = {
  devops: `Basic ${Buffer.from(`anybody:${account.personalAccessToken}`).toString("base64")}`,
  azure: `Basic ${Buffer.from(`${account.clientId}:${account.clientSecret}`).toString("base64")}`,
};

export function token(name: string): string {
  return name.includes(":") ? name : `azuredevops:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;
}

export const azureTokens = {
  group: "azure-native:resources:ResourceGroup",
  registry: "azure-native:containerregistry:Registry",
  task: "azure-native:containerregistry:Task",
  identity: "azure-native:managedidentity:UserAssignedIdentity",
  credential: "azure-native:managedidentity:FederatedIdentityCredential",
  role: "azure-native:authorization:RoleAssignment",
};

/** A started cloud with its folder. */
export class TestCloud {
  private constructor(
    public readonly folder: string,
    private running: RunningCloud,
  ) {}

  public static async start(options: Partial<CloudOptions> = {}): Promise<TestCloud> {
    const folder = mkdtempSync(join(tmpdir(), "cloud-test-"));
    return new TestCloud(folder, await startCloud({ ...account, folder, ...options }));
  }

  public get port(): number {
    return this.running.port;
  }

  public get address(): string {
    return `http://127.0.0.1:${this.running.port}`;
  }

  public get injectFault(): RunningCloud["injectFault"] {
    return (fault) => this.running.injectFault(fault);
  }

  /** @param options Other ones than those of the first start. */
  public async restart(options: Partial<CloudOptions> = {}): Promise<void> {
    await this.running.close();
    this.running = await startCloud({ ...account, folder: this.folder, ...options });
  }

  /** Stops it and removes its folder. */
  public async end(): Promise<void> {
    await this.running.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  public async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    return call(this.address, method, path, body, headers);
  }

  /** A verb of the control API; Azure's tokens go to Azure. */
  public async verb(verb: string, name: string, rest: object): Promise<Reply> {
    const azure = name.startsWith("azure-native:");
    const { subscriptionId, tenantId } = account;
    const body = { ...(azure ? { subscriptionId, tenantId } : {}), token: token(name), ...rest };
    return this.call("POST", `/${azure ? "azure" : "devops/acme"}/_sandbox/${verb}`, body);
  }

  /** Makes a resource and expects that to succeed. */
  public async make(name: string, inputs: object): Promise<{ id: string; properties: Properties }> {
    const { status, json } = await this.verb("create", name, { inputs });
    if (status !== 200) {
      throw new Error(`${name} was refused: ${status} ${json.code ?? ""}: ${json.message ?? ""}`);
    }
    return { id: json.id ?? "", properties: json.properties ?? {} };
  }

  /** Makes a resource and expects a refusal: `409 SomeCode`, and the sentence. */
  public async refused(name: string, inputs: object): Promise<{ says: string; message: string }> {
    return refusal(await this.verb("create", name, { inputs }));
  }

  public async read(name: string, id: string): Promise<Properties | undefined> {
    const { status, json } = await this.verb("read", name, { id });
    return status === 404 ? undefined : json.properties;
  }

  public async invoke(name: string, args: object): Promise<Reply> {
    const tokenOf = name.includes(":") ? name : `azuredevops:index/${name}:${name}`;
    return this.verb("invoke", tokenOf, { args });
  }
}

export function refusal({ status, json }: Reply): { says: string; message: string } {
  if (status < 400) {
    throw new Error(`this was not refused: ${JSON.stringify(json)}`);
  }
  return { says: `${status} ${json.code ?? ""}`, message: json.message ?? "" };
}

export async function call(
  address: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const response = await fetch(`${address}${path}`, {
    method,
    headers: {
      authorization: path.startsWith("/azure/") ? signIn.azure : signIn.devops,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    body: body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
    redirect: "error",
  });
  const text = await response.text();
  const json = response.headers.get("content-type")?.includes("json") === true ? (JSON.parse(text) as Body) : {};
  return { status: response.status, headers: response.headers, text, json };
}
