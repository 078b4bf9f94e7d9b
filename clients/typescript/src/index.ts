export type {
    Activity,
    ActivityKind,
    AnyEvent,
    ContentDelta,
    Envelope,
    EventTypes,
    InfluencerUpdate,
    JobUpdate,
    MartletEvents,
    Persona,
    PostUpdate,
    Presence,
    SSEEvent,
    StatusUpdate,
    Work,
} from "./events";
export type { Environment } from "./environment";
export type { Reset } from "./hub";
export { SSEManager } from "./manager";
export { watchActivity, watchPresence } from "./people";
export { RefusedError } from "./settings";
export type { ClosedReason, ConnectionState, SSEOptions, SubscribeOptions } from "./settings";
export type { GetState, StateRequest } from "./subscriptions";
export type { StreamError, StreamRequest, StreamSink, Transport } from "./transport";
