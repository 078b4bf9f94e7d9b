// Time that is moved by hand.

/** Lets everything happen that does not wait for a timer. */
export async function settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) {
        await new Promise<void>((resolve) => setImmediate(resolve));
    }
}

interface Timer {
    due: number;
    callback: () => void;
}

export class Clock {
    now = 1_000_000_000_000;
    /** What `Math.random` gives. */
    random = 0.5;
    private readonly timers = new Map<number, Timer>();
    private last = 0;

    readonly Date = { now: () => this.now };
    readonly Math = { random: () => this.random };

    readonly setTimeout = (callback: () => void, milliseconds: number): number => {
        this.timers.set((this.last += 1), { due: this.now + milliseconds, callback });
        return this.last;
    };

    readonly clearTimeout = (timer: unknown): void => void this.timers.delete(timer as number);

    get pending(): number {
        return this.timers.size;
    }

    /** Lets time pass, and runs what becomes due, in order. */
    async pass(milliseconds: number): Promise<void> {
        const end = this.now + milliseconds;
        await settle();
        for (;;) {
            const next = [...this.timers].sort((a, b) => a[1].due - b[1].due)[0];
            if (!next || next[1].due > end) break;
            this.timers.delete(next[0]);
            this.now = Math.max(this.now, next[1].due);
            next[1].callback();
            await settle();
        }
        this.now = end;
    }

    /** Lets time pass in which nothing runs, as when the machine sleeps. */
    async sleep(milliseconds: number): Promise<void> {
        this.now += milliseconds;
        await this.pass(0);
    }
}
