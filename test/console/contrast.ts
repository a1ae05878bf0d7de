/** Contrast of every text that a page shows, as WCAG 2.2 measures it (1.4.3). */
import type { Page } from 'playwright-core';

export interface Contrast {
  readonly text: string;
  readonly color: string;
  readonly behind: string;
  readonly ratio: number;
}

/** Of each pair of colours once, the worst first. */
export async function worstContrasts(page: Page): Promise<Contrast[]> {
  return (await page.evaluate(measure)) as Contrast[];
}

/** Runs in the page. */
const measure = `(() => {
  const parse = (text) => {
    const [r = 0, g = 0, b = 0, a = 1] = (text.match(/[\\d.]+/g) ?? []).map(Number);
    return [r, g, b, a];
  };
  const luminance = (color) => {
    const [r, g, b] = color.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratioOf = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color[3] === 1) return color;
    }
    return [255, 255, 255, 1];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { parentElement: element, textContent: text } = walker.currentNode;
    if (text.trim() === '' || !element.checkVisibility()) continue;
    const color = parse(getComputedStyle(element).color);
    const ground = behind(element);
    found.push({
      text: text.trim().slice(0, 40),
      color: color.join(),
      behind: ground.join(),
      ratio: Math.round(ratioOf(color, ground) * 100) / 100,
    });
  }
  return found.sort((one, other) => one.ratio - other.ratio);
})()`;
