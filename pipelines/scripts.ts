/** The shell scripts of pipeline runs: POSIX sh, values from the environment only, no secret in an argument or a log. */
import { publishedTag } from "./settings";

/** How scripts begin: stop at the first failure, and a way to say what is wrong. `set -x` must never be added. */
const start = `set -eu
fail() { printf '##vso[task.logissue type=error]%s\\n' "$1" >&2; exit 1; }
work=$AGENT_TEMPDIRECTORY/wheelhouse`;

function script(body: string): string {
  return `${start}\n${body.trim()}\n`;
}

/**
 * Turns `PIP_INDEX_URL`, as PipAuthenticate@1 leaves it, into files that only this account can read: a netrc, and a
 * pip.conf and the plain URL for Dockerfiles that teams bring. `printf` and `[` are built into the shell, so the token
 * is in no process's arguments. Needs: INDEX_URL.
 */
export const writeSecrets = script(`
umask 077
url=\${PIP_INDEX_URL:-}
[ -n "$url" ] || fail 'PIP_INDEX_URL is empty: PipAuthenticate@1 did not run, or knows no feed'
case $url in
  https://*@*/* | http://*@*/*) ;;
  *) fail 'PIP_INDEX_URL has no credentials: look at the log of PipAuthenticate@1' ;;
esac
authority=\${url#*://}
authority=\${authority%%/*}
credentials=\${authority%@*}
host=\${authority##*@}
machine=\${host%%:*}
case $credentials in
  *:*) ;;
  *) fail 'PIP_INDEX_URL has a user, but no token: look at the log of PipAuthenticate@1' ;;
esac
user=\${credentials%%:*}
token=\${credentials#*:}
[ -n "$user" ] || fail 'PIP_INDEX_URL has no user: look at the log of PipAuthenticate@1'
[ -n "$token" ] || fail 'PIP_INDEX_URL has no token: look at the log of PipAuthenticate@1'
case $user$token in
  *[!A-Za-z0-9._~=+-]*) fail 'The user or the token of PIP_INDEX_URL has a character that a netrc file cannot carry' ;;
esac
case $machine in
  '' | *[!A-Za-z0-9.-]*) fail 'PIP_INDEX_URL names no host that a netrc file can carry' ;;
esac
answers=\${url%%://*}://$host
configured=\${INDEX_URL#*://}
configured=\${INDEX_URL%%://*}://\${configured%%/*}
[ "$answers" = "$configured" ] || fail "The feed answers at $answers, but the platform is configured for $configured: correct wheelhouse:packagesUrl"
rm -rf "$work/secrets"
mkdir -p "$work/secrets"
printf 'machine %s\\nlogin %s\\npassword %s\\n' "$machine" "$user" "$token" > "$work/secrets/netrc"
printf '[global]\\nindex-url = %s\\n' "$url" > "$work/secrets/pip.conf"
printf '%s' "$url" > "$work/secrets/pip_index_url"
`);

/**
 * A pipeline builds what it is named after and nothing else: neither another's recipe nor a path. Only the platform's own
 * pipelines are authorized to push, and it names each of them after its application or base image. Needs: NAME.
 */
export const checkOwnName = script(`
case $NAME in
  '' | *[!a-z0-9-]*) fail 'The parameter is not the name of an application or base image' ;;
esac
[ "$NAME" = "$BUILD_DEFINITIONNAME" ] || fail "This pipeline is $BUILD_DEFINITIONNAME and may not build $NAME: set its parameter to $BUILD_DEFINITIONNAME"
`);

/** A builder of this job alone. It copies the registry's credentials when it is made, so the login comes before it. */
export const makeBuilder = script(`
builder=wheelhouse-$BUILD_BUILDID-$SYSTEM_JOBATTEMPT
mkdir -p "$work"
printf '%s' "$builder" > "$work/builder"
docker buildx create --name "$builder" --driver docker-container --bootstrap
`);

/** Removes whatever the run left: also when a step before it failed or never ran. */
export const cleanUp = script(`
if [ -f "$work/builder" ]; then
  docker buildx rm --force "$(cat "$work/builder")" || printf '##vso[task.logissue type=warning]%s\\n' 'The builder is still there'
fi
case \${DOCKER_CONFIG:-} in
  "$AGENT_TEMPDIRECTORY"/*) rm -rf "$DOCKER_CONFIG" ;;
esac
rm -rf "$work"
`);

/** Functions of the build scripts. An empty digest would make an image that is not pinned. */
const digests = `
digest_of() {
  found=$(docker buildx imagetools inspect "$1" --format '{{.Manifest.Digest}}') || fail "No image $1 in the registry"
  case $found in
    sha256:*) printf '%s' "$found" ;;
    *) fail "The registry gave no digest for $1" ;;
  esac
}`.trim();

/** The default of a variable of the bake file: what the recipe says for itself. */
const recipeDefaults = `
recipe_default() {
  python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["variable"][sys.argv[2]]["default"])' "$bake_file" "$1"
}`.trim();

/** What bake reads from the environment in every run. */
const sharedVariables = `
export SECRETS="$work/secrets" LOCK="$work/lock" VERSION="$BUILD_BUILDNUMBER" REVISION="$BUILD_SOURCEVERSION"
mkdir -p "$LOCK"`.trim();

