import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';

import { formatCount, formatShort } from '../format/numbers';
import { formatLocal } from '../format/times';
import { SERIES, totalsOf, type Columns, type SeriesName } from './history';

interface HistoryChartProps {
  readonly columns: Columns;
  readonly hours: number;
}

/** CSS pixels. */
const HEIGHT = 260;
const SECOND_MS = 1_000;

/** A line for each series. The numbers under the pointer stand in the legend, the sums in the label. */
export function HistoryChart({ columns, hours }: HistoryChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | undefined>(undefined);

  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const made = new UPlot(optionsFor(element), columns, element);
    plot.current = made;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0) made.setSize({ width: element.clientWidth, height: HEIGHT });
    });
    observer.observe(element);
    // Colours are those of the page's style, which follows the system's.
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const repaint = (): void => {
      made.redraw(false, true);
    };
    dark.addEventListener('change', repaint);
    return () => {
      dark.removeEventListener('change', repaint);
      observer.disconnect();
      made.destroy();
      plot.current = undefined;
    };
    // Made once: what changes is the data.
  }, []);
  useEffect(() => {
    plot.current?.setData(columns);
  }, [columns]);

  const totals = totalsOf(columns);
  const label = SERIES.map((name) => `${formatCount(totals[name])} ${name}`).join(', ');
  return (
    <figure class="chart">
      <div ref={box} role="img" aria-label={`Chart of the last ${hours === 1 ? 'hour' : `${hours} hours`}: ${label}`} />
      <figcaption>
        In the {hours === 1 ? 'last hour' : `last ${hours} hours`}: {label}. Failed are dead letters and expired ones.
      </figcaption>
    </figure>
  );
}

function optionsFor(element: HTMLElement): UPlot.Options {
  const color = (name: string) => () => getComputedStyle(element).getPropertyValue(name);
  const axis: UPlot.Axis = { stroke: color('--chart-text'), grid: { stroke: color('--chart-grid'), width: 1 }, ticks: { show: false } };
  const series = (name: SeriesName): UPlot.Series => ({
    label: name,
    stroke: color(`--chart-${name}`),
    width: 2,
    points: { show: false },
    value: (_, value: number | null) => (value === null ? '–' : formatCount(value)),
  });
  return {
    width: element.clientWidth,
    height: HEIGHT,
    cursor: { drag: { x: false, y: false } },
    scales: { y: { range: (_, _least, most) => [0, Math.max(5, most * 1.1)] } },
    axes: [
      { ...axis, values: '{HH}:{mm}' },
      { ...axis, size: 48, values: (_, splits) => splits.map(formatShort) },
    ],
    series: [
      { label: 'at', value: (_, seconds: number | null) => (seconds === null ? '–' : formatLocal(new Date(seconds * SECOND_MS))) },
      ...SERIES.map(series),
    ],
  };
}
