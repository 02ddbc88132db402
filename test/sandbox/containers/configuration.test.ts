import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { accountOf } from "../../../sandbox/containers/accounts";
import { processOf, runtimeConfiguration, type ContainerOptions } from "../../../sandbox/containers/configuration";
import { makeRunFolder, sweep } from "../../../sandbox/containers/folders";
import { configSchema, type ImageConfiguration } from "../../../sandbox/containers/image";
import { pruneLayers } from "../../../sandbox/containers/layer-store";

function image(config: Record<string, unknown>): ImageConfiguration {
  return configSchema.parse({ os: "linux", architecture: "amd64", config, rootfs: { diff_ids: [] } });
}

describe("the runtime's configuration", () => {
  let root: string;
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "wheelhouse-container-")));
    mkdirSync(join(root, "etc"));
    writeFileSync(join(root, "etc/passwd"), "root:x:0:0::/root:/bin/sh\napp:x:10001:10002::/home/app:/bin/sh\n");
    writeFileSync(join(root, "etc/group"), "root:x:0:\napp:x:10002:\nextra:x:7:other,app\n");
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const configure = (
    config: Record<string, unknown>,
    options: ContainerOptions = {},
  ): ReturnType<typeof runtimeConfiguration> =>
    runtimeConfiguration(root, "/rootfs", "/wheelhouse/x", image(config), options);

  it("joins entry point and command, and lets a start replace either", () => {
    const config = { Entrypoint: ["/bin/app"], Cmd: ["--default"] };
    const args = (options: ContainerOptions): readonly string[] => processOf(root, image(config), options).args;
    deepStrictEqual(args({}), ["/bin/app", "--default"]);
    deepStrictEqual(args({ command: ["--other"] }), ["/bin/app", "--other"]);
    deepStrictEqual(args({ entrypoint: ["/bin/sh"] }), ["/bin/sh"]);
    deepStrictEqual(args({ entrypoint: [], command: ["id"] }), ["id"]);
    throws(() => processOf(root, image({}), {}), /names no command/);
  });

  it("takes variables from the image, then from the start, and always has a PATH and a HOME", () => {
    const env = (config: Record<string, unknown>, environment = {}): readonly string[] =>
      processOf(root, image({ Cmd: ["x"], ...config }), { environment }).env;
    deepStrictEqual(env({ User: "app" }), [
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      "HOME=/home/app",
    ]);
    deepStrictEqual(env({ Env: ["PATH=/opt/venv/bin", "A=b=c", "broken"] }, { HOME: "/h", A: "d" }), [
      "PATH=/opt/venv/bin",
      "HOME=/h",
      "A=d",
    ]);
  });

  it("gives a user other than root no rights at all, root a few, and nobody new ones", () => {
    const user = processOf(root, image({ Cmd: ["x"], User: "10001" }), {});
    deepStrictEqual(user.capabilities, { bounding: [], effective: [], permitted: [] });
    strictEqual(user.noNewPrivileges, true);
    const all = processOf(root, image({ Cmd: ["x"] }), {}).capabilities.bounding;
    ok(all.includes("CAP_SETUID") && !all.some((name) => /ADMIN|PTRACE|RAW|MKNOD|MODULE/.test(name)));
  });

  it("shares this machine's network and nothing else of it", () => {
    const { linux } = configure({ Cmd: ["x"] }) as unknown as { linux: { namespaces: object[]; cgroupsPath: string } };
    deepStrictEqual(linux.namespaces, [{ type: "pid" }, { type: "ipc" }, { type: "uts" }, { type: "mount" }]);
    strictEqual(linux.cgroupsPath, "/wheelhouse/x");
  });

  it("limits memory and processes", () => {
    const limits = (options: ContainerOptions): unknown[] => {
      const { linux } = configure({ Cmd: ["x"] }, options) as unknown as {
        linux: { resources: { memory: { limit: number }; pids: { limit: number } } };
      };
      return [linux.resources.memory.limit, linux.resources.pids.limit];
    };
    deepStrictEqual(limits({}), [512 * 1024 * 1024, 512]);
    deepStrictEqual(limits({ memory: 1e8, processes: 9 }), [1e8, 9]);
  });

  it("makes mounts read-only unless told otherwise, and a read-only root one with a place for temporary files", () => {
    interface Mounted {
      destination: string;
      source: string;
      options: string[];
    }
    const mounts = (options: ContainerOptions): Mounted[] => configure({ Cmd: ["x"] }, options).mounts as Mounted[];
    const [first, second] = mounts({
      mounts: [
        { source: root, target: "/a/../data" },
        { source: root, target: "/w", readOnly: false },
      ],
    }).slice(-2);
    deepStrictEqual([first!.source, first!.destination, first!.options.includes("ro")], [root, "/data", true]);
    ok(second!.options.includes("rw"));
    const temporary = (options: ContainerOptions): boolean =>
      mounts(options).some((mount) => mount.destination === "/tmp");
    deepStrictEqual([temporary({}), temporary({ readOnlyRoot: true })], [false, true]);
    deepStrictEqual(configure({ Cmd: ["x"] }, { readOnlyRoot: true }).root, { path: "/rootfs", readonly: true });
    throws(() => mounts({ mounts: [{ source: join(root, "none"), target: "/x" }] }), /is not there/);
    throws(() => mounts({ mounts: [{ source: root, target: "x" }] }), /is not absolute/);
  });

  it("finds a user by name or number, with its groups", () => {
    const account = (user: string): unknown[] => {
      const { uid, gid, additionalGids, home } = accountOf(root, user);
      return [uid, gid, additionalGids, home];
    };
    deepStrictEqual(account(""), [0, 0, [], "/root"]);
    deepStrictEqual(account("app"), [10001, 10002, [7], "/home/app"]);
    deepStrictEqual(account("10001"), [10001, 10002, [7], "/home/app"]);
    deepStrictEqual(account("app:extra"), [10001, 7, [], "/home/app"]);
    deepStrictEqual(account("4321"), [4321, 0, [], "/"]);
    deepStrictEqual(account("4321:99"), [4321, 99, [], "/"]);
    throws(() => accountOf(root, "nobody-here"), /user "nobody-here", which it does not have/);
    throws(() => accountOf(root, "app:nothing"), /group "nothing"/);
    throws(() => accountOf(root, "99999999999"), /does not have/);
  });

  it("looks an account up in the image only, even where its list is a link out of it", () => {
    rmSync(join(root, "etc/passwd"));
    symlinkSync("/etc/passwd", join(root, "etc/passwd"));
    throws(() => accountOf(root, "root"), /links|does not have/);
    rmSync(join(root, "etc/passwd"));
    deepStrictEqual(accountOf(root, "5").home, "/");
  });
});

