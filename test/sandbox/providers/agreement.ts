/** Both plugins, configured for a stand-in cloud of their own, and what must hold for every resource that they make there. */
import { deepStrictEqual, strictEqual } from "node:assert";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCloud, type RunningCloud } from "../../../sandbox/cloud";
import { findExisting } from "../../../sandbox/providers/adopt";
import { azureNative } from "../../../sandbox/providers/azure-native/definition";
import { azuredevops } from "../../../sandbox/providers/azuredevops/definition";
import { revealMap, type PropertyMap } from "../../../sandbox/providers/properties";
import { PluginClient, urn } from "./plugin-client";

export const subscriptionId = "11111111-1111-4111-8111-111111111111";
export const tenantId = "22222222-2222-4222-8222-222222222222";

export interface Made {
  readonly token: string;
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: Record<string, unknown>;
}

export class Agreement {
  private constructor(
    private readonly folder: string,
    private readonly cloud: RunningCloud,
    public readonly devops: PluginClient,
    public readonly azure: PluginClient,
    public readonly devopsKeys: Readonly<Record<string, string>>,
    public readonly azureKeys: Readonly<Record<string, string>>,
  ) {}

  public static async start(): Promise<Agreement> {
    const folder = await mkdtemp(join(tmpdir(), "wheelhouse-cloud-"));
    const clientId = "33333333-3333-4333-8333-333333333333";
    const identity = { subscriptionId, tenantId, clientId, clientSecret: "client-secret" };
    const personalAccessToken = "access-token";
    const cloud = await startCloud({ folder, organization: "contoso", personalAccessToken, port: 0, ...identity });
    const devopsKeys = { orgServiceUrl: `http://127.0.0.1:${cloud.port}/devops/contoso`, personalAccessToken };
    const azureKeys = { ...identity, metadataHost: `127.0.0.1:${cloud.port}` };
    const devops = await PluginClient.of(azuredevops);
    const azure = await PluginClient.of(azureNative);
    await devops.configure(devopsKeys);
    await azure.configure(azureKeys);
    return new Agreement(folder, cloud, devops, azure, devopsKeys, azureKeys);
  }

  public async end(): Promise<void> {
    this.devops.close();
    this.azure.close();
    await this.cloud.close();
    await rm(this.folder, { recursive: true });
  }

  /** Creates as the engine does, and looks at everything that must hold for any resource. */
  public async make(
    token: string,
    news: PropertyMap,
    importId?: (id: string) => string,
    hidden?: string,
  ): Promise<Made> {
    const [client, definition, keys] = token.startsWith("azuredevops:")
      ? ([this.devops, azuredevops, this.devopsKeys] as const)
      : ([this.azure, azureNative, this.azureKeys] as const);
    const { inputs, failures } = await client.check(urn(token), news);
    deepStrictEqual(failures, [], `${token} is accepted`);
    const { id, outputs } = await client.create(urn(token), inputs);
    const plain = revealMap(outputs);

    const read = await client.read(urn(token), id, inputs, outputs);
    deepStrictEqual(read, { id, inputs, outputs }, `${token} has no drift after its creation`);

    const updated = await client.update(urn(token), id, outputs, inputs);
    const again = await client.read(urn(token), id, inputs, updated);
    deepStrictEqual(again.inputs, inputs, `${token} has no drift after an update`);

    const found = await findExisting({ token, inputs: revealMap(inputs) }, keys, {});
    strictEqual(found, id, `${token} is found by its inputs`);

    const imported = await client.read(urn(token), importId?.(id) ?? id);
    strictEqual(imported.id, id, `${token} is imported under its own id`);
    const { paths } = await client.diff(urn(token), imported.inputs, inputs, [
      ...(definition.rules[token]?.writeOnly ?? []),
      ...(hidden === undefined ? [] : [hidden]),
    ]);
    // What the service decided shows as well: a program that is silent about it sees it as an addition of somebody else.
    const others = Object.entries(paths).filter(([, kind]) => kind !== "DELETE");
    deepStrictEqual(others, [], `${token} is imported with the program's inputs`);
    return { token, id, inputs, outputs: plain };
  }

  public async remove({ token, id, inputs, outputs }: Made): Promise<void> {
    const client = token.startsWith("azuredevops:") ? this.devops : this.azure;
    await client.delete(urn(token), id);
    const { id: none } = await client.read(urn(token), id, inputs, outputs as PropertyMap);
    strictEqual(none, "", `${token} is gone`);
    await client.delete(urn(token), id);
  }
}
