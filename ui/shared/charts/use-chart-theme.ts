/** `useChartTheme()`: the chart colours of the current theme, read from the CSS tokens. */
import type { Ref } from "vue";
import { computed } from "vue";
import { useTheme } from "../composables/use-theme.ts";
import type { ChartTheme } from "./chart-theme.ts";

const seriesTokens = ["--chart-1", "--chart-2", "--chart-3", "--chart-4", "--chart-5", "--chart-6"] as const;

/** Any CSS colour as `rgb(r, g, b)`, which a canvas and our own transparency can work with. */
function asRgb(colour: string): string {
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  if (!probe) return colour;
  probe.fillStyle = colour;
  probe.fillRect(0, 0, 1, 1);
  const [red, green, blue] = probe.getImageData(0, 0, 1, 1).data;
  return `rgb(${red}, ${green}, ${blue})`;
}

export function readChartTheme(): ChartTheme {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => asRgb(style.getPropertyValue(name).trim());
  return {
    fontFamily: style.getPropertyValue("--font-sans"),
    text: token("--muted"),
    grid: token("--chart-grid"),
    crosshair: token("--border-strong"),
    danger: token("--danger-fg"),
    series: seriesTokens.map(token),
  };
}

export function useChartTheme(): Readonly<Ref<ChartTheme>> {
  const { theme } = useTheme();
  return computed(() => {
    // Read for its effect: the tokens change with the theme, and Vue cannot see that.
    void theme.value;
    return readChartTheme();
  });
}
