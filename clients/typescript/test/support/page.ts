import type { Environment } from "../../src/environment";
import { SSEManager, type AnyEvent, type ConnectionState, type SSEOptions } from "../../src/index";
import { Clock } from "./clock";
import { FakeHub } from "./hub";
import type { Browser } from "./browser";

/** A manager in a page of its own, with a hub and a clock. */
export class Page {
    readonly states: ConnectionState[] = [];
    readonly errors: unknown[] = [];
    readonly document = Object.assign(new EventTarget(), { hidden: false });
    readonly manager: SSEManager;
    private static count = 0;
    private readonly target = new EventTarget();

    constructor(
        options: SSEOptions = {},
        readonly clock = new Clock(),
        readonly hub = new FakeHub(),
        browser?: Pick<Browser, "features">,
    ) {
        const { Date, setTimeout, clearTimeout } = clock;
        // No two pages draw the same: it is how tabs are told apart.
        const number = (Page.count += 1);
        const Math = { random: () => clock.random - number * 1e-9 };
        const environment: Environment = {
            Date,
            Math,
            location: {},
            setTimeout,
            clearTimeout,
            fetch: hub.fetch,
            document: this.document as unknown as Document,
            addEventListener: this.target.addEventListener.bind(this.target) as never,
            ...browser?.features(clock, hub.fetch),
        };
        this.manager = new SSEManager({
            environment,
            onError: (error) => this.errors.push(error),
            ...options,
        });
        this.manager.onState((state) => this.states.push(state));
    }

    get status(): string {
        return this.manager.state.status;
    }

    /** What the window tells, such as `online`. */
    tell(type: string) {
        this.target.dispatchEvent(new Event(type));
    }

    /** Subscribes, and collects what comes. */
    listen(resources: string | string[], getState?: () => unknown, members?: boolean) {
        const events: AnyEvent[] = [];
        const end = this.manager.subscribe(resources, (event) => events.push(event), { getState, members });
        return { events, end, ids: () => events.map((event) => event.id) };
    }

    /** Subscribes, and opens the stream. */
    async open(resources: string | string[] = "post:1", opening = {}) {
        const listener = this.listen(resources);
        await this.clock.pass(50);
        const stream = await this.hub.next("/stream");
        const connection = await stream.open(opening);
        return { ...listener, stream, connection };
    }
}
