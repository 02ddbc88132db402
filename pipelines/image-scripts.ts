/** The scripts that resolve, build and report images: what they decide, they leave to the `wheelhouse` command line. */
import { publishedTag, toolPath } from "./settings";
import { script } from "./shell";
import { uvRequirement, uvVersion } from "./uv";

/**
 * How the command line is called, in the template repository. The address with the token that PipAuthenticate@1 left in
 * the environment ends here: what follows reads the secret files.
 */
const tool = `
unset PIP_INDEX_URL PIP_EXTRA_INDEX_URL
export PATH="$work/uv/bin:$PATH" UV_CACHE_DIR="$work/uv-cache" TMPDIR="$work/temporary"
mkdir -p "$work/temporary" "$work/report"
wheelhouse() { node ${toolPath} "$@"; }`.trim();

/**
 * Takes the agent's own uv where it is the pinned one, else installs that from the feed, and holds node against what the
 * command line needs. pip gets the credentials as a netrc file, so that no line of its log can have them. Needs: INDEX_URL.
 */
export const installTools = script(`
unset PIP_INDEX_URL PIP_EXTRA_INDEX_URL
[ -f ${toolPath} ] || fail 'The template repository has no ${toolPath}: run pulumi up'
command -v node > /dev/null || fail 'This agent has no node: put node 20 or newer into the image of its pool'
node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' || fail "This agent has node $(node --version): wheelhouse needs 20 or newer"
command -v python3 > /dev/null || fail 'This agent has no python3: put Python with pip into the image of its pool'
case $(uv --version 2> /dev/null) in
  'uv ${uvVersion}' | 'uv ${uvVersion} '*)
    echo 'This agent has uv ${uvVersion}, the pinned one'
    exit 0
    ;;
esac
mkdir -p "$work/temporary"
printf '%s\\n' '${uvRequirement}' > "$work/uv.txt"
export TMPDIR="$work/temporary" NETRC="$work/secrets/netrc" PIP_CONFIG_FILE=/dev/null
python3 -m pip --isolated --disable-pip-version-check --no-input install --quiet --no-cache-dir --no-compile --no-deps \\
  --root-user-action ignore --only-binary :all: --require-hashes --index-url "$INDEX_URL" --target "$work/uv" --requirement "$work/uv.txt" \\
  || fail "uv cannot be installed from $INDEX_URL: the lines above say why"
`);

/** Variable of an application's run that says whether its base image is there: `true` or `false`. */
export const readyVariable = "wheelhouse.ready";

/** Ends the run early, as one that is fine and has nothing to build yet: what comes next starts it again. `$message` says why. */
function endEarly(title: string): string {
  return `
rm -rf "$work/report"
summary=$AGENT_TEMPDIRECTORY/wheelhouse-summary.md
printf '### ${title}\\n\\n%s.\\n' "$message" > "$summary"
printf '##vso[task.uploadsummary]%s\\n' "$summary"
printf '##vso[task.logissue type=warning]%s\\n' "$message"
printf '##vso[task.complete result=SucceededWithIssues;]%s\\n' '${title}'`.trim();
}

/**
 * What is built is what is committed: an archive, so that git's own folder is never in an image. A repository that the
 * platform has just made holds a README and its pipeline: that is no failure of its team's.
 */
export const takeCommitted = script(`
rm -rf "$work/source"
mkdir -p "$work/source"
git -C "$BUILD_SOURCESDIRECTORY/application" archive --format=tar --output="$work/source.tar" HEAD
tar -xf "$work/source.tar" -C "$work/source"
rm "$work/source.tar"
source=$(git -C "$BUILD_SOURCESDIRECTORY/application" ls-files -- . ':!README.md' ':!*.yml' ':!*.yaml' ':!.git*')
[ -z "$source" ] || exit 0
message="The repository of $BUILD_DEFINITIONNAME holds no source yet: the first push of its source starts this pipeline"
[ "$BUILD_REASON" != PullRequest ] || fail "$message"
printf '##vso[task.setvariable variable=${readyVariable}]false\\n'
${endEarly("Waits for its source")}
`);

