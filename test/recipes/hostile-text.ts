/** Texts for tests that look for a way out of what is rendered. */
import * as fc from "fast-check";

/** Any text, and often one made of what Dockerfiles, shells and bake files look for. */
export const hostileText = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc
    .array(
      fc.constantFrom(
        "\n",
        "\r",
        "\\",
        '"',
        "'",
        "$",
        "${",
        "%{",
        "}",
        "$(id)",
        "`id`",
        "RUN id",
        "#",
        "<<EOF",
        "EOF",
        "SCRIPT",
        " ",
        "\t",
        "[",
        "]",
        ",",
        "=",
        "a",
        "\u2028",
        "${PUSH}",
        '${"$"}',
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join("")),
);
