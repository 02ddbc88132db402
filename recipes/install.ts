/** The shell scripts that recipes run while they install: packages from the feed, system packages by bindep. */
import { mountSource, shellWord } from "./dockerfile";
import { indexOptions, readIndexes, type FurtherIndex } from "./further-indexes";
import { fixedTime } from "./variables";

/** Environment that holds all packages of an image, the base's and the application's. */
export const environmentFolder = "/opt/venv";

/** Where a builder image keeps bindep and the lock of its base image. */
export const toolsFolder = "/opt/wheelhouse";

/**
 * The lock of the base image, kept in it and in its builder: nothing may be installed over it in another version. It is
 * the last layer of both, so that who resolves for an application fetches that layer alone.
 */
export const baseLock = `${toolsFolder}/requirements.txt`;

/** A program that says why an index refused. */
export const explanationFile = `${toolsFolder}/explain.py`;

const netrc = "/run/secrets/netrc";

/** Credentials of the feed, as a file that exists while one RUN runs and is no part of its cache key. */
export const netrcMount = `type=secret,id=netrc,target=${netrc},required=true`;

/** One file of a context, at `target`. */
export function fileMount(property: string, context: string, path: string, target: string): string {
  return `type=bind,from=${context},source=${mountSource(property, path)},target=${target}`;
}

/**
 * What must hold before pip runs. A secret can be there and empty, and pip takes an empty address for the public
 * index: both are stopped here. The configuration of the image below and its `PIP_*` variables are shut out.
 */
const onlyTheFeed = `
test -s ${netrc} || { echo "wheelhouse: the secret netrc is empty: the pipeline did not authenticate to the feed" >&2; exit 1; }
case "\${INDEX_URL:-}" in
  "") echo "wheelhouse: the build argument INDEX_URL is empty: set it to the feed's index" >&2; exit 1 ;;
  *@*) echo "wheelhouse: INDEX_URL holds credentials: they belong into the secret netrc" >&2; exit 1 ;;
esac
export NETRC=${netrc} PIP_CONFIG_FILE=/dev/null
feed_pip() {
  python3 -m pip --isolated --disable-pip-version-check --no-input "$@"
}`.trim();

/** Comes after a pip that failed. A builder that was published before there was this program has none. */
function orExplain(requirements: string, options = ""): string {
  const program = `python3 ${explanationFile} "$INDEX_URL" ${requirements}${options}`;
  return ` \\\n  || { test ! -f ${explanationFile} || ${program} >&2; exit 1; }`;
}

/** A lock pins and hashes; an option line, such as another index, would undo the one index. */
const onlyPins = (lock: string) =>
  `
if grep -E '^[[:space:]]*-' ${lock} | grep -vE '^[[:space:]]*--hash='; then
  echo "wheelhouse: the lock may hold pins and hashes only: take out the option lines above" >&2; exit 1
fi`.trim();

/** What is compiled here must be the same each time: no time in it, and no debug data, which name pip's random folders. */
const sameCompiled = `export SOURCE_DATE_EPOCH=${fixedTime} CFLAGS="\${CFLAGS:-} -g0" CXXFLAGS="\${CXXFLAGS:-} -g0"`;

const installOptions = '--no-cache-dir --no-compile --no-deps --index-url "$INDEX_URL"';

/** Byte code that is valid for as long as its source file is there, whatever the file's time; hashed in a fixed order. */
const compileAndStamp = (root: string) =>
  `
if test -d ${root}${environmentFolder}/lib; then
  PYTHONHASHSEED=0 ${environmentFolder}/bin/python -m compileall -qq --invalidation-mode unchecked-hash \\
    ${root === "" ? "" : `-s ${root} -p / `}${root}${environmentFolder}/lib || echo "wheelhouse: some files are not for this Python; pip leaves them as they are, too"
fi
find ${root}${root === "" ? environmentFolder : ""} -exec touch -h -d @${fixedTime} {} +`.trim();

/** Stops where the upstream image has another Python than the specification says: agents lay out applications for that. */
function checkPython(python: string): string {
  const wanted = shellWord("python", python);
  return `
found="$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
test "$found" = ${wanted} || { echo "wheelhouse: the upstream image has Python $found, base-image.yaml says "${wanted} >&2; exit 1; }`.trim();
}

