import { useEffect, useState, type FormEvent } from "react";
import { useActivity, useConnectionState, useSSESubscription } from "martlet/react";
import { api, type Influencer } from "../lib/api";
import { influencers, jobs, posts } from "../lib/records";
import { useRow, useRows } from "../lib/table";
import { useAction } from "../lib/useAction";
import { useWide } from "../lib/useWide";
import { stepOf } from "../lib/useWork";
import { Facts, PersonaCard } from "../parts/PersonaCard";
import { Picture } from "../parts/Picture";
import { PostCard } from "../parts/PostCard";
import { Problem } from "../parts/Problem";
import { Watchers } from "../parts/Watchers";

export function InfluencerPage({ id }: { id: string }) {
    const influencer = useRow(influencers, id);
    const [older, setOlder] = useState<string | null>(null);
    const [isLoaded, setLoaded] = useState(false);
    const load = useAction(async () => {
        const [person, page] = await Promise.all([api.influencer(id), api.posts(id)]);
        influencers.put(person);
        posts.put(...page.posts);
        const oldest = page.posts[page.posts.length - 1]?.id ?? "";
        const ids = new Set(page.posts.map((post) => post.id));
        // What should be among these but is not, the hub no longer has.
        posts.drop((post) => post.influencer === id && post.id > oldest && !ids.has(post.id) && isSettled(post.id));
        setOlder(page.next);
        setLoaded(true);
    });
    const more = useAction(async () => {
        const page = await api.posts(id, older);
        posts.put(...page.posts);
        setOlder(page.next);
    });
    // At first, and again whenever the hub could not give all that was missed.
    useSSESubscription<void>(`influencer:${id}`, { getState: () => load.run(), select: () => undefined });
    const isClosed = useConnectionState().status === "closed";
    useEffect(() => {
        if (isClosed && !influencers.get(id)) void load.run();
    }, [id, isClosed]);

    const feed = useRows(posts).filter((post) => post.influencer === id);
    if (!influencer) {
        return (
            <div className="column">
                <h1>{load.error ? "Not here" : "Influencer"}</h1>
                <Problem text={load.error} />
                <a className="button" href="#/">
                    To the influencers
                </a>
            </div>
        );
    }
    return (
        <div className="page">
            <Profile influencer={influencer} />
            <div className="feed">
                <Composer influencer={influencer} />
                <Problem text={load.error} />
                <section aria-label="Posts" aria-busy={!isLoaded}>
                    {feed.map((post) => (
                        <PostCard key={post.id} post={post} influencer={influencer} />
                    ))}
                    {isLoaded && !feed.length && (
                        <p className="nothing">
                            Nothing yet. Say what {influencer.name} should write about, and watch it take shape.
                        </p>
                    )}
                    {older && feed.length > 0 && (
                        <button type="button" className="button" disabled={more.isBusy} onClick={() => more.run()}>
                            Older posts
                        </button>
                    )}
                    <Problem text={more.error} />
                </section>
            </div>
        </div>
    );
}

const isSettled = (id: string) => {
    const status = posts.get(id)?.status;
    return status === "ready" || status === "failed";
};

function Profile({ influencer }: { influencer: Influencer }) {
    const { id, name, avatar_url: avatar, persona } = influencer;
    const isWide = useWide();
    const card = <PersonaCard persona={persona} />;
    return (
        <aside className="profile" aria-label="About">
            <Picture className="portrait" src={avatar} alt={`Portrait of ${name}`} />
            <div>
                <h1>{name}</h1>
                <Facts persona={persona} />
                <Busy id={id} />
            </div>
            <Watchers what={`influencer-${id}`} />
            <div className="about">
                {isWide ? (
                    card
                ) : (
                    <details>
                        <summary>About {name}</summary>
                        {card}
                    </details>
                )}
            </div>
        </aside>
    );
}

/** What the influencer is at now, whoever asked for it. */
function Busy({ id }: { id: string }) {
    const work = useActivity("influencer").working.filter(({ resource }) => resource === `influencer:${id}`);
    if (!work[0]) return null;
    return (
        <p className="busy">
            <span className="lamp" aria-hidden="true" />
            {work[1] ? `At work on ${work.length} things` : stepOf(work[0])}
        </p>
    );
}

function Composer({ influencer }: { influencer: Influencer }) {
    const [prompt, setPrompt] = useState("");
    const start = useAction(async (text: string) => {
        // At once, so that the next can be written meanwhile; what could not be sent comes back.
        setPrompt("");
        try {
            const { post, job } = await api.startPost(influencer.id, text);
            posts.put(post);
            if (!jobs.get(job.id)) jobs.put(job);
        } catch (error) {
            setPrompt((now) => now || text);
            throw error;
        }
    });
    const submit = (event: FormEvent) => {
        event.preventDefault();
        if (prompt.trim()) void start.run(prompt.trim());
    };
    return (
        <>
            <form className="composer" onSubmit={submit}>
                <label htmlFor="post" className="hidden">
                    What should {influencer.name} post about?
                </label>
                <textarea
                    id="post"
                    rows={2}
                    maxLength={1_000}
                    placeholder={`What should ${influencer.name} post about?`}
                    value={prompt}
                    onChange={(event) => setPrompt(event.target.value)}
                    onKeyDown={(event) => {
                        if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) submit(event);
                    }}
                />
                <button className="button primary" disabled={!prompt.trim()}>
                    Generate post
                </button>
            </form>
            <Problem text={start.error} />
        </>
    );
}