/** A property of what the recipe tells of itself; nothing where it has none. */
const recipeFacts = `
recipe="apps/$APP"
[ -f "$recipe/docker-bake.json" ] || fail "The platform has no recipe for $APP: add apps/$APP.yaml to it"
fact() { node -p 'require(process.argv[1])["x-wheelhouse"][process.argv[2]] ?? ""' "$PWD/$recipe/docker-bake.json" "$1"; }`.trim();

/** Only a Dockerfile that the team brings can be wrong. Needs: APP. */
export const lintDockerfile = script(`
${tool}
${recipeFacts}
dockerfile=$(fact dockerfile)
if [ -z "$dockerfile" ]; then
  echo "The platform writes the Dockerfile of $APP: there is nothing to lint"
  exit 0
fi
wheelhouse lint "$work/source/$dockerfile" --context "$work/source"
`);

/**
 * Looks for base image and builder before anything is built on them. Where one was never published, the run ends here, and
 * that is no failure: the first run that publishes it starts this pipeline. A pull request must not pass unbuilt, so there
 * it is one. Only an answer that says so counts as missing: what else keeps the registry from answering, the next step
 * tells better. Needs: APP, REGISTRY.
 */
export const lookForBaseImage = script(`
${recipeFacts}
base=$(fact base)
builder=$(fact builder)
is_missing() {
  said=$(docker buildx imagetools inspect --raw "$1" 2>&1 > /dev/null) && return 1
  case $said in
    *"$1: not found") ;;
    *) return 1 ;;
  esac
}
ready=true
for image in "$base" "$builder"; do
  if is_missing "$REGISTRY/$image:latest"; then ready=false; fi
done
if [ $ready = false ] && [ "$BUILD_REASON" = PullRequest ]; then
  fail "The base image $base is not there yet, so this pull request cannot be built: run the pipeline $base, then queue this build again"
fi
printf '##vso[task.setvariable variable=${readyVariable}]%s\\n' $ready
[ $ready = false ] || exit 0
message="The base image $base is not there yet: the first run of the pipeline $base that publishes it starts this pipeline, on its default branch"
${endEarly("Waits for its base image")}
`);

/**
 * A pipeline's own file names the indexes whose credentials its runs get, and a recipe those that it installs from.
 * Needs: APP.
 */
export const checkIndexes = script(`
${recipeFacts}
missing=$(node -p 'require(process.argv[1])["x-wheelhouse"].indexes.filter(({ secret }) => secret && !require("fs").existsSync(process.argv[2] + "/" + secret)).map(({ name }) => name).join(", ")' "$PWD/$recipe/docker-bake.json" "$work/secrets")
[ -z "$missing" ] || fail "apps/$APP.yaml takes packages from $missing, but this run did not authenticate there: let the parameters in the pipeline's file have indexes: [ $missing ]"
`);

/** Needs: APP, REGISTRY, INDEX_URL. */
export const resolveApplication = script(`
${tool}
${recipeFacts}
base=$(fact base)
wheelhouse resolve --recipe "$recipe" --source "$work/source" --base "$REGISTRY/$base:latest" --index-url "$INDEX_URL" \\
  --netrc "$work/secrets/netrc" --secrets "$work/secrets" --output "$work/report/locks"
`);

/** Needs: BASE_IMAGE, INDEX_URL. */
export const resolveBaseImage = script(`
${tool}
wheelhouse resolve --recipe "base-images/$BASE_IMAGE" --index-url "$INDEX_URL" --netrc "$work/secrets/netrc" \\
  --output "$work/report/locks"
`);

/** Variable of a run that says whether a base image has to be built: `true` or `false`. */
export const changedVariable = "wheelhouse.changed";

/**
 * Days after which a base image with system packages is built anew though nothing else changed: what is new among those
 * shows only in a build.
 */
const daysWithSystemPackages = 7;

