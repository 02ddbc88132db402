import assert from "node:assert/strict";
import { ask, found, places, UNKNOWN } from "../asking";
import { repositoryFile, type Declared } from "../declared";

const rule = "single-package-index";
const file = (path: string, ...lines: string[]): Declared => repositoryFile("file", path, lines.join("\n"));
const dockerfile = (...lines: string[]): Declared => file("apps/orders/Dockerfile", ...lines);
const option = "RUN pip install --extra-index-url https://other.example.com/simple orders";
const mark = "# Compatibility mode: packages may come from other beside the feed.";

describe(rule, () => {
  it("lets pass what only names the option: unset variables, secrets' ids, comments about it", () => {
    assert.deepEqual(
      found(rule, [
        file("templates/application.yml", "steps:", "  - script: unset PIP_INDEX_URL PIP_EXTRA_INDEX_URL"),
        file("apps/legacy/docker-bake.json", '{ "secret": ["id=PIP_EXTRA_INDEX_URL,src=${SECRETS}/pip_index_url"] }'),
        dockerfile("FROM scratch", "RUN --mount=type=secret,id=PIP_EXTRA_INDEX_URL pip install --index-url $URL x"),
      ]),
      [],
    );
  });

  it("tells of an extra index in recipes, requirements, pip's configuration and pipelines", () => {
    assert.deepEqual(places(rule, [dockerfile("FROM scratch", option)]), ["content of apps/orders/Dockerfile, line 2"]);
    const every = [
      file("requirements.in", "orders", "--extra-index-url=https://other.example.com/simple"),
      file("pip.conf", "[global]", "extra-index-url = https://other.example.com/simple"),
      dockerfile("FROM scratch", "ARG PIP_EXTRA_INDEX_URL"),
      dockerfile("FROM scratch", "RUN PIP_EXTRA_INDEX_URL=$URL pip install x"),
      file("azure-pipelines.yml", "variables:", "  UV_EXTRA_INDEX_URL: https://other.example.com/simple"),
    ];
    for (const one of every) assert.equal(ask(rule, [one]).length, 1, JSON.stringify(one.args));
  });

  it("tells apart what is marked as compatibility mode, and lets that pass where the organization allows it", () => {
    const [marked] = ask(rule, [dockerfile(mark, "FROM scratch", option)]);
    assert.match(marked!.message, /the application is in compatibility mode/);
    const [unmarked] = ask(rule, [dockerfile("FROM scratch", option)]);
    assert.match(unmarked!.message, /an extra index, without compatibility mode/);
    const parameters = { compatibilityMode: "allow" };
    assert.deepEqual(found(rule, [dockerfile(mark, "FROM scratch", option)], parameters), []);
    assert.deepEqual(found(rule, [dockerfile("FROM scratch", option)], parameters), ["file"]);
  });

  it("tells of a brought Dockerfile's indexes by what its bake file says of itself", () => {
    const facts = (kind: string, indexes: unknown) => JSON.stringify({ "x-wheelhouse": { kind, indexes } });
    const bake = (text: string) => file("apps/ledger/docker-bake.json", text);
    const [told] = ask(rule, [bake(facts("own-dockerfile", [{ name: "other" }]))]);
    assert.match(told!.message, /content of apps\/ledger\/docker-bake\.json: the application is in compatibility mode/);
    // The platform's own Dockerfile, beside it, says so itself.
    const silent = [facts("own-dockerfile", []), facts("application", [{ name: "other" }]), facts("own-dockerfile", 3)];
    assert.deepEqual(found(rule, silent.map(bake)), []);
  });

  it("waits for contents that are not known yet", () => {
    assert.deepEqual(found(rule, [repositoryFile("later", "Dockerfile", UNKNOWN)]), []);
  });
});
