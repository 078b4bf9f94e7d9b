import assert from "node:assert/strict";
import { test } from "node:test";
import { StrictMode } from "react";
import { renderToString } from "react-dom/server";
import { SSEProvider, useActivity, useConnectionState, usePresence, useSSESubscription } from "../src/react";
import { Page } from "./support/page";

function Post() {
    const state = useConnectionState();
    const title = useSSESubscription<string>("post:1", { initial: "first" });
    const { working } = useActivity("post");
    const presence = usePresence("post:1", { members: true });
    return (
        <p>
            {state.status}, {title}, {working.length}, {presence ? "known" : "unknown"}
        </p>
    );
}

test("on the server it renders what it begins with, and opens nothing", async () => {
    const page = new Page();
    const html = renderToString(
        <StrictMode>
            <SSEProvider manager={page.manager}>
                <Post />
            </SSEProvider>
        </StrictMode>,
    );
    assert.equal(html.replace(/<!-- -->/g, ""), "<p>idle, first, 0, unknown</p>");
    assert.equal(renderToString(<Post />).replace(/<!-- -->/g, ""), "<p>idle, first, 0, unknown</p>");
    await page.hub.quiet();
    assert.equal(page.clock.pending, 0);
});
