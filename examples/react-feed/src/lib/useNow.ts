import { useEffect, useState } from "react";

/** The time, again after each `milliseconds` while `isOn`. */
export function useNow(milliseconds: number, isOn = true): number {
    const [now, setNow] = useState(Date.now);
    useEffect(() => {
        if (!isOn) return;
        setNow(Date.now());
        const timer = setInterval(() => setNow(Date.now()), milliseconds);
        return () => clearInterval(timer);
    }, [milliseconds, isOn]);
    return now;
}
