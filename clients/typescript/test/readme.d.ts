// What README.md's examples have at hand without saying so.

declare const SSEManager: typeof import("martlet").SSEManager;
declare const manager: import("martlet").SSEManager;
declare function apply(event: import("martlet").SSEEvent): void;
declare function show(value: unknown): void;
type PostUpdate = import("martlet").PostUpdate;
