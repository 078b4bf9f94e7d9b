import { Connection } from "./Connection";
import { Mark } from "./Mark";

export function Header() {
    return (
        <header className="top">
            <a className="brand" href="#/" aria-label="Martlet, to the influencers">
                <Mark />
                <span>Martlet</span>
            </a>
            <nav aria-label="Main">
                <a className="button" href="#/create">
                    <span aria-hidden="true">+</span> New<span className="wide"> influencer</span>
                </a>
            </nav>
            <Connection />
        </header>
    );
}
