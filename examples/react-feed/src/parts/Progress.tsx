import type { Job } from "../lib/api";
import { left } from "../lib/words";
import { Mark } from "./Mark";

/** How far something is: a line, and at its end the bird. */
export function Progress({ value, label, more }: { value: number; label: string; more?: string }) {
    const whole = Math.floor(value);
    return (
        <div
            className="progress"
            role="progressbar"
            aria-label={label}
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={whole}
            aria-valuetext={more ? `${whole} %, ${more}` : `${whole} %`}
        >
            <span className="track">
                <span className="done" style={{ transform: `scaleX(${value / 100})` }} />
            </span>
            <span className="tip" style={{ left: `${value}%`, transform: `translateX(-${value}%)` }}>
                <Mark className="bird" />
            </span>
        </div>
    );
}

/** A job's line with its figures. */
export function JobProgress({ job, label, hasTokens }: { job?: Job; label: string; hasTokens?: boolean }) {
    const isWaiting = !job || job.state === "queued" || job.state === "scheduled";
    const isWriting = hasTokens && job && job.current_tokens > 0 && job.step !== "generating_images";
    // What it does instead of what its step says: a model thinks before it writes, a job waits for its provider.
    const note = /^(Thinking|Waiting)/.test(job?.message ?? "") ? job?.message : label;
    const eta = job?.eta_seconds;
    const rest = !isWaiting && eta != null ? left(eta) : undefined;
    return (
        <div className="figures">
            <Progress value={job?.progress ?? 0} label={label} more={rest} />
            <p>
                <span>{isWaiting ? "Waiting for its turn" : note}</span>
                {job && job.attempt > 1 && <span className="warn">try {job.attempt} of {job.max_attempts}</span>}
                {isWriting && job.tokens_per_second != null && (
                    <span className="number">{job.tokens_per_second.toFixed(1)} tokens/s</span>
                )}
                {rest && <span className="number">{rest}</span>}
                <span className="number percent">{Math.floor(job?.progress ?? 0)} %</span>
            </p>
        </div>
    );
}
