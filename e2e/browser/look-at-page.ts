import type { Page } from 'playwright-core';
import { z } from 'zod';

/** What can be wrong with how a page looks, without taste. */
export type Faults = z.output<typeof faultsSchema>;
const faultsSchema = z.object({
  /** CSS pixels that the page, or a box in it, is wider than there is room. */
  tooWide: z.array(z.string()),
  /** Texts that are hard to read: less than 4.5 : 1, or 3 : 1 where they are large (WCAG 2.2, 1.4.3). */
  lowContrast: z.array(z.string()),
  /** What can be used but has no name to be read aloud. */
  nameless: z.array(z.string()),
  doubleIds: z.array(z.string()),
});

/** Of what is seen now: of an open dialog, or else of the whole page. */
export async function lookAtPage(page: Page): Promise<Faults> {
  return faultsSchema.parse(await page.evaluate(LOOK));
}

/** Text, since this program has no types of the browser. Disabled parts may be pale. */
const LOOK = String.raw`(() => {
  const scope = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body;
  const all = [...scope.querySelectorAll('*')].filter((element) => element.checkVisibility({ visibilityProperty: true }));
  const isHidden = (element) => element.closest('.visually-hidden, canvas, datalist, option') !== null;
  const describe = (element) => element.tagName.toLowerCase() + (element.className ? '.' + element.className : '') + ' ' + (element.textContent ?? '').trim().slice(0, 40);

  const tooWide = [];
  const over = document.documentElement.scrollWidth - innerWidth;
  if (over > 0) {
    const widest = all.filter((element) => element.getBoundingClientRect().right > innerWidth + 1).slice(0, 5);
    tooWide.push('page by ' + over, ...widest.map(describe));
  }
  for (const element of all) {
    if (!['auto', 'scroll', 'hidden'].includes(getComputedStyle(element).overflowX) || element.tagName === 'PRE' || isHidden(element)) continue;
    // A field scrolls by itself.
    if (element.matches('input, select')) continue;
    if (element.scrollWidth > element.clientWidth + 1) tooWide.push(describe(element) + ' by ' + (element.scrollWidth - element.clientWidth));
  }

  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const toRgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over2 = ([r, g, b, a], below) => [r, g, b].map((value, index) => value * a + below[index] * (1 - a));
  const backOf = (element) => {
    if (!element) return matchMedia('(prefers-color-scheme: dark)').matches ? [0, 0, 0] : [255, 255, 255];
    const own = toRgba(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own.slice(0, 3) : over2(own, backOf(element.parentElement));
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((value) => value / 255).map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const lowContrast = [];
  for (const element of all) {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '');
    if (!hasText || isHidden(element) || element.closest(':disabled')) continue;
    const style = getComputedStyle(element);
    const back = backOf(element);
    const front = over2(toRgba(style.color), back);
    const [light, dark] = [luminance(front), luminance(back)].sort((one, other) => other - one);
    const ratio = (light + 0.05) / (dark + 0.05);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) lowContrast.push(describe(element) + ' ' + ratio.toFixed(2));
  }

  const nameless = all
    .filter((element) => element.matches('a[href], button, input, select, summary, dialog, progress, table, nav, [role=img]'))
    // A picture is one thing, whatever it is made of.
    .filter((element) => !element.parentElement?.closest('[role=img]'))
    .filter((element) => {
      const by = element.getAttribute('aria-labelledby');
      const name = element.getAttribute('aria-label') ?? (by ? document.getElementById(by)?.textContent : undefined) ?? element.labels?.[0]?.textContent;
      return !(name ?? (element.matches('a, button, summary') ? element.textContent : '')).trim();
    })
    .map(describe);
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  const doubleIds = [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))];
  return { tooWide: [...new Set(tooWide)], lowContrast: [...new Set(lowContrast)], nameless: [...new Set(nameless)], doubleIds };
})()`;
