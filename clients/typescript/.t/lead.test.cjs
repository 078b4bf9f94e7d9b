"use strict";
var __create = Object.create;
var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __getProtoOf = Object.getPrototypeOf;
var __hasOwnProp = Object.prototype.hasOwnProperty;
var __esm = (fn, res) => function __init() {
  return fn && (res = (0, fn[__getOwnPropNames(fn)[0]])(fn = 0)), res;
};
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};
var __copyProps = (to, from, except, desc) => {
  if (from && typeof from === "object" || typeof from === "function") {
    for (let key of __getOwnPropNames(from))
      if (!__hasOwnProp.call(to, key) && key !== except)
        __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
  }
  return to;
};
var __toESM = (mod, isNodeMode, target) => (target = mod != null ? __create(__getProtoOf(mod)) : {}, __copyProps(
  // If the importer is in node compatibility mode or this is not an ESM
  // file that has been converted to a CommonJS file using a Babel-
  // compatible transform (i.e. "__esModule" has not been set), then set
  // "default" to the CommonJS "module.exports" for node compatibility.
  isNodeMode || !mod || !mod.__esModule ? __defProp(target, "default", { value: mod, enumerable: true }) : target,
  mod
));

// src/version.ts
var VERSION;
var init_version = __esm({
  "src/version.ts"() {
    "use strict";
    VERSION = "0.1.0";
  }
});

// src/tabs.ts
var tabs_exports = {};
__export(tabs_exports, {
  joinTabs: () => joinTabs
});
function joinTabs({ environment, url, tabs }, host) {
  const { BroadcastChannel, location, navigator, document, Date: Date2 } = environment;
  if (!location || !BroadcastChannel)
    return void 0;
  const locks = navigator?.locks;
  const name = `martlet ${VERSION} ${url} ${tabs}`;
  const channel = new BroadcastChannel(name);
  const spread = environment.Math.random();
  const id = spread.toString(36);
  const leaving = new AbortController();
  const { signal } = leaving;
  const others = /* @__PURE__ */ new Map();
  let leader;
  let term = 0;
  let heard = Date2.now();
  let asked;
  let isStale = false;
  let timer;
  const queue = new AbortController();
  let release;
  const left = new Promise((resolve) => release = resolve);
  const interval = () => host.present().interval;
  const post = (message) => {
    const isLeader = leader === id;
    if (isLeader)
      heard = Date2.now();
    channel.postMessage({ ...message, from: id, term, isLeader });
    if (isLeader || asked !== void 0 || !(message.wanted || message.call))
      return;
    asked = Date2.now();
    watch2();
  };
  const forget = (other) => {
    if (others.delete(other))
      host.changed();
  };
  const wait = (milliseconds, action) => {
    const due = Date2.now() + milliseconds;
    environment.clearTimeout(timer);
    timer = environment.setTimeout(() => action(Date2.now() - due), milliseconds);
  };
  const request = (lock, options, granted) => (
    // Fails when this tab leaves before, or another takes it.
    locks?.request(name + lock, options, granted).catch(() => {
    })
  );
  const lead = () => {
    if (signal.aborted || leader === id)
      return left;
    leader = id;
    term += 1;
    isStale = false;
    others.set("", host.present().active ?? []);
    const forgetAll = environment.setTimeout(() => forget(""), 2 * interval());
    signal.addEventListener("abort", () => environment.clearTimeout(forgetAll));
    host.lead();
    post({});
    beat();
    return left;
  };
  const beat = () => wait(interval() / 2, () => {
    if (isLate())
      host.rejoin();
    else {
      if (others.size)
        post({});
      beat();
    }
  });
  const take = () => {
    heard = Date2.now();
    asked = void 0;
    if (locks) {
      queue.abort();
      request("", { steal: true }, lead);
      watch2();
    } else
      lead();
  };
  const watch2 = (grace = 0) => {
    if (leader === id || signal.aborted)
      return;
    const span = interval();
    const isKnown = leader ?? locks;
    const patience = isKnown ? PATIENCE : FIRST2 + spread * FIRST2;
    const silence = span * (document?.hidden ? 3 : 1.75 + spread / 5);
    const answer = asked === void 0 ? Infinity : asked + patience;
    const end = Math.max(grace, Math.min(heard + silence, answer));
    const stale = Math.min(heard + 1.5 * span, isKnown ? answer - patience / 2 : Infinity);
    const now = Date2.now();
    wait(Math.max(0, (isStale ? end : Math.min(stale, end)) - now), (late) => {
      const now2 = Date2.now();
      if (late > span)
        host.rejoin();
      else if (now2 < end) {
        isStale = true;
        host.apply({ state: { status: "stale" } });
        watch2(grace);
      } else if (late > LATE)
        watch2(now2 + LATE);
      else
        take();
    });
  };
  const isLate = () => {
    const silence = Date2.now() - heard;
    return leader === id ? !!others.size && silence >= 1.5 * interval() : !!leader && silence >= 2 * interval();
  };
  channel.onmessage = ({ data }) => {
    if (isLate())
      return host.rejoin();
    const { from, to, wanted, fresh, cursor, isBehind, feed, call } = data;
    if (data.isGone) {
      forget(from);
      if (from !== leader)
        return;
      leader = void 0;
      asked = heard = Date2.now();
      return watch2();
    }
    if (data.isLeader) {
      const isOther = from !== leader;
      if (data.term < term || isOther && leader && data.term === term && from < leader)
        return post({});
      if (leader === id)
        return host.rejoin();
      leader = from;
      term = data.term;
      heard = Date2.now();
      asked = void 0;
      if (feed)
        host.apply(feed);
      if (isOther && to !== id)
        host.refresh();
      else if (isStale && !feed?.state)
        host.update();
      isStale = false;
      return watch2();
    }
    if (leader !== id)
      return;
    if (!wanted && !call && data.term >= term)
      term = data.term + 1;
    if (call)
      host.call(call);
    if (wanted) {
      if (!others.has(from))
        request(from, { signal }, () => forget(from));
      others.set(from, wanted);
      fresh?.forEach((name2) => host.fresh.add(name2));
      if (cursor && (isBehind || !host.present().cursor))
        host.rewind(cursor);
      host.changed();
    }
    post({ feed: host.present(), to: from });
  };
  const enter = () => {
    host.update();
    request("", { signal: queue.signal }, lead);
  };
  if (!locks)
    void Promise.resolve().then(() => signal.aborted || enter());
  else
    request(id, { signal }, () => (enter(), left));
  return {
    /** What the others want, as far as this tab is to see to it. */
    others: () => [...others.values()].flat(),
    tell(feed) {
      if (others.size)
        post({ feed });
    },
    post,
    isLate,
    leave() {
      post({ isGone: true });
      others.clear();
      leaving.abort();
      queue.abort();
      release?.();
      environment.clearTimeout(timer);
      channel.close();
    }
  };
}
var PATIENCE, FIRST2, LATE;
var init_tabs = __esm({
  "src/tabs.ts"() {
    "use strict";
    init_version();
    PATIENCE = 2e3;
    FIRST2 = 150;
    LATE = 250;
  }
});

// test/lead.test.ts
var import_strict3 = __toESM(require("node:assert/strict"), 1);
var import_node_test = require("node:test");

// test/support/tabs.ts
var import_strict2 = __toESM(require("node:assert/strict"), 1);

