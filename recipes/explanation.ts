/** A program in every builder image that says why an index refused: pip itself only says that it found no version. */

/**
 * Python. Arguments: the feed's index without credentials, a file of requirements, and where there is one the file of
 * options that names further indexes. It asks each index for the first requirement with the credentials that pip has
 * been given, and tells of those that answer 401 or 403. It prints no credentials, and never fails.
 */
export const explanation = `
import base64, netrc, re, sys, urllib.error, urllib.parse, urllib.request


def credentials_of(url):
    parts = urllib.parse.urlsplit(url)
    if parts.username is not None:
        user, password = urllib.parse.unquote(parts.username), urllib.parse.unquote(parts.password or "")
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl(), user, password
    try:
        login = netrc.netrc("/run/secrets/netrc").authenticators(parts.hostname or "")
    except (OSError, netrc.NetrcParseError):
        login = None
    return (url, login[0], login[2]) if login else (url, None, None)


def tell(url, source, package):
    address, user, password = credentials_of(url)
    if user is None:
        print(f"wheelhouse: {source} has no entry for {urllib.parse.urlsplit(address).hostname}")
        return
    request = urllib.request.Request(f"{address.rstrip('/')}/{package}/")
    request.add_header("Authorization", "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode())
    try:
        urllib.request.urlopen(request, timeout=20).close()
    except urllib.error.HTTPError as error:
        if error.code == 401:
            print(f"wheelhouse: {address} refused the token of {source} (401): it is wrong, or it has expired")
        elif error.code == 403:
            print(f"wheelhouse: {address} answers the token of {source} with 403: its account may not read the index")
    except OSError as error:
        print(f"wheelhouse: {address} does not answer: {error}")


index, requirements, options = (sys.argv[1:] + [None])[:3]
found = re.search(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==", open(requirements).read(), re.MULTILINE)
name = re.sub(r"[-_.]+", "-", found.group(1)).lower() if found else "pip"
tell(index, "the secret netrc", name)
for line in open(options).read().splitlines() if options else []:
    if "@" in line:
        tell(line.split(" ", 1)[1], "its secret", name)
`.trim();
