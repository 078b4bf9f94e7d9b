/** What went wrong, said at once. */
export function Problem({ text }: { text?: string }) {
    return (
        <div role="alert" className="problem" hidden={!text}>
            {text && <p>{text}</p>}
        </div>
    );
}
