// What the tests use of Node, as Debian's types for it belong to another version.

declare module "node:test" {
    interface Test {
        (name: string, body: () => void | Promise<void>): Promise<void>;
    }
    export const test: Test;
    export const describe: (name: string, body: () => void) => void;
}

declare module "node:assert/strict" {
    function equal<Value>(actual: Value, expected: Value, message?: string): void;
    function deepEqual(actual: unknown, expected: unknown, message?: string): void;
    function ok(value: unknown, message?: string): asserts value;
    function throws(action: () => unknown, error?: object): void;
    const assert: { equal: typeof equal; deepEqual: typeof deepEqual; ok: typeof ok; throws: typeof throws };
    export default assert;
}

declare function setImmediate(callback: () => void): void;
