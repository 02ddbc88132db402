/** What a person does at the two clouds' portals and command lines, and no program declares: by the verbs of the stand-ins. */
import { Cloud } from "../providers/cloud";
import type { PlainMap } from "../providers/properties";
import type { Entity } from "../providers/resource-service";

export interface StandInCloudsOptions {
  /** `http://127.0.0.1:<port>` */
  readonly address: string;
  readonly organization: string;
  readonly subscriptionId: string;
  readonly tenantId: string;
  /** Values of `Authorization` headers. */
  readonly devopsAuthorization: string;
  readonly azureAuthorization: string;
}

export class StandInClouds {
  private readonly devops: Cloud;
  private readonly azure: Cloud;

  public constructor(options: StandInCloudsOptions) {
    const { address, organization, subscriptionId, tenantId } = options;
    this.devops = new Cloud({
      service: "Azure DevOps",
      address: `${address}/devops/${organization}`,
      authorization: options.devopsAuthorization,
      context: {},
    });
    this.azure = new Cloud({
      service: "Azure",
      address: `${address}/azure`,
      authorization: options.azureAuthorization,
      context: { subscriptionId, tenantId },
    });
  }

  private of(token: string): Cloud {
    return token.startsWith("azure-native:") ? this.azure : this.devops;
  }

  /** What is there under the name that is in the inputs, and where there is nothing, what is made of them. */
  public async ensure(token: string, inputs: PlainMap): Promise<Entity> {
    const cloud = this.of(token);
    const id = await cloud.find(token, inputs);
    const found = id === undefined ? undefined : await cloud.read(token, id);
    return found ?? cloud.create(token, inputs);
  }

  /** Whether there is something under the name that is in the inputs. */
  public async has(token: string, inputs: PlainMap): Promise<boolean> {
    return (await this.of(token).find(token, inputs)) !== undefined;
  }

  /** @returns the id of what is there under the name that is in the inputs @throws Error where there is none */
  public async idOf(token: string, inputs: PlainMap): Promise<string> {
    const id = await this.of(token).find(token, inputs);
    if (id === undefined) throw new Error(`there is no ${token} of ${JSON.stringify(inputs)}`);
    return id;
  }
}