/** The right Python, and bindep in an environment of its own, so that nothing of it is among the image's packages. */
export function installTools(python: string): string {
  return [
    checkPython(python),
    onlyTheFeed,
    `python3 -m venv --without-pip ${toolsFolder}/bindep`,
    `feed_pip --python ${toolsFolder}/bindep/bin/python install ${installOptions} --require-hashes \\\n` +
      `  --requirement ${toolsFolder}/tools.txt${orExplain(`${toolsFolder}/tools.txt`)}`,
  ].join("\n");
}

/** The base image's packages, into its environment. */
export function installBasePackages(lock: string): string {
  return [
    onlyTheFeed,
    onlyPins(lock),
    sameCompiled,
    `python3 -m venv --without-pip ${environmentFolder}`,
    `feed_pip --python ${environmentFolder}/bin/python install ${installOptions} --require-hashes \\\n` +
      `  --requirement ${lock}${orExplain(lock)}`,
    compileAndStamp(""),
  ].join("\n");
}

/** The base image's lock, in a step of its own so that it is a layer of its own. */
export function keepLock(lock: string): string {
  return `install -m 0644 ${lock} ${baseLock}\ntouch -d @${fixedTime} ${baseLock}`;
}

/** An application's packages that the base lacks, under `root`, as they will lie in the image. */
export function installApplicationPackages(lock: string, root: string, indexes: readonly FurtherIndex[]): string {
  const further = indexes.length === 0 ? "" : ` --requirement ${indexOptions}`;
  const explained = orExplain(lock, indexes.length === 0 ? "" : ` ${indexOptions}`);
  return [
    onlyTheFeed,
    ...readIndexes(indexes),
    onlyPins(lock),
    sameCompiled,
    `mkdir ${root}`,
    `feed_pip --python ${environmentFolder}/bin/python install ${installOptions} --require-hashes \\\n` +
      `  --constraint ${baseLock} --requirement ${lock}${further} --root ${root}${explained}`,
    compileAndStamp(root),
  ].join("\n");
}

/** The application itself with its console scripts, under `root`; its packages come by the lock. */
export function installProject(source: string, root: string): string {
  return [
    onlyTheFeed,
    sameCompiled,
    `mkdir ${root}`,
    `feed_pip --python ${environmentFolder}/bin/python install ${installOptions} --root ${root} ${source}`,
    compileAndStamp(root),
  ].join("\n");
}

/**
 * System packages that a bindep file asks for: those of its profile `default`, and of the given ones. bindep itself
 * takes the lines that fit the distribution.
 */
export function installSystemPackages(bindepFile: string, profiles: readonly string[]): string {
  const wanted = ["default", ...profiles].join(" ");
  return `
packages="$(${toolsFolder}/bindep/bin/bindep --file ${bindepFile} --list_all newline ${wanted})"
test -n "$packages" || exit 0
if command -v apt-get >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update --quiet
  apt-get install --quiet --option Dpkg::Use-Pty=0 --yes --no-install-recommends $packages
  rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/ldconfig/* /var/cache/debconf/*-old /var/lib/dpkg/*-old \\
    /var/log/apt /var/log/dpkg.log /var/log/alternatives.log
elif command -v apk >/dev/null; then
  apk add --no-cache $packages
else
  dnf install --assumeyes --setopt=install_weak_deps=False $packages
  dnf clean all
fi`.trim();
}

/**
 * Number of the account that images run as: above those that distributions give out. Images name it by its number,
 * as Kubernetes can only tell of a number that it is not root's.
 */
export const userNumber = 10001;

/** An account without password or shell, by the tools of Debian and Fedora or those of Alpine. */
export function createUser(name: string, number: number): string {
  const user = shellWord("user", name);
  return `
# Else the day of the build would be in /etc/shadow.
export SOURCE_DATE_EPOCH=${fixedTime}
if command -v useradd >/dev/null; then
  groupadd --gid ${number} -- ${user}
  useradd --uid ${number} --gid ${number} --no-log-init --create-home --shell /usr/sbin/nologin -- ${user}
else
  addgroup -g ${number} -- ${user}
  adduser -D -u ${number} -G ${user} -s /sbin/nologin -- ${user}
fi`.trim();
}
