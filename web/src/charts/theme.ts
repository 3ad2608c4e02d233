// Colours by position. The values live in style/tokens.css, so light, dark and print share one code path.

export const HUES = 9;

export const hue = (index: number): string => `var(--c${index % HUES})`;

export type Tone = "accent" | number;

export const tone = (value: Tone): string => (value === "accent" ? "var(--accent)" : hue(value));

