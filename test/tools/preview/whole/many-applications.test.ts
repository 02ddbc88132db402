/** A change of every application at once, previewed by the real engine: `three-hundred.ts` does the same with 300 of them. */
import assert from "node:assert/strict";
import { gitHubLimit, renderComment, smallestLimit, type Report } from "../../../../tools/preview";
import { assertSound } from "../read-markdown";
import { applicationNames, changeApplications, writeApplications } from "./many-applications";
import { Stand } from "./stand";

const count = 40;
const address = "https://dev.azure.com/contoso/Platform/_build/results?buildId=1";

describe("a preview of many changed applications", function () {
  this.timeout(240_000);
  let stand: Stand;
  before(async () => (stand = await Stand.start()));
  after(async () => stand.close());

  it("gives a comment with deletions on top, equal changes once, and whole sections left out where there is no room", async () => {
    await stand.stack("production");
    writeApplications(stand, "production", count);
    const up = await stand.pulumi("up", "--yes", "--skip-preview", "--suppress-progress", "--stack", "production");
    assert.equal(up.code, 0, up.output + up.errors);
    const { gone, fresh, ownSettings, otherBaseImage } = changeApplications(stand, "production", count);
    const { code, output, errors } = await stand.preview(
      { pullRequest: 1, build: 1 },
      ...["--stack", "production", "--json", "--output", "markdown", "--file", `${stand.folder}/preview.md`],
    );
    assert.equal(code, 0, errors);
    const report = JSON.parse(output) as Report;
    const updated = count - gone.length;
    assert.deepEqual(
      Object.entries(report.stacks[0]!.counts).filter(([, number]) => number > 0),
      [
        ["create", 8 * fresh.length],
        ["update", updated],
        ["delete", 8 * gone.length],
      ],
    );
    for (const limit of [gitHubLimit, smallestLimit]) {
      const text = renderComment(report, { limit, artifactUrl: address });
      assert.ok(Buffer.byteLength(text) <= limit, `${Buffer.byteLength(text)} of ${limit}`);
      assertSound(text, [address]);
      const sections = [...text.matchAll(/^<summary>(.*)<\/summary>$/gm)].map(([, title]) => title!);
      const alike = updated - ownSettings.length - otherBaseImage.length;
      assert.equal(sections[0], `${alike} applications: the same in all: 1 × update`, text);
      assert.equal(text.match(/^\+ENV LOG_LEVEL="debug"$/gm)?.length, 1);
      const deletions = text.search(/^⚠ \*\*\d+ resources would be deleted/m);
      const table = text.search(/^\| \|/m);
      assert.ok(deletions > 0 && deletions < table && table < text.indexOf("<details>"), text);
      for (const name of gone) assert.ok(text.slice(deletions, table).includes(`\`${name}\``), name);
      const left = /\*\*Left out\*\*, as a comment has no room for more: (\d+) sections? \(/.exec(text)?.[1];
      assert.equal(left !== undefined, limit === smallestLimit, text.slice(-600));
    }
    const whole = renderComment(report, { limit: Infinity });
    for (const name of [...applicationNames(count), ...fresh]) assert.ok(whole.includes(name), name);
    assert.doesNotMatch(whole, /Left out|more lines/);
  });
});
