/** The looks a button can have, for `Button`, `IconButton` and links that look like buttons. */

export const buttonVariants = ["primary", "secondary", "ghost", "danger", "dangerGhost"] as const;
export type ButtonVariant = (typeof buttonVariants)[number];
export type ButtonSize = "sm" | "md";

const base =
  "inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap select-none transition-colors duration-100 disabled:cursor-not-allowed disabled:border-transparent disabled:bg-inset disabled:text-muted disabled:opacity-60 disabled:shadow-none";

const looks: Record<ButtonVariant, string> = {
  primary:
    "border-transparent bg-accent text-on-accent shadow-card hover:bg-accent-hover active:bg-accent-hover",
  secondary: "border-border bg-panel text-text shadow-card hover:border-border-strong hover:bg-hover",
  ghost:
    "border-transparent bg-transparent text-muted hover:bg-hover hover:text-text disabled:bg-transparent",
  danger: "border-transparent bg-danger-solid text-on-danger shadow-card hover:bg-danger-solid-hover",
  dangerGhost:
    "border-transparent bg-transparent text-muted hover:bg-danger-bg hover:text-danger-fg disabled:bg-transparent",
};

// On small screens a finger has to hit them: 40 px at least.
const sizes: Record<ButtonSize, string> = {
  sm: "h-8 px-2.5 text-[13px] max-sm:h-10",
  md: "h-9 px-3.5 text-sm max-sm:h-10",
};
const squares: Record<ButtonSize, string> = { sm: "size-8 max-sm:size-10", md: "size-9 max-sm:size-10" };

export function buttonClass(variant: ButtonVariant, size: ButtonSize, isSquare = false): string {
  return `${base} ${looks[variant]} ${(isSquare ? squares : sizes)[size]}`;
}
