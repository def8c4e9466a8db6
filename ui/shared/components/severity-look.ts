/** How bad something is: three levels that differ in word, shape, lightness and hue, so that no one of them has to be seen. */

export const severities = ["info", "warning", "critical"] as const;
export type Severity = (typeof severities)[number];

export interface SeverityLook {
  readonly label: string;
  readonly className: string;
  readonly shape: "circle" | "triangle" | "octagon";
}

/** Blue, amber and a solid red keep apart with every common colour blindness; the solid one is also the darkest. */
export const severityLook: Record<Severity, SeverityLook> = {
  info: { label: "Info", className: "bg-info-bg text-info-fg", shape: "circle" },
  warning: { label: "Warning", className: "bg-warning-bg text-warning-fg", shape: "triangle" },
  critical: { label: "Critical", className: "bg-danger-solid text-on-danger", shape: "octagon" },
};
