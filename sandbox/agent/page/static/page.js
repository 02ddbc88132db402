/** Keeps the page as it is by now: the same page is fetched again when a run changed, and only what differs is replaced. */
// @ts-nocheck This runs in a browser, whose types the rest of the house must not see.
"use strict";

const root = document.documentElement;
const byId = (id) => document.getElementById(id);
/** How far the sandbox's clock is ahead of this machine's, in milliseconds. */
let ahead = Date.parse(root.dataset.now) - Date.now();
const sandboxNow = () => Date.now() + ahead;

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const two = (number) => String(number).padStart(2, "0");
const grouped = (number) => number.toLocaleString("en-US");

function ago(milliseconds) {
  const minutes = Math.floor(milliseconds / 60000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ago`;
  const days = Math.floor(hours / 24);
  return days === 1 ? "1 day ago" : `${days} days ago`;
}

function span(milliseconds) {
  const whole = Math.max(0, Math.floor(milliseconds / 1000));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function tick() {
  for (const time of document.querySelectorAll("time[data-ago]")) {
    say(time, ago(sandboxNow() - Date.parse(time.dateTime)));
  }
  for (const element of document.querySelectorAll("[data-since]")) {
    say(element, span(Date.now() - Date.parse(element.dataset.since)));
  }
  const clock = byId("clock");
  const now = new Date(sandboxNow());
  say(clock.querySelector(".day"), `${now.getUTCDate()} ${months[now.getUTCMonth()]}`);
  say(clock.querySelector(".year"), ` ${now.getUTCFullYear()}`);
  say(clock.querySelector(".time"), `${two(now.getUTCHours())}:${two(now.getUTCMinutes())}`);
}

/** What the sandbox said of each part when it last sent it: what the script changed in it since does not count. */
const sent = new Map();
function remember(scope) {
  for (const part of scope.querySelectorAll("[data-live]")) sent.set(part.dataset.live, part.outerHTML);
}

/** Puts a newer part in an older one's place; who had the focus in it keeps it. */
function replacePart(old, newer) {
  const focused = old.contains(document.activeElement) ? document.activeElement : undefined;
  const isOpen = [...old.querySelectorAll("details")].map((details) => details.open);
  const mine = document.importNode(newer, true);
  old.replaceWith(mine);
  [...mine.querySelectorAll("details")].forEach((details, index) => (details.open = isOpen[index] ?? false));
  if (focused === undefined) return;
  const href = focused.getAttribute("href");
  const next = [...mine.querySelectorAll("a, button, summary")].find((other) => other.getAttribute("href") === href);
  next?.focus({ preventScroll: true });
}

function update(newer) {
  for (const part of newer.querySelectorAll("[data-live]")) {
    const key = part.dataset.live;
    const text = part.outerHTML;
    const old = document.querySelector(`[data-live="${CSS.escape(key)}"]`);
    if (old !== null && sent.get(key) !== text) replacePart(old, part);
    if (old !== null) sent.set(key, text);
  }
  structure(newer);
  const now = newer.documentElement.dataset.now;
  ahead = Date.parse(now) - Date.now();
  const clock = newer.querySelector(".clock");
  document.querySelector(".clock").replaceWith(document.importNode(clock, true));
  tick();
  announce();
}

/** Parts that are new as a whole: the steps of a run that an agent took, and runs that were started. */
function structure(newer) {
  for (const list of newer.querySelectorAll("[data-steps]")) {
    const old = document.querySelector("[data-steps]");
    const ids = (element) => [...element.querySelectorAll("[data-live]")].map((part) => part.dataset.live).join();
    if (old !== null && ids(old) !== ids(list)) {
      old.replaceWith(document.importNode(list, true));
      remember(list);
    }
  }
  const list = newer.querySelector("[data-list]");
  const old = document.querySelector("[data-list]");
  if (list === null || old === null) return;
  const known = new Set([...old.querySelectorAll("li.run")].map((run) => run.id));
  const fresh = [...list.querySelectorAll("li.run")].filter((run) => !known.has(run.id)).length;
  const button = byId("fresh");
  // Runs that come while somebody reads must not push down what they read.
  const show = () => {
    old.replaceWith(document.importNode(list, true));
    remember(list);
    button.hidden = true;
    tick();
  };
  if (fresh > 0 && (known.size === 0 || document.hidden)) return show();
  button.hidden = fresh === 0;
  if (fresh > 0) say(button, fresh === 1 ? "Show 1 new run" : `Show ${grouped(fresh)} new runs`);
  button.onclick = () => {
    show();
    document.querySelector("li.run a")?.focus({ preventScroll: true });
  };
}

/** Tells who does not see it that a run or a step is at another point now. */
const standing = () => {
  const words = [...document.querySelectorAll(".head h1, .head .badge")].map((part) => part.textContent.trim());
  return words.join(": ").replace(/\s+/g, " ");
};
let stood = standing();
function announce() {
  if (standing() === stood) return;
  stood = standing();
  say(byId("said"), stood);
}

let fetching = false;
let again = false;
async function refresh() {
  if (fetching) {
    again = true;
    return;
  }
  fetching = true;
  try {
    const answer = await fetch(location.pathname + location.search, { cache: "no-store" });
    if (answer.ok) update(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    // The connection for changes tells it, and opens again.
  } finally {
    fetching = false;
    if (again) {
      again = false;
      void refresh();
    }
  }
}

let changes;
function connect() {
  if (changes !== undefined || root.dataset.livePage === undefined) return;
  changes = new EventSource("/api/events");
  const state = byId("connection");
  const tell = (isLive) => {
    state.className = `connection ${isLive ? "live" : "lost"}`;
    say(state, isLive ? "Live" : "Not connected");
    state.title = isLive ? "Changes appear by themselves" : "The sandbox does not answer; npm start brings it back";
  };
  changes.addEventListener("hello", () => {
    tell(true);
    // What changed between the page and this connection.
    void refresh();
  });
  changes.addEventListener("change", () => void refresh());
  changes.onerror = () => tell(false);
}

/** A browser opens few connections to one place: pages that nobody sees leave theirs to others. */
function onVisibility() {
  if (!document.hidden) {
    connect();
    follow();
    return;
  }
  changes?.close();
  changes = undefined;
  following?.close();
  following = undefined;
}

/** Nothing is below the log but what follows it. */
const toEnd = () => window.scrollTo({ top: root.scrollHeight });

/** Lines that a page holds while it follows a log. */
const mostLines = 5000;
let following;
let sticks = true;
function follow() {
  const log = byId("log");
  if (log === null || log.dataset.follow === undefined || following !== undefined) return;
  following = new EventSource(`${log.dataset.follow}?line=${log.dataset.next}`);
  following.addEventListener("lines", (event) => {
    const { html, total, next } = JSON.parse(event.data);
    byId("empty-log")?.remove();
    const parsed = new DOMParser().parseFromString(`<ol>${html}</ol>`, "text/html");
    log.append(...[...parsed.querySelectorAll("li")].map((line) => document.importNode(line, true)));
    log.dataset.next = next;
    while (log.children.length > mostLines) log.firstElementChild.remove();
    say(byId("range"), `Lines ${grouped(Number(log.firstElementChild.id.slice(1)))}–${grouped(next - 1)}`);
    say(byId("total"), grouped(total));
    if (sticks) toEnd();
  });
  following.addEventListener("end", () => {
    following.close();
    delete log.dataset.follow;
    say(byId("going"), "The step has ended.");
  });
}

function watchBottom() {
  const button = byId("bottom");
  if (button === null) return;
  const tell = (isFollowing) => {
    sticks = isFollowing;
    button.setAttribute("aria-pressed", String(isFollowing));
    say(button, isFollowing ? "Following" : "Follow");
  };
  const atBottom = () => byId("log").getBoundingClientRect().bottom <= window.innerHeight + 80;
  window.addEventListener("scroll", () => tell(atBottom()), { passive: true });
  button.addEventListener("click", () => {
    tell(!sticks);
    if (sticks) toEnd();
  });
  toEnd();
}

remember(document);
tick();
setInterval(tick, 1000);
watchBottom();
onVisibility();
document.addEventListener("visibilitychange", onVisibility);
// A page that the browser kept comes back with closed connections.
window.addEventListener("pageshow", (event) => event.persisted && location.reload());
