import { useEffect, useLayoutEffect, useRef } from "react";
import { follow, influencers } from "./lib/records";
import { parse, useHash } from "./lib/route";
import { useRow } from "./lib/table";
import { useCut } from "./lib/useCut";
import { CreatePage } from "./pages/CreatePage";
import { HomePage } from "./pages/HomePage";
import { InfluencerPage } from "./pages/InfluencerPage";
import { SessionPage } from "./pages/SessionPage";
import { Banner } from "./parts/Banner";
import { Header } from "./parts/Header";
import { Toasts } from "./parts/Toasts";

export function App() {
    const hash = useHash();
    const route = parse(hash);
    const isCut = useCut();
    const main = useRef<HTMLElement>(null);
    const isFirst = useRef(true);
    const name = useRow(influencers, route.page === "influencer" ? route.id : "")?.name;
    const title = { home: "Influencers", create: "New influencer", influencer: name, nowhere: "Not found" };

    useEffect(follow, []);
    useEffect(() => {
        document.title = [title[route.page], "Martlet"].filter(Boolean).join(" · ");
    });
    // Who listens or uses the keyboard goes on where the new page begins.
    useLayoutEffect(() => {
        if (!isFirst.current) {
            scrollTo(0, 0);
            main.current?.focus({ preventScroll: true });
        }
        isFirst.current = false;
    }, [hash]);

    return (
        <>
            <a
                className="skip"
                href="#main"
                onClick={(event) => {
                    event.preventDefault();
                    main.current?.focus();
                }}
            >
                Skip to content
            </a>
            <Header />
            <Banner isCut={isCut} />
            <main id="main" ref={main} tabIndex={-1} key={hash} data-cut={isCut}>
                {route.page === "home" && <HomePage />}
                {route.page === "create" && !route.session && <CreatePage />}
                {route.page === "create" && route.session && <SessionPage id={route.session} />}
                {route.page === "influencer" && <InfluencerPage id={route.id} />}
                {route.page === "nowhere" && (
                    <div className="column empty">
                        <h1>Nothing lands here</h1>
                        <p>
                            This address leads nowhere. <a href="#/">Go to the influencers</a>.
                        </p>
                    </div>
                )}
            </main>
            <Toasts />
        </>
    );
}
