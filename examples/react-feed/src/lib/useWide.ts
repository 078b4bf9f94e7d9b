import { useSyncExternalStore } from "react";

const wide = matchMedia("(min-width: 34.01rem)");
const subscribe = (listener: () => void) => {
    wide.addEventListener("change", listener);
    return () => wide.removeEventListener("change", listener);
};

/** Whether there is room beside the feed. */
export const useWide = () => useSyncExternalStore(subscribe, () => wide.matches);
