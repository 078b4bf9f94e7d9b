import { useEffect, useSyncExternalStore } from "react";
import { dismiss, toastStore } from "../lib/toasts";

export function Toasts() {
    const toasts = useSyncExternalStore(toastStore.subscribe, toastStore.all);
    useEffect(() => {
        if (!toasts.length) return;
        const escape = (event: KeyboardEvent) => {
            if (event.key === "Escape") for (const { text } of toasts) dismiss(text);
        };
        addEventListener("keydown", escape);
        return () => removeEventListener("keydown", escape);
    }, [toasts]);
    return (
        <section className="toasts" aria-label="Notices">
            <ul aria-live="polite" aria-relevant="additions text">
                {toasts.map(({ text, tone, href, about }) => (
                    <li key={text} className="toast" data-tone={tone}>
                        <a href={href} onClick={() => dismiss(text)}>
                            {text}
                            {about.length > 1 && <span className="times"> ×{about.length}</span>}
                        </a>
                        <button type="button" className="plain" aria-label="Dismiss" onClick={() => dismiss(text)}>
                            ×
                        </button>
                    </li>
                ))}
            </ul>
        </section>
    );
}
