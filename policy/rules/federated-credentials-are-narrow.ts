/** A federated credential trusts tokens that are for one subject and for Azure alone. */
import { resourceRule } from "../resource-rule";
import { FEDERATED_IDENTITY_CREDENTIAL } from "../resource-types";
import { elements, isList, textOf } from "../values";
import type { Violation } from "../violation";

/** What Microsoft Entra wants tokens to be for: of the public cloud and of the two sovereign ones. */
const AUDIENCES = ["api://AzureADTokenExchange", "api://AzureADTokenExchangeUSGov", "api://AzureADTokenExchangeChina"];

export const federatedCredentialsAreNarrow = resourceRule({
  name: "federated-credentials-are-narrow",
  description: "Federated credentials trust one subject of one issuer, with tokens made for Azure.",
  severity: "high",
  mend: "Take issuer and subject from the service connection's outputs, and api://AzureADTokenExchange as the only audience.",
  types: [FEDERATED_IDENTITY_CREDENTIAL],
  check: ({ inputs }) => [...audiences(inputs.audiences), ...subject(inputs.subject), ...issuer(inputs.issuer)],
});

function audiences(value: Parameters<typeof isList>[0]): Violation[] {
  if (!isList(value)) return [];
  const foreign = elements(value).some((audience) => typeof audience === "string" && !AUDIENCES.includes(audience));
  return value.length === 1 && !foreign
    ? []
    : [
        {
          where: "audiences",
          what: "it is not the one audience of Azure",
          why: "a token that was made for someone else would be taken, too",
          mend: `Set it to the list of ${AUDIENCES[0] ?? ""} alone`,
        },
      ];
}

function subject(value: Parameters<typeof textOf>[0]): Violation[] {
  return textOf(value)?.includes("*") === true
    ? [
        {
          where: "subject",
          what: "it is a pattern",
          why: "every connection that it fits can act as this identity",
          mend: "Take the subject from the service connection's output workloadIdentityFederationSubject",
        },
      ]
    : [];
}

function issuer(value: Parameters<typeof textOf>[0]): Violation[] {
  const text = textOf(value);
  return text === undefined || text.startsWith("https://")
    ? []
    : [
        {
          where: "issuer",
          what: "it is not an https address",
          why: "whoever is on the way can hand out keys of their own",
          mend: "Take the issuer from the service connection's output workloadIdentityFederationIssuer",
        },
      ];
}
