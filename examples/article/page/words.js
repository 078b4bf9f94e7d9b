// What the page says, in Persian and in English, and numbers and times as each language writes them.

const STEPS = [
    'initialization', 'heading_generation', 'section_generation', 'image_generation', 'summary_generation',
    'meta_generation', 'faq_generation',
];

const en = {
    skip: 'To the article', brand: 'Articles', transport: 'How news comes', stream: 'Stream', poll: 'Poll every 3 s',
    interface: 'Language of the page', question: 'What should the article be about?', prompt: 'Subject',
    placeholder: 'Pour-over coffee with a V60', language: 'Language', sectionsLabel: 'Sections',
    write: 'Write the article', articles: 'Articles', loading: 'Loading the articles',
    none: 'No articles yet. What you ask for appears here while it is written.',
    choose: 'Ask for an article, and watch it being written here: its headings, its sections, its pictures.',
    gone: 'There is no such article. Articles are kept for a limited time after their end.',
    away: 'The hub cannot be reached just now.', busy: 'The hub is busy. Try again in a moment.',
    signIn: 'This hub wants to know who you are.', refused: 'The hub could not do this.',
    retry: 'Try again', cancel: 'Cancel', alone: 'Open alone',
    states: {
        queued: 'Waiting', scheduled: 'Scheduled', running: 'Writing', succeeded: 'Ready', failed: 'Failed',
        cancelled: 'Cancelled',
    },
    again: 'Tries again soon',
    ends: { succeeded: 'is ready', failed: 'has failed', cancelled: 'was cancelled' },
    connection: {
        idle: 'Connecting', connecting: 'Connecting', open: 'Live', polling: 'Live, by polling', stale: 'Quiet',
        retrying: 'Reconnecting', closed: 'Not connected', asking: 'Asks every 3 s', unanswered: 'No answer',
    },
    steps: ['Preparing', 'Headings', 'Sections', 'Pictures', 'Summary', 'Description', 'Questions'],
    marks: { done: 'done', now: 'under way', later: 'to come', broken: 'stopped here' },
    counts: { headings: 'Headings', sections: 'Sections', images: 'Pictures' },
    of: (name, completed, total) => `${name} ${completed} of ${total}`,
    progress: 'Progress', stepsLabel: 'Steps',
    waits: 'In the queue. It begins as soon as there is room.', later: 'It begins when its time has come.',
    headingsSoon: 'The headings come first, then each section as it is written.',
    writing: 'Being written', turn: 'Still to come', missing: 'This section was not written.',
    ended: 'It ended without a reason.', stopped: 'The article was cancelled. What was finished is kept for another try.',
    picture: (number, heading) => `Picture ${number}: ${heading}`,
    summary: 'Summary', description: 'Description for search engines', questions: 'Questions and answers',
    close: 'Dismiss', enter: 'Sign in',
};

const fa = {
    skip: 'رفتن به مقاله', brand: 'مقاله‌ها', transport: 'شیوهٔ دریافت خبرها', stream: 'جریان زنده',
    poll: 'پرسش هر ۳ ثانیه', interface: 'زبان صفحه', question: 'مقاله دربارهٔ چه باشد؟', prompt: 'موضوع',
    placeholder: 'قهوهٔ دمی با V60', language: 'زبان', sectionsLabel: 'شمار بخش‌ها', write: 'مقاله را بنویس',
    articles: 'مقاله‌ها', loading: 'مقاله‌ها بار می‌شوند',
    none: 'هنوز مقاله‌ای نیست. آنچه بخواهید همین‌جا، هنگام نوشته شدن، پدیدار می‌شود.',
    choose: 'مقاله‌ای بخواهید و نوشته شدنش را این‌جا ببینید: سرفصل‌ها، بخش‌ها و تصویرها.',
    gone: 'چنین مقاله‌ای نیست. مقاله‌ها پس از پایان تنها مدتی نگه داشته می‌شوند.',
    away: 'اکنون به سرور دسترسی نیست.', busy: 'سرور سرش شلوغ است. کمی دیگر دوباره بکوشید.',
    signIn: 'این سرور می‌خواهد بداند شما کیستید.', refused: 'سرور نتوانست این کار را انجام دهد.',
    retry: 'تلاش دوباره', cancel: 'لغو', alone: 'باز کردن جداگانه',
    states: {
        queued: 'در صف', scheduled: 'زمان‌بندی‌شده', running: 'در حال نوشتن', succeeded: 'آماده', failed: 'ناموفق',
        cancelled: 'لغوشده',
    },
    again: 'به‌زودی دوباره می‌کوشد',
    ends: { succeeded: 'آماده است', failed: 'ناموفق ماند', cancelled: 'لغو شد' },
    connection: {
        idle: 'در حال اتصال', connecting: 'در حال اتصال', open: 'زنده', polling: 'زنده، با پرسش', stale: 'بی‌خبر',
        retrying: 'اتصال دوباره', closed: 'بدون اتصال', asking: 'هر ۳ ثانیه می‌پرسد', unanswered: 'بی‌پاسخ',
    },
    steps: ['آماده‌سازی', 'سرفصل‌ها', 'بخش‌ها', 'تصویرها', 'خلاصه', 'توضیح', 'پرسش‌ها'],
    marks: { done: 'انجام شد', now: 'در حال انجام', later: 'در پیش', broken: 'این‌جا ایستاد' },
    counts: { headings: 'سرفصل‌ها', sections: 'بخش‌ها', images: 'تصویرها' },
    of: (name, completed, total) => `${name} ${completed} از ${total}`,
    progress: 'پیشرفت', stepsLabel: 'گام‌ها',
    waits: 'در صف است و همین که جایی باز شود آغاز می‌شود.', later: 'در زمان خود آغاز می‌شود.',
    headingsSoon: 'نخست سرفصل‌ها می‌آیند، سپس هر بخش هنگام نوشته شدن.',
    writing: 'در حال نوشته شدن', turn: 'هنوز در راه است', missing: 'این بخش نوشته نشد.',
    ended: 'بی‌دلیل پایان یافت.', stopped: 'مقاله لغو شد. آنچه پایان یافته بود برای تلاش دوباره می‌ماند.',
    picture: (number, heading) => `تصویر ${number}: ${heading}`,
    summary: 'خلاصه', description: 'توضیح برای موتورهای جست‌وجو', questions: 'پرسش‌ها و پاسخ‌ها',
    close: 'بستن', enter: 'ورود',
};

