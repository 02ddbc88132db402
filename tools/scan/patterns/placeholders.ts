/** Rules by which something in the form of a credential is none: what documentation and templates write in its place. */

/** Hosts that are reserved for documentation and tests (RFC 2606, RFC 6761), and for no one's use. */
const reservedHost = /(?:^|\.)(?:example(?:\.(?:com|net|org|edu))?|test|invalid)$/i;

/** Words that stand for a credential. Compared in lower case and without what is no letter or digit. */
const words = new Set(
  (
    "password passwd passwort pass pwd pw passphrase secret token pat key apikey accesskey accesstoken authtoken " +
    "personalaccesstoken credentials credential auth user username usr login name account me client admin " +
    "xoauthbasic xtokenauth oauth2 oauth " +
    "foo bar baz qux foobar spam eggs ham hunter2 changeme changeit change tiger letmein " +
    "example sample dummy fake test testing tests none null nil undefined empty blank redacted hidden masked removed " +
    "notreal notarealpassword notasecret notsecret " +
    "value string text here todo tbd abc abcd abcdef xyz uvw abc123 xyzzy 123 1234 12345 123456 1234567 12345678 " +
    "p4ssw0rd passw0rd pa55word p w t x y s u uname upass userpass mypass"
  ).split(" "),
);

/** Words that may come before or behind such a word. */
const fillers =
  /^(?:my|your|the|some|a|an|db|database|proxy|test|example|fake|dummy|super|really|very|new|old|wrong|bad|plain|secure|github|gitlab|azure|feed|private|personal|access|api|user|root|admin|basic|http|https|ftp|redis|postgres|mysql)+/;

/** Forms in which programs write that something is put in here. */
const templates: readonly RegExp[] = [
  // $NAME, ${NAME}, $(NAME), %NAME%, ${{ name }}
  /\$\{|\$\(|\$[A-Za-z_]\w*|^%\w+%$/,
  // {name}, {{ name }}, {0}, {}
  /\{[^{}]*\}/,
  // %s, %(name)s
  /%\(\w+\)[sdr]|%[sdrvq](?![0-9A-Fa-f])/,
  // <name>, [name]
  /<[^<>]*>|^\[[^[\]]*\]$/,
  // SAS_KEY, MY_TOKEN
  /^[A-Z]+(?:_[A-Z]+)+$/,
  // ***, xxxx, ...., ----
  /^(.)\1{2,}$|\*{3}|…|\.{3}|x{4}/i,
  // Parts of regular expressions and of source text.
  /[\\^]|\[\^|\(\?|\.\*|\.\+|"\s*\+|'\s*\+/,
];

/** Whether the text stands for a credential and is none. */
export function isPlaceholder(value: string): boolean {
  if (value.length < 3) return true;
  if (templates.some((template) => template.test(value))) return true;
  return isWord(value);
}

/** Whether it is one of the words, alone or with others of them around it. */
function isWord(value: string): boolean {
  const plain = value
    .toLowerCase()
    .replaceAll("@", "a")
    .replaceAll("$", "s")
    .replace(/[^a-z0-9]/g, "");
  if (plain === "" || words.has(plain)) return true;
  const rest = plain.replace(fillers, "");
  return rest === "" || words.has(rest) || words.has(plain.replace(/\d{1,4}$/, ""));
}

/** Whether a host is for documentation only. */
export function isReservedHost(host: string): boolean {
  return reservedHost.test(host.replace(/:\d*$/, "").replace(/\.$/, ""));
}
