import assert from "node:assert/strict";
import { test } from "node:test";
import { delay } from "../src/backoff";

test("the ceilings are 1, 2, 4, 8, 16 and then 30 seconds", () => {
    const ceilings = [1, 2, 3, 4, 5, 6, 7, 40].map((attempt) => delay(attempt, 0, 1));
    assert.deepEqual(ceilings, [1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
});

test("the jitter is full: from nothing to the ceiling", () => {
    assert.equal(delay(4, 0, 0), 0);
    assert.equal(delay(4, 0, 0.25), 2000);
    assert.equal(delay(4, 0, 0.5), 4000);
});

test("the server's wish is the least, and never brings all clients back in the same instant", () => {
    for (const floor of [1000, 5000, 60000]) {
        for (let attempt = 1; attempt < 10; attempt += 1) {
            assert.equal(delay(attempt, floor, 0), floor);
            assert.ok(delay(attempt, floor, 0.999) >= floor + 990, `${attempt}, ${floor}`);
        }
    }
    assert.equal(delay(1, 1000, 1), 2000);
    assert.equal(delay(6, 1000, 1), 30000);
    assert.equal(delay(1, 60000, 1), 61000);
});
