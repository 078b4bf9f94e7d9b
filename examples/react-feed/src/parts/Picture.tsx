import { useState } from "react";

/** A picture in the place that was kept for it, faded in when it is there. */
export function Picture({ src, alt, className = "" }: { src?: string; alt: string; className?: string }) {
    const [state, setState] = useState<"loading" | "there" | "missing">("loading");
    return (
        <span className={`picture ${className}`} data-state={src ? state : "loading"}>
            {src && state !== "missing" && (
                <img
                    src={src}
                    alt={alt}
                    width={768}
                    height={768}
                    onLoad={() => setState("there")}
                    onError={() => setState("missing")}
                />
            )}
            {src && state === "missing" && <span className="missing">Picture not available</span>}
        </span>
    );
}
