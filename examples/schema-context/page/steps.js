// The five steps, and how long they take: as past runs took, or else by a plain clock.

export const STEPS = [
    { id: 'scanning', name: 'Scanning', plain: 'Reading the schema' },
    { id: 'indexing', name: 'Indexing', plain: 'Finding what belongs together' },
    { id: 'analyzing', name: 'Analyzing', plain: 'Having the tables described' },
    { id: 'generating', name: 'Generating', plain: 'Drawing the insights out of the answer' },
    { id: 'optimizing', name: 'Optimizing', plain: 'Choosing prompts to begin with' },
];

/** Seconds of each step where nothing better is known. */
const PLAIN = [3, 4, 8, 5, 2];

/** The number of a step by its name; that of `complete` is the first behind all, that of no step is -1. */
export const number = (id) => (id === 'complete' ? STEPS.length : STEPS.findIndex((step) => step.id === id));

/** Where the plain clock is after some seconds: it comes to the last step and stays there until there is an answer. */
export function plainPlace(seconds, from = 0) {
    let left = seconds;
    let at = Math.max(0, from);
    while (at < STEPS.length - 1 && left >= PLAIN[at]) left -= PLAIN[at++];
    const all = PLAIN.reduce((sum, time) => sum + time);
    const before = PLAIN.slice(0, at).reduce((sum, time) => sum + time, 0);
    return { at, progress: Math.min(95, (100 * (before + Math.min(left, PLAIN[at]))) / all) };
}

/** Seconds that all steps take together, by past runs; undefined when they say nothing. */
export function usual(averages) {
    const known = STEPS.map(({ id }) => averages?.[id]).filter((time) => typeof time === 'number');
    return known.length === STEPS.length ? known.reduce((sum, time) => sum + time) : undefined;
}

/** Seconds that are left by past runs, when a step has run for some. */
export function left(averages, at, inStep) {
    if (usual(averages) === undefined || at < 0) return undefined;
    const times = STEPS.map(({ id }) => averages[id]);
    const later = times.slice(at + 1).reduce((sum, time) => sum + time, 0);
    return later + Math.max(0, (times[at] ?? 0) - inStep);
}

/** A time in words, short enough for a line of figures. */
export function words(seconds) {
    if (seconds < 10) return `${(Math.floor(seconds * 10) / 10).toFixed(1)} s`;
    if (seconds < 90) return `${Math.floor(seconds)} s`;
    return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}
