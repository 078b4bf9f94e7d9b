import { SSEManager } from "martlet";
import { me } from "./me";

/** The page's one stream, shared with the browser's other tabs. */
export const hub = SSEManager.shared({ member: me });
