// What comes through a stream, by name. The shapes are those of the hub's contract (docs/PROTOCOL.md);
// at run time an unknown name passes like any other, these types only say what is known.

/** An event as listeners get it. */
export interface Envelope<Name extends string, Data> {
    /** Its place in the log; `null` for an event that was only sent live. Opaque. */
    readonly id: string | null;
    readonly event: Name;
    /** The resources that it was published to. */
    readonly resources: readonly string[];
    /** When it was published: UTC, ISO 8601 with milliseconds. */
    readonly at: string;
    readonly data: Data;
    /** Whether it is state that the hub kept, rather than news. */
    readonly retained: boolean;
}

/** `status_update` on `session:{id}`, retained: the creation of an influencer. */
export interface StatusUpdate {
    readonly id: string;
    readonly status:
        | "generating_images"
        | "images_ready"
        | "generating_persona"
        | "persona_ready"
        | "failed";
    readonly prompt: string;
    /** URLs of the avatars that are ready. */
    readonly avatars: readonly string[];
    readonly avatar_count: number;
    /** The one that was chosen, counted from 1. */
    readonly avatar: number | null;
    readonly persona: Persona | null;
    readonly error: string | null;
    readonly job: string;
    readonly created_at: string;
    readonly updated_at: string;
}

/** Who an influencer is; beyond the name it is what the model wrote. */
export interface Persona {
    readonly name: string;
    readonly age?: number;
    readonly occupation?: string;
    readonly city?: string;
    readonly bio?: string;
    readonly voice?: string;
    readonly interests?: readonly string[];
}

/** `influencer_update` on `influencer:{id}`, retained: a new influencer. */
export interface InfluencerUpdate {
    readonly id: string;
    readonly name: string;
    readonly avatar_url: string;
    readonly persona: Persona;
    /** The session that it was made from. */
    readonly session: string;
    readonly created_at: string;
}

/** `post_update` on `post:{id}` and `influencer:{id}`, retained. */
export interface PostUpdate {
    readonly id: string;
    readonly influencer: string;
    readonly status: "pending" | "generating_story" | "generating_images" | "ready" | "failed";
    readonly prompt: string;
    readonly content: string | null;
    /** How the text ended; null before, and when that is not known. */
    readonly ending: "stop" | null;
    readonly image_urls: readonly string[];
    readonly error: string | null;
    readonly job: string;
    readonly created_at: string;
    readonly updated_at: string;
}

/** `job_update` on `job:{id}`, retained: where a job stands, and its figures. */
export interface JobUpdate {
    readonly id: string;
    readonly kind: string;
    readonly state: "queued" | "scheduled" | "running" | "succeeded" | "failed" | "cancelled";
    readonly step: string | null;
    readonly message: string | null;
    /** 0 to 100; never falls within an attempt. */
    readonly progress: number;
    readonly attempt: number;
    readonly max_attempts: number;
    readonly current_tokens: number;
    readonly input_tokens: number;
    readonly output_tokens: number;
    readonly total_tokens: number;
    readonly tokens_per_second: number | null;
    readonly elapsed_seconds: number;
    readonly eta_seconds: number | null;
    /** UTF-8 bytes. */
    readonly partial_content_length: number;
    /** Bytes per second. */
    readonly content_rate: number | null;
    readonly error: string | null;
    readonly created_at: string;
    readonly scheduled_at: string | null;
    readonly started_at: string | null;
    readonly finished_at: string | null;
}

/** `content_delta` on `job:{id}`, live only: a piece of the text as it is generated. */
export interface ContentDelta {
    /** Where the piece begins, in UTF-8 bytes. */
    readonly offset: number;
    readonly text: string;
}

/** `presence` on `presence:{resource}`: how many streams receive the resource, and whose, if that was asked for. */
export interface Presence {
    readonly resource: string;
    readonly count: number;
    /** Who is there, in order: at most 200. */
    readonly members?: readonly string[];
    /** Who of them has come, and who has gone, since the last event. */
    readonly joined?: readonly string[];
    readonly left?: readonly string[];
}

/** The kinds of resources for which the hub says who works on them. */
export type ActivityKind = "influencer" | "post" | "session" | "job";

/** A job that is being done. */
export interface Work {
    /** What it is done for. */
    readonly resource: string;
    readonly job: string;
    /** The job's kind. */
    readonly kind: string;
    readonly step: string | null;
    /** 0 to 100, when the list was made. */
    readonly progress: number;
    /** When the job was begun. */
    readonly since: string;
}

/** `activity` on `activity:{kind}`, retained: who works on what now, those that began last first. */
export interface Activity {
    readonly working: readonly Work[];
    /** How much work there is besides, when the list is full (100). */
    readonly more?: number;
}

/** Martlet's own events. */
export interface MartletEvents {
    status_update: StatusUpdate;
    influencer_update: InfluencerUpdate;
    post_update: PostUpdate;
    job_update: JobUpdate;
    content_delta: ContentDelta;
    presence: Presence;
    activity: Activity;
}

/**
 * All events of an app, by name. Add your own by declaration merging:
 * `declare module "martlet" { interface EventTypes { comment: { text: string } } }`.
 */
export interface EventTypes extends MartletEvents {}

/** Any of the events of `Types`: a union that `event.event` tells apart. */
export type SSEEvent<Types = EventTypes> = {
    [Name in keyof Types & string]: Envelope<Name, Types[Name]>;
}[keyof Types & string];

/** An event before its name is known. */
export type AnyEvent = Envelope<string, unknown>;
