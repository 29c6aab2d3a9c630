package dev.tallyman.dashboard.browser;

/** Finds texts that do not stand out from their ground. */
final class Contrast {
  /** Texts with a contrast below 4.5 to 1, or 3 to 1 when large (WCAG 2.2, 1.4.3), as an array. */
  static final String SCRIPT =
      """
      () => {
        const parse = (text) => {
          const numbers = text.match(/[\\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
          const scale = text.startsWith('color(') ? 255 : 1;
          return [numbers[0] * scale, numbers[1] * scale, numbers[2] * scale, numbers[3] ?? 1];
        };
        const over = (top, bottom) => [0, 1, 2].map((i) => top[i] * top[3] + bottom[i] * (1 - top[3])).concat(1);
        const ground = (element) => {
          if (!element) return parse(getComputedStyle(document.body).backgroundColor);
          const own = parse(getComputedStyle(element).backgroundColor);
          return own[3] === 1 ? own : over(own, ground(element.parentElement));
        };
        const light = ([r, g, b]) => {
          const [x, y, z] = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
          return 0.2126 * x + 0.7152 * y + 0.0722 * z;
        };
        const weak = [];
        for (const element of document.querySelectorAll('body *')) {
          const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
          if (!own || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
          const style = getComputedStyle(element);
          const back = ground(element);
          const [a, b] = [light(over(parse(style.color), back)), light(back)].sort((x, y) => y - x);
          const ratio = (a + 0.05) / (b + 0.05);
          const size = parseFloat(style.fontSize);
          const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
          if (ratio < (isLarge ? 3 : 4.5)) weak.push(`${element.tagName}.${element.className} "${element.textContent.trim().slice(0, 30)}" ${ratio.toFixed(2)}`);
        }
        return weak;
      }
      """;

  private Contrast() {}
}
