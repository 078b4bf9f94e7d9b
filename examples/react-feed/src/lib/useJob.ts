import type { SSEEvent } from "martlet";
import { useSSESubscription } from "martlet/react";
import { api, type Job } from "./api";
import { jobs } from "./records";
import { addPiece, catchUp, forgetStory } from "./story";
import { useRow } from "./table";

/** A job's figures while it is of interest; `hasText` also gathers the text that it writes. */
export function useJob(id: string, isWanted: boolean, hasText = false): Job | undefined {
    useSSESubscription<void>(`job:${id}`, {
        enabled: isWanted,
        onEvent(event: SSEEvent) {
            if (event.event === "job_update") {
                const known = jobs.get(id);
                if (known && known.attempt !== event.data.attempt) forgetStory(id);
                jobs.put(event.data);
            } else if (event.event === "content_delta" && hasText) addPiece(id, event.data);
        },
        async getState() {
            const job = await api.job(id);
            jobs.put(job);
            if (hasText && job.state === "running") await catchUp(id);
        },
        // The figures are in a table, so that they are still there when a page is opened again.
        select: () => undefined,
    });
    return useRow(jobs, id);
}
