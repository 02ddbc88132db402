/** The scripts around the images' own: secret files, the check of the name, builder and clean-up, and the preview. */
import { script } from "./shell";

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
 * Keeps the address with credentials that PipAuthenticate@1 left for one index beside the feed as the file that recipes
 * mount; later steps get it no more. Needs: INDEX, INDEX_URL, SECRET.
 */
export const writeIndexSecret = script(`
umask 077
url=\${PIP_EXTRA_INDEX_URL:-}
[ -n "$url" ] || fail "PIP_EXTRA_INDEX_URL is empty: the service connection of the index $INDEX gave no address"
case $url in
  *[[:space:][:cntrl:]]*) fail "The service connection of the index $INDEX gave more than one address" ;;
esac
authority=\${url#*://}
path=\${authority#*/}
authority=\${authority%%/*}
case $authority in
  ?*:?*@?*) ;;
  *) fail "The service connection of the index $INDEX has no user with a token or password" ;;
esac
address=\${url%%://*}://\${authority##*@}/$path
[ "\${address%/}" = "\${INDEX_URL%/}" ] || fail "The service connection of the index $INDEX is for another address than $INDEX_URL: correct it, or wheelhouse:indexes"
printf '%s' "$url" > "$work/secrets/$SECRET"
printf '##vso[task.setvariable variable=PIP_EXTRA_INDEX_URL]\\n'
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

/**
 * A builder of this job alone, or this job's own name for one that is there already. It is noted before it is made, so that
 * one that does not start is removed, too. `words` are words of shell, `failure` a text in its double quotes.
 */
export function builderScript(words: readonly string[], failure?: string): string {
  return script(`
builder=wheelhouse-$BUILD_BUILDID-$SYSTEM_JOBATTEMPT
mkdir -p "$work"
printf '%s' "$builder" > "$work/builder"
docker buildx create --name "$builder" ${words.join(" ")}${failure === undefined ? "" : ` \\\n  || fail "${failure}"`}
`);
}

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