/** Address of a repository without the user that Azure Repos puts into it. */
const sourceAddress = `
case $BUILD_REPOSITORY_URI in
  *://*@*) SOURCE_URL=\${BUILD_REPOSITORY_URI%%://*}://\${BUILD_REPOSITORY_URI#*@} ;;
  *) SOURCE_URL=$BUILD_REPOSITORY_URI ;;
esac
export SOURCE_URL`.trim();

function bake(file: string, options: readonly string[]): string {
  return [
    'docker buildx bake --builder "$(cat "$work/builder")" --progress plain',
    `--file "${file}"`,
    '--allow "fs.read=$AGENT_TEMPDIRECTORY"',
    '--metadata-file "$work/metadata.json"',
    ...options,
  ].join(" \\\n  ");
}

/** Needs: REGISTRY, INDEX_URL, BASE_IMAGE. Runs in the template repository. */
export const buildBaseImage = script(`
${digests}
${recipeDefaults}
${sharedVariables}
${sourceAddress}
bake_file="base-images/$BASE_IMAGE/docker-bake.json"
UPSTREAM=$(recipe_default UPSTREAM)
UPSTREAM_DIGEST=$(digest_of "$UPSTREAM")
CREATED=$(date -u +%Y-%m-%dT%H:%M:%SZ)
export UPSTREAM UPSTREAM_DIGEST CREATED PUSH=true
${bake("$bake_file", [])}
`);

/**
 * Needs: APP, REGISTRY, INDEX_URL. Runs in the template repository, with the application's in the folder beside it.
 * What is built is what is committed: an archive, so that git's own folder is never in an image.
 */
export const buildApplication = script(`
${digests}
${recipeDefaults}
${sharedVariables}
${sourceAddress}
application="$BUILD_SOURCESDIRECTORY/application"
bake_file="apps/$APP/docker-bake.json"
[ -f "$bake_file" ] || fail "The platform has no recipe for $APP: add apps/$APP.yaml to it"
export SOURCE="$work/source"
mkdir -p "$SOURCE"
git -C "$application" archive --format=tar --output="$work/source.tar" HEAD
tar -xf "$work/source.tar" -C "$SOURCE"
CREATED=$(git -C "$application" log -1 --format=%cI)
BASE_IMAGE=$(recipe_default BASE_IMAGE)
BUILDER_IMAGE=$(recipe_default BUILDER_IMAGE)
BASE_DIGEST=$(digest_of "$REGISTRY/$BASE_IMAGE:latest")
BUILDER_DIGEST=$(digest_of "$REGISTRY/$BUILDER_IMAGE:latest")
export CREATED BASE_IMAGE BUILDER_IMAGE BASE_DIGEST BUILDER_DIGEST
if [ "$BUILD_REASON" = PullRequest ]; then
  export PUSH=false
  set -- --set '*.cache-to='
else
  export PUSH=true
  set --
fi
${bake("$bake_file", ['"$@"'])}
`);

/** Tags what the build pushed by digest, image by image. `tags` are words of shell. */
function tagImages(tags: string): string {
  return `
python3 -c '
import json, sys
for result in json.load(open(sys.argv[1])).values():
    if isinstance(result, dict) and "containerimage.digest" in result:
        print(result["image.name"], result["containerimage.digest"])
' "$work/metadata.json" > "$work/pushed"
[ -s "$work/pushed" ] || fail 'The build pushed no image'
while read -r name digest; do
  set --
  for tag in ${tags}; do set -- "$@" --tag "$name:$tag"; done
  docker buildx imagetools create "$@" "$name@$digest"
done < "$work/pushed"
`.trim();
}

/** \`latest\` and the day; then the build tag that starts the applications. */
export const publishBaseImage = script(`
${tagImages('latest "$(date -u +%Y%m%d)"')}
printf '##vso[build.addbuildtag]%s\\n' ${publishedTag}
`);

/** The run's number and the branch, with signs that a tag cannot have as dashes, and no longer than a tag may be. */
export const publishApplication = script(`
as_tag() { printf '%s' "$1" | tr -c 'A-Za-z0-9_.-' '-' | cut -c 1-128; }
number=$(as_tag "$BUILD_BUILDNUMBER")
branch=$(as_tag "\${BUILD_SOURCEBRANCH#refs/heads/}")
${tagImages('"$number" "$branch"')}
`);

/** Needs: PULUMI_STACK, and what the state's backend wants. Runs within the login of AzureCLI@2. */
export const previewStack = script(`
command -v pulumi > /dev/null || fail 'This agent has no pulumi: take an image with it, or install it'
[ -n "\${PULUMI_BACKEND_URL:-}" ] || fail 'Set the pipeline variable PULUMI_BACKEND_URL to where the state is'
[ -n "\${PULUMI_STACK:-}" ] || fail 'Set the pipeline variable PULUMI_STACK to the stack to preview'
export ARM_USE_OIDC=true ARM_CLIENT_ID="$servicePrincipalId" ARM_TENANT_ID="$tenantId" ARM_OIDC_TOKEN="$idToken"
ARM_SUBSCRIPTION_ID=$(az account show --query id --output tsv)
export ARM_SUBSCRIPTION_ID
pulumi preview --stack "$PULUMI_STACK" --diff --non-interactive
`);
