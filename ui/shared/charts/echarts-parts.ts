/** Exactly the parts of ECharts our charts use: everything else stays out of the bundle. */
import { LineChart } from "echarts/charts";
import { AxisPointerComponent, GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { connect, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([LineChart, GridComponent, TooltipComponent, AxisPointerComponent, MarkLineComponent, CanvasRenderer]);

/** Charts of one group share their cross-hair. */
export function shareCrosshair(group: string) {
  connect(group);
}
