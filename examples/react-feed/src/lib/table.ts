import { useSyncExternalStore } from "react";

/**
 * Rows by id, for as long as the page lives: a page that is left and opened again begins with what was known,
 * and every part of the app shows the same.
 */
export class Table<Row extends { readonly id: string }> {
    private readonly rows = new Map<string, Row>();
    private readonly listeners = new Set<() => void>();
    private list: readonly Row[] | undefined;
    private isComplete = false;

    /** @param isOlder whether `row` says less than what is known */
    constructor(private readonly isOlder: (row: Row, known: Row) => boolean = () => false) {}

    get(id: string): Row | undefined {
        return this.rows.get(id);
    }

    /** Newest first: ids begin with the time. The same array until something changes. */
    all = (): readonly Row[] =>
        (this.list ??= [...this.rows.values()].sort((a, b) => (a.id < b.id ? 1 : -1)));

    put(...rows: readonly Row[]): void {
        const news = rows.filter((row) => {
            const known = this.rows.get(row.id);
            return !known || !this.isOlder(row, known);
        });
        for (const row of news) this.rows.set(row.id, row);
        if (news.length) this.changed();
    }

    /** Forgets rows, such as those that the hub no longer has. */
    drop(isGone: (row: Row) => boolean): void {
        const gone = this.all().filter(isGone);
        for (const { id } of gone) this.rows.delete(id);
        if (gone.length) this.changed();
    }

    /** Whether an empty table means that there is nothing. */
    isLoaded = (): boolean => this.isComplete;

    loaded(): void {
        this.isComplete = true;
        this.changed();
    }

    subscribe = (listener: () => void): (() => void) => {
        this.listeners.add(listener);
        return () => void this.listeners.delete(listener);
    };

    private changed(): void {
        this.list = undefined;
        for (const listener of [...this.listeners]) listener();
    }
}

/** One row, as it is now. */
export function useRow<Row extends { readonly id: string }>(table: Table<Row>, id: string): Row | undefined {
    return useSyncExternalStore(table.subscribe, () => table.get(id));
}

/** All rows, newest first. */
export function useRows<Row extends { readonly id: string }>(table: Table<Row>): readonly Row[] {
    return useSyncExternalStore(table.subscribe, table.all);
}

/** Whether a table has been loaded. */
export function useLoaded<Row extends { readonly id: string }>(table: Table<Row>): boolean {
    return useSyncExternalStore(table.subscribe, table.isLoaded);
}
