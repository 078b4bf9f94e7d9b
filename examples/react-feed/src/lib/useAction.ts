import { useCallback, useEffect, useRef, useState } from "react";

/** Something that a person asks for: whether it is under way, and what went wrong. */
export function useAction<Arguments extends unknown[]>(work: (...values: Arguments) => Promise<unknown>) {
    const [isBusy, setBusy] = useState(false);
    const [error, setError] = useState<string>();
    const isThere = useRef(true);
    const latest = useRef(work);
    latest.current = work;
    useEffect(() => {
        isThere.current = true;
        return () => void (isThere.current = false);
    }, []);
    const run = useCallback(async (...values: Arguments) => {
        setBusy(true);
        setError(undefined);
        try {
            await latest.current(...values);
        } catch (problem) {
            if (isThere.current) setError((problem as Error).message);
        }
        if (isThere.current) setBusy(false);
    }, []);
    return { run, isBusy, error };
}
