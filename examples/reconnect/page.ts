import { SSEManager, type ConnectionState } from "martlet";
import { chart, type Wait } from "./chart";

const MOST_ROWS = 30;
const NAMES: Record<ConnectionState["status"], string> = {
    idle: "Idle",
    connecting: "Connecting…",
    open: "Live",
    stale: "Quiet",
    retrying: "Waiting",
    polling: "Polling",
    closed: "Closed",
};
const REASONS = {
    failed: "five rounds in a row have failed: every 20 to 40 s it asks whether the hub is there",
    unauthorized: "the hub wants to know who asks (401)",
    forbidden: "the hub does not allow this (403)",
    refused: "the hub has refused all that is wanted",
    stopped: "the hub has said that there is nothing more to come (204)",
    ended: "all of it has come to its end",
    manual: "closed by hand",
};

const element = (id: string) => document.getElementById(id) as HTMLElement;
const instructions = element("detail").innerHTML;
const waits: Wait[] = [];

function details(state: ConnectionState): string {
    if (state.status === "retrying") {
        return `try ${state.attempt} in ${((state.nextAt - Date.now()) / 1_000).toFixed(1)} s`;
    }
    if (state.status === "closed") return REASONS[state.reason];
    if (state.status === "polling") return "streams do not get through; events come by polling meanwhile";
    return "";
}

function note(state: ConnectionState): void {
    const row = document.createElement("tr");
    for (const text of [new Date().toLocaleTimeString(), NAMES[state.status], details(state)]) {
        row.append(Object.assign(document.createElement("td"), { textContent: text }));
    }
    const log = element("log");
    log.prepend(row);
    log.children[MOST_ROWS]?.remove();
}

function draw(state: ConnectionState): void {
    const left = state.status === "retrying" ? Math.max(0, state.nextAt - Date.now()) / 1_000 : 0;
    const waiting = state.status === "retrying" ? ` ${left.toFixed(1)} s for try ${state.attempt}` : "";
    element("state").textContent = NAMES[state.status] + waiting;
    element("state").dataset.status = state.status;
    element("chart").innerHTML = chart(waits, Date.now());
}

// Each tab for itself: what is to be seen here is one connection.
const manager = new SSEManager({ url: new URLSearchParams(location.search).get("hub") ?? "", tabs: false });
manager.onState((state) => {
    if (state.status === "retrying") {
        waits.push({ attempt: state.attempt, from: Date.now(), until: state.nextAt });
    }
    const last = waits[waits.length - 1];
    if (last && state.status !== "retrying") last.until = Math.min(last.until, Date.now());
    if (last && !last.end && state.status === "open") last.end = "good";
    if (last && !last.end && state.status === "closed") last.end = "bad";
    element("announcer").textContent = `${NAMES[state.status]} ${details(state)}`;
    element("detail").innerHTML = state.status === "closed" ? details(state) : instructions;
    note(state);
    draw(state);
});
manager.subscribe("example:reconnect", () => {});
element("retry").addEventListener("click", () => manager.retry());
element("close").addEventListener("click", () => manager.close());
setInterval(() => draw(manager.state), 250);
