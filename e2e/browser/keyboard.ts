import type { Page } from 'playwright-core';

import { until } from '../src/wait';

/** More than any page has to press through. */
const MOST_STEPS = 200;

const NAME_OF_FOCUSED = `(() => {
  const element = document.activeElement;
  return element?.getAttribute('aria-label') ?? element?.labels?.[0]?.textContent ?? element?.textContent ?? '';
})()`;

/** The name of what has the focus, as it is read aloud. */
export async function focused(page: Page): Promise<string> {
  return String(await page.evaluate(NAME_OF_FOCUSED)).trim();
}

/** The page gives the focus a moment after it is seen. */
export function untilFocused(page: Page, name: string): Promise<unknown> {
  return until(async () => (await focused(page)) === name, `the focus on ${name}`);
}

/** Presses Tab until what is called so has the focus, as somebody without a mouse does. */
export async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const seen: string[] = [];
  for (let step = 0; step < MOST_STEPS; step++) {
    await page.keyboard.press('Tab');
    const here = await focused(page);
    if (typeof name === 'string' ? here === name : name.test(here)) return;
    seen.push(here);
  }
  throw new Error(`the keyboard does not come to ${String(name)}, only to ${[...new Set(seen)].join(' | ')}`);
}
