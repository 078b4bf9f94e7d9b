import type { Work } from "martlet";
import { useActivity } from "martlet/react";

/** A job that is being done, and for whom, as far as it is for somebody. */
export interface Task {
    readonly work: Work;
    readonly influencer?: string;
    readonly session?: string;
}

const STEPS: Record<string, string> = {
    generating_story: "Writing the story",
    generating_images: "Painting",
    generating_persona: "Finding a voice",
};

/** What a job does now, for someone who has never heard of jobs. */
export const stepOf = ({ step, kind }: Work) => STEPS[step ?? ""] ?? (step?.replace(/_/g, " ") || `Begins: ${kind}`);

/** All that is being done now, each job once, those that began last first; and how much there is besides. */
export function useWork(): { tasks: readonly Task[]; more: number } {
    const jobs = useActivity("job");
    const influencers = byJob(useActivity("influencer").working);
    const sessions = byJob(useActivity("session").working);
    const tasks = jobs.working.map((work) => ({
        work,
        influencer: influencers.get(work.job),
        session: sessions.get(work.job),
    }));
    return { tasks, more: jobs.more ?? 0 };
}

const byJob = (working: readonly Work[]) =>
    new Map(working.map(({ job, resource }) => [job, resource.slice(resource.indexOf(":") + 1)]));
