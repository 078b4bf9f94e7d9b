// A program that uses the package, with all that a browser has and Node has not: it must build and run.

import { RefusedError, SSEManager, type ConnectionState } from "martlet";
import { eventSource } from "martlet/eventsource";

const asked: string[] = [];
const manager = new SSEManager({
    url: "http://hub.invalid",
    environment: {
        ...{ Date, Math, setTimeout, clearTimeout },
        location: {},
        BroadcastChannel,
        fetch: async (input) => {
            asked.push(String(input));
            return new Response(null, { status: 204 });
        },
    },
    onError: (error) => {
        if (error instanceof RefusedError) throw error;
    },
});
new SSEManager({ url: "http://hub.invalid", transport: eventSource({ events: ["comment"] }) });
manager.subscribe("post:1", (event) => {
    if (event.event === "post_update") console.log(event.data.status);
});
manager.onState((state: ConnectionState) => {
    if (state.status !== "closed" || state.reason === "manual") return;
    manager.close();
    if (state.reason !== "stopped") throw new Error(state.reason);
    if (asked.length !== 1) throw new Error(`asked for ${asked}`);
});