/** Needs: BASE_IMAGE, REGISTRY. */
export const compareBaseImage = script(`
${tool}
wheelhouse compare --recipe "base-images/$BASE_IMAGE" --locks "$work/report/locks" --registry "$REGISTRY" \\
  --system-packages-days ${daysWithSystemPackages} --output "$work/report/compare.json"
changed=$(node -p 'require(process.argv[1]).changed' "$work/report/compare.json")
printf '##vso[task.setvariable variable=${changedVariable}]%s\\n' "$changed"
`);

/** Address of a repository without the user that Azure Repos puts into it. */
const sourceAddress = `
case $BUILD_REPOSITORY_URI in
  *://*@*) source_url=\${BUILD_REPOSITORY_URI%%://*}://\${BUILD_REPOSITORY_URI#*@} ;;
  *) source_url=$BUILD_REPOSITORY_URI ;;
esac`.trim();

/** Searches what it built for leaks before it pushes, and again before it tags. `more` are words of shell. */
function bake(recipe: string, more: readonly string[]): string {
  return [
    `wheelhouse bake --recipe ${recipe} --locks "$work/report/locks" --secrets "$work/secrets"`,
    '--registry "$REGISTRY" --index-url "$INDEX_URL" --builder "$(cat "$work/builder")"',
    '--image-version "$BUILD_BUILDNUMBER" --revision "$BUILD_SOURCEVERSION" --created "$created"',
    ['--source-url "$source_url" --metadata "$work/report/bake.json"', ...more].join(" "),
  ].join(" \\\n  ");
}

/**
 * Its tags are the run's number and the branch, with signs that a tag cannot have as dashes, and no longer than a tag may
 * be; in a pull request it has none, and nothing is pushed. Needs: APP, REGISTRY, INDEX_URL.
 */
export const bakeApplication = script(`
${tool}
${sourceAddress}
as_tag() { printf '%s' "$1" | tr -c 'A-Za-z0-9_.-' '-' | sed 's/^[.-]/_/' | cut -c 1-128; }
number=$(as_tag "$BUILD_BUILDNUMBER")
branch=$(as_tag "\${BUILD_SOURCEBRANCH#refs/heads/}")
created=$(git -C "$BUILD_SOURCESDIRECTORY/application" log -1 --format=%cI)
if [ "$BUILD_REASON" = PullRequest ]; then
  set --
else
  set -- --push --tag "$number" --tag "$branch"
fi
${bake('"apps/$APP"', ['--source "$work/source"', '"$@"'])}
`);

/** Its tags are \`latest\` and the day. Needs: BASE_IMAGE, REGISTRY, INDEX_URL. */
export const bakeBaseImage = script(`
${tool}
${sourceAddress}
created=$(date -u +%Y-%m-%dT%H:%M:%SZ)
${bake('"base-images/$BASE_IMAGE"', ['--push --tag latest --tag "$(date -u +%Y%m%d)"'])}
`);

/** The build tag that starts the applications. */
export const tellApplications = script(`
printf '##vso[build.addbuildtag]%s\\n' ${publishedTag}
`);

/**
 * The run's summary, and locks and reports as an artifact. It begins where the checkouts lie, one of which may be missing.
 * An attempt cannot write the artifact of another one. The agent fetches a summary some time after the step, so it lies
 * where the clean-up leaves it; the agent empties that folder itself.
 */
export const report = script(`
[ -d "$work/report" ] || exit 0
[ -f ${toolPath} ] || cd platform
${tool}
summary=$AGENT_TEMPDIRECTORY/wheelhouse-summary.md
wheelhouse summary --report "$work/report" --title "$BUILD_DEFINITIONNAME $BUILD_BUILDNUMBER" --output "$summary"
printf '##vso[task.uploadsummary]%s\\n' "$summary"
name=wheelhouse-$SYSTEM_JOBATTEMPT
printf '##vso[artifact.upload containerfolder=%s;artifactname=%s]%s\\n' "$name" "$name" "$work/report"
`);
