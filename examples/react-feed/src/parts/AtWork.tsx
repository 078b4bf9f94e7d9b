import type { CSSProperties, ReactNode } from "react";
import { influencers, sessions } from "../lib/records";
import { useRow } from "../lib/table";
import { useJob } from "../lib/useJob";
import { useNow } from "../lib/useNow";
import { stepOf, useWork, type Task } from "../lib/useWork";
import { count } from "../lib/words";
import { Mark } from "./Mark";
import { Picture } from "./Picture";

/** The most that are shown each by itself. */
const MOST = 12;

/** Who is at work now, in whichever browser that was asked for. */
export function AtWork() {
    const { tasks, more } = useWork();
    const rest = more + Math.max(0, tasks.length - MOST);
    const all = tasks.length + more;
    return (
        <div className="at-work">
            {/* The one thing that is said aloud here: each step would be too much. */}
            <p className="hidden" role="status">
                {all ? `${count(all, "job")} at work` : "Nobody is at work"}
            </p>
            {all > 0 ? (
                <ul className="workers" aria-label="At work">
                    {tasks.slice(0, MOST).map((task) => (
                        <Worker key={task.work.job} task={task} />
                    ))}
                    {rest > 0 && <li className="rest">and {count(rest, "other")}</li>}
                </ul>
            ) : (
                <p className="nobody">Nobody is at work. What anybody asks for shows here at once.</p>
            )}
        </div>
    );
}

function Worker({ task: { work, influencer = "", session = "" } }: { task: Task }) {
    const person = useRow(influencers, influencer);
    const made = useRow(sessions, session);
    // The list says who works; how far they are the job says.
    const progress = useJob(work.job, true)?.progress ?? work.progress;
    const now = useNow(1_000);
    const seconds = Math.max(0, Math.floor((now - Date.parse(work.since)) / 1_000));
    const name = person?.name ?? made?.prompt ?? (work.kind === "post" ? "An influencer" : work.kind);
    const step = stepOf(work);
    const face = person?.avatar_url ?? made?.avatars[(made.avatar ?? 1) - 1];
    const text = (
        <>
            <Ring value={progress} label={`${name}: ${step}`}>
                {face ? <Picture className="face" src={face} alt="" /> : <Mark className="bird-face" />}
            </Ring>
            <span className="worker-text">
                <strong>{name}</strong>
                <span>
                    {step} <span className="number">· {seconds < 100 ? `${seconds} s` : `${Math.round(seconds / 60)} min`}</span>
                </span>
            </span>
        </>
    );
    const href = influencer ? `#/influencers/${influencer}` : session && `#/create/${session}`;
    return (
        <li>
            {href ? (
                <a className="worker" href={href}>
                    {text}
                </a>
            ) : (
                <div className="worker">{text}</div>
            )}
        </li>
    );
}

/** How far something is: a ring around a face. */
function Ring({ value, label, children }: { value: number; label: string; children: ReactNode }) {
    return (
        <span
            className="ring"
            role="progressbar"
            aria-label={label}
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={Math.floor(value)}
            style={{ "--part": value } as CSSProperties}
        >
            {children}
        </span>
    );
}
