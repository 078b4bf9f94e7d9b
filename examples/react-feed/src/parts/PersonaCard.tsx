import type { Persona } from "martlet";

/** Age, occupation and city in one line. */
export function Facts({ persona: { age, occupation, city } }: { persona: Persona }) {
    const facts = [age && `${age}`, occupation, city].filter(Boolean);
    return facts.length ? <p className="facts">{facts.join(" · ")}</p> : null;
}

/** Who someone is; lines to be filled while there is nothing yet. */
export function PersonaCard({ persona, hasFacts }: { persona: Persona | null; hasFacts?: boolean }) {
    if (!persona) {
        return (
            <div className="persona" aria-hidden="true">
                <span className="line title" />
                <span className="line" />
                <span className="line" />
                <span className="line half" />
            </div>
        );
    }
    const { bio, voice, interests } = persona;
    return (
        <div className="persona">
            {hasFacts && <Facts persona={persona} />}
            {bio && <p className="bio">{bio}</p>}
            {voice && (
                <p className="voice">
                    <span className="hidden">Voice: </span>
                    {voice}
                </p>
            )}
            {interests && interests.length > 0 && (
                <ul className="interests" aria-label="Interests">
                    {interests.map((interest) => (
                        <li key={interest}>{interest}</li>
                    ))}
                </ul>
            )}
        </div>
    );
}
