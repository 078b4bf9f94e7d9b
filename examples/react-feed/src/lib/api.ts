import type { InfluencerUpdate, JobUpdate, PostUpdate, StatusUpdate } from "martlet";

export type Session = StatusUpdate;
export type Post = PostUpdate;
export type Job = JobUpdate;

/** Someone who was created. */
export type Influencer = InfluencerUpdate;

/** What went wrong, in words for the person who asked. */
export class ApiError extends Error {
    /** @param status the answer's; 0 when there was none */
    constructor(
        message: string,
        readonly status: number,
    ) {
        super(message);
    }
}

const PATIENCE = 15_000;
const MEDIA_TYPE = { "Content-Type": "application/json" };

async function call<Answer>(path: string, value?: object, method = value ? "POST" : "GET"): Promise<Answer> {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE);
    try {
        const response = await fetch(`/api/v1${path}`, {
            method,
            signal: patience.signal,
            ...(value && { body: JSON.stringify(value), headers: MEDIA_TYPE }),
        });
        if (!response.ok) throw await refusal(response);
        return await response.json();
    } catch (error) {
        if (error instanceof ApiError) throw error;
        throw new ApiError("The hub cannot be reached. Try again when the connection is back.", 0);
    } finally {
        clearTimeout(timer);
    }
}

async function refusal(response: Response): Promise<ApiError> {
    const { status } = response;
    const problem = await response.json().catch(() => ({}));
    const wait = Number(response.headers.get("Retry-After"));
    const soon = wait ? `Try again in ${wait} s.` : "Try again in a moment.";
    if (status === 404) return new ApiError("This is not here any more.", status);
    if (status === 401 || status === 403) return new ApiError("You may not do this.", status);
    if (status === 429 || status === 503) return new ApiError(`The hub is busy. ${soon}`, status);
    // The hub's own words name what was wrong and what would be right.
    const words = status < 500 ? problem.detail : undefined;
    return new ApiError(words ?? `The hub could not do this. ${soon}`, status);
}

type Page<Name extends string, Row> = Record<Name, readonly Row[]> & { readonly next: string | null };

const page = (limit: number, before?: string | null) => `limit=${limit}${before ? `&before=${before}` : ""}`;

/** The generation API, as far as the app needs it. */
export const api = {
    startSession: (prompt: string) => call<{ session: Session; job: Job }>("/sessions", { prompt, avatars: 4 }),
    sessions: () => call<Page<"sessions", Session>>(`/sessions?${page(20)}`),
    session: (id: string) => call<Session>(`/sessions/${id}`),
    choose: (session: string, avatar: number) =>
        call<{ session: Session; job: Job }>(`/sessions/${session}/persona`, { avatar }),
    makeInfluencer: (session: string) => call<Influencer>("/influencers", { session }),
    influencers: () => call<Page<"influencers", Influencer>>(`/influencers?${page(100)}`),
    influencer: (id: string) => call<Influencer>(`/influencers/${id}`),
    posts: (influencer: string, before?: string | null) =>
        call<Page<"posts", Post>>(`/influencers/${influencer}/posts?${page(10, before)}`),
    startPost: (influencer: string, prompt: string) =>
        call<{ post: Post; job: Job }>(`/influencers/${influencer}/posts`, { prompt }),
    post: (id: string) => call<Post>(`/posts/${id}`),
    postJobs: (state: Job["state"]) =>
        call<Page<"jobs", Job & { input: { post: string } }>>(`/jobs?kind=post&state=${state}&${page(20)}`),
    job: (id: string) => call<Job>(`/jobs/${id}`),
    cancel: (job: string) => call<Job>(`/jobs/${job}/cancel`, undefined, "POST"),
    restart: (job: string) => call<Job>(`/jobs/${job}/restart`, undefined, "POST"),
};
