import { useEffect, useRef, useState, type FormEvent } from "react";
import { api, type Session } from "../lib/api";
import { influencers, jobs, makeInfluencer, sessions } from "../lib/records";
import { go } from "../lib/route";
import { useRow, useRows } from "../lib/table";
import { useAction } from "../lib/useAction";
import { useJob } from "../lib/useJob";
import { isCancelled, reason } from "../lib/words";
import { PersonaCard } from "../parts/PersonaCard";
import { Picture } from "../parts/Picture";
import { Problem } from "../parts/Problem";
import { JobProgress } from "../parts/Progress";

/** The creation of an influencer, wherever it stands. */
export function SessionPage({ id }: { id: string }) {
    const session = useRow(sessions, id);
    const load = useAction(async () => sessions.put(await api.session(id)));
    useEffect(() => {
        if (!sessions.get(id)) void load.run();
    }, [id]);
    if (session) return <Steps session={session} />;
    return (
        <div className="column">
            <h1>New influencer</h1>
            <Problem text={load.error} />
            {load.error && (
                <button type="button" className="button" onClick={() => load.run()}>
                    Try again
                </button>
            )}
        </div>
    );
}

const HEADINGS: Record<Session["status"], string> = {
    generating_images: "Four faces are on their way",
    images_ready: "Choose a face",
    generating_persona: "Finding a voice",
    persona_ready: "Meet your influencer",
    failed: "This did not work out",
};

function Steps({ session }: { session: Session }) {
    const { id, status, job: jobId } = session;
    const isRunning = status === "generating_images" || status === "generating_persona";
    const job = useJob(jobId, isRunning);
    const made = useRows(influencers).find((influencer) => influencer.session === id);
    const change = useAction(async () => {
        jobs.put(await (isRunning ? api.cancel(jobId) : api.restart(jobId)));
    });
    const create = useAction(async () => go(`#/influencers/${(await makeInfluencer(id)).id}`));
    const isPersona = status === "generating_persona" || status === "persona_ready";
    const name = session.persona?.name;
    const isLater = useRef(false);
    const heading = useRef<HTMLHeadingElement>(null);
    // Where the button that was pressed has gone, the focus goes on with the heading.
    useEffect(() => {
        if (document.activeElement === document.body && isLater.current) heading.current?.focus();
        isLater.current = true;
    }, [status]);
    return (
        <div className="column wide-column">
            <h1 ref={heading} tabIndex={-1}>
                {(status === "persona_ready" && name && `Meet ${name}`) || HEADINGS[status]}
            </h1>
            <p className="lead quote">{session.prompt}</p>
            {(isRunning || status === "failed") && (
                <div className="running">
                    {isRunning ? (
                        <JobProgress
                            job={job}
                            label={status === "generating_images" ? "Painting the avatars" : "Writing the persona"}
                            hasTokens={isPersona}
                        />
                    ) : (
                        <p className="failed" data-by={isCancelled(session.error) ? "person" : "hub"}>
                            {reason(session.error)}
                        </p>
                    )}
                    <button
                        type="button"
                        className="button"
                        aria-disabled={change.isBusy}
                        onClick={() => change.isBusy || change.run()}
                    >
                        {isRunning ? "Cancel" : "Try again"}
                    </button>
                </div>
            )}
            <Problem text={change.error ?? create.error} />
            {!isPersona && <Avatars session={session} />}
            {isPersona && (
                <div className="meeting">
                    <Picture
                        className="portrait"
                        src={session.avatars[(session.avatar ?? 1) - 1]}
                        alt={`Portrait of ${name ?? "the new influencer"}`}
                    />
                    <PersonaCard persona={session.persona} hasFacts />
                </div>
            )}
            {status === "persona_ready" && !made && (
                <button
                    type="button"
                    className="button primary large"
                    disabled={create.isBusy}
                    onClick={() => create.run()}
                >
                    {create.isBusy ? "Creating…" : `Create ${name ?? "the influencer"}`}
                </button>
            )}
            {made && (
                <a className="button primary large" href={`#/influencers/${made.id}`}>
                    Go to {made.name}
                </a>
            )}
        </div>
    );
}

function Avatars({ session }: { session: Session }) {
    const { id, avatars, avatar_count: wanted, status } = session;
    const [choice, setChoice] = useState(session.avatar ?? 0);
    const choose = useAction(async () => {
        const answer = await api.choose(id, choice);
        sessions.put(answer.session);
        jobs.put(answer.job);
    });
    const isReady = status === "images_ready";
    const submit = (event: FormEvent) => {
        event.preventDefault();
        if (choice) void choose.run();
    };
    const numbers = Array.from({ length: wanted }, (_, index) => index + 1);
    return (
        <form onSubmit={submit}>
            <fieldset className="avatars" aria-busy={status === "generating_images"}>
                <legend className="hidden">Avatars</legend>
                {numbers.map((number) => {
                    const src = avatars[number - 1];
                    return (
                        <label key={number} className="avatar">
                            <input
                                type="radio"
                                name="avatar"
                                value={number}
                                checked={choice === number}
                                disabled={!isReady}
                                onChange={() => setChoice(number)}
                            />
                            <Picture src={src} alt={`Avatar ${number} of ${wanted}`} />
                            {!src && <span className="hidden">Avatar {number} is being painted</span>}
                        </label>
                    );
                })}
            </fieldset>
            {isReady && (
                <button className="button primary large" disabled={!choice || choose.isBusy}>
                    {choose.isBusy ? "Starting…" : "Write the persona"}
                </button>
            )}
            <Problem text={choose.error} />
        </form>
    );
}
