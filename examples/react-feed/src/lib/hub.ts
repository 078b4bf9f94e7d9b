import { SSEManager } from "martlet";

/** The page's one stream, shared with the browser's other tabs. */
export const hub = SSEManager.shared();
