import { api, type Influencer, type Post } from "../lib/api";
import { jobs } from "../lib/records";
import { stories } from "../lib/story";
import { useRow } from "../lib/table";
import { useAction } from "../lib/useAction";
import { useJob } from "../lib/useJob";
import { useNow } from "../lib/useNow";
import { isCancelled, reason, since } from "../lib/words";
import { Picture } from "./Picture";
import { Problem } from "./Problem";
import { JobProgress } from "./Progress";

const LABELS: Record<Post["status"], string> = {
    pending: "Waiting",
    generating_story: "Writing the story",
    generating_images: "Painting the picture",
    ready: "Ready",
    failed: "Failed",
};

/** A post, from the wish for it to what has become of it. */
export function PostCard({ post, influencer }: { post: Post; influencer: Influencer }) {
    const { status, prompt, content, image_urls: pictures } = post;
    const isRunning = status !== "ready" && status !== "failed";
    const job = useJob(post.job, isRunning, true);
    const draft = useRow(stories, post.job)?.text;
    const text = content ?? (isRunning ? draft : undefined);
    const now = useNow(30_000);
    const change = useAction(async () => {
        jobs.put(await (isRunning ? api.cancel(post.job) : api.restart(post.job)));
    });
    const isWriting = isRunning && content === null;
    return (
        <article className="post" data-status={status} aria-labelledby={`post-${post.id}`} aria-busy={isRunning}>
            <header>
                <Picture className="face" src={influencer.avatar_url} alt="" />
                <div>
                    <strong>{influencer.name}</strong>
                    <time dateTime={post.created_at}>{since(post.created_at, now)}</time>
                </div>
                {(isRunning || status === "failed") && (
                    // One button, so that the focus stays on it.
                    <button
                        type="button"
                        className="small"
                        aria-disabled={change.isBusy}
                        onClick={() => change.isBusy || change.run()}
                    >
                        {isRunning ? "Cancel" : "Try again"}
                        <span className="hidden"> “{prompt}”</span>
                    </button>
                )}
            </header>
            <h2 id={`post-${post.id}`}>{prompt}</h2>
            {isRunning && <JobProgress job={job} label={LABELS[status]} hasTokens />}
            {status === "failed" && (
                <div className="failed" data-by={isCancelled(post.error) ? "person" : "hub"}>
                    <p>{reason(post.error)}</p>
                </div>
            )}
            <Problem text={change.error} />
            {text && (
                <p className="story">
                    {text}
                    {isWriting && <span className="caret" aria-hidden="true" />}
                </p>
            )}
            {isWriting && !text && (
                <div className="story" aria-hidden="true">
                    <span className="line" />
                    <span className="line" />
                    <span className="line half" />
                </div>
            )}
            {status === "generating_images" && <Picture alt="" />}
            {pictures.map((url, index) => (
                <Picture
                    key={url}
                    src={url}
                    alt={pictures.length > 1 ? `Picture ${index + 1} for “${prompt}”` : `Picture for “${prompt}”`}
                />
            ))}
        </article>
    );
}
