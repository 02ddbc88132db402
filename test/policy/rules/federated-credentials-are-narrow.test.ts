import assert from "node:assert/strict";
import { found, places, UNKNOWN } from "../asking";
import type { Declared } from "../declared";

const rule = "federated-credentials-are-narrow";
const credential = (more: Readonly<Record<string, unknown>> = {}): Declared => ({
  token: "azure-native:managedidentity:FederatedIdentityCredential",
  name: "credential",
  args: {
    audiences: ["api://AzureADTokenExchange"],
    issuer: "https://issuer.example.com",
    subject: "sc://contoso/Platform/push",
    ...more,
  },
});

describe(rule, () => {
  it("lets one subject of one issuer pass, in every cloud", () => {
    const sovereign = credential({ audiences: ["api://AzureADTokenExchangeUSGov"] });
    assert.deepEqual(found(rule, [credential(), sovereign]), []);
  });

  it("refuses another audience, a second one and none", () => {
    const lists = [["https://example.com"], ["api://AzureADTokenExchange", "https://example.com"], []];
    for (const audiences of lists) assert.deepEqual(places(rule, [credential({ audiences })]), ["audiences"]);
  });

  it("refuses a pattern as the subject, and an issuer that anyone can be", () => {
    assert.deepEqual(places(rule, [credential({ subject: "sc://contoso/*" })]), ["subject"]);
    assert.deepEqual(places(rule, [credential({ issuer: "http://issuer.example.com" })]), ["issuer"]);
  });

  it("waits for what the connection has yet to say", () => {
    const later = credential({ issuer: UNKNOWN, subject: UNKNOWN, audiences: [UNKNOWN] });
    assert.deepEqual(found(rule, [later, credential({ audiences: UNKNOWN })]), []);
  });
});
