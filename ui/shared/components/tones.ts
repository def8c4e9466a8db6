/** The five meanings a colour can have, as pairs of text and background with enough contrast in both themes. */

export const tones = ["success", "warning", "danger", "info", "neutral"] as const;
export type Tone = (typeof tones)[number];

export const toneClass: Record<Tone, string> = {
  success: "bg-success-bg text-success-fg",
  warning: "bg-warning-bg text-warning-fg",
  danger: "bg-danger-bg text-danger-fg",
  info: "bg-info-bg text-info-fg",
  neutral: "bg-neutral-bg text-neutral-fg",
};

export const toneBar: Record<Tone, string> = {
  success: "bg-success-fg",
  warning: "bg-warning-fg",
  danger: "bg-danger-fg",
  info: "bg-info-fg",
  neutral: "bg-neutral-fg",
};
