import { useState, type FormEvent } from "react";
import { api } from "../lib/api";
import { jobs, sessions } from "../lib/records";
import { go } from "../lib/route";
import { useAction } from "../lib/useAction";
import { Problem } from "../parts/Problem";

const IDEAS = [
    "A ceramic artist from Lisbon who surfs before work",
    "A retired lighthouse keeper who bakes",
    "A botanist who draws the moss of every city",
];

export function CreatePage() {
    const [prompt, setPrompt] = useState("");
    const start = useAction(async () => {
        const { session, job } = await api.startSession(prompt.trim());
        sessions.put(session);
        jobs.put(job);
        go(`#/create/${session.id}`);
    });
    const submit = (event: FormEvent) => {
        event.preventDefault();
        if (prompt.trim() && !start.isBusy) void start.run();
    };
    return (
        <div className="column">
            <h1>Who should it be?</h1>
            <p className="lead">
                A sentence is enough. You get four portraits to choose from, then a person with a name and a voice.
            </p>
            <form className="composer" onSubmit={submit}>
                <label htmlFor="prompt" className="hidden">
                    Describe the influencer
                </label>
                <textarea
                    id="prompt"
                    rows={3}
                    maxLength={1_000}
                    placeholder="A ceramic artist from Lisbon who…"
                    value={prompt}
                    onChange={(event) => setPrompt(event.target.value)}
                    onKeyDown={(event) => {
                        if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) submit(event);
                    }}
                />
                <button className="button primary" disabled={!prompt.trim() || start.isBusy}>
                    {start.isBusy ? "Starting…" : "Create portraits"}
                </button>
            </form>
            <Problem text={start.error} />
            <h2 className="small-heading">Or begin with one of these</h2>
            <ul className="ideas">
                {IDEAS.map((idea) => (
                    <li key={idea}>
                        <button type="button" className="idea" onClick={() => setPrompt(idea)}>
                            {idea}
                        </button>
                    </li>
                ))}
            </ul>
        </div>
    );
}
