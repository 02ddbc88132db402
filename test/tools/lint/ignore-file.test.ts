/** Which files .dockerignore leaves out. */
import { strict as assert } from "node:assert";
import { readIgnore } from "../../../tools/lint/ignore-file";

const left = (text: string, files: string[]) => files.filter((file) => !readIgnore(text)(file));

describe("a .dockerignore file", () => {
  it("leaves out what it names, with all below a folder", () => {
    assert.deepEqual(left(".env\n/secrets\n", [".env", "a/.env", "secrets/x/y", "secrets.txt"]), [
      "a/.env",
      "secrets.txt",
    ]);
  });

  it("knows stars, question marks, classes and any depth", () => {
    const files = [".env", "a/.env", "a/b/.env", "x1", "x2", "xy", "ab"];
    assert.deepEqual(left("**/.env", files), ["x1", "x2", "xy", "ab"]);
    assert.deepEqual(left("*/.env\nx[0-1]\na?\n", files), [".env", "a/b/.env", "x2", "xy"]);
  });

  it("takes a file back in by the last pattern that fits", () => {
    assert.deepEqual(left("*\n!app\napp/.env\n", ["x", "app/main.py", "app/.env"]), ["app/main.py"]);
  });

  it("passes over comments, empty lines, and patterns that are none", () => {
    assert.deepEqual(left("# x\n\n  \n!\n[z-a]\n", ["x", "z"]), ["x", "z"]);
  });
});
