import assert from "node:assert/strict";
import { test } from "node:test";
import { createParser } from "../src/parser";

type Found = [string, string | undefined, string] | number;

function parse(bytes: Uint8Array, ...cuts: number[]): Found[] {
    const found: Found[] = [];
    const take = createParser({
        block: (event, id, data) => found.push([event, id, data]),
        retry: (milliseconds) => found.push(milliseconds),
    });
    let start = 0;
    for (const cut of [...cuts, bytes.length]) {
        take(bytes.subarray(start, cut));
        start = cut;
    }
    return found;
}

const encode = (text: string) => new TextEncoder().encode(text);

const STREAM =
    "\uFEFFretry: 1000\nevent: connected\ndata: {}\n\n" +
    ": a comment\nid: e-1\nevent: post_update\ndata: {\"text\":\"grüße 🐦\u2028\"}\n\n" +
    "data: one\r\ndata:two\r\n\r\n" +
    "event: keepalive\nid: e-2\ndata:\n\n" +
    "event: nothing\nid: e-3\n\n" +
    "id: a\0b\ndata\ndata:  two spaces: kept\nunknown: field\n\n" +
    "retry: soon\nretry: 25\ndata: old\rdata: mac\r\r" +
    "data: not ended";

const EXPECTED: Found[] = [
    1000,
    ["connected", undefined, "{}"],
    ["post_update", "e-1", '{"text":"grüße 🐦\u2028"}'],
    ["message", undefined, "one\ntwo"],
    ["keepalive", "e-2", ""],
    ["message", undefined, "\n two spaces: kept"],
    25,
    ["message", undefined, "old\nmac"],
];

test("a stream is read as the standard says", () => {
    assert.deepEqual(parse(encode(STREAM)), EXPECTED);
});

test("where the bytes are cut makes no difference", () => {
    const bytes = encode(STREAM);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
        assert.deepEqual(parse(bytes, cut), EXPECTED, `cut at ${cut}`);
    }
    assert.deepEqual(parse(bytes, ...bytes.keys()), EXPECTED, "byte by byte");
});

test("a large event that comes in many pieces is read in a time that grows with its size", () => {
    const data = "x".repeat(256 * 1024);
    const bytes = encode(`data: ${data}\n\n`);
    const cuts = Array.from({ length: 64 }, (_, index) => index * 4096);
    assert.deepEqual(parse(bytes, ...cuts), [["message", undefined, data]]);
});