describe("what containers leave behind", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "wheelhouse-containers-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is removed when its process is gone, and only then", () => {
    const own = makeRunFolder(folder);
    const dead = join(folder, "runs", "wh-4194303-12345-aaaaaaaaaaaa");
    const foreign = join(folder, "runs", "notes");
    for (const made of [dead, foreign]) mkdirSync(made);
    writeFileSync(join(dead, "file"), "x");
    strictEqual(sweep(folder), 1);
    deepStrictEqual(
      [own, dead, foreign].map((made) => existsSync(made)),
      [true, false, true],
    );
  });

  it("is kept as layers for a week after the last use, and while a container runs on them", () => {
    const now = Date.now();
    for (const [name, days] of [
      ["fresh", 1],
      ["old", 8],
      ["used", 30],
    ] as const) {
      mkdirSync(join(folder, "layers", name), { recursive: true });
      writeFileSync(join(folder, "layers", `${name}.used`), "");
      const time = new Date(now - days * 86_400_000);
      utimesSync(join(folder, "layers", `${name}.used`), time, time);
    }
    strictEqual(pruneLayers(folder, new Set(["used"]), now), 1);
    deepStrictEqual(
      ["fresh", "old", "used"].map((name) => existsSync(join(folder, "layers", name))),
      [true, false, true],
    );
    ok(!existsSync(join(folder, "layers/old.used")));
  });
});
