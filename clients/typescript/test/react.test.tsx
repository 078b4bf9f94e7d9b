import assert from "node:assert/strict";
import { test } from "node:test";
import { StrictMode } from "react";
import { renderToString } from "react-dom/server";
import { SSEProvider, useConnectionState, useSSESubscription } from "../src/react";
import { Page } from "./support/page";

function Post() {
    const state = useConnectionState();
    const title = useSSESubscription<string>("post:1", { initial: "first" });
    return (
        <p>
            {state.status}, {title}
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
    assert.equal(html.replace(/<!-- -->/g, ""), "<p>idle, first</p>");
    assert.equal(renderToString(<Post />).replace(/<!-- -->/g, ""), "<p>idle, first</p>");
    await page.hub.quiet();
    assert.equal(page.clock.pending, 0);
});
