/**
 * The properties of threads as requests write them and as the service keeps them, with the names of .NET types. Source of the rules:
 * the class `PropertiesCollection` of the service's client library.
 */
import { z } from "zod";
import type { Property } from "../devops/threads";
import { invalid } from "../errors";

/** Types whose values come back as they were. Whatever else is simple comes back as text. */
const kept = ["System.String", "System.Int32", "System.Double", "System.DateTime", "System.Byte[]"];
const asText = [
  ...["System.Boolean", "System.Char", "System.Decimal", "System.Single", "System.Guid"],
  ...["System.SByte", "System.Byte", "System.Int16", "System.UInt16", "System.UInt32", "System.Int64", "System.UInt64"],
];

/** Characters of a property's name. */
const longestName = 400;

const isoDate = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?$/;

const simple = z.union([z.string(), z.number(), z.boolean()]);
const typed = z.strictObject({ $type: z.string(), $value: simple });

export const propertiesForm = z.record(z.string(), z.union([simple, typed, z.null()]));

/** What is kept; undefined where the property is to go. */
export function readProperties(given: z.infer<typeof propertiesForm>): Readonly<Record<string, Property | undefined>> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      if (name === "" || name.length > longestName) {
        throw invalid(
          "VssPropertyValidationException",
          `the name of a property has 1 to ${longestName} characters, and not ${name.length}`,
        );
      }
      return [name, value === null ? undefined : read(name, value)];
    }),
  );
}

function read(name: string, value: z.infer<typeof simple> | z.infer<typeof typed>): Property {
  if (typeof value !== "object") return ofPlain(value);
  const { $type, $value } = value;
  if (asText.includes($type)) return ofText(String($value));
  if (!kept.includes($type)) {
    throw invalid(
      "InvalidOperationException",
      `properties.${name}: "${$type}" is no type of a property; there are ${[...kept, ...asText].join(", ")}`,
    );
  }
  const isNumber = $type === "System.Int32" || $type === "System.Double";
  const number = Number($value);
  if (isNumber && (Number.isNaN(number) || ($type === "System.Int32" && number !== Math.trunc(number) >> 0))) {
    throw invalid("InvalidOperationException", `properties.${name}: ${JSON.stringify($value)} is no ${$type}`);
  }
  return { $type, $value: isNumber ? number : String($value) };
}

/** Without a type: a text that looks like a date is one, and a whole number, which has 64 bits then, becomes text. */
function ofPlain(value: z.infer<typeof simple>): Property {
  if (typeof value === "string") {
    return isoDate.test(value) ? { $type: "System.DateTime", $value: value } : ofText(value);
  }
  if (typeof value === "boolean") return ofText(value ? "True" : "False");
  return Number.isInteger(value) ? ofText(String(value)) : { $type: "System.Double", $value: value };
}

function ofText($value: string): Property {
  return { $type: "System.String", $value };
}