// test/support/clock.ts
async function settle() {
  for (let turn = 0; turn < 20; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
var Clock = class {
  constructor() {
    this.now = 1e12;
    /** What `Math.random` gives. */
    this.random = 0.5;
    this.timers = /* @__PURE__ */ new Map();
    this.last = 0;
    this.Date = { now: () => this.now };
    this.Math = { random: () => this.random };
    this.setTimeout = (callback, milliseconds) => {
      this.timers.set(this.last += 1, { due: this.now + milliseconds, callback });
      return this.last;
    };
    this.clearTimeout = (timer) => void this.timers.delete(timer);
  }
  get pending() {
    return this.timers.size;
  }
  /** Lets time pass, and runs what becomes due, in order. */
  async pass(milliseconds) {
    const end = this.now + milliseconds;
    await settle();
    for (; ; ) {
      const next = [...this.timers].sort((a, b) => a[1].due - b[1].due)[0];
      if (!next || next[1].due > end)
        break;
      this.timers.delete(next[0]);
      this.now = Math.max(this.now, next[1].due);
      next[1].callback();
      await settle();
    }
    this.now = end;
  }
  /** Lets time pass in which nothing runs, as when the machine sleeps. */
  async sleep(milliseconds) {
    this.now += milliseconds;
    await this.pass(0);
  }
};

// test/support/browser.ts
var KINDS = ["timers", "messages", "network"];
var Tab = class {
  constructor() {
    this.isGone = false;
    this.isStill = false;
    this.piles = { timers: [], messages: [], network: [] };
  }
  /** Runs something of the tab, now or when it runs again. */
  run(kind, action) {
    if (this.isGone)
      return;
    if (this.isStill)
      this.piles[kind].push(action);
    else
      action();
  }
  /** Resolves when something from the network gets through. */
  through() {
    return new Promise((resolve) => this.run("network", resolve));
  }
  stop() {
    this.isStill = true;
  }
  /** Lets everything happen that has piled up, each kind after the other. */
  async goOn(order = KINDS) {
    this.isStill = false;
    for (const kind of order) {
      for (const action of this.piles[kind].splice(0))
        action();
      await settle();
    }
  }
};
var Browser = class {
  /** @param isSecure whether there are locks, as there are none on plain http */
  constructor(isSecure = true) {
    this.isSecure = isSecure;
    this.queues = /* @__PURE__ */ new Map();
    this.channels = /* @__PURE__ */ new Set();
    this.last = new Tab();
  }
  /** What a new tab has of the platform. */
  features(clock, fetch) {
    const tab = this.last = new Tab();
    const { channels } = this;
    const request = (name, options, granted) => new Promise((resolve, reject) => {
      const queue = this.queues.get(name) ?? [];
      const mine = { tab, granted, resolve, reject };
      this.queues.set(name, queue);
      if (options.steal) {
        queue.shift()?.reject(new Error("stolen"));
        queue.unshift(mine);
      } else
        queue.push(mine);
      if (queue[0] === mine)
        this.grant(name);
      options.signal?.addEventListener("abort", () => {
        const place = queue.indexOf(mine);
        if (place < 1)
          return;
        queue.splice(place, 1);
        reject(new Error("aborted"));
      });
    });
    class TabChannel extends Channel {
      constructor(name) {
        super(name, tab, channels);
      }
    }
    const load = async (url, init) => {
      const { body, status, headers } = await fetch(url, init);
      await tab.through();
      const reader = body?.getReader();
      const pull = async (out) => {
        const { done, value } = await reader.read();
        await tab.through();
        if (done)
          out.close();
        else
          out.enqueue(value);
      };
      return new Response(reader ? new ReadableStream({ pull }) : null, { status, headers });
    };
    const cancelled = /* @__PURE__ */ new Set();
    return {
      ...this.isSecure && { navigator: { locks: { request } } },
      BroadcastChannel: TabChannel,
      fetch: load,
      setTimeout(callback, milliseconds) {
        const run = () => cancelled.has(timer) || callback();
        const timer = clock.setTimeout(() => tab.run("timers", run), milliseconds);
        return timer;
      },
      clearTimeout(timer) {
        cancelled.add(timer);
        clock.clearTimeout(timer);
      }
    };
  }
  /** The tab whose features were given out last. */
  get newest() {
    return this.last;
  }
  /** Ends a tab as a crash does: nothing of it runs any more, its locks are free. */
  kill(tab) {
    tab.isGone = true;
    for (const [name, queue] of this.queues) {
      const held = queue[0]?.tab === tab;
      const rest = queue.filter((request) => request.tab !== tab);
      queue.splice(0, queue.length, ...rest);
      if (held && queue.length)
        this.grant(name);
    }
  }
  grant(name) {
    const queue = this.queues.get(name) ?? [];
    const [first] = queue;
    setImmediate(
      () => first.tab.run("messages", async () => {
        if (queue[0] !== first)
          return;
        const result = await first.granted();
        if (queue[0] !== first)
          return;
        queue.shift();
        first.resolve(result);
        if (queue.length)
          this.grant(name);
      })
    );
  }
};
var Channel = class {
  constructor(name, tab, all) {
    this.name = name;
    this.tab = tab;
    this.all = all;
    all.add(this);
  }
  postMessage(message) {
    if (this.tab.isGone)
      return;
    if (!this.all.has(this))
      throw new Error("this channel is closed");
    for (const other of this.all) {
      if (other === this || other.name !== this.name)
        continue;
      const data = structuredClone(message);
      setImmediate(
        () => other.tab.run("messages", () => {
          if (this.all.has(other))
            other.onmessage?.({ data });
        })
      );
    }
  }
  close() {
    this.all.delete(this);
  }
};

// test/support/hub.ts
var import_strict = __toESM(require("node:assert/strict"), 1);
var encoder = new TextEncoder();
var _Call = class {
  constructor(url, init, resolve, reject) {
    this.url = url;
    this.init = init;
    this.resolve = resolve;
    this.reject = reject;
    const target = new URL(url, "http://hub");
    this.method = init.method ?? "GET";
    this.path = target.pathname;
    this.query = target.searchParams;
    this.headers = new Headers(init.headers);
    this.body = JSON.parse(init.body ?? "null");
    init.signal?.addEventListener("abort", () => {
      const error = new Error("aborted");
      reject(error);
      try {
        this.out?.error(error);
      } catch {
      }
    });
  }
  get resources() {
    return this.body?.resources ?? (this.query.get("resources") ?? "").split(",").sort();
  }
  get isAborted() {
    return !!this.init.signal?.aborted;
  }
  /** Answers without a stream. */
  async answer(status, body = {}, headers = {}) {
    const text = status === 204 ? null : JSON.stringify(status < 400 ? body : { status, ...body });
    this.resolve(new Response(text, { status, headers }));
    await settle();
  }
  /** There is nobody who answers. */
  async refuse() {
    this.reject(new TypeError("fetch failed"));
    await settle();
  }
  /** Answers with a stream, of which nothing comes yet. */
  async begin() {
    const body = new ReadableStream({ start: (out) => void (this.out = out) });
    this.resolve(new Response(body, { headers: { "Content-Type": "text/event-stream; charset=utf-8" } }));
    await settle();
  }
  async bytes(text) {
    this.out?.enqueue(encoder.encode(text));
    await settle();
  }
  async block(event, data, id) {
    const place = id === void 0 ? "" : `id: ${id}
`;
    await this.bytes(`event: ${event}
data: ${JSON.stringify(data)}
${place}
`);
  }
  /** Opens the stream as the hub does. */
  async open(options = {}) {
    const { resumed = false, head = "e-0", keepalive = 30, reset } = options;
    await this.begin();
    const connection = `c${_Call.connections += 1}`;
    await this.bytes("retry: 1000\n");
    await this.block("connected", { connection, resources: this.resources, resumed, keepalive });
    if (reset)
      await this.block("reset", { reason: reset, oldest: "e-1" });
    for (const event of options.events ?? [])
      await this.event(event);
    await this.block("live", { cursor: head }, head);
    return connection;
  }
  async event({ id, event = "note", resources, data = null, retained }) {
    const at = "2026-11-21T00:00:00.000Z";
    const envelope = { resources, at, data, ...retained && { id, retained } };
    await this.block(event, envelope, retained ? void 0 : id);
  }
  async end() {
    this.out?.close();
    await settle();
  }
  async cut() {
    this.out?.error(new TypeError("network error"));
    await settle();
  }
};
var Call = _Call;
Call.connections = 0;
var FakeHub = class {
  constructor() {
    this.calls = [];
    this.seen = 0;
    this.fetch = (url, init) => new Promise((resolve, reject) => {
      if (init.signal?.aborted)
        reject(new Error("aborted"));
      else
        this.calls.push(new Call(url, init, resolve, reject));
    });
  }
  /** The next request, which must be there and be for `path`. */
  async next(path) {
    await settle();
    const call = this.calls[this.seen];
    import_strict.default.ok(call, `no request for ${path}`);
    this.seen += 1;
    import_strict.default.equal(call.path.replace(/^\/stream\/.*/, "/stream/\u2026"), path);
    return call;
  }
  /** Nothing has been asked since. */
  async quiet() {
    await settle();
    import_strict.default.deepEqual(
      this.calls.slice(this.seen).map((call) => `${call.method} ${call.url}`),
      []
    );
  }
  get streams() {
    return this.calls.filter((call) => call.path === "/stream").length;
  }
};

// src/backoff.ts
var FIRST = 1e3;
var LONGEST = 3e4;
var SPREAD = 1e3;
var HOUR = 36e5;
function delay(attempt, floor, random, longest = LONGEST) {
  const ceiling = Math.min(longest, FIRST * 2 ** (attempt - 1));
  return Math.round(floor + random * Math.max(ceiling - floor, Math.min(floor, SPREAD)));
}
var waitOf = (milliseconds) => typeof milliseconds === "number" && milliseconds > 0 ? Math.min(milliseconds, HOUR) : void 0;
function retryAfter(value, now) {
  if (/^\d+$/.test(value ?? ""))
    return waitOf(+value * 1e3);
  return /^\w{3}, \d.+ GMT$/.test(value ?? "") ? waitOf(Date.parse(value) - now) : void 0;
}

// src/environment.ts
function later(environment, milliseconds, callback) {
  const timer = environment.setTimeout(callback, milliseconds);
  return () => environment.clearTimeout(timer);
}

// src/hub.ts
var LONGEST_URL = 4096;
function createHub(settings, demand) {
  const { environment, credentials, token, keepalive } = settings;
  const ask = typeof token === "function" ? token : () => token;
  const url = (path, names, more) => `${settings.url}/${path}?${new URLSearchParams({ resources: `${names}`, ...more })}`;
  const send = async (url2, signal, init) => {
    const { refusal } = demand;
    const token2 = await ask(refusal?.status);
    if (refusal && token2 == null)
      throw refusal;
    const response = await environment.fetch(url2, {
      ...init,
      headers: {
        ...token2 && { Authorization: `Bearer ${token2}` },
        ...init && { "Content-Type": "application/json" }
      },
      credentials,
      signal,
      cache: "no-store"
    });
    if (response.status === 200)
      return response;
    const error = {
      status: response.status,
      retryAfter: retryAfter(response.headers.get("Retry-After"), environment.Date.now()),
      detail: await response.json().then(({ detail }) => `${detail}`, () => "")
    };
    throw error;
  };
  return {
    send,
    /** One poll for `names`. */
    async poll(names, more, signal) {
      return (await send(url("poll", names, { limit: 1e3, ...more }), signal)).json();
    },
    /** Whether one poll can name all of these. */
    fits: (names) => url("poll", names, {}).length < LONGEST_URL,
    /** The stream of `names`: its URL, and how to ask for it. */
    stream(names, signal) {
      const { cursor } = demand;
      const more = { keepalive, ...cursor && { last_event_id: cursor } };
      const address = url("stream", names, more);
      const body = () => JSON.stringify({ resources: names, ...more });
      const fetch = () => address.length > LONGEST_URL ? send(`${settings.url}/stream`, signal, { method: "POST", body: body() }) : send(address, signal);
      return { url: address, fetch };
    }
  };
}

// src/resources.ts
var RESOURCE = /^[a-z][a-z0-9+.-]*:([^\p{Cc}\p{Cs} ,]+)$/iu;
var LONGEST2 = 256;
var MOST = 100;
function check(name) {
  const [, id] = RESOURCE.exec(name) ?? [];
  if (id && new TextEncoder().encode(id).length <= LONGEST2)
    return name;
  throw new TypeError(`${JSON.stringify(name)} is not kind:id, with an id of 1 to ${LONGEST2} bytes`);
}
var patternOf = (name) => name.replace(/^(?!presence:)([^:]*:).*/s, "$1*");
function namedIn(text, names) {
  let found;
  for (const name of names) {
    if (text.includes(name) && name.length > (found ?? "").length)
      found = name;
  }
  return found;
}
function split(names, isShort) {
  if (names.length < 2 || isShort(names))
    return [names];
  const half = names.length >> 1;
  return [...split(names.slice(0, half), isShort), ...split(names.slice(half), isShort)];
}
function earlier(one, other) {
  const [, log, place] = /^(.*-)(\d+)$/.exec(one) ?? [];
  return log && other.startsWith(log) && +place < +other.slice(log.length) ? one : other;
}

// src/settings.ts
var IDLE = { status: "idle" };
var RefusedError = class extends Error {
  /**
   * @param resource the one that was refused; it is asked for again when something subscribes to it anew
   * @param status the answer's; 0 where there is no room for it
   * @param detail what the hub said was wrong
   */
  constructor(resource, status, detail) {
    super(`${resource} was refused: ${detail || status}`);
    this.resource = resource;
    this.status = status;
    this.detail = detail;
    this.name = "RefusedError";
  }
};

// src/polling.ts
var WAIT_S = 25;
var PAUSE_MS = 2e3;
var LEAST_MS = 1e3;
async function poll(environment, hub, demand, signal, receive, flush) {
  const { wanted, fresh } = demand;
  const { Date: Date2 } = environment;
  const resources = [...wanted];
  const parts = split(resources, hub.fits);
  const tell = ({ events }) => {
    for (const event of events)
      receive(event.event, null, event);
  };
  const states = resources.filter((name) => fresh.has(name));
  if (demand.cursor && states.length) {
    for (const names of split(states, hub.fits))
      tell(await hub.poll(names, { timeout: 0 }, signal));
    for (const name of states)
      fresh.delete(name);
  }
  for (let timeout = 0; ; timeout = WAIT_S) {
    const { cursor: after } = demand;
    const began = Date2.now();
    const more = { timeout: parts[1] ? 0 : timeout, ...after && { after } };
    const answers = [];
    for (const names of parts)
      answers.push(await hub.poll(names, more, signal));
    const reset = answers.map((answer) => answer.reset).find((reset2) => reset2);
    if (!timeout) {
      const resumed = after && !reset;
      receive("connected", null, { connection: "", resources, resumed, keepalive: WAIT_S });
    }
    if (reset)
      receive("reset", null, reset);
    answers.forEach(tell);
    receive("live", answers.map(({ cursor }) => cursor).reduce(earlier));
    flush();
    if (parts[1])
      await new Promise((resolve) => later(environment, PAUSE_MS, resolve));
    else if (timeout && !answers[0].events.length && Date2.now() - began < LEAST_MS)
      return;
  }
}

// src/watchdog.ts
function watch(environment, interval, stale, dead) {
  const now = () => environment.Date.now();
  let heard = now();
  let stop;
  const wait = (milliseconds) => {
    const due = now() + milliseconds;
    stop = later(environment, milliseconds, () => {
      const isLate = now() - due > interval;
      if (isLate)
        heard = now() - interval;
      const silence = now() - heard;
      const isStale = silence >= 1.5 * interval;
      if (silence >= 2 * interval)
        return dead();
      if (isStale || isLate)
        stale();
      wait((isStale ? 2 : 1.5) * interval - silence);
    });
  };
  wait(1.5 * interval);
  return { heard: () => heard = now(), stop: () => stop() };
}

// src/stream.ts
function openStream(settings, hub, demand, isPolled, emit, opened, quiet, ended) {
  const { environment } = settings;
  const { Date: Date2 } = environment;
  const { fresh } = demand;
  const abort = new AbortController();
  const { signal } = abort;
  const asked = /* @__PURE__ */ new Set();
  let active = [];
  let batch = [];
  let id;
  let wait;
  let goodAt = Infinity;
  let isDeaf = true;
  let isSettled = false;
  let isLost = false;
  let isChanging = false;
  const tell = () => {
    emit({ cursor: isLost ? void 0 : demand.cursor, events: batch });
    batch = [];
  };
  const flush = () => {
    if (signal.aborted)
      return;
    watchdog.heard();
    quiet(false);
    tell();
  };
  const close = () => {
    watchdog.stop();
    abort.abort();
    tell();
    for (const name of asked)
      fresh.add(name);
  };
  const end = (error, isReplaced = false) => {
    if (signal.aborted)
      return;
    close();
    ended(error, Date2.now() >= goodAt, isReplaced, wait);
  };
  const dead = () => {
    if (isDeaf)
      goodAt = Infinity;
    end();
  };
  const stale = () => id === void 0 || quiet(true);
  const watchFor = (milliseconds) => watch(environment, milliseconds / 2, stale, dead);
  let watchdog = watchFor(settings.connectTimeout);
  const carry = (resources, more) => {
    active = resources;
    isSettled = true;
    emit({ active, ...more });
  };
  const ask = (names) => {
    for (const name of names) {
      asked.add(name);
      fresh.delete(name);
    }
  };
  const receive = (event, place, value) => {
    if (signal.aborted)
      return;
    if (event === "connected") {
      const { connection, resources, resumed, keepalive } = value;
      id = connection;
      if (!resumed)
        ask(resources);
      const interval = waitOf(keepalive * 1e3) ?? settings.keepalive * 1e3;
      watchdog.stop();
      watchdog = watchFor(interval * 2);
      opened();
      carry(resources, { interval, cursor: demand.cursor });
      void sync();
    } else if (event === "subscribed")
      carry(value.resources);
    else if (event === "reset") {
      isLost = true;
      emit({ reset: value.reason });
    } else if (event === "closing")
      wait = waitOf(value.retry) ?? demand.floor;
    else if (event === "live") {
      goodAt = isPolled ? 0 : Math.min(goodAt, Date2.now() + settings.healthyAfter);
    } else {
      isDeaf = false;
      if (value) {
        const { at = "", data = value, retained = false } = value;
        const { resources = [`presence:${value.resource}`] } = value;
        batch.push({ id: place ?? value.id ?? null, event, resources, at, data, retained });
        if (!retained && value.resources)
          goodAt = 0;
      }
    }
    if (!place)
      return;
    demand.cursor = place;
    isLost = false;
    if (isSettled)
      asked.clear();
  };
  const sync = async () => {
    if (id === void 0 || signal.aborted || isChanging)
      return;
    const { wanted } = demand;
    const add = [...wanted].filter((name) => !active.includes(name) || fresh.has(name));
    const remove = active.filter((name) => !wanted.has(name) || fresh.has(name));
    if (!add.length && !remove.length)
      return;
    if (isPolled)
      return end(0, true);
    ask(add);
    isSettled = false;
    isChanging = true;
    try {
      const answer = await hub.send(`${settings.url}/stream/${id}`, signal, {
        method: "PATCH",
        body: JSON.stringify({ add, remove })
      });
      active = (await answer.json()).resources;
    } catch (error) {
      return end(error, true);
    }
    isChanging = false;
    void sync();
  };
  const read = async () => {
    const request = hub.stream([...demand.wanted], signal);
    await settings.transport({ ...request, signal }, {
      block(event, place, data) {
        try {
          receive(event, place, data && JSON.parse(data));
        } catch (error) {
          settings.onError(error);
        }
      },
      flush,
      retry: (milliseconds) => demand.floor = waitOf(milliseconds) ?? 0
    });
  };
  void (isPolled ? poll(environment, hub, demand, signal, receive, flush) : read()).then(
    () => end(),
    end
  );
  return { close, sync };
}

// src/connection.ts
var LONGEST_PROBE = 3e5;
var LEAST_GOOD = 1e3;
var LEAST_WRONG = 2e3;
var FINAL = {
  204: "stopped",
  401: "unauthorized",
  403: "forbidden"
};
var TEMPORARY = [401, 408, 425, 429];
function createConnection(settings, fresh, cursor, emit) {
  const { environment } = settings;
  const demand = { cursor, wanted: /* @__PURE__ */ new Set(), fresh, floor: 0, refusal: void 0 };
  const hub = createHub(settings, demand);
  const now = () => environment.Date.now();
  const refused = /* @__PURE__ */ new Set();
  let state = IDLE;
  let stream;
  let probe;
  let stop;
  let isPolling = false;
  let isRewound = false;
  let failures = 0;
  let attempt = 0;
  let notBefore = 0;
  const setState = (status, more) => {
    if (status === state.status && !more)
      return;
    state = { status, ...more };
    emit({ state });
  };
  const halt = () => {
    stop?.();
    stream?.close();
    probe?.close();
    stop = stream = probe = void 0;
    isPolling = false;
  };
  const close = (reason) => setState("closed", { reason });
  const tryLater = (wait = 0, least = 0, longest) => {
    const floor = Math.max(demand.floor, wait, least);
    const pause = delay(++attempt, floor, environment.Math.random(), longest);
    notBefore = now() + wait;
    stop = later(environment, pause, () => open(false));
    return now() + pause;
  };
  const probeLater = (wait) => tryLater(wait, 0, LONGEST_PROBE);
  const retryLater = (wait, least) => {
    const nextAt = tryLater(wait, least);
    setState("retrying", { attempt, nextAt });
  };
  const isLeftOut = ({ status = 0, detail = "" }) => {
    if (status < 400 || status > 499 || TEMPORARY.includes(status))
      return false;
    const name = namedIn(detail, demand.wanted);
    if (name === void 0)
      return false;
    demand.wanted.delete(name);
    fresh.delete(name);
    refused.add(name);
    emit({ refused: { name, status, detail } });
    return true;
  };
  const open = (isPolled) => {
    stop = stop?.();
    const isProbe = isPolling && !isPolled;
    const status = isPolled ? "polling" : "open";
    if (!isProbe) {
      stream?.close();
      setState("connecting");
    }
    const opened = () => {
      if (isProbe) {
        stream?.close();
        stream = mine;
        probe = void 0;
      }
      isPolling = isPolled;
      demand.refusal = void 0;
      setState(status);
      if (isPolled) {
        attempt = 0;
        probeLater();
      }
    };
    const quiet = (isQuiet) => {
      if (isQuiet || state.status === "stale")
        setState(isQuiet ? "stale" : status);
    };
    const ended = (error, isGood, isReplaced, wait) => {
      const told = error || {};
      const { status: status2 = 0 } = told;
      const pause = waitOf(told.retryAfter ?? wait);
      if (mine === probe) {
        probeLater(pause);
        return;
      }
      halt();
      if (isGood)
        failures = attempt = 0;
      const reason = FINAL[status2];
      if (reason && status2 > 204 && !demand.refusal && typeof settings.token === "function") {
        demand.refusal = told;
        open(false);
      } else if (isLeftOut(told)) {
        demand.refusal = void 0;
        if (demand.wanted.size)
          open(isPolled);
        else
          close("refused");
      } else if (reason)
        close(reason);
      else if (isReplaced && isGood)
        open(isPolled);
      else if (isGood)
        retryLater(pause, LEAST_GOOD);
      else if (!isPolled && pause === void 0)
        open(true);
      else if (++failures < settings.maxAttempts)
        retryLater(pause, status2 ? LEAST_WRONG : 0);
      else
        close("failed");
    };
    const mine = openStream(settings, hub, demand, isPolled, emit, opened, quiet, ended);
    if (isProbe)
      probe = mine;
    else
      stream = mine;
  };
  const retry = () => {
    if (state.status === "open")
      return;
    failures = attempt = 0;
    demand.refusal = void 0;
    probe?.close();
    open(false);
  };
  return {
    /** Says what all tabs want together. */
    want(names) {
      demand.wanted = new Set(names);
      for (const name of refused) {
        if (!demand.wanted.has(name) || fresh.has(name))
          refused.delete(name);
        else
          demand.wanted.delete(name);
      }
      const { status, reason } = state;
      if (status === "idle" || reason === "refused") {
        if (demand.wanted.size)
          open(false);
      } else if (isRewound && stream)
        open(isPolling);
      else
        void stream?.sync();
      isRewound = false;
    },
    /** Goes on from an earlier place, for one that has missed what came since; `want` has to follow. */
    rewind(from) {
      demand.cursor = demand.cursor ? earlier(demand.cursor, from) : from;
      isRewound = true;
    },
    /** Begins anew, now. */
    retry,
    /** There may be a network again, or someone who looks. */
    wake() {
      const { status, reason } = state;
      const isIdle = stop || status === "stale" || reason === "failed";
      if (isIdle && now() >= notBefore)
        retry();
    },
    stop: halt
  };
}

// src/connections.ts
var MOST_STREAMS = 4;
var WORST = ["closed", "retrying", "connecting", "stale", "polling", "open"];
function createConnections(settings, fresh, cursor, emit) {
  const parts = [];
  const left = /* @__PURE__ */ new Set();
  let from = cursor;
  let state;
  const worst = () => {
    const states = parts.map(({ told }) => told.state).filter((state2) => state2);
    return states.sort((a, b) => WORST.indexOf(a.status) - WORST.indexOf(b.status))[0];
  };
  const tellState = () => {
    const before = state;
    state = worst();
    return state && state !== before && { state };
  };
  const add = () => {
    const told = {};
    const connection = createConnection(settings, fresh, from, (feed) => {
      const { events, reset, refused, ...lasting } = feed;
      Object.assign(told, lasting);
      const all = parts.map((part2) => part2.told);
      const cursors = all.flatMap((feed2) => feed2.cursor ?? []);
      emit({
        ...reset && { reset },
        ...refused && { refused },
        ...feed.active && { active: all.flatMap((feed2) => feed2.active ?? []) },
        ...feed.interval && { interval: Math.max(...all.map((feed2) => feed2.interval ?? 0)) },
        ...feed.cursor && { cursor: cursors.reduce(earlier) },
        ...events && { events },
        ...feed.state && tellState()
      });
    });
    const part = { names: /* @__PURE__ */ new Set(), connection, told };
    parts.push(part);
    return part;
  };
  const room = () => parts.find((part) => part.names.size < MOST) ?? (parts.length < MOST_STREAMS ? add() : void 0);
  return {
    /** Says what all tabs want together. */
    want(names) {
      const wanted = new Set(names);
      for (const name of fresh)
        wanted.has(name) || fresh.delete(name);
      for (const name of left)
        if (!wanted.has(name) || fresh.has(name))
          left.delete(name);
      for (const part of parts) {
        for (const name of part.names)
          wanted.delete(name) || part.names.delete(name);
      }
      for (const name of wanted) {
        const part = room();
        if (part) {
          part.names.add(name);
          left.delete(name);
        } else if (!left.has(name)) {
          left.add(name);
          fresh.delete(name);
          const detail = `all tabs together have ${MOST * MOST_STREAMS} resources; a pattern takes one place`;
          emit({ refused: { name, status: 0, detail } });
        }
      }
      from = void 0;
      for (const part of [...parts]) {
        if (part.names.size)
          part.connection.want(part.names);
        else {
          part.connection.stop();
          parts.splice(parts.indexOf(part), 1);
        }
      }
      const change = tellState();
      if (change)
        emit(change);
    },
    rewind(place) {
      from = from ? earlier(from, place) : place;
      for (const { connection } of parts)
        connection.rewind(place);
    },
    retry: () => parts.forEach(({ connection }) => connection.retry()),
    wake: () => parts.forEach(({ connection }) => connection.wake()),
    stop() {
      for (const { connection } of parts)
        connection.stop();
      parts.length = 0;
    }
  };
}

// src/knock.ts
var LEAST_MS2 = 2e4;
var SPREAD_MS = 2e4;
var MOST_DOUBLINGS = 3;
function createKnock(settings, answered) {
  const { environment, url, credentials, connectTimeout } = settings;
  const { document } = environment;
  let stop;
  let fruitless = 0;
  const ask = async (signal) => {
    const init = { signal, cache: "no-store", credentials };
    const { status } = await environment.fetch(`${url}/health/ready`, init);
    return status < 500 && status !== 429;
  };
  const wait = () => {
    const pause = (LEAST_MS2 + environment.Math.random() * SPREAD_MS) * 2 ** fruitless;
    stop = later(environment, pause, async () => {
      if (document?.hidden)
        return wait();
      const abort = new AbortController();
      const end = later(environment, connectTimeout, () => abort.abort());
      const mine = stop = () => {
        end();
        abort.abort();
      };
      const isThere = await ask(abort.signal).catch(() => false);
      end();
      if (stop !== mine)
        return;
      if (!isThere)
        return wait();
      stop = void 0;
      fruitless = Math.min(MOST_DOUBLINGS, fruitless + 1);
      answered();
    });
  };
  return (state) => {
    const { status, reason } = state;
    if (status === "open" || status === "polling")
      fruitless = 0;
    if (!settings.knock || reason !== "failed")
      stop = stop?.();
    else if (!stop)
      wait();
  };
}

// src/subscriptions.ts
var MOST_HELD = 5e3;
function createSubscription(onError, resources, listener, getState, since) {
  let isOver = false;
  let isLoaded = false;
  let held;
  let again;
  const tell = (event) => {
    if (isOver)
      return;
    if (held) {
      if (held.push(event) > MOST_HELD) {
        held = [];
        again = "expired";
      }
      return;
    }
    try {
      listener(event);
    } catch (error) {
      onError(error);
    }
  };
  const load = async (reason) => {
    if (held) {
      again = reason;
      return;
    }
    isLoaded = true;
    held = [];
    try {
      await getState?.({ reason });
    } catch (error) {
      onError(error);
    }
    const events = held;
    held = void 0;
    if (again && !isOver)
      void load(again);
    again = void 0;
    events.forEach(tell);
  };
  return {
    since,
    tell,
    end: () => isOver = true,
    /** Loads the app's state if all resources are among those that come. */
    activate(active) {
      const isActive = (name) => active.has(name) || active.has(patternOf(name));
      if (getState && !isLoaded && resources.every(isActive))
        void load("subscribe");
    },
    reset: (reason) => isLoaded && load(reason)
  };
}
function createSubscriptions(settings, changed) {
  const all = /* @__PURE__ */ new Set();
  const byResource = /* @__PURE__ */ new Map();
  const fresh = /* @__PURE__ */ new Set();
  const told = /* @__PURE__ */ new Map();
  let active = /* @__PURE__ */ new Set();
  let count = 0;
  return {
    fresh,
    /** All that is wanted, and what was until lately. */
    wanted: () => [...byResource.keys()],
    add(names, listener, { getState } = {}) {
      const resources = [...new Set([names].flat().map(check))];
      const { onError, environment, linger } = settings;
      const subscription = createSubscription(onError, resources, listener, getState, count);
      all.add(subscription);
      for (const name of resources) {
        const set = byResource.get(name);
        if (set?.size)
          set.add(subscription);
        else
          byResource.set(name, /* @__PURE__ */ new Set([subscription]));
        fresh.add(name);
      }
      changed();
      subscription.activate(active);
      return () => {
        subscription.end();
        if (!all.delete(subscription))
          return;
        for (const name of resources) {
          const set = byResource.get(name);
          set?.delete(subscription);
          if (!set?.size) {
            later(environment, linger, () => {
              if (byResource.get(name) !== set)
                return;
              byResource.delete(name);
              changed();
            });
          }
        }
      };
    },
    /** These come from now on: the position from which an app's state can be completed. */
    activate(names) {
      active = new Set(names);
      for (const subscription of all)
        subscription.activate(active);
    },
    /** A resource does not come, and the others do. */
    refuse({ name, status, detail }) {
      if (byResource.has(name))
        settings.onError(new RefusedError(name, status, detail));
    },
    /** Something was missed for good. */
    reset(reason) {
      told.clear();
      for (const subscription of all)
        void subscription.reset(reason);
    },
    dispatch(event) {
      const { id, retained, resources } = event;
      const before = told.get(id) ?? -1;
      if (before >= 0 && !retained)
        return;
      if (id) {
        told.set(id, count++);
        if (told.size > settings.dedupe)
          told.delete(told.keys().next().value);
      }
      const targets = /* @__PURE__ */ new Set();
      for (const name of resources) {
        for (const key of [name, patternOf(name)]) {
          for (const subscription of byResource.get(key) ?? []) {
            if (subscription.since > before)
              targets.add(subscription);
          }
        }
      }
      for (const { tell } of targets)
        tell(event);
    }
  };
}

// src/page.ts
function createPage(settings, manager) {
  const { environment } = settings;
  const { document, addEventListener = () => void 0 } = environment;
  const listeners = /* @__PURE__ */ new Set();
  let cursor;
  let place;
  let active = [];
  let interval = settings.keepalive * 1e3;
  let tab;
  let connections;
  let stopTimer;
  let isIn;
  let isAway = false;
  let isBehind = false;
  let isHidden = false;
  const isOld = (id) => !!id && !!place && earlier(id, place) === id;
  const setState = (state) => {
    manager.state = state;
    knock(state);
    for (const listener of listeners) {
      try {
        listener(state);
      } catch (error) {
        settings.onError(error);
      }
    }
  };
  const apply = (feed) => {
    if (feed.reset) {
      place = void 0;
      isBehind = false;
      subscriptions.reset(feed.reset);
    }
    if (feed.refused)
      subscriptions.refuse(feed.refused);
    if (feed.active)
      subscriptions.activate(active = feed.active);
    interval = feed.interval ?? interval;
    if (feed.cursor && isOld(feed.cursor))
      isBehind = false;
    if (!isBehind) {
      for (const event of feed.events ?? []) {
        if (event.retained || !isOld(event.id))
          subscriptions.dispatch(event);
      }
      cursor = feed.cursor ?? cursor;
      if (cursor && !isOld(cursor))
        place = cursor;
    }
    if (feed.state)
      setState(feed.state);
  };
  const lead = () => {
    connections?.stop();
    const mine = createConnections(settings, fresh, cursor, (feed) => {
      if (mine !== connections)
        return;
      if (tab?.isLate())
        return rejoin();
      apply(feed);
      tab?.tell(feed);
    });
    connections = mine;
    isBehind = false;
    refresh();
  };
  const rewind = (from) => connections?.rewind(from);
  const call = (name) => {
    if (connections)
      connections[name]();
    else
      tab?.post({ call: name });
  };
  const join = async () => {
    const mine = isIn = {};
    const module2 = settings.tabs && await Promise.resolve().then(() => (init_tabs(), tabs_exports)).catch(() => void 0);
    if (mine !== isIn)
      return;
    const present = () => ({ state: manager.state, active, cursor, interval });
    const host = { fresh, present, update, refresh, changed, lead, rewind, apply, call, rejoin };
    tab = module2 ? module2.joinTabs(settings, host) : void 0;
    if (!tab)
      lead();
  };
  const leave = () => {
    isAway = true;
    stopTimer?.();
    connections?.stop();
    tab?.leave();
    stopTimer = tab = connections = isIn = void 0;
  };
  const comeBack = () => {
    isAway = false;
    isBehind = !!cursor;
    refresh();
  };
  const rejoin = () => {
    const old = connections;
    connections = void 0;
    old?.stop();
    leave();
    comeBack();
  };
  const changed = () => {
    if (isAway)
      return;
    if (!isIn)
      void join();
    stopTimer ??= later(environment, settings.debounce, update);
  };
  const refresh = () => {
    for (const name of subscriptions.wanted())
      fresh.add(name);
    changed();
  };
  const update = () => {
    stopTimer = stopTimer?.();
    const wanted = subscriptions.wanted();
    if (!wanted.length) {
      leave();
      isAway = false;
      cursor = place = void 0;
      isBehind = false;
      setState(IDLE);
    } else if (connections)
      connections.want([...wanted, ...tab?.others() ?? []]);
    else if (tab) {
      tab.post({ wanted, fresh: [...fresh], cursor, isBehind });
      fresh.clear();
    }
  };
  const subscriptions = createSubscriptions(settings, changed);
  const { fresh } = subscriptions;
  const wake = () => call("wake");
  const knock = createKnock(settings, wake);
  const hide = () => {
    if (!tab)
      return;
    leave();
    isHidden = true;
  };
  const show = () => {
    if (isHidden)
      comeBack();
    else
      wake();
    isHidden = false;
  };
  addEventListener("online", wake);
  addEventListener("pagehide", hide);
  addEventListener("pageshow", show);
  document?.addEventListener("freeze", hide);
  document?.addEventListener("resume", show);
  document?.addEventListener("visibilitychange", () => document.hidden || wake());
  return {
    subscribe: subscriptions.add,
    onState(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    retry() {
      if (isAway)
        comeBack();
      else
        call("retry");
    },
    close() {
      leave();
      isHidden = false;
      setState({ status: "closed", reason: "manual" });
    }
  };
}

// src/parser.ts
function createParser(sink) {
  const decoder = new TextDecoder();
  let rest = "";
  let event = "";
  let id;
  let data;
  return (bytes) => {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop();
    for (const line of lines) {
      const [, name, value] = /^([^:]*):? ?(.*)/s.exec(line);
      if (!line) {
        if (data !== void 0)
          sink.block(event || "message", id, data);
        event = "";
        id = data = void 0;
      } else if (name === "data")
        data = data === void 0 ? value : `${data}
${value}`;
      else if (name === "event")
        event = value;
      else if (name === "id" && !value.includes("\0"))
        id = value;
      else if (name === "retry" && /^\d+$/.test(value))
        sink.retry(+value);
    }
  };
}

// src/transport.ts
var fetchStream = async (request, sink) => {
  const parse = createParser(sink);
  const { body } = await request.fetch();
  const reader = body.getReader();
  for (; ; ) {
    const { done, value } = await reader.read();
    if (done)
      return;
    parse(value);
    sink.flush();
  }
};

// src/manager.ts
var SSEManager = class {
  /** @throws TypeError for a `keepalive` that the hub does not take */
  constructor(options) {
    /** How the connection is; the same object until it changes. */
    this.state = IDLE;
    const settings = {
      url: "",
      transport: fetchStream,
      tabs: true,
      keepalive: 20,
      maxAttempts: 5,
      knock: true,
      debounce: 50,
      linger: 5e3,
      connectTimeout: 1e4,
      healthyAfter: 1e4,
      dedupe: 5e3,
      onError: console.error,
      environment: globalThis,
      ...options
    };
    settings.url = settings.url.replace(/\/$/, "");
    if (!(settings.keepalive >= 1 && settings.keepalive <= 300)) {
      throw new TypeError("keepalive is 1 to 300 seconds");
    }
    Object.assign(this, createPage(settings, this));
  }
  /** The one that a page needs; `options` are those of the first call. */
  static shared(options) {
    return SSEManager.instance ??= new SSEManager(options);
  }
};

// test/support/page.ts
var _Page = class {
  constructor(options = {}, clock = new Clock(), hub = new FakeHub(), browser) {
    this.clock = clock;
    this.hub = hub;
    this.states = [];
    this.errors = [];
    this.document = Object.assign(new EventTarget(), { hidden: false });
    this.target = new EventTarget();
    const { Date: Date2, setTimeout, clearTimeout } = clock;
    const number = _Page.count += 1;
    const Math2 = { random: () => clock.random - number * 1e-9 };
    const environment = {
      Date: Date2,
      Math: Math2,
      location: {},
      setTimeout,
      clearTimeout,
      fetch: hub.fetch,
      document: this.document,
      addEventListener: this.target.addEventListener.bind(this.target),
      ...browser?.features(clock, hub.fetch)
    };
    this.manager = new SSEManager({
      environment,
      onError: (error) => this.errors.push(error),
      ...options
    });
    this.manager.onState((state) => this.states.push(state));
  }
  get status() {
    return this.manager.state.status;
  }
  /** What the window tells, such as `online`. */
  tell(type) {
    this.target.dispatchEvent(new Event(type));
  }
  /** Subscribes, and collects what comes. */
  listen(resources, getState) {
    const events = [];
    const end = this.manager.subscribe(resources, (event) => events.push(event), { getState });
    return { events, end, ids: () => events.map((event) => event.id) };
  }
  /** Subscribes, and opens the stream. */
  async open(resources = "post:1", opening = {}) {
    const listener = this.listen(resources);
    await this.clock.pass(50);
    const stream = await this.hub.next("/stream");
    const connection = await stream.open(opening);
    return { ...listener, stream, connection };
  }
};
var Page = _Page;
Page.count = 0;

// test/support/tabs.ts
var Tabs = class {
  constructor(isSecure = true) {
    this.clock = new Clock();
    this.hub = new FakeHub();
    this.pages = [];
    this.handles = [];
    this.browser = new Browser(isSecure);
  }
  open(options = {}) {
    const page = new Page(options, this.clock, this.hub, this.browser);
    this.pages.push(page);
    this.handles.push(this.browser.newest);
    return page;
  }
  /** What `page` can be stopped by. */
  of(page) {
    return this.handles[this.pages.indexOf(page)];
  }
  kill(page) {
    this.browser.kill(this.of(page));
  }
  async wait(milliseconds = 60) {
    await this.clock.pass(milliseconds);
  }
};
async function two(options = {}, isSecure = true) {
  const tabs = new Tabs(isSecure);
  const leader = tabs.open(options);
  const first = leader.listen("post:1");
  await tabs.wait(400);
  const follower = tabs.open(options);
  const second = follower.listen("post:2");
  await tabs.wait(200);
  const stream = await tabs.hub.next("/stream");
  await stream.open({ head: "e-0" });
  const change = await tabs.hub.next("/stream/\u2026");
  import_strict2.default.deepEqual(change.body.add, ["post:2"]);
  const resources = ["post:1", "post:2"];
  await stream.block("subscribed", { resources });
  await change.answer(200, { resources });
  await tabs.wait();
  return { tabs, leader, follower, first, second, stream };
}

// test/lead.test.ts
var both = ["post:1", "post:2"];
var orders = [
  ["timers", "messages", "network"],
  ["timers", "network", "messages"],
  ["messages", "timers", "network"],
  ["messages", "network", "timers"],
  ["network", "messages", "timers"],
  ["network", "timers", "messages"]
];
async function serve(tabs, first) {
  const { calls } = tabs.hub;
  const before = new Set(calls.slice(0, first));
  let resources = [];
  for (let round = 0; round < 10; round += 1) {
    await tabs.wait(100);
    for (const call of calls.filter((call2) => !before.has(call2))) {
      before.add(call);
      if (call.isAborted)
        continue;
      if (call.path === "/stream") {
        ({ resources } = call);
        await call.open({ resumed: call.query.has("last_event_id"), head: "e-1" });
      } else {
        const { add, remove } = call.body;
        resources = [.../* @__PURE__ */ new Set([...resources.filter((name) => !remove.includes(name)), ...add])];
        await call.answer(200, { resources });
      }
    }
  }
  const streams = calls.filter((call) => call.path === "/stream" && !call.isAborted);
  return streams[streams.length - 1];
}
for (const isSecure of [true, false]) {
  const where = isSecure ? "with locks" : "on plain http";
  (0, import_node_test.test)(`${where}, a leader that stands still is replaced within two intervals, and stale until then`, async () => {
    const { tabs, leader, follower, stream, second } = await two({}, isSecure);
    await stream.event({ id: "e-1", resources: both });
    tabs.of(leader).stop();
    await stream.event({ id: "e-2", resources: both });
    await tabs.wait(44e3);
    import_strict3.default.equal(follower.status, "open");
    await tabs.hub.quiet();
    await tabs.wait(2e3);
    import_strict3.default.equal(follower.status, "stale");
    await tabs.wait(14e3);
    const next = await tabs.hub.next("/stream");
    import_strict3.default.equal(next.query.get("last_event_id"), "e-1");
    import_strict3.default.deepEqual(next.resources, both);
    await next.open({ resumed: true, head: "e-2", events: [{ id: "e-2", resources: both }] });
    import_strict3.default.equal(follower.status, "open");
    import_strict3.default.deepEqual(second.ids(), ["e-1", "e-2"]);
  });
  for (const order of orders) {
    (0, import_node_test.test)(`${where}, a leader that goes on (first ${order[0]}, then ${order[1]}) follows, and no tab misses or repeats`, async () => {
      const { tabs, leader, follower, stream, first, second } = await two({}, isSecure);
      await stream.event({ id: "e-1", resources: both });
      tabs.of(leader).stop();
      await tabs.wait(61e3);
      const next = await tabs.hub.next("/stream");
      await next.open({ resumed: true, head: "e-1" });
      for (const each of [stream, next]) {
        await each.event({ id: "e-2", resources: both });
        await each.event({ resources: both });
      }
      await tabs.wait();
      await tabs.of(leader).goOn(order);
      await tabs.wait(400);
      import_strict3.default.ok(stream.isAborted);
      const { calls } = tabs.hub;
      const again = calls.filter((call) => call.path === "/stream" && !call.isAborted);
      import_strict3.default.equal(again.length, 1);
      import_strict3.default.equal(again[0].query.get("last_event_id"), "e-1");
      import_strict3.default.deepEqual(again[0].resources, both);
      const events = ["e-2", "e-3"].map((id) => ({ id, resources: both }));
      await again[0].open({ resumed: true, head: "e-3", events });
      await tabs.wait(1e4);
      import_strict3.default.deepEqual(first.ids(), ["e-1", "e-2", "e-3"]);
      import_strict3.default.deepEqual(second.ids(), ["e-1", "e-2", null, "e-3"]);
      import_strict3.default.deepEqual([leader.status, follower.status], ["open", "open"]);
    });
  }
  (0, import_node_test.test)(`${where}, a tab that joins is not kept by a leader that stands still, nor are the others after it`, async () => {
    const { tabs, leader, follower, second } = await two({}, isSecure);
    tabs.of(leader).stop();
    const first = tabs.hub.calls.length;
    const third = tabs.open();
    const { ids } = third.listen("post:3");
    await tabs.wait(1500);
    import_strict3.default.equal(third.status, isSecure ? "stale" : "connecting");
    await tabs.wait(600);
    const stream = await serve(tabs, first);
    import_strict3.default.deepEqual([third.status, follower.status], ["open", "open"]);
    await stream.event({ id: "e-2", resources: ["post:2", "post:3"] });
    await tabs.wait();
    import_strict3.default.deepEqual([ids(), second.ids()], [["e-2"], ["e-2"]]);
  });
  (0, import_node_test.test)(`${where}, whoever comes to look at a tab does not wait for a leader that stands still`, async () => {
    const { tabs, leader, follower } = await two({}, isSecure);
    tabs.of(leader).stop();
    follower.document.dispatchEvent(new Event("visibilitychange"));
    await tabs.wait(2100);
    const stream = await tabs.hub.next("/stream");
    await stream.open({ resumed: true });
    import_strict3.default.equal(follower.status, "open");
  });
  (0, import_node_test.test)(`${where}, a leader that is closed is replaced at once`, async () => {
    const { tabs, leader, follower } = await two({}, isSecure);
    leader.tell("pagehide");
    await tabs.wait(300);
    const stream = await tabs.hub.next("/stream");
    await stream.open({ resumed: true });
    import_strict3.default.equal(follower.status, "open");
  });
  (0, import_node_test.test)(`${where}, a leader that the browser freezes lets go before, and comes back when it is thawed`, async () => {
    const { tabs, leader, follower, first, second, stream } = await two({}, isSecure);
    await stream.event({ id: "e-1", resources: both });
    leader.document.dispatchEvent(new Event("freeze"));
    tabs.of(leader).stop();
    await tabs.wait(300);
    import_strict3.default.ok(stream.isAborted);
    const next = await tabs.hub.next("/stream");
    await next.open({ resumed: true, head: "e-2", events: [{ id: "e-2", resources: both }] });
    await tabs.wait();
    import_strict3.default.deepEqual([first.ids(), second.ids()], [["e-1"], ["e-1", "e-2"]]);
    await tabs.of(leader).goOn();
    leader.document.dispatchEvent(new Event("resume"));
    await tabs.wait(400);
    const { calls } = tabs.hub;
    const again = calls[calls.length - 1];
    import_strict3.default.equal(again.query.get("last_event_id"), "e-1");
    await again.open({ resumed: true, head: "e-2", events: [{ id: "e-2", resources: both }] });
    await tabs.wait();
    import_strict3.default.deepEqual([first.ids(), second.ids()], [["e-1", "e-2"], ["e-1", "e-2"]]);
    import_strict3.default.deepEqual([leader.status, follower.status], ["open", "open"]);
  });
  (0, import_node_test.test)(`${where}, a follower that stood still goes on from where it was, not from what has piled up`, async () => {
    const { tabs, follower, stream, second } = await two({}, isSecure);
    await stream.event({ id: "e-1", resources: both });
    tabs.of(follower).stop();
    for (let round = 0; round < 4; round += 1) {
      await tabs.wait(2e4);
      await stream.event({ id: `e-${round + 2}`, resources: both });
    }
    await tabs.of(follower).goOn(["messages", "timers", "network"]);
    await tabs.wait(400);
    import_strict3.default.deepEqual(second.ids(), ["e-1"]);
    const again = tabs.hub.calls.filter((call) => call.path === "/stream" && !call.isAborted);
    import_strict3.default.equal(again.length, 1);
    import_strict3.default.equal(again[0].query.get("last_event_id"), "e-1");
  });
  (0, import_node_test.test)(`${where}, a stream that goes back for one tab tells the others nothing that is older than they are`, async () => {
    const { tabs, leader, second } = await two({}, isSecure);
    tabs.of(leader).stop();
    await tabs.wait(61e3);
    const next = await tabs.hub.next("/stream");
    await next.open({ resumed: true, head: "e-8", events: [{ id: "e-8", resources: both }] });
    const third = tabs.open();
    const { ids } = third.listen("post:1");
    await serve(tabs, tabs.hub.calls.length);
    await next.event({ id: "e-10", resources: both });
    await tabs.wait();
    const first = tabs.hub.calls.length;
    await tabs.of(leader).goOn();
    const again = await serve(tabs, first);
    for (const id of ["e-8", "e-9", "e-10", "e-11"])
      await again.event({ id, resources: both });
    await tabs.wait();
    import_strict3.default.deepEqual([second.ids(), ids()], [["e-8", "e-10", "e-11"], ["e-10", "e-11"]]);
  });
  (0, import_node_test.test)(`${where}, a leader without a stream still says that it is there`, async () => {
    const { tabs, leader, follower, stream } = await two({}, isSecure);
    await stream.block("closing", { reason: "shutdown", retry: 3e6 });
    await stream.end();
    await tabs.wait(2e6);
    import_strict3.default.deepEqual([leader.status, follower.status], ["retrying", "retrying"]);
    await tabs.hub.quiet();
  });
  (0, import_node_test.test)(`${where}, many tabs that lose their leader get one, and one stream`, async () => {
    const tabs = new Tabs(isSecure);
    const pages = [];
    for (let number = 0; number < 8; number += 1) {
      pages.push(tabs.open());
      pages[number].listen("post:1");
      await tabs.wait(400);
    }
    await (await tabs.hub.next("/stream")).open();
    const answer = async () => {
      for (const call of tabs.hub.calls) {
        if (call.method === "PATCH")
          await call.answer(200, { resources: ["post:1"] });
      }
    };
    await answer();
    tabs.of(pages[0]).stop();
    await tabs.wait(61e3);
    await tabs.hub.calls.filter((call) => call.path === "/stream").pop()?.open({ resumed: true });
    await answer();
    await tabs.wait(1e3);
    import_strict3.default.equal(tabs.hub.streams, 2);
    import_strict3.default.deepEqual(pages.slice(1).map((page) => page.status), Array(7).fill("open"));
  });
}
(0, import_node_test.test)("on plain http, a leader that crashes is replaced within two intervals", async () => {
  const { tabs, leader, follower } = await two({}, false);
  tabs.kill(leader);
  await tabs.wait(6e4);
  const stream = await tabs.hub.next("/stream");
  await stream.open({ resumed: true });
  import_strict3.default.equal(follower.status, "open");
});
(0, import_node_test.test)("on plain http, tabs that open in the same moment agree on one stream", async () => {
  const tabs = new Tabs(false);
  const pages = [tabs.open(), tabs.open()];
  for (const page of pages)
    page.listen("post:1");
  await tabs.wait(1e3);
  const streams = tabs.hub.calls.filter((call) => call.path === "/stream" && !call.isAborted);
  import_strict3.default.equal(streams.length, 1);
  await streams[0].open();
  import_strict3.default.deepEqual(pages.map((page) => page.status), ["open", "open"]);
});
(0, import_node_test.test)("two leaders that meet become one, whichever has the lower number of changes follows", async () => {
  const { tabs, leader, follower, first, second, stream } = await two({}, false);
  await stream.event({ id: "e-1", resources: both });
  tabs.of(leader).stop();
  const third = tabs.open();
  const { ids } = third.listen("post:1");
  await tabs.wait(400);
  await tabs.hub.calls[tabs.hub.calls.length - 1].open({ head: "e-1" });
  await tabs.of(leader).goOn(["messages", "timers", "network"]);
  await tabs.wait(1e3);
  const streams = tabs.hub.calls.filter((call) => call.path === "/stream" && !call.isAborted);
  import_strict3.default.equal(streams.length, 1);
  await streams[0].open({ resumed: true, head: "e-2", events: [{ id: "e-2", resources: both }] });
  await tabs.wait(1e3);
  import_strict3.default.deepEqual([first.ids(), second.ids(), ids()], [["e-1", "e-2"], ["e-1", "e-2"], ["e-2"]]);
  import_strict3.default.deepEqual([leader.status, follower.status, third.status], ["open", "open", "open"]);
});
