// For those who work with npm; ./build needs none of it.

import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const client = fileURLToPath(new URL("../../clients/typescript/dist", import.meta.url));
const hub = process.env.MARTLET_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
    base: "./",
    plugins: [react()],
    resolve: {
        alias: [
            { find: /^martlet$/, replacement: `${client}/index.js` },
            { find: /^martlet\/react$/, replacement: `${client}/react.js` },
        ],
        // The client has no node_modules of its own.
        dedupe: ["react", "react-dom"],
    },
    server: {
        fs: { allow: [".", client] },
        proxy: Object.fromEntries(["/api", "/media", "/stream", "/poll"].map((path) => [path, hub])),
    },
});
