/** The martlet, heraldry's swift: a bird that never lands. */
export function Mark({ className = "mark" }: { className?: string }) {
    return (
        <svg className={className} viewBox="0 0 32 20" aria-hidden="true" fill="currentColor">
            <path d="M31.5 5.6c-4.600-.5-8.500.2-11.300 2.300C17.300 3.600 12 .9 4.300.300 9.900 2.200 13.600 5 15.200 9.100 11.500 10 6.700 12.700.500 19.500c6.100-3.700 11.400-5.200 16.300-4.900 4.100.2 6.900-1.200 8.100-4.100.9-2.200 3-3.800 6.600-4.900z" />
        </svg>
    );
}
