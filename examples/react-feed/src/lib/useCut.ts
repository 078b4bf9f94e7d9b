import { useState } from "react";
import { useConnectionState } from "martlet/react";

/** Whether what is shown may be old: from a lost stream until there is one again, also during the tries. */
export function useCut(): boolean {
    const { status } = useConnectionState();
    const [isCut, setCut] = useState(false);
    if (!isCut && (status === "retrying" || status === "closed")) setCut(true);
    if (isCut && (status === "open" || status === "polling" || status === "idle")) setCut(false);
    return isCut;
}
