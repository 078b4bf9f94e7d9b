import type { Influencer, Post, Session } from "../lib/api";
import { influencers, posts, sessions } from "../lib/records";
import { useLoaded, useRows } from "../lib/table";
import { useJob } from "../lib/useJob";
import { CreatePage } from "./CreatePage";
import { AtWork } from "../parts/AtWork";
import { Picture } from "../parts/Picture";
import { JobProgress } from "../parts/Progress";
import { Watchers } from "../parts/Watchers";

const isRunning = ({ status }: Post) => status !== "ready" && status !== "failed";

const STEPS: Record<Session["status"], string> = {
    generating_images: "Painting the avatars",
    images_ready: "Choose a face",
    generating_persona: "Writing the persona",
    persona_ready: "Ready to be created",
    failed: "Did not work out",
};

export function HomePage() {
    const people = useRows(influencers);
    const made = new Set(people.map(({ session }) => session));
    const open = useRows(sessions).filter(({ id }) => !made.has(id));
    const running = useRows(posts).filter(isRunning);
    // Not before both: else it would be shown for a moment to those who have made someone.
    const isLoaded = [useLoaded(influencers), useLoaded(sessions)].every(Boolean);
    if (isLoaded && !people.length && !open.length) return <CreatePage />;
    return (
        <div className="column wide-column">
            <h1>Influencers</h1>
            <section className="overview" aria-labelledby="now">
                <header>
                    <h2 id="now">At work now</h2>
                    <Watchers what="influencers" />
                </header>
                <AtWork />
            </section>
            {(open.length > 0 || running.length > 0) && (
                <section aria-labelledby="making">
                    <h2 id="making">In flight</h2>
                    <ul className="making">
                        {open.map((session) => (
                            <SessionRow key={session.id} session={session} />
                        ))}
                        {running.map((post) => (
                            <PostRow
                                key={post.id}
                                post={post}
                                influencer={people.find(({ id }) => id === post.influencer)}
                            />
                        ))}
                    </ul>
                </section>
            )}
            {!isLoaded && !people.length && (
                <ul className="people" aria-busy="true" aria-label="Loading">
                    {[1, 2, 3, 4].map((place) => (
                        <li key={place}>
                            <Picture alt="" />
                        </li>
                    ))}
                </ul>
            )}
            {people.length > 0 && (
                <section aria-label="All influencers">
                    <ul className="people">
                        {people.map(({ id, name, avatar_url, persona }) => (
                            <li key={id}>
                                <a className="person" href={`#/influencers/${id}`}>
                                    <Picture src={avatar_url} alt="" />
                                    <strong>{name}</strong>
                                    <span>{[persona.occupation, persona.city].filter(Boolean).join(", ")}</span>
                                </a>
                            </li>
                        ))}
                    </ul>
                </section>
            )}
        </div>
    );
}

function SessionRow({ session }: { session: Session }) {
    const { id, status, prompt, avatars, avatar } = session;
    const isRunning = status === "generating_images" || status === "generating_persona";
    const job = useJob(session.job, isRunning);
    return (
        <li>
            <a className="row" href={`#/create/${id}`}>
                <Picture src={avatars[(avatar ?? 1) - 1]} alt="" />
                <span className="row-text">
                    <strong>{prompt}</strong>
                    {isRunning ? <JobProgress job={job} label={STEPS[status]} /> : <span>{STEPS[status]}</span>}
                </span>
            </a>
        </li>
    );
}

function PostRow({ post, influencer }: { post: Post; influencer?: Influencer }) {
    const job = useJob(post.job, true);
    return (
        <li>
            <a className="row" href={`#/influencers/${post.influencer}`}>
                <Picture src={influencer?.avatar_url} alt="" />
                <span className="row-text">
                    <strong>{post.prompt}</strong>
                    <JobProgress job={job} label={job?.message ?? "Post"} />
                </span>
            </a>
        </li>
    );
}