const LANGUAGES = {
    fa: { code: 'fa', direction: 'rtl', locale: 'fa-IR', words: fa },
    en: { code: 'en', direction: 'ltr', locale: 'en', words: en },
};
const RIGHT_TO_LEFT = ['ar', 'arc', 'ckb', 'dv', 'fa', 'he', 'ku', 'nqo', 'ps', 'sd', 'syr', 'ug', 'ur', 'yi'];
const PLACE = 'article language';

/** The direction in which a language is written. */
export const directionOf = (code = 'en') => (RIGHT_TO_LEFT.includes(code.split('-')[0].toLowerCase()) ? 'rtl' : 'ltr');

let current = LANGUAGES[localStorage.getItem(PLACE)] ?? LANGUAGES[navigator.language.startsWith('fa') ? 'fa' : 'en'];

export const language = () => current.code;
export const words = () => current.words;

/** Speaks another language from now on, in this browser. */
export function speak(code) {
    current = LANGUAGES[code];
    localStorage.setItem(PLACE, code);
}

/** Puts the page's fixed words into it, in the present language and its direction. */
export function label() {
    const root = document.documentElement;
    root.lang = current.code;
    root.dir = current.direction;
    document.title = `${current.words.brand} · Martlet`;
    for (const element of document.querySelectorAll('[data-word]')) {
        element.textContent = current.words[element.dataset.word];
    }
}

export const number = (value) => new Intl.NumberFormat(current.locale, { useGrouping: false }).format(value);

/** A part of a hundred, to the whole percent that is reached. */
export const percent = (value) =>
    new Intl.NumberFormat(current.locale, { style: 'percent' }).format(Math.floor(value) / 100);

/** Such as "Sections 3 of 8". */
export const count = (name, { completed, total }) =>
    current.words.of(current.words.counts[name], number(completed), number(total));

export function ago(time) {
    const seconds = (Date.parse(time) - Date.now()) / 1_000;
    const relative = new Intl.RelativeTimeFormat(current.locale, { numeric: 'auto' });
    if (seconds > -50) return relative.format(0, 'second');
    if (seconds > -3_000) return relative.format(Math.round(seconds / 60), 'minute');
    if (seconds > -80_000) return relative.format(Math.round(seconds / 3_600), 'hour');
    return relative.format(Math.round(seconds / 86_400), 'day');
}

/** The seven steps of a run, each with its mark: `done`, `now`, `later` or `broken`. */
export function steps({ state, step }) {
    // Between its beginning and its first step a run is at the first.
    const at = step || state !== 'running' ? STEPS.indexOf(step) : 0;
    return STEPS.map((name, place) => {
        let mark = 'later';
        if (state === 'succeeded' || place < at) mark = 'done';
        else if (place === at) mark = ['failed', 'cancelled'].includes(state) ? 'broken' : 'now';
        return { name, mark, label: current.words.steps[place] };
    });
}
