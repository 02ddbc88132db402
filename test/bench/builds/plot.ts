/** Draws the builds of a bench as bars: seconds of the whole run, a panel for each case, a bar for each way. */
import type { TopLevelSpec } from "vega-lite";
import { cases, ways, wholeSeconds, type Agent, type Result } from "./results";

const parts = [
  ["resolve", "resolveSeconds"],
  ["build", "buildSeconds"],
  ["scan", "scanSeconds"],
] as const;

/** The figure's description, in vega-lite's terms. */
export function chart(results: readonly Result[], agent: Agent, caption: string): TopLevelSpec {
  const rows = results.filter((result) => result.agent === agent);
  const values = rows.flatMap((result) =>
    parts.map(([part, key], order) => ({
      case: cases[result.case],
      way: `(${result.way}) ${ways[result.way]}`,
      part,
      order,
      seconds: result[key],
    })),
  );
  const totals = rows.map((result) => ({
    case: cases[result.case],
    way: `(${result.way}) ${ways[result.way]}`,
    seconds: wholeSeconds(result),
    text: `${wholeSeconds(result).toFixed(1)} s`,
  }));
  const way = { field: "way", type: "nominal", title: null, sort: null } as const;
  const longest = Math.max(...totals.map(({ seconds }) => seconds));
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    title: { text: `orders: seconds of a whole run on a ${agent} agent`, subtitle: caption, anchor: "start" },
    background: "white",
    data: { values: [...values, ...totals] },
    facet: {
      row: {
        field: "case",
        type: "nominal",
        title: null,
        sort: Object.values(cases),
        header: {
          labelAngle: 0,
          labelAnchor: "start",
          labelAlign: "left",
          labelOrient: "top",
          labelFontWeight: "bold",
        },
      },
    },
    spec: {
      width: 520,
      height: { step: 17 },
      layer: [
        {
          transform: [{ filter: "isValid(datum.part)" }],
          mark: { type: "bar", height: 12 },
          encoding: {
            y: way,
            x: {
              field: "seconds",
              type: "quantitative",
              title: "seconds",
              stack: "zero",
              scale: { domain: [0, longest * 1.12] },
            },
            color: {
              field: "part",
              type: "nominal",
              title: null,
              sort: parts.map(([part]) => part),
              scale: { domain: parts.map(([part]) => part), range: ["#8fb4d9", "#1f5f99", "#e0a84a"] },
              legend: { orient: "bottom" },
            },
            order: { field: "order", type: "quantitative" },
          },
        },
        {
          transform: [{ filter: "isValid(datum.text)" }],
          mark: { type: "text", align: "left", dx: 4, fontSize: 10 },
          encoding: {
            y: way,
            x: { field: "seconds", type: "quantitative" },
            text: { field: "text", type: "nominal" },
          },
        },
      ],
    },
    config: { view: { stroke: null }, axis: { grid: false, labelLimit: 300 }, font: "sans-serif" },
  };
}

/** The figure as SVG. */
export async function svg(specification: TopLevelSpec): Promise<string> {
  const [vega, { compile }] = await Promise.all([import("vega"), import("vega-lite")]);
  const view = new vega.View(vega.parse(compile(specification).spec), { renderer: "none" });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
